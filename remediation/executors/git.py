"""Acts in Git: the field's line found, spliced and proven; one merge request per fix, found before it is made."""

import asyncio
import hashlib
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import msgspec

from remediation.clients.gitlab import GitLabClient
from remediation.entries import Incident
from remediation.errors import Ambiguous, Forbidden, NotFound, Refused, RemediationError, Unreadable
from remediation.executors.branch import past_files
from remediation.executors.merge_request import MergeRequests, merged_of
from remediation.gitops.applied import as_applied, may_differ
from remediation.gitops.around import around, drifted
from remediation.gitops.beside import Beside
from remediation.gitops.creation import manifest_beside, with_new_objects
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fetching import Fetched
from remediation.gitops.fieldpath import MISSING, get, parse, put, same
from remediation.gitops.home import Home, narrowed
from remediation.gitops.homes import Homes
from remediation.gitops.index import blob_of, contents_of
from remediation.gitops.live import check_expected, check_filled_in, check_live, for_git, pending
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.owners.claims import Tracking
from remediation.gitops.owners.live import Clusters
from remediation.gitops.projects import Project, Trees
from remediation.gitops.proof import unified_diff
from remediation.gitops.pulling import Registries, check_images
from remediation.gitops.repository import Forge
from remediation.gitops.solution import Solution, found_in, settle, taken_back
from remediation.gitops.trace import Tracer
from remediation.listing import cut_told, is_cut
from remediation.masking import mask_object
from remediation.ports import Clock
from remediation.terms import Act, DryRun, FieldEdit, FileChange, Json, Move, ObjectRef, Progress, Receipt, Rehearsal, Target

_SURROUNDINGS = ("ResourceQuota", "LimitRange", "HorizontalPodAutoscaler")
_NEAR = ("PodDisruptionBudget", "VerticalPodAutoscaler", "PriorityClass")
_ROOM = ("Node", "Pod")
_KEPT_TREES = 2


class Cluster(Protocol):
    """What a rehearsal asks of a cluster."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """The live object. Raises NotFound."""
        ...

    async def list(self, kind: str, namespace: str = "") -> list[dict[str, Json]]:
        """Objects of one kind."""
        ...

    async def dry_run(self, obj: Mapping[str, Json]) -> DryRun:
        """What the server says of this whole object."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Base:
    """Where an object's manifests are, and the object in them."""

    home: Home
    tracer: Tracer
    candidate: Candidate

    @property
    def in_git(self) -> Json:
        """The object as Git renders it."""
        return self.candidate.obj.value


class GitExecutor:
    """Field edits of one object, as a merge request.

    policy_digest: what an approval binds to besides the change.  valid_for: how long an approval may be given.
    branch_of: the target branch that settings name for a target, empty for the one that its owner follows.
    forge, tracking: how owners in the cluster name repositories, and mark what they apply; empty: by the projects alone, as is usual.
    fetched: what may come from elsewhere to render with.  registries: who is asked whether an image exists.
    """

    def __init__(
        self,
        gitlab: GitLabClient,
        clusters: Mapping[str, Cluster],
        projects: Sequence[Project],
        *,
        now: Clock,
        policy_digest: str = "",
        valid_for: timedelta = timedelta(hours=24),
        branch_of: Callable[[Target], str] = lambda _target: "",
        forge: Forge | None = None,
        tracking: Tracking | None = None,
        fetched: Fetched | None = None,
        registries: Registries | None = None,
        trees: Trees | None = None,
    ) -> None:
        self._gitlab = gitlab
        forge = forge or Forge(url="", projects=tuple(each.project for each in projects))
        self._registries = registries
        self._trees = trees or Trees(gitlab)
        self._homes = Homes(self._trees, projects, forge, fetched)
        self._tracking = tracking or Tracking()
        self._clusters = clusters
        self._now = now
        self._policy_digest = policy_digest
        self._valid_for = valid_for
        self._branch_of = branch_of
        self._merge_requests = MergeRequests(gitlab)
        self._tracers: OrderedDict[str, Tracer] = OrderedDict()
        self._tracing = asyncio.Lock()

    async def rehearse(self, act: Act, like: Rehearsal | None = None) -> Rehearsal:
        """Locate, compare with the cluster, splice, prove, try on the server. Refused carries the reason."""
        if act.object.kind == "Secret":
            raise Refused("Suture does not change Secrets.", "Change it by hand.", kind="encrypted")
        found = await self._merge_requests.found(like) if like is not None else None
        if like is not None and found and merged_of(like, found):
            return like
        unknown: list[str] = []
        live = await self._live(act, unknown)
        homes = await self._may_be_home(act, live, unknown)
        async with self._tracing:
            base = await self._base(act, live, homes)
            _check_no_secret((base.in_git, live), act.edits)
            check_filled_in(base.in_git, base.candidate.rendering.lacking, act.edits)
            compared = {} if act.removes else live  # what it takes away may own the fields there
            try:
                check_expected(base.in_git, compared, act.edits)
                if compared:
                    applied = await self._applied(base, act, live)
                    check_live(base.in_git, applied, compared, act.edits)
                    unknown += pending(base.in_git, applied)
            except Refused as refusal:
                cluster = self._cluster(act)
                told = base.home.told(refusal)
                raise (await drifted(cluster, told, live, act.edits) if cluster else told) from refusal
            edits = for_git(base.in_git, act.edits)
            solution = await self._solved(act, base, edits, unknown)
        mount, solution = base.home.placed(solution)
        unknown += solution.unknown
        moves = tuple(replace(m, object=_as_named(m.object, base, act)) for m in solution.moves)
        unknown += await check_images(moves, act.object, self._cluster(act), self._registries)
        head = _in_namespace(solution.head, act.object)
        rehearsal = Rehearsal(
            act=act,
            project=mount.project,
            branch=mount.branch,
            base_sha=mount.sha,
            files=tuple(_file_changes(solution)),
            diff=unified_diff(solution.changes),
            moves=moves,
            dry_run=await self._dry_run(act, [head, *(new.value for new in act.creates)]),
            fingerprint=_fingerprint(mount.project, act),
            digest="",
            rehearsed_at=self._now(),
            expires_at=like.expires_at if like else self._now() + self._valid_for,
            head=mask_object(head),
            live=mask_object(_without_managed_fields(live)),
            surroundings=await self._surroundings(act, unknown),
            unknown=tuple(unknown),
            origin=_origin(base),
            rendered=solution.rendered,
        )
        closed = await self._merge_requests.closed(rehearsal, await self._merge_requests.found(rehearsal) if found is None else found)
        return replace(rehearsal, closed=closed, digest=self._digest(rehearsal))

    async def deliver(self, incident: Incident, rehearsal: Rehearsal, key: str) -> Receipt:
        """The merge request of this fix: the open one where it stands already, else a new one."""
        return await self._merge_requests.deliver(incident, rehearsal, key)

    async def progress(self, receipt: Receipt) -> Progress:
        """Where the merge request stands."""
        return await self._merge_requests.progress(receipt)

    async def finish(self, receipt: Receipt, reason: str) -> Progress:
        """Merge it by policy."""
        return await self._merge_requests.finish(receipt, reason)

    async def withdraw(self, receipt: Receipt, reason: str) -> Progress:
        """Close it."""
        return await self._merge_requests.withdraw(receipt, reason)

    async def undo(self, rehearsal: Rehearsal, receipt: Receipt) -> Act:
        """The act that brings the previous values back. Raises Refused when Git says something else by now."""
        act, file = rehearsal.act, rehearsal.files[0]
        edits = tuple(_inverse(move) for move in rehearsal.moves if move.object == act.object)
        try:
            current = await self._gitlab.file(rehearsal.project, file.path, rehearsal.branch)
        except NotFound as error:
            what = f"{file.path} is not there any more in {rehearsal.branch} of {rehearsal.project}."
            raise Refused(what, "Look at who moved it, and decide by hand.", kind="not_found") from error
        now = _object_in(b64decode(current["content"]), act.object)
        for edit in edits if now is not MISSING else ():  # what is rendered is compared when it is rehearsed
            if not same(get(now, parse(edit.path)), MISSING if edit.op == "add" else edit.expect):
                raise Refused(f"{edit.path} was changed in Git since the fix.", "Look at who changed it, and decide by hand.", kind="drift")
        whole = now is MISSING or act.creates  # a plain manifest is edited back
        restores = await past_files(self._gitlab, rehearsal) if whole else ()
        removes = tuple(new.object for new in act.creates)
        if removes and not restores:
            what = f"A file of the fix was changed since in {rehearsal.branch} of {rehearsal.project}."
            raise Refused(what, "Take the fix back by hand.", kind="drift")
        return replace(act, title=f"Undo: {act.title}", edits=edits, undoes=receipt.key, restores=restores, creates=(), removes=removes)

    # what a rehearsal needs

    async def _may_be_home(self, act: Act, live: Mapping[str, Json], unknown: list[str]) -> Sequence[Home]:
        """Where the object may come from, with the trees; all that is asked of owners, GitLab and elsewhere."""
        asking = Clusters(asked=self._asked(act), tracking=self._tracking, unknown=unknown)
        return await self._homes.of(act.object, live, asking, place=act.target.place, branch=self._branch_of(act.target))

    async def _base(self, act: Act, live: Mapping[str, Json], homes: Sequence[Home]) -> _Base:
        """The one place that gives the object. Raises Refused, ambiguous naming all."""
        project, _, place = act.place.partition(": ")
        found: list[_Base] = []
        several: list[str] = []
        refusals: list[Refused] = []
        for home in (each for each in homes if project in ("", each.project.project)):
            try:
                found.append(await self._located(home, act, live, place))
            except Ambiguous as ambiguous:
                several += [f"{home.project.project}: {each}" for each in ambiguous.places]
                refusals.append(ambiguous)
            except Refused as refusal:
                refusals.append(refusal)
            except Unreadable as broken:  # a file of this project; the object may stand in the next
                what = f"A file of {home.project.project} cannot be read: {broken.what}"
                refusals.append(Refused(what, broken.what_to_do or "Mend it first.", kind="templated"))
        if len(found) == 1 and not several:
            return found[0]
        several += [f"{base.home.project.project}: {base.candidate}" for base in found]
        if len(found) > 1:
            named = "; ".join(f"{base.home.project.project}, {base.candidate} ({base.home.because})" for base in found)
            what = f"{act.object} comes from {len(found)} places: {named}."
            raise Ambiguous(what, "Say in settings (gitops) which cluster each is for, or which `targets` come from it.", tuple(several))
        if not refusals:
            raise Refused(f"The place that was chosen, {act.place}, is no candidate any more.", "Let it be found anew.", kind="not_found")
        for each in refusals:
            if isinstance(each, Ambiguous):
                raise Ambiguous(each.what, each.what_to_do, tuple(several))
        raise min(refusals, key=lambda refusal: refusal.kind == "not_found")  # another kind says more

    async def _located(self, home: Home, act: Act, live: Mapping[str, Json], place: str) -> _Base:
        tracer = await self._tracer(home)
        candidate = await asyncio.to_thread(found_in, tracer, act.object, narrowed(Narrowing(place=place), home, live))
        return _Base(home=home, tracer=tracer, candidate=candidate)

    async def _tracer(self, home: Home) -> Tracer:
        """Of the same trees and owners the same one, with what it rendered."""
        if home.key not in self._tracers:
            self._tracers[home.key] = await asyncio.to_thread(Tracer, home.tree, self._trees.contents, home.around)
            while len(self._tracers) > _KEPT_TREES:
                self._tracers.popitem(last=False)[1].close()
        self._tracers.move_to_end(home.key)
        return self._tracers[home.key]

    async def _applied(self, base: _Base, act: Act, live: Mapping[str, Json]) -> Json:
        """The object as its owner applied it; None where that is as the branch says it. Raises Refused."""
        past = base.home.past
        if past is None or not await asyncio.to_thread(may_differ, past.tree, base.home.tree, base.candidate.rendering):
            return None
        place = act.place.partition(": ")[2]
        tracer = await self._tracer(past)
        return await asyncio.to_thread(as_applied, tracer, base.candidate, act.object, narrowed(Narrowing(place=place), past, live))

    def _asked(self, act: Act) -> list[Cluster]:
        """Its own cluster first, then the others: an Argo CD may apply from there."""
        own = self._cluster(act)
        return [own, *(each for each in self._clusters.values() if each is not own)] if own else []

    def _cluster(self, act: Act) -> Cluster | None:
        if act.target.place in self._clusters:
            return self._clusters[act.target.place]
        return next(iter(self._clusters.values())) if len(self._clusters) == 1 and not act.target.place else None

    async def _live(self, act: Act, unknown: list[str]) -> dict[str, Json]:
        cluster = self._cluster(act)
        if cluster is None:
            unknown.append(f"The live object was not compared: no cluster {act.target.place or 'is'} configured.")
            return {}
        try:
            return await cluster.get(act.object)
        except NotFound as error:
            raise Refused(f"{act.object} is not in the cluster.", "Sync the cluster first.", kind="drift") from error
        except Forbidden as error:
            unknown.append(f"The live object was not compared. {error}")
            return {}

    async def _solved(self, act: Act, base: _Base, edits: tuple[FieldEdit, ...], unknown: list[str]) -> Solution:
        """The files as they will be. Raises Refused."""
        tracer, candidate, beside = base.tracer, base.candidate, Beside.of(act)
        solution = await asyncio.to_thread(taken_back, tracer, candidate, edits, act.restores, beside)
        if solution is not None:
            return solution
        if act.removes:
            raise Refused(f"The files of {act.title!r} do not go back as they were.", "Take it back by hand.", kind="drift")
        if act.creates and not edits:
            raise Refused(f"Git does not say {act.edits[0].path}.", "Look at who sets it, and change it by hand.", kind="not_found")
        if act.creates:
            await self._check_absent(act)
            await asyncio.to_thread(manifest_beside, tracer, candidate)
        near = await self._near(act, unknown)
        solution = await asyncio.to_thread(settle, tracer, act.object, candidate, lambda _: edits, {}, around=near)
        return await asyncio.to_thread(with_new_objects, tracer, candidate, edits, solution, act.creates) if act.creates else solution

    async def _check_absent(self, act: Act) -> None:
        """Raises Refused where the cluster has what the act would make."""
        cluster = self._cluster(act)
        if cluster is None:
            return
        for new in act.creates:
            try:
                await cluster.get(new.object)
            except NotFound:
                continue
            raise Refused(f"{new.object} is in the cluster already.", "Look at who made it.", kind="drift")

    async def _dry_run(self, act: Act, heads: Sequence[Mapping[str, Json]]) -> DryRun:
        """What the server says of each; the first that it does not take."""
        cluster = self._cluster(act)
        if cluster is None:
            return DryRun(state="not_rehearsed", reason="No cluster is configured.")
        answers = [await cluster.dry_run(head) for head in heads]
        return min(answers, key=lambda answer: ("refused", "not_rehearsed", "passed").index(answer.state))

    async def _surroundings(self, act: Act, unknown: list[str]) -> tuple[Mapping[str, Json], ...]:
        cluster = self._cluster(act)
        if cluster is None or not act.object.namespace:
            return ()
        asked = [_or_unknown(cluster.list(kind, act.object.namespace), kind, unknown) for kind in _SURROUNDINGS]
        return tuple(mask_object(_without_managed_fields(obj)) for objects in await asyncio.gather(*asked) for obj in objects)

    async def _near(self, act: Act, unknown: list[str]) -> list[Mapping[str, Json]]:
        """What bears on the act and is not policy's to judge."""
        cluster = self._cluster(act)
        if cluster is None:
            return []
        raises = any("resources" in parse(edit.path) for edit in act.edits)
        near, unread = await around(cluster, act.object, (*_NEAR, *(_ROOM if raises else ())))
        unknown.extend(unread)
        return near

    def _digest(self, rehearsal: Rehearsal) -> str:
        """Of all that an approval binds to; not of the commit, so that it holds while the change stays the very same."""
        bound = {
            "target": [rehearsal.project, rehearsal.branch, str(rehearsal.act.object), rehearsal.act.object.group],
            "files": [[file.path, file.blob, "" if file.gone else hashlib.sha256(file.content).hexdigest()] for file in rehearsal.files],
            "moves": [[str(move.object), move.path, move.old, move.new] for move in rehearsal.moves],
            "policy": self._policy_digest,
            "expires": rehearsal.expires_at.isoformat(),
        }
        return hashlib.sha256(msgspec.json.encode(bound, order="deterministic")).hexdigest()


def _check_no_secret(objects: Sequence[Json], edits: Sequence[FieldEdit]) -> None:
    """Raises Refused where an old or new value looks like a secret: a card, a commit message and the record would hold it for good."""
    for edit in edits:
        path = parse(edit.path)
        for obj in (*objects, *(put(obj, path, edit.value) for obj in objects)):
            if get(mask_object(obj), path) != get(obj, path):
                raise Refused(f"{edit.path} holds what looks like a secret.", "Change it by hand.", kind="encrypted")


async def _or_unknown(asked: Awaitable[list[dict[str, Json]]], kind: str, unknown: list[str]) -> list[dict[str, Json]]:
    try:
        objects = await asked
    except RemediationError as error:
        unknown.append(f"The namespace's {kind} objects were not read. {error}")
        return []
    unknown.extend([cut_told(kind, objects)] if is_cut(objects) else [])
    return objects


def _origin(base: _Base) -> str:
    """Who applies the object, from what, and how that is known."""
    rendering = base.candidate.rendering
    owner = next(iter(base.home.owners), rendering.owner.ref if rendering.owner else None)
    place = base.candidate.found.path if base.candidate.found else str(rendering)
    inner = f" in {rendering.within}" if rendering.within else ""
    applies = f"{owner.kind} {owner.namespace}/{owner.name} applies {place}{inner}" if owner else f"{place}{inner}"
    return f"{applies}: {base.home.because}."


def _file_changes(solution: Solution) -> Iterator[FileChange]:
    """The files as they will be, each with the first line that is written in it."""
    for change in solution.changes:
        line = next((place.line for path, place in solution.places if path == change.path), change.first_line)
        blob = "" if change.before is None else blob_of(change.before).id
        yield FileChange(path=change.path, line=line, blob=blob, content=change.after, gone=change.gone)


def _in_namespace(value: Mapping[str, Json], ref: ObjectRef) -> dict[str, Json]:
    """The resulting object, with the namespace that it is applied to."""
    metadata = {**value["metadata"], "namespace": ref.namespace} if ref.namespace else value["metadata"]
    return {**value, "metadata": metadata}


def _as_named(ref: ObjectRef, base: _Base, act: Act) -> ObjectRef:
    """What is rendered by the act's own words for it, which have the namespace."""
    return act.object if ref == base.candidate.obj.ref else Beside.of(act).named(ref)


def _object_in(content: bytes, ref: ObjectRef) -> Json:
    """The object of this name in a file; MISSING when it is not there."""
    text = decoded(content)
    for found, number, within in contents_of(content).objects:
        if (found.group, found.kind, found.name) == (ref.group, ref.kind, ref.name) and found.namespace in ("", ref.namespace):
            begin, end = spans(text)[number]
            return get(read(text[begin:end]).value, within)
    return MISSING


def _inverse(move: Move) -> FieldEdit:
    if move.old is None:
        return FieldEdit(path=move.path, op="remove", expect=move.new, value=None)
    if move.new is None:
        return FieldEdit(path=move.path, op="add", expect=None, value=move.old)
    return FieldEdit(path=move.path, op="replace", expect=move.new, value=move.old)


def _fingerprint(project: str, act: Act) -> str:
    """Of project, object, fields and remedy: the same fix with other values is the same merge request. An undo is one of its own."""
    fields = sorted(edit.path for edit in act.edits)
    parts = [project, act.object.group, str(act.object), act.remedy, act.undoes, *fields]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _without_managed_fields(obj: Mapping[str, Json]) -> dict[str, Json]:
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key != "managedFields"}
    return {**obj, "metadata": metadata} if obj else {}
