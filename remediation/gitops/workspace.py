"""A tree of files on disk for the renderers: a private copy, brought up to date by its differences."""

import posixpath
import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from remediation.errors import Refused
from remediation.gitops import binaries
from remediation.gitops.index import Blob, Tree, blob_of

TREE, BESIDE = "repository", "render"  # folders next to each other: a wrapper within a tree would lie in the root that it builds from
NOTHING: Mapping[str, bytes] = MappingProxyType({})
_KEPT = 32 << 20  # characters of what was printed


class Workspace:
    """A temporary folder that holds one tree at a time, and beside it what a renderer is told besides. Only regular files stand in it.

    What a program printed of a tree is kept for when the same is asked again: owners within owners are looked for again and again.
    """

    def __init__(self) -> None:
        self._removed: weakref.finalize[..., Workspace] | None = None  # there is no folder until a program asks: plain manifests need none
        self._printed: OrderedDict[str, str | Refused] = OrderedDict()
        self._kept = 0

    def _begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="suture-tree-"))
        (self.folder / TREE).mkdir()
        self._removed = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._written: dict[str, str] = {}

    def place(self, tree: Tree, beside: Mapping[str, bytes] = NOTHING) -> Path:
        """The folder, holding exactly this tree. beside: files that stand in `../render` by then, and no others."""
        if self._removed is None or not self._removed.alive:
            self._begin()
        whole = {f"{TREE}/{path}": blob for path, blob in tree.items()} | {f"{BESIDE}/{path}": blob_of(c) for path, c in beside.items()}
        for path in self._written.keys() - whole.keys():
            self._remove(path)
        for path, blob in whole.items():
            if self._written.get(path) != blob.id:
                self._write(path, blob)
        return self.folder / TREE

    def printed(self, program: str, arguments: Sequence[str], tree: Tree, beside: Mapping[str, bytes] = NOTHING) -> str:
        """What the program prints in a folder that holds exactly this tree. Raises Refused as `binaries.run` does."""
        key = _digest(program, arguments, tree, beside)
        if key not in self._printed:
            try:
                said: str | Refused = binaries.run(program, arguments, self.place(tree, beside))
            except binaries.NotRendered as refusal:
                said = refusal
            self._keep(key, said)
        known = self._printed[key]
        if isinstance(known, Refused):
            raise type(known)(known.what, known.what_to_do, kind=known.kind)
        return known

    def close(self) -> None:
        """Take the folder away; who still asks makes it anew."""
        if self._removed is not None:
            self._removed()

    def _keep(self, key: str, said: str | Refused) -> None:
        self._printed[key] = said
        self._kept += len(str(said))
        while self._kept > _KEPT and len(self._printed) > 1:
            self._kept -= len(str(self._printed.popitem(last=False)[1]))

    def _write(self, path: str, blob: Blob) -> None:
        if posixpath.normpath(path) != path or ".." in path.split("/"):
            raise Refused(f"{path.partition('/')[2]} leads out of the tree.", "Check the repository.", kind="infeasible")
        there = self.folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(blob.content)
        self._written[path] = blob.id

    def _remove(self, path: str) -> None:
        """The file, and the folders that it leaves empty: a file may take their place."""
        (self.folder / path).unlink()
        del self._written[path]
        for above in list((self.folder / path).relative_to(self.folder).parents)[:-2]:
            if any((self.folder / above).iterdir()):
                return
            (self.folder / above).rmdir()


def _digest(program: str, arguments: Sequence[str], tree: Tree, beside: Mapping[str, bytes]) -> str:
    """Of all that a program's output depends on."""
    files, more = ("\n".join(f"{path}\0{blob.id}" for path, blob in sorted(each.items())) for each in (tree, changed({}, beside)))
    return sha256("\0".join([program, *arguments, files, more]).encode()).hexdigest()


def from_beside(path: str) -> str:
    """A path of the tree as what stands beside it writes it, and Kustomize's annotations with that."""
    return posixpath.relpath(posixpath.join(TREE, path), BESIDE)


def in_tree(path: str) -> str:
    """The path of the tree that is written so."""
    return posixpath.relpath(posixpath.join(BESIDE, path), TREE)


def changed(tree: Tree, contents: Mapping[str, bytes]) -> Tree:
    """The tree with these files as they will be."""
    return {**tree, **{path: blob_of(content) for path, content in contents.items()}}
