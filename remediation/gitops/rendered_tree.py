"""One tree and what it renders to, and what a changed one does; each rendering of the tree as it is is made once."""

from collections.abc import Sequence

from remediation.errors import Refused
from remediation.gitops.discovery import discovered, uses
from remediation.gitops.index import Contents, Index, Tree
from remediation.gitops.made_up import MadeUp, made_up, without
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import MARKS
from remediation.gitops.render import render
from remediation.gitops.rendered import Difference, Rendered, difference
from remediation.gitops.renderings import Rendering
from remediation.gitops.workspace import Workspace

Key = tuple[str, str, str, int, str]


class RenderedTree:
    """A tree, indexed and rendered as it is asked. known: what blobs hold, shared between trees.  around: what stands around the tree."""

    def __init__(
        self, tree: Tree, known: dict[str, Contents] | None = None, around: Around = ALONE, workspace: Workspace | None = None
    ) -> None:
        self.tree = tree
        self.around = around
        self._known: dict[str, Contents] = {} if known is None else known
        self.index = Index(tree, self._known)
        self._workspace = workspace or Workspace()
        self._rendered: dict[Key, Rendered | Refused] = {}
        self._made_up: dict[Key, MadeUp] = {}
        self._renderings: list[Rendering] | None = None

    def close(self) -> None:
        """Take the copy on disk away."""
        self._workspace.close()

    @property
    def renderings(self) -> list[Rendering]:
        """Every rendering of the tree."""
        if self._renderings is None:
            self._renderings = discovered(self.index, self.rendered, self.around)
        return self._renderings

    @property
    def made_up(self) -> Sequence[MadeUp]:
        """What charts were seen to make up anew each time."""
        return tuple(self._made_up.values())

    def rendered(self, rendering: Rendering) -> Rendered:
        """What a rendering gives of the tree as it is. Raises Refused."""
        if rendering.key not in self._rendered:
            try:
                self._rendered[rendering.key] = render(self._workspace, self.tree, rendering)
            except Refused as refusal:
                self._rendered[rendering.key] = refusal
        known = self._rendered[rendering.key]
        if isinstance(known, Refused):
            raise Refused(known.what, known.what_to_do, kind=known.kind)
        return known

    def rendered_of(self, tree: Tree, rendering: Rendering) -> Rendered:
        """What it gives of a tree that may be changed. Raises Refused."""
        return self.rendered(rendering) if tree is self.tree else render(self._workspace, tree, rendering)

    def rendered_again(self, tree: Tree, rendering: Rendering, touched: Sequence[str]) -> Rendered:
        """What it gives of a changed tree, as its owner there defines it. Raises Refused."""
        return render(self._workspace, tree, self.again(rendering, tree, touched))

    def again(self, rendering: Rendering, tree: Tree, touched: Sequence[str]) -> Rendering:
        """The same rendering, as the owners in the changed tree define it."""
        near = rendering.within is not None and any(map(uses(tree, rendering.within), touched))
        near = near or any(element.path in touched for element in rendering.elements)
        if rendering.owner is None or not (near or any(mark in tree[path].content for path in touched if path in tree for mark in MARKS)):
            return rendering
        return next((each for each in self._discovered(tree) if each.key == rendering.key), rendering)

    def _discovered(self, tree: Tree) -> list[Rendering]:
        cache: dict[Key, Rendered] = {}

        def once(rendering: Rendering) -> Rendered:
            if rendering.key not in cache:
                cache[rendering.key] = render(self._workspace, tree, rendering)
            return cache[rendering.key]

        return discovered(self.index_of(tree), once, self.around)

    def index_of(self, tree: Tree) -> Index:
        """The index of a tree that may be changed."""
        return self.index if tree is self.tree else Index(tree, self._known)

    def moves(self, rendering: Rendering, base: Rendered, head: Rendered) -> list[Difference]:
        """What differs, but for what a chart makes up anew each time."""
        moved = difference(base, head)
        if moved and rendering.key not in self._made_up:
            self._made_up[rendering.key] = made_up(self.tree, rendering, self.rendered(rendering))
        return without(moved, self._made_up.get(rendering.key, {}))
