"""The object as its owner applied it last, where the branch is ahead of that: Git's side of the comparison with the cluster."""

from collections.abc import Iterator

from remediation.errors import Refused
from remediation.gitops.discovery import uses
from remediation.gitops.fieldpath import MISSING
from remediation.gitops.index import Tree
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.owners.objects import MARKS
from remediation.gitops.renderings import Rendering
from remediation.gitops.solution import found_in
from remediation.gitops.trace import Tracer
from remediation.terms import Json, ObjectRef


def may_differ(past: Tree, head: Tree, rendering: Rendering) -> bool:
    """Whether the two trees differ in anything that the rendering, or who applies it, is made of."""
    both = past.keys() & head.keys()
    touched = [path for path in {**past, **head} if path not in both or past[path].id != head[path].id]
    chain = list(_within(rendering))
    used = (uses(tree, each) for tree in (past, head) for each in chain) if touched else ()
    if any(use(path) for use in used for path in touched):
        return True
    return any(mark in tree[path].content for path in touched for tree in (past, head) if path in tree for mark in MARKS)


def _within(rendering: Rendering | None) -> Iterator[Rendering]:
    while rendering is not None:
        yield rendering
        rendering = rendering.within


def as_applied(past: Tracer, candidate: Candidate, ref: ObjectRef, how: Narrowing) -> Json:
    """The object as the applied commits render it; MISSING where they have none. Raises Refused where that cannot be told."""
    try:
        return found_in(past, ref, how).obj.value
    except Refused as refusal:
        if refusal.kind == "not_found":
            return MISSING
        same = next((each for each in past.renderings if each.key == candidate.rendering.key), None)
        if refusal.kind != "ambiguous" or same is None:
            what = f"At the commit that its owner applied last: {refusal.what}"
            raise Refused(what, refusal.what_to_do, kind=refusal.kind) from refusal
        found = past.rendered(same).find(ref)
        return found[0].value if len(found) == 1 else MISSING
