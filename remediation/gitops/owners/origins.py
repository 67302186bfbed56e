"""Where the objects of Argo CD and Flux say that they take manifests from: repository, revision, folder; and which commit they applied."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.gitops.fieldpath import MISSING, get
from remediation.gitops.owners.chart_sources import source_chart
from remediation.gitops.owners.objects import listed, mapping
from remediation.terms import Json, ObjectRef

_SHA = re.compile(r"\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b")
_SOURCE, _REVISION = "org.opencontainers.image.source", "org.opencontainers.image.revision"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One source of an owner. revision: the branch that it follows, empty for the default one.  applied: the commit that it applied last.

    fixed: why no commit to a branch reaches it, empty where one does.  chart: of a Helm repository or registry, then url is that.
    """

    url: str
    revision: str = ""
    applied: str = ""
    path: str = ""
    chart: str = ""
    fixed: str = ""


def argo_sources(spec: Mapping[str, Json]) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Json]]]:
    """Each source of an Application with its field: the dry one where a hydrator writes the other."""
    hydrator = mapping(spec.get("sourceHydrator"))
    if hydrator:
        yield ("spec", "sourceHydrator", "drySource"), mapping(hydrator.get("drySource"))
    elif listed(spec.get("sources")):
        for at, source in enumerate(listed(spec.get("sources"))):
            yield ("spec", "sources", at), mapping(source)
    elif spec.get("source"):
        yield ("spec", "source"), mapping(spec.get("source"))


def of_application(app: Mapping[str, Json], ref: ObjectRef | None = None) -> tuple[Origin, ...]:
    """Each source of an Application, in its order. ref: the object of it whose applied commit is asked for."""
    spec, status = mapping(app.get("spec")), mapping(app.get("status"))
    commits = _applied(status, ref)
    found: list[Origin] = []
    for at, (_, source) in enumerate(argo_sources(spec)):
        revision = str(source.get("targetRevision") or "").removeprefix("refs/heads/")
        applied = commits[at] if at < len(commits) else ""
        named = source_chart(source)
        chart = named.name if named else ""
        found.append(
            Origin(
                url=str(source.get("repoURL") or ""),
                revision="" if revision == "HEAD" else revision,
                applied=sha_in(applied),
                path=str(source.get("path") or ""),
                chart=chart,
                fixed="" if chart else _fixed(revision),
            )
        )
    return tuple(found)


def _applied(status: Mapping[str, Json], ref: ObjectRef | None) -> list[str]:
    """The commits that the cluster is at, one a source: what was hydrated; what the object was found in sync with; else the last sync's."""
    hydrated = get(status, ("sourceHydrator", "lastSuccessfulOperation", "drySHA"))
    if hydrated is not MISSING:
        return [str(hydrated)]
    compared, history = mapping(status.get("sync")), listed(status.get("history"))
    synced = [compared] if _is_synced(status, ref) else []
    for each in (*synced, _operation(status), mapping(history[-1]) if history else {}, compared):
        commits = [str(one) for one in listed(each.get("revisions"))] or [str(each.get("revision") or "")]
        if any(commits):
            return commits
    return []


def _is_synced(status: Mapping[str, Json], ref: ObjectRef | None) -> bool:
    """Whether the Application, or this object of it, is as the compared revision says."""
    if mapping(status.get("sync")).get("status") == "Synced":
        return True
    own = [ref.group, ref.kind, ref.namespace, ref.name] if ref else []
    resources = map(mapping, listed(status.get("resources")))
    parts = ("group", "kind", "namespace", "name")
    return any(each.get("status") == "Synced" and [str(each.get(part) or "") for part in parts] == own for each in resources)


def _operation(status: Mapping[str, Json]) -> Mapping[str, Json]:
    """What the last operation applied, where it ended well and was no sync of some objects alone."""
    state = mapping(status.get("operationState"))
    some = listed(mapping(mapping(state.get("operation")).get("sync")).get("resources"))
    return mapping(state.get("syncResult")) if state.get("phase") in (None, "Succeeded") and not some else {}


def _fixed(revision: str) -> str:
    """What GitLab need not be asked: whether a word is a branch, it says."""
    pinned = _SHA.fullmatch(revision) is not None or revision.startswith("refs/")
    return f"Its Application follows {revision}, which is no branch." if pinned else ""


def of_flux_source(source: Mapping[str, Json]) -> Origin:
    """A GitRepository's, or what an OCIRepository or an ExternalArtifact states of its own origin; without url where it states none."""
    spec, status = mapping(source.get("spec")), mapping(source.get("status"))
    artifact = mapping(status.get("artifact"))
    if source.get("kind") == "GitRepository":
        revision, fixed = _git_reference(mapping(spec.get("ref")))
        return Origin(url=str(spec.get("url") or ""), revision=revision, applied=sha_in(str(artifact.get("revision") or "")), fixed=fixed)
    stated = {**mapping(mapping(source.get("metadata")).get("annotations")), **mapping(artifact.get("metadata"))}
    revision = str(stated.get(_REVISION) or "")
    branch, at, _ = revision.partition("@")
    return Origin(url=str(stated.get(_SOURCE) or ""), revision=branch.removeprefix("refs/heads/") if at else "", applied=sha_in(revision))


def applied_by(tool: Mapping[str, Json], source: Mapping[str, Json]) -> str:
    """The commit of a Flux source that a Kustomization applied last; empty where it says none, and for a chart, which has a version."""
    status = mapping(tool.get("status"))
    if tool.get("kind") != "Kustomization":
        return ""
    last, origin = (str(status.get(key) or "") for key in ("lastAppliedRevision", "lastAppliedOriginRevision"))
    if source.get("kind") == "GitRepository" or origin:
        return sha_in(origin or last)
    artifact = mapping(mapping(source.get("status")).get("artifact"))
    return of_flux_source(source).applied if last and last == artifact.get("revision") else ""


def _git_reference(reference: Mapping[str, Json]) -> tuple[str, str]:
    """The branch, and why it is none: a commit wins over a name, that over a semver, a tag and a branch."""
    for key, word in (("commit", "the commit"), ("semver", "the tags of"), ("tag", "the tag")):
        name = str(reference.get("name") or "") if key != "commit" else ""
        if name:
            is_branch = name.startswith("refs/heads/")
            return name.removeprefix("refs/heads/"), "" if is_branch else f"Its GitRepository follows {name}, which is no branch."
        if reference.get(key):
            return str(reference[key]), f"Its GitRepository follows {word} {reference[key]}, and no branch."
    return str(reference.get("branch") or ""), ""


def sha_in(revision: str) -> str:
    """The commit in `main@sha1:…`, `main/…` or a bare one; empty where it names none."""
    found = _SHA.search(revision)
    return found[0] if found else ""
