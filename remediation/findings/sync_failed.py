"""A GitOps tool that cannot apply what Git says: Argo CD's applications, Flux' and Helm's releases, as objects or as printed."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches

from remediation.findings.complaint import is_well
from remediation.findings.finding import found
from remediation.needed import may_match
from remediation.observed import Object, Observed, moment, place_of
from remediation.terms import Evidence, Finding, Target
from remediation.workloads import object_ref

_PRINTED = re.compile(
    r"^Name:\s+(?:(?P<namespace>[\w-]+)/)?(?P<name>[\w.-]+)\s*$.*?^Sync Status:\s+(?P<sync>\w+)", re.MULTILINE | re.DOTALL
)
_MESSAGE = re.compile(r"^Message:\s+(?P<message>.+)$", re.MULTILINE)
_FAILED = re.compile(r"^Phase:\s+(?:Failed|Error)", re.MULTILINE)
_HELM = re.compile(r"Error: (?:(?:UPGRADE|INSTALLATION|INSTALL|ROLLBACK) FAILED: )(?P<message>[^\n]+)")
_RELEASE = re.compile(
    r"(?:^|[$#>%] +)helm (?:upgrade|install|rollback)(?: --?\S+)* (?P<name>[a-z0-9][\w.-]*)|^NAME: (?P<release>\S+)", re.MULTILINE
)
_NO_NAMESPACE = re.compile(r"namespaces? \\?\"(?P<name>[\w-]+)\\?\" not found")
_NO_KIND = re.compile(
    r"no matches for kind \\?\"(?P<name>\w+)\\?\"|the server could not find the requested resource|could not find .*CRD|"
    r"[Mm]ake sure the \\?\"(?P<named>\w+)\\?\" CRD is installed"
)
_CAUSES = (
    (
        "source",
        re.compile(
            r"authentication|could not read|repository not found|unable to clone|failed to checkout|failed to fetch|failed to list refs|"
            r"unable to resolve|error (?:creating|getting) .*repo|git (?:fetch|ls-remote)|ssh: handshake|unknown revision",
            re.IGNORECASE,
        ),
    ),
    (
        "manifest_invalid",
        re.compile(
            r"invalid|unknown field|[Mm]anifest generation error|failed to generate manifest|unmarshal|"
            r"validation|yaml|strict decoding|template:|execution error|Forbidden: field"
        ),
    ),
    ("locked", re.compile(r"another operation .* in progress|pending-(?:upgrade|install|rollback)")),
    ("refused", re.compile(r"forbidden|denied|exceeded quota")),
    ("hook", re.compile(r"\bhooks? failed|[Jj]ob has reached the specified backoff limit|\bjob \S+ failed|BackoffLimitExceeded")),
    (
        "waits",
        re.compile(
            r"context deadline exceeded|timed out waiting|timeout waiting|waiting for|health check failed|not ready|progress deadline|"
            r"client rate limiter",
            re.IGNORECASE,
        ),
    ),
)
_MOST_RESOURCES = 3
_APPLIED = re.compile(  # how kubectl, and what calls it, says that the server knows no such kind
    r"(?:resource mapping not found for name: \"(?P<name>[^\"\n]*)\" namespace: \"(?P<namespace>[^\"\n]*)\" from [^:\n]+: |"
    r"unable to recognize \"[^\"\n]*\": )(?P<message>no matches for kind \"(?P<kind>\w+)\"[^\n]*)"
)
_NO_TARGET = re.compile(  # how Argo CD says that it cannot render what it should apply
    r"(?:Failed to load target state: )?failed to generate manifests? (?:for source \d+ of \d+|in '[^'\n]*'): (?P<message>[^\n]+)|"
    r"ComparisonError:? (?P<compared>[^\n]+)|(?P<made>Manifest generation error[^\n]*)"
)
_CONDITION = re.compile(r"^(?P<type>\w+Error)\s+(?P<message>\S.*?)(?:\s{2,}\d{4}-\d\d-\d\d.*)?$", re.MULTILINE)
_ROW = re.compile(
    r"^\S*[ \t]+(?P<kind>[A-Z]\w+)[ \t]+(?P<namespace>[\w-]+)[ \t]+(?P<name>[\w.-]+)[ \t]+(?:OutOfSync|SyncFailed|Missing|Unknown)\b"
    r"(?:[ \t]+\S+)*?(?:[ \t]{2,}(?P<said>\S+(?: \S+){3,}))?[ \t]*$",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class SyncFailed:
    """cause: namespace_missing, kind_missing, manifest_invalid, refused, source, locked, hook (a Job failed), waits, failed.

    object: `Kind/namespace/name` that is not applied.
    missing: the namespace or kind.  near: a namespace of nearly that name.
    """

    cause: str
    object: str
    missing: str
    near: str
    message: str


_KINDS = ("Application", "Kustomization", "HelmRelease", "GitRepository", "OCIRepository", "HelmRepository")


def sync_failed(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each application that is not as Git says because applying failed."""
    told: set[str] = set()
    for finding in _of_objects(observed):
        told.add(_name_of(finding))
        yield finding
    for item in observed.evidence:
        said = _of_print(item, told, observed) or (None if told or _is_print(item) else _unmade(item, target, observed))
        if said is not None:
            told.add(_name_of(said))
            yield said
        if (of_helm := _of_helm(item, observed)) is not None:
            yield of_helm
        yield from _of_apply(item, observed)


def _name_of(finding: Finding) -> str:
    return finding.subject.rpartition("/")[2]


def _of_objects(observed: Observed) -> Iterator[Finding]:
    """Applications and releases whose status complains, with the first resource that is not as Git says."""
    for kind in _KINDS:
        for thing in observed.all(kind):
            if message := _complaint(thing):
                resources = (thing.get("status") or {}).get("resources") or ()
                apart = (f"{r.get('kind')}/{r.get('namespace')}/{r.get('name')}" for r in resources if r.get("status") == "OutOfSync")
                subject = f"{kind}/{place_of(thing)[1]}/{place_of(thing)[2]}"
                yield _finding(subject, message, next(apart, ""), observed.cites(thing), observed)


def _is_print(item: Evidence) -> bool:
    """Whether it is an application as `argocd app get` prints it."""
    return "Sync Status:" in item.text and _PRINTED.search(item.text) is not None


def _of_print(item: Evidence, told: AbstractSet[str], observed: Observed) -> Finding | None:
    """A printed application whose last operation failed, or that cannot be compared."""
    match = _PRINTED.search(item.text) if "Sync Status:" in item.text else None
    if match is None or match["name"] in told:
        return None
    subject = f"Application/{match['namespace'] or 'argocd'}/{match['name']}"
    said = _MESSAGE.search(item.text)
    if said and _FAILED.search(item.text):
        row = _ROW.search(item.text)
        message = "; ".join(filter(None, (said["message"].strip(), row["said"] if row else "")))
        broken = f"{row['kind']}/{row['namespace']}/{row['name']}" if row else ""
        return _finding(subject, message, broken, (item.item,), observed)
    complained = _CONDITION.search(item.text)
    return _finding(subject, complained["message"].strip(), "", (item.item,), observed) if complained else None


def _unmade(item: Evidence, target: Target, observed: Observed) -> Finding | None:
    """An application of which somebody pasted only the sentence that says why its manifests cannot be made."""
    said = _NO_TARGET.search(item.text) if item.kind != "alert" and may_match(_NO_TARGET, item.text) else None
    if said is None or any(item.item in observed.cites(app) for app in observed.all("Application")) or _synced_since(item, observed):
        return None
    asked = " ".join(f"{one.title} {one.text}" for one in observed.evidence if one.kind == "alert")
    known = [place_of(app) for app in observed.all("Application")]
    meant = [place for place in known if place[2] in asked] or known
    if any(is_well(app) for app in observed.all("Application") if place_of(app) in meant):
        return None
    _, namespace, name = meant[0] if len(meant) == 1 else ("", "argocd", target.name or "application")
    message = (said["message"] or said["compared"] or said["made"]).strip()
    return _finding(f"Application/{namespace or 'argocd'}/{name}", message, "", (item.item,), observed)


_SUCCEEDED = re.compile(r"^Phase:\s+Succeeded", re.MULTILINE)
_FINISHED = re.compile(r"^Finished:\s+(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})", re.MULTILINE)
_AT = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")


def _synced_since(item: Evidence, observed: Observed) -> bool:
    """Whether Argo CD prints of the application that this tells of that its last sync succeeded, and not before that."""
    for other in observed.evidence:
        printed = _PRINTED.search(other.text) if other is not item and "Sync Status:" in other.text else None
        if printed and printed["sync"] == "Synced" and _SUCCEEDED.search(other.text) and printed["name"] in item.text:
            finished = _FINISHED.search(other.text)
            told = [at for match in _AT.finditer(item.text[:_LOOKED_AT]) if (at := moment(match[0])) is not None]
            done = moment(finished["at"]) if finished else None
            if done is None or not told or done >= max(told):
                return True
    return False


_LOOKED_AT = 20_000  # characters


def _of_apply(item: Evidence, observed: Observed) -> Iterator[Finding]:
    """The first object of each kind that cannot be applied, for the server does not know its kind."""
    kinds: set[str] = set()
    for match in _APPLIED.finditer(item.text) if "no matches for kind" in item.text else ():
        if match["kind"] not in kinds:
            kinds.add(match["kind"])
            subject = f"{match['kind']}/{match['namespace'] or ''}/{match['name'] or ''}"
            yield _finding(subject, match["message"].strip(), "", (item.item,), observed)


def _of_helm(item: Evidence, observed: Observed) -> Finding | None:
    """A release that Helm itself says it cannot install or upgrade."""
    failed = _HELM.search(item.text)
    if failed is None:
        return None
    named = _RELEASE.search(item.text)
    where = re.search(r"(?:-n|--namespace)[ =](?P<namespace>[\w-]+)|^NAMESPACE: (?P<of>[\w-]+)", item.text, re.MULTILINE)
    namespace = (where["namespace"] or where["of"]) if where else ""
    name = (named["name"] or named["release"]) if named else "release"
    return _finding(f"HelmRelease/{namespace}/{name}", failed["message"].strip(), "", (item.item,), observed)


def _complaint(thing: Object) -> str:
    """Why the last sync or reconciliation failed; empty when it did not."""
    status = thing.get("status") or {}
    operation = status.get("operationState") or {}
    if operation.get("phase") in ("Failed", "Error"):
        return "; ".join(dict.fromkeys([str(operation.get("message") or "the sync failed"), *_refused_resources(operation)]))
    released = [c for c in status.get("conditions") or () if c.get("type") == "Released" and c.get("status") == "False"]
    for condition in (*released, *(status.get("conditions") or ())):  # whether it is released says why
        error = str(condition.get("type", "")).endswith("Error") and "status" not in condition
        if error or (condition.get("type") in ("Ready", "Released") and condition.get("status") == "False" and condition.get("message")):
            return str(condition.get("message") or "")
    return ""


def _refused_resources(operation: Object) -> Iterator[str]:
    """Why resources of a sync could not be applied, the first ones."""
    result = operation.get("syncResult") or {}
    resources = [one for one in result.get("resources") or () if isinstance(one, Mapping) and one.get("status") == "SyncFailed"]
    return (str(one["message"]) for one in resources[:_MOST_RESOURCES] if one.get("message"))


def _failed(job: Object) -> bool:
    return any(c.get("type") == "Failed" and c.get("status") == "True" for c in (job.get("status") or {}).get("conditions") or ())


def _cause(message: str) -> tuple[str, str]:
    """Why it cannot be applied, by what it says first; and the namespace or kind that is missing, empty for another cause."""
    if match := _NO_NAMESPACE.search(message):
        return "namespace_missing", match["name"]
    if match := _NO_KIND.search(message):
        return "kind_missing", match["name"] or match["named"] or ""
    return next((cause for cause, words in _CAUSES if words.search(message)), "failed"), ""


def _finding(subject: str, message: str, broken: str, cites: tuple[str, ...], observed: Observed) -> Finding:
    cause, missing = _cause(message)
    if cause == "failed" and any(map(_failed, observed.all("Job"))):
        cause = "hook"
    if cause == "hook":
        broken = next((str(object_ref(job)) for job in observed.all("Job") if place_of(job)[2] in message or _failed(job)), broken)
    known = {place_of(n)[2] for n in observed.all("Namespace")} | {
        place_of(t)[1] for k in ("Deployment", "Service") for t in observed.all(k)
    }
    near = next(iter(get_close_matches(missing, sorted(known - {missing, ""}), 1, 0.6)), "") if cause == "namespace_missing" else ""
    facts = SyncFailed(cause=cause, object=broken, missing=missing, near=near, message=message[:500])
    what = f", because {broken} {'failed' if cause == 'hook' else 'cannot be applied'}" if broken else ""
    meant = f"; namespace {near} exists and was probably meant" if near else ""
    text = f"{subject.split('/', maxsplit=1)[0]} {subject.rsplit('/', maxsplit=1)[-1]} does not sync{what}: {message}{meant}"
    return found("sync_failed", subject, facts, text, cites)
