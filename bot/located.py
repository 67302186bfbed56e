"""`suture locate` on a cluster and GitLab: the live object, who applies it, and that owner's projects at their branches' heads."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bot import delivering, settings
from bot.looking import clients_of, projects_of
from bot.settings import Settings
from remediation.errors import NotFound, Refused, Unreachable
from remediation.executors.git import in_namespace
from remediation.gitops.applied import as_applied, may_differ
from remediation.gitops.around import around, drifted
from remediation.gitops.fetching import Fetched
from remediation.gitops.home import Home, narrowed
from remediation.gitops.homes import Homes
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.owners.live import Cluster, Clusters
from remediation.gitops.projects import Trees
from remediation.gitops.pulling import check_images
from remediation.gitops.solution import Solution, found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import Asked, edits_of
from remediation.kinds import ref_called
from remediation.terms import DryRun, Json, ObjectRef


def in_cluster(target: str, namespace: str, asked: Asked) -> tuple[ObjectRef, Solution]:
    """By the systems that settings name. Raises Refused, and what the systems raise."""
    return asyncio.run(_by_settings(ref_called(target, namespace), asked))


class Trying(Cluster, Protocol):
    """A cluster that owners are read in, and that may be asked for a dry run."""

    async def dry_run(self, obj: Mapping[str, Json]) -> DryRun:
        """What the server says of this whole object."""
        ...


@dataclass(frozen=True, kw_only=True)
class Systems:
    """What is asked. clusters: the object's own first.  fetched: what comes from elsewhere, None for what settings allow."""

    known: Settings
    clusters: Sequence[Trying]
    trees: Trees
    fetched: Fetched | None = None


async def _by_settings(ref: ObjectRef, asked: Asked) -> tuple[ObjectRef, Solution]:
    known = settings.read()
    clients = clients_of(known)
    try:
        if not clients.clusters or clients.trees is None:
            todo = "Set KUBECONFIG and GITLAB_TOKEN, or name a checkout: --repo DIR."
            raise Refused("A live object needs a cluster and GitLab.", todo, kind="not_found")
        return ref, await solved(ref, asked, Systems(known=known, clusters=list(clients.clusters.values()), trees=clients.trees))
    finally:
        await clients.aclose()


async def solved(ref: ObjectRef, asked: Asked, systems: Systems) -> Solution:
    """The edit, in the one project whose manifests give the object. Raises Refused."""
    known = systems.known
    try:
        live = await systems.clusters[0].get(ref)
    except NotFound as error:
        raise Refused(f"{ref} is not in the cluster.", "Check its name and namespace (-n).", kind="not_found") from error
    fetched = systems.fetched or delivering.fetched_of(known)
    homes = Homes(systems.trees, projects_of(known), delivering.forge_of(known), fetched)
    asking = Clusters(asked=systems.clusters, tracking=delivering.tracking_of(known))
    near, unread = await around(systems.clusters[0], ref)
    found: list[tuple[Home, Solution]] = []
    refusals: list[Refused] = []
    for home in await homes.of(ref, live, asking, place=known.default_place):
        try:
            found.append((home, await asyncio.to_thread(_solved, home, ref, asked, [live, *near])))
        except Refused as refusal:
            refusals.append(await drifted(systems.clusters[0], refusal, live, edits_of(asked.wishes, asked.fragment, live)))
    if len(found) > 1:
        what = f"{ref} comes from {len(found)} places: {'; '.join(_told(home, solution) for home, solution in found)}."
        raise Refused(what, "Say in settings (gitops) which cluster each is for, or which `targets` come from it.", kind="ambiguous")
    if not found:
        raise min(refusals, key=lambda refusal: refusal.kind == "not_found")
    solution = found[0][1]
    images = await check_images(solution.moves, ref, systems.clusters[0], delivering.registries_of(known))
    untried = await _tried(systems.clusters[0], ref, solution.head)
    return replace(solution, unknown=(*solution.unknown, *asking.unknown, *unread, *images, *untried))


async def _tried(cluster: Trying, ref: ObjectRef, head: Mapping[str, Json]) -> list[str]:
    """A dry run on the API server, as a rehearsal asks for; a sentence where it was not asked. Raises Refused in the server's words."""
    try:
        answer = await cluster.dry_run(in_namespace(head, ref))
    except Unreachable as error:
        return [f"The API server was not asked for a dry run. {error}"]
    if answer.state == "refused":
        raise Refused(f"The API server refuses the object: {answer.reason}", "Choose another field or value.", kind="infeasible")
    return [f"The API server was not asked for a dry run. {answer.reason}"] if answer.state == "not_rehearsed" else []


def _told(home: Home, solution: Solution) -> str:
    return f"{home.project.project}, {solution.candidate} ({home.because})"


def _solved(home: Home, ref: ObjectRef, asked: Asked, seen: Sequence[Mapping[str, Json]]) -> Solution:
    """seen: the live object, then what stands around it."""
    live, *near = seen
    how = narrowed(asked.narrowing, home, live)
    try:
        with closing(Tracer(home.tree, around=home.around)) as tracer:
            candidate = found_in(tracer, ref, how)
            applied = _applied(home, candidate, ref, how)
            wished = partial(edits_of, asked.wishes, asked.fragment)
            solution = settle(tracer, ref, candidate, wished, live, around=near, applied=applied)
    except Refused as refusal:
        raise home.told(refusal) from refusal
    return home.placed(solution)[1]


def _applied(home: Home, candidate: Candidate, ref: ObjectRef, how: Narrowing) -> Json:
    """The object as its owner applied it; None where that is as the branch says it."""
    if home.past is None or not may_differ(home.past.tree, home.tree, candidate.rendering):
        return None
    with closing(Tracer(home.past.tree, around=home.past.around)) as past:
        return as_applied(past, candidate, ref, how)
