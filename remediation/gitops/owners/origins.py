"""Where the objects of Argo CD and Flux say that they take manifests from: repository, revision, folder; and which commit they applied."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.gitops.fieldpath import MISSING, get
from remediation.gitops.owners.objects import listed, mapping
from remediation.terms import Json

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


def of_application(app: Mapping[str, Json]) -> tuple[Origin, ...]:
    """Each source of an Application, in its order."""
    spec, status = mapping(app.get("spec")), mapping(app.get("status"))
    commits = _applied(status)
    found: list[Origin] = []
    for at, (_, source) in enumerate(argo_sources(spec)):
        revision = str(source.get("targetRevision") or "").removeprefix("refs/heads/")
        applied = commits[at] if at < len(commits) else ""
        chart = str(source.get("chart") or "")
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


def _applied(status: Mapping[str, Json]) -> list[str]:
    """The commits of the last sync, one a source: what was hydrated, what an operation applied, what the history ends with."""
    hydrated = get(status, ("sourceHydrator", "lastSuccessfulOperation", "drySHA"))
    result = mapping(mapping(status.get("operationState")).get("syncResult"))
    history = listed(status.get("history"))
    for each in (result, mapping(history[-1]) if history else {}, mapping(status.get("sync"))):
        commits = [str(one) for one in listed(each.get("revisions"))] or [str(each.get("revision") or "")]
        if hydrated is not MISSING:
            return [str(hydrated)]
        if any(commits):
            return commits
    return []


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
