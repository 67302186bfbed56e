"""Everyone else who uses the files that were touched: compared before and after, and refused where anything of theirs moves."""

from collections.abc import Sequence

from remediation.errors import Refused
from remediation.gitops.discovery import uses
from remediation.gitops.exactness import BY_HAND, told
from remediation.gitops.index import Tree
from remediation.gitops.inputs import inputs
from remediation.gitops.rendered import Rendered
from remediation.gitops.rendered_tree import RenderedTree
from remediation.gitops.renderings import Rendering
from remediation.terms import Json, ObjectRef


def check_others(known: RenderedTree, rendering: Rendering, ref: ObjectRef, trees: tuple[Tree, Tree], touched: Sequence[str]) -> int:
    """How many renderings use what was touched. trees: before and after.

    Raises Refused: shared where another one moves, or builds on the same file; what does not render, with who uses it.
    """
    before, after = trees
    compared = 1
    for other in known.renderings:
        users = [path for path in touched if uses(after, other)(path) or uses(before, other)(path)]
        if not users or other.missing or _is_part(other, rendering, ref):
            continue
        compared += 1
        base = _rendered_before(known, other, before, users[0])
        moves = known.moves(other, base, known.rendered_again(after, other, touched))
        moved = [pair for pair in moves if pair[0] not in _holders(rendering)]
        if moved:
            raise Refused(f"The change would also move {told(moved)} in {other}.", BY_HAND, kind="shared")
        common = inputs(before, *other.folders).intersection(users) if rendering.kind == other.kind == "kustomize" else ()
        if common:
            raise Refused(f"{other} builds on {min(common)} too.", BY_HAND, kind="shared")
    return compared


def _rendered_before(known: RenderedTree, other: Rendering, tree: Tree, shared: str) -> Rendered:
    try:
        return known.rendered_of(tree, other)
    except Refused as refusal:
        what = f"{other} uses {shared} too, and cannot be rendered to compare it: {refusal.what}"
        raise Refused(what, refusal.what_to_do, kind=refusal.kind) from refusal


def _is_part(other: Rendering, rendering: Rendering, ref: ObjectRef) -> bool:
    """The same rendering, the one that holds its owner, or one that the changed object itself applies."""
    if _is_same(other, rendering) or _is_same(other, rendering.within or rendering):
        return True
    if (other.kind, other.path, other.owner) == (rendering.kind, rendering.path, None):
        return True
    return ref in _holders(other) and (other.within is None or _is_same(other.within, rendering))


def _is_same(one: Rendering, other: Rendering) -> bool:
    """Whether it is one rendering, however its owner was come by: Flux's own Kustomization holds itself."""
    if one.key == other.key:
        return True
    own = [(r.kind, r.path, r.release, r.owner.ref, r.owner.path, r.owner.source) if r.owner else None for r in (one, other)]
    return own[0] == own[1] is not None


def _holders(rendering: Rendering) -> set[ObjectRef]:
    """The objects through which a rendering is changed, and through which those are: they move, and are meant to."""
    owners = [rendering.owner.ref] if rendering.owner else []
    held = [rendering.holder, *(s.holder for s in rendering.values), *(v.holder for v in _variables(rendering))]
    return {*owners, *(holder for holder in held if holder), *(_holders(rendering.within) if rendering.within else ())}


def _variables(rendering: Rendering) -> tuple[Json, ...]:
    return (*(rendering.variables or ()), *rendering.elements)
