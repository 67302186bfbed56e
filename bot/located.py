"""`suture locate` on a cluster and GitLab: the live object, then each configured project at its branch's head."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from bot import settings, wiring
from bot.settings import GitOpsProject, Settings
from remediation.clients.gitlab import GitLabClient
from remediation.errors import Refused
from remediation.gitops.fetch import unpacked
from remediation.gitops.index import Tree
from remediation.gitops.owners.claims import release_of
from remediation.gitops.resolve import Narrowing, owners_of
from remediation.gitops.solution import Solution, solve
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import Asked, edits_of
from remediation.kinds import kind_called
from remediation.terms import Json, ObjectRef


class Cluster(Protocol):
    """Where the live object is."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """It, as it is now."""
        ...


def ref_of(target: str, namespace: str) -> ObjectRef:
    """`deployment/api` as a reference. Raises Refused not_found for a kind that Suture does not read."""
    word, _, name = target.partition("/")
    kind = kind_called(word)
    if kind is None or not name:
        raise Refused(f"{target!r} is no object that Suture reads.", "Write kind/name, such as deployment/api.", kind="not_found")
    return ObjectRef(group=kind.group, kind=kind.name, namespace=(namespace or "default") if kind.namespaced else "", name=name)


def in_cluster(target: str, namespace: str, asked: Asked) -> tuple[ObjectRef, Solution]:
    """By the systems that settings name. Raises Refused, and what the systems raise."""
    return asyncio.run(_by_settings(ref_of(target, namespace), asked))


async def _by_settings(ref: ObjectRef, asked: Asked) -> tuple[ObjectRef, Solution]:
    known = settings.read()
    clients = wiring.outside(known)
    try:
        cluster = next(iter(clients.clusters.values()), None)
        if cluster is None or clients.gitlab is None:
            todo = "Set KUBECONFIG and GITLAB_TOKEN, or name a checkout: --repo DIR."
            raise Refused("A live object needs a cluster and GitLab.", todo, kind="not_found")
        return ref, await solved(ref, asked, known, cluster, clients.gitlab)
    finally:
        await clients.aclose()


async def solved(ref: ObjectRef, asked: Asked, known: Settings, cluster: Cluster, gitlab: GitLabClient) -> Solution:
    """The one project whose tree gives the object. Raises Refused."""
    live = await cluster.get(ref)
    how = replace(asked.narrowing, owners=owners_of(live), release=release_of(live))
    found: list[Solution] = []
    refusals: list[Refused] = []
    for project in known.gitops:
        try:
            tree = await _tree(project, gitlab)
            found.append(await asyncio.to_thread(_solved, tree, ref, _under(how, project), asked, live))
        except Refused as refusal:
            refusals.append(refusal)
    if len(found) > 1:
        what = f"{ref} comes from {len(found)} projects."
        raise Refused(what, "Say in settings (gitops) which cluster each is for.", kind="ambiguous")
    if not found:
        none = Refused("No GitLab project is configured.", "Name it in settings (gitops).", kind="not_found")
        raise min(refusals, key=lambda refusal: refusal.kind == "not_found", default=none)
    return found[0]


def _under(how: Narrowing, project: GitOpsProject) -> Narrowing:
    return how if how.glob or project.path in ("", ".") else replace(how, glob=project.path)


async def _tree(project: GitOpsProject, gitlab: GitLabClient) -> Tree:
    sha = await gitlab.head(project.project, project.branch)
    if sha is None:
        raise Refused(f"{project.project} has no branch {project.branch}.", "Name its branch in settings (gitops).", kind="not_found")
    return unpacked(await gitlab.archive(project.project, sha))


def _solved(tree: Tree, ref: ObjectRef, how: Narrowing, asked: Asked, live: Mapping[str, Json]) -> Solution:
    tracer = Tracer(tree)
    try:
        return solve(tracer, ref, how, lambda now: edits_of(asked.wishes, asked.fragment, now), live)
    finally:
        tracer.close()
