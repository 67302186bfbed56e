"""The whole way: from an object and a wish to proven edits of files, for plain manifests, Kustomize and Helm alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from remediation.errors import Refused
from remediation.gitops.beside import NOTHING, Beside
from remediation.gitops.dangers import check_dangers
from remediation.gitops.feasibility import Objects, check_feasible, check_scaled
from remediation.gitops.fieldpath import get, parse
from remediation.gitops.inputs import inputs
from remediation.gitops.live import check_filled_in, check_live, pending
from remediation.gitops.locate import check_plain, locate
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.plugins import left_out
from remediation.gitops.proof import Change, prove
from remediation.gitops.rendered import RenderedObject, objects_in
from remediation.gitops.renderings import Rendering
from remediation.gitops.resolve import resolve
from remediation.gitops.shown import shown_places
from remediation.gitops.sites import FieldSite, Gone, value_in
from remediation.gitops.splice import Place, splice
from remediation.gitops.trace import Traced, Tracer
from remediation.gitops.validity.objects import check_settable
from remediation.gitops.workspace import changed
from remediation.terms import FieldEdit, FileChange, Json, Move, ObjectRef

Edits = Callable[[Mapping[str, Json]], Sequence[FieldEdit]]
_NAME = ("metadata", "name")
_SURROUNDINGS = ("HorizontalPodAutoscaler", "ScaledObject", "LimitRange", "VerticalPodAutoscaler", "PodDisruptionBudget")


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Proven edits. places: file and place of each value.  rendered: how many renderings were compared.  base, head: the object.

    unknown: what was not asked or could not be read, a sentence each.
    """

    candidate: Candidate
    changes: tuple[Change, ...]
    places: tuple[tuple[str, Place], ...]
    moves: tuple[Move, ...]
    rendered: int
    base: Json
    head: Json
    unknown: tuple[str, ...] = ()


def found_in(tracer: Tracer, ref: ObjectRef, how: Narrowing) -> Candidate:
    """Where the object comes from. Without the renderer's binary: a manifest that kustomizations only list. Raises Refused."""
    try:
        return resolve(tracer, ref, how)
    except Refused as refusal:
        if refusal.kind != "missing_tool" or how.rendering is not None:
            raise
        try:
            located = locate(tracer.index, ref, [])
        except Refused:
            raise refusal from None
        obj = RenderedObject(ref=located.found.ref, value=located.value, origin={})
        return Candidate(rendering=Rendering(kind="plain", path=located.found.path), obj=obj, found=located.found)


def settle(
    tracer: Tracer, ref: ObjectRef, candidate: Candidate, wished: Edits, live: Mapping[str, Json], *, around: Objects = (),
    applied: Json = None,
) -> Solution:  # fmt: skip
    """The edits at a place that is known. around: what the cluster has beside the object.  applied: the object as its owner applied it.

    Raises Refused.
    """
    base = candidate.obj.value
    edits = wished(base)
    check_settable(edits)
    check_filled_in(base, candidate.rendering.lacking, edits)
    if live:
        check_live(base, applied, live, edits or wished(live))
    if not edits:
        raise Refused("Git has this value already.", "Nothing is to be changed.", kind="not_found")
    meant = [Move(object=candidate.obj.ref, path=edit.path, old=edit.expect, new=edit.value) for edit in edits]
    sealed = base.get("immutable") is True
    check_dangers(meant, sealed=sealed and not _is_generated(candidate.obj))
    _check_secret(ref, edits)
    near = [*_surroundings(tracer, candidate), *around]
    check_scaled(candidate.obj.ref, [parse(edit.path) for edit in edits], near)
    solution = _plain(tracer, candidate, edits) if candidate.found else _traced(tracer, candidate, edits)
    check_dangers(solution.moves, sealed=sealed and get(solution.head, _NAME) == get(base, _NAME))
    check_feasible(base, solution.head, near, live)
    return replace(solution, unknown=(*solution.unknown, *left_out(tracer.tree, candidate.rendering), *pending(base, applied)))


def taken_back(
    tracer: Tracer, candidate: Candidate, edits: Sequence[FieldEdit], files: Sequence[FileChange], beside: Beside = NOTHING
) -> Solution | None:
    """The files as they are to be again, proven to do exactly these edits; None where they are not, or a file has other bytes by now.

    beside: what goes with them; a plain manifest that nothing goes with is edited back instead.
    """
    known = all(file.path in tracer.tree and tracer.tree[file.path].id == file.blob for file in files)
    if not files or not known or (candidate.found and not beside) or not edits:
        return None
    gone = {file.path for file in files if file.gone}
    tree = changed(tracer.tree, {file.path: file.content for file in files if not file.gone})
    left = {path: blob for path, blob in tree.items() if path not in gone}
    try:
        traced = tracer.judged(candidate.rendering, candidate.obj, edits, left, beside)
    except Refused:
        return None
    return _solution(candidate, traced)


def _is_generated(obj: RenderedObject) -> bool:
    """Whether Kustomize generates it: by another name then, where a hash of what it holds ends that."""
    return isinstance(obj.origin, Mapping) and "configuredIn" in obj.origin


def _check_secret(ref: ObjectRef, edits: Sequence[FieldEdit]) -> None:
    if ref.kind == "Secret" and any(parse(edit.path)[0] in ("data", "stringData") for edit in edits):
        raise Refused("Suture does not change what a Secret holds.", "Change it by hand, where it is kept.", kind="encrypted")


def _plain(tracer: Tracer, candidate: Candidate, edits: Sequence[FieldEdit]) -> Solution:
    """Spliced and compared without a renderer."""
    found = candidate.found
    assert found is not None  # noqa: S101 - asked by the caller
    before = tracer.tree[found.path].content
    check_plain(found, before, edits)
    users = [each for each in tracer.renderings if each.kind == "kustomize" and found.path in inputs(tracer.tree, *each.folders)]
    if len(users) > 1:
        raise Refused(f"{found.path} is built into {users[0]} and {users[1]}.", "Name one of them with --render.", kind="shared")
    after = splice(before, found.document, edits, found.within).content
    change = Change(path=found.path, before=before, after=after)
    moves = prove([change], found, edits)
    tree = changed(tracer.tree, {found.path: after})
    sites = [FieldSite(path=found.path, document=found.document, field=(*found.within, *parse(edit.path))) for edit in edits]
    shown = [(Gone(site) if edit.op == "remove" else site, edit.path) for site, edit in zip(sites, edits, strict=True)]
    head = get(value_in(after, found.document), found.within)
    return Solution(
        candidate=candidate, changes=(change,), places=tuple(shown_places(shown, {found.path: before}, tree)), moves=moves,
        rendered=max(1, len(users)), base=candidate.obj.value, head=head,
    )  # fmt: skip


def _traced(tracer: Tracer, candidate: Candidate, edits: Sequence[FieldEdit]) -> Solution:
    return _solution(candidate, tracer.trace(candidate.rendering, candidate.obj, edits))


def _solution(candidate: Candidate, traced: Traced) -> Solution:
    return Solution(
        candidate=candidate, changes=traced.changes, places=traced.places, moves=traced.moves, rendered=traced.rendered,
        base=traced.base, head=traced.head, unknown=traced.unknown,
    )  # fmt: skip


def _surroundings(tracer: Tracer, candidate: Candidate) -> list[Mapping[str, Json]]:
    """Autoscalers and LimitRanges that Git applies beside the object."""
    namespace = candidate.obj.ref.namespace
    if candidate.found:
        near = [found for found in tracer.index.objects() if found.ref.kind in _SURROUNDINGS and namespace in ("", found.ref.namespace)]
        return [value_in(tracer.tree[found.path].content, found.document) for found in near if not found.within]
    texts = [text for text in tracer.rendered(candidate.rendering).texts if any(f"kind: {kind}" in text for kind in _SURROUNDINGS)]
    return [obj.value for text in texts for obj in objects_in(text) if obj.ref.namespace == namespace]
