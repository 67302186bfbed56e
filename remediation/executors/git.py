"""Acts in Git: the field's line found, spliced and proven; one merge request per fix, found before it is made."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce

import msgspec

from remediation.clients.gitlab import GitLabClient
from remediation.entries import Incident
from remediation.errors import Refused
from remediation.executors.asking import Asking, Cluster, without_managed_fields
from remediation.executors.bases import Base, Bases
from remediation.executors.merge_request import MergeRequests, merged_of
from remediation.executors.undoing import merged_instead, overwritten, undone
from remediation.gitops.around import drifted
from remediation.gitops.beside import Beside
from remediation.gitops.creation import manifest_beside, with_new_objects
from remediation.gitops.fetching import Fetched
from remediation.gitops.fieldpath import get, parse, put
from remediation.gitops.home import Home
from remediation.gitops.homes import Homes
from remediation.gitops.index import blob_of
from remediation.gitops.live import check_expected, check_filled_in, check_live, for_git, pending
from remediation.gitops.owners.claims import Tracking
from remediation.gitops.owners.live import Clusters
from remediation.gitops.projects import Project, Trees
from remediation.gitops.proof import unified_diff
from remediation.gitops.pulling import Registries, check_images
from remediation.gitops.repository import Forge
from remediation.gitops.solution import Solution, settle, taken_back
from remediation.lately import Lately
from remediation.masking import mask_object
from remediation.ports import Clock, People
from remediation.terms import Act, FieldEdit, FileChange, Instead, Json, ObjectRef, Progress, Receipt, Rehearsal

_INSTALLED_FOR = 120.0  # seconds: how an Argo CD marks what it applies is set once


class GitExecutor:
    """Field edits of one object, as a merge request.

    policy_digest: what an approval binds to besides the change.  valid_for: how long an approval may be given.
    forge, tracking: how owners in the cluster name repositories, and mark what they apply; empty: by the projects alone, as is usual.
    fetched: what may come from elsewhere to render with.  registries: who is asked whether an image exists.
    people: who knows the names of those who approve.
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
        forge: Forge | None = None,
        tracking: Tracking | None = None,
        fetched: Fetched | None = None,
        registries: Registries | None = None,
        trees: Trees | None = None,
        people: People | None = None,
    ) -> None:
        self._gitlab = gitlab
        forge = forge or Forge(url="", projects=tuple(each.project for each in projects))
        self._registries = registries
        self._trees = trees or Trees(gitlab)
        self._homes = Homes(self._trees, projects, forge, fetched)
        self._tracking = tracking or Tracking()
        self._installed = Lately[object, Tracking](_INSTALLED_FOR)
        self._clusters = clusters
        self._now = now
        self._policy_digest = policy_digest
        self._valid_for = valid_for
        self._merge_requests = MergeRequests(gitlab, people)
        self._bases = Bases(self._trees)
        self._tracing = asyncio.Lock()

    async def rehearse(self, act: Act, like: Rehearsal | None = None) -> Rehearsal:
        """Locate, compare with the cluster, splice, prove, try on the server. Refused carries the reason."""
        if act.object.kind == "Secret":
            raise Refused("Suture does not change Secrets.", "Change it by hand.", kind="encrypted")
        found = await self._merge_requests.found(like) if like is not None else None
        if like is not None and found and merged_of(like, found):
            return like
        asking = Asking(act=act, cluster=self._cluster(act), proves=like is not None)
        live = await asking.live()
        homes = await self._may_be_home(act, live, asking.unknown)
        async with self._tracing:
            base, solution = await self._solution(asking, live, homes)
        expires_at = like.expires_at if like else self._now() + self._valid_for
        rehearsal = await self._tried(base, solution, asking, live, expires_at)
        closed = await self._merge_requests.closed(rehearsal, await self._merge_requests.found(rehearsal) if found is None else found)
        rehearsal = replace(rehearsal, closed=closed, digest=self._digest(rehearsal))
        if found is not None:
            self._merge_requests.proven(rehearsal, found)
        return rehearsal

    async def _tried(self, base: Base, solution: Solution, asking: Asking, live: Mapping[str, Json], expires_at: datetime) -> Rehearsal:
        """The solution on the server and before its registries, without a digest yet."""
        act, unknown = asking.act, asking.unknown
        mount, solution = base.home.placed(solution)
        unknown += solution.unknown
        moves = tuple(replace(m, object=_as_named(m.object, base, act)) for m in solution.moves)
        unknown += await check_images(moves, act.object, asking.cluster, self._registries)
        head = in_namespace(solution.head, act.object)
        return Rehearsal(
            act=act,
            project=mount.project,
            branch=mount.branch,
            base_sha=mount.sha,
            files=tuple(_file_changes(solution)),
            diff=unified_diff(solution.changes),
            moves=moves,
            dry_run=await asking.dry_run([head, *(new.value for new in act.creates)]),
            fingerprint=_fingerprint(mount.project, act),
            digest="",
            rehearsed_at=self._now(),
            expires_at=expires_at,
            head=mask_object(head),
            live=mask_object(without_managed_fields(live)),
            surroundings=await asking.surroundings(),
            unknown=tuple(unknown),
            origin=base.origin,
            rendered=solution.rendered,
        )

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

    async def overwritten(self, rehearsal: Rehearsal, receipt: Receipt) -> str:
        """Who changed since what was merged, and to what, where a plain manifest says so; empty while it stands."""
        return await overwritten(self._gitlab, rehearsal, receipt)

    async def merged(self, rehearsal: Rehearsal, receipt: Receipt) -> Instead | None:
        """What was merged where it is another change than was rehearsed. Raises Refused where the object is not in Git any more."""
        asking = Asking(act=rehearsal.act, cluster=self._cluster(rehearsal.act), proves=True)
        live = await asking.live()
        homes = await self._may_be_home(rehearsal.act, live, asking.unknown)
        async with self._tracing:
            base = await self._bases.of(rehearsal.act, live, homes)
        return await merged_instead(self._gitlab, rehearsal, receipt, mask_object(base.in_git))

    async def undo(self, rehearsal: Rehearsal, receipt: Receipt) -> Act:
        """The act that brings the previous values back. Raises Refused when Git says something else by now."""
        return await undone(self._gitlab, rehearsal, receipt)

    # what a rehearsal needs

    async def _may_be_home(self, act: Act, live: Mapping[str, Json], unknown: list[str]) -> Sequence[Home]:
        """Where the object may come from, with the trees; all that is asked of owners, GitLab and elsewhere."""
        asking = Clusters(asked=self._asked(act), tracking=self._tracking, unknown=unknown, installed=self._installed)
        return await self._homes.of(act.object, live, asking, place=act.target.place, branch=act.branch)

    async def _solution(self, asking: Asking, live: Mapping[str, Json], homes: Sequence[Home]) -> tuple[Base, Solution]:
        """Where the object comes from, and the files as they will be; Git and the cluster agree on it. Raises Refused."""
        act = asking.act
        base = await self._bases.of(act, live, homes)
        _check_no_secret((base.in_git, live), act.edits)
        check_filled_in(base.in_git, base.candidate.rendering.lacking, act.edits)
        compared = {} if act.removes else live  # what it takes away may own the fields there
        try:
            check_expected(base.in_git, compared, act.edits)
            if compared:
                applied = await self._bases.applied(base, act, live)
                check_live(base.in_git, applied, compared, act.edits)
                asking.unknown.extend(pending(base.in_git, applied))
        except Refused as refusal:
            told = base.home.told(refusal)
            raise (await drifted(asking.cluster, told, live, act.edits) if asking.cluster else told) from refusal
        return base, await _solved(asking, base, for_git(base.in_git, act.edits))

    def _asked(self, act: Act) -> list[Cluster]:
        """Its own cluster first, then the others: an Argo CD may apply from there."""
        own = self._cluster(act)
        return [own, *(each for each in self._clusters.values() if each is not own)] if own else []

    def _cluster(self, act: Act) -> Cluster | None:
        if act.target.place in self._clusters:
            return self._clusters[act.target.place]
        return next(iter(self._clusters.values())) if len(self._clusters) == 1 and not act.target.place else None

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


async def _solved(asking: Asking, base: Base, edits: tuple[FieldEdit, ...]) -> Solution:
    """The files as they will be. Raises Refused."""
    act, tracer, candidate = asking.act, base.tracer, base.candidate
    if act.restores:
        solution = await asyncio.to_thread(taken_back, tracer, candidate, edits, act.restores, Beside.of(act))
        if solution is not None:
            return solution
    if act.removes:
        raise Refused(f"The files of {act.title!r} do not go back as they were.", "Take it back by hand.", kind="drift")
    if act.creates and not edits:
        raise Refused(f"Git does not say {act.edits[0].path}.", "Look at who sets it, and change it by hand.", kind="not_found")
    if act.creates:
        await asking.check_absent()
        await asyncio.to_thread(manifest_beside, tracer, candidate)
    near = await asking.near()
    solution = await asyncio.to_thread(settle, tracer, act.object, candidate, lambda _: edits, {}, around=near)
    return await asyncio.to_thread(with_new_objects, tracer, candidate, edits, solution, act.creates) if act.creates else solution


def _check_no_secret(objects: Sequence[Json], edits: Sequence[FieldEdit]) -> None:
    """Raises Refused where an old or new value looks like a secret: a card, a commit message and the record would hold it for good."""
    edited = [reduce(lambda obj, edit: put(obj, parse(edit.path), edit.value), edits, obj) for obj in objects]
    for obj in (*objects, *edited):
        shown = mask_object(obj)
        for edit in edits:
            if get(shown, parse(edit.path)) != get(obj, parse(edit.path)):
                raise Refused(f"{edit.path} holds what looks like a secret.", "Change it by hand.", kind="encrypted")


def _file_changes(solution: Solution) -> Iterator[FileChange]:
    """The files as they will be, each with the first line that is written in it."""
    for change in solution.changes:
        line = next((place.line for path, place in solution.places if path == change.path), change.first_line)
        blob = "" if change.before is None else blob_of(change.before).id
        yield FileChange(path=change.path, line=line, blob=blob, content=change.after, gone=change.gone)


def in_namespace(value: Mapping[str, Json], ref: ObjectRef) -> dict[str, Json]:
    """The resulting object, with the namespace that it is applied to."""
    metadata = {**value["metadata"], "namespace": ref.namespace} if ref.namespace else value["metadata"]
    return {**value, "metadata": metadata}


def _as_named(ref: ObjectRef, base: Base, act: Act) -> ObjectRef:
    """What is rendered by the act's own words for it, which have the namespace."""
    return act.object if ref == base.candidate.obj.ref else Beside.of(act).named(ref)


def _fingerprint(project: str, act: Act) -> str:
    """Of project, object, fields and remedy: the same fix with other values is the same merge request. An undo is one of its own.

    So is the fix of another environment: with the source branch in common, one merge request would take away the other's.
    """
    fields = sorted(edit.path for edit in act.edits)
    parts = [project, act.object.group, str(act.object), act.remedy, act.undoes, *fields, *filter(None, [act.branch])]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
