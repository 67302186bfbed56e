"""A custom resource whose controller says that it is not as it should be: certificates, clusters' operators, node claims, …."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.kinds import KINDS
from remediation.observed import Object, Observed, event_text, place_of
from remediation.terms import Finding, Json, Target

_GOOD = frozenset(
    {
        "Ready",
        "Available",
        "Healthy",
        "Synced",
        "Issued",
        "Succeeded",
        "Initialized",
        "Launched",
        "Registered",
        "Reconciled",
        "Established",
        "Connected",
    }
)
_BAD = frozenset({"Degraded", "Failed", "Stalled", "Failing", "Error", "NotReady", "Invalid"})
_OTHERS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "Gateway", "Route", "Application", "Kustomization", "HelmRelease",
           "GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Rollout")  # fmt: skip
_NEEDED = re.compile(r"(?:not found|does not exist|no such|could not find|cannot find|missing)", re.IGNORECASE)
_WAITS = re.compile(r"Progressing|Pending|DoesNotExist|Issuing|InProgress|Reconciling|Creating")


@dataclass(frozen=True, kw_only=True)
class ResourceNotReady:
    """cause: reference_missing (it names something that does not exist) or refused.  condition: `Ready=False`.  reason, message: of it."""

    cause: str
    condition: str
    reason: str
    message: str


def resource_not_ready(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each object of a kind that is not Kubernetes' own; the one that names what is missing first."""
    for thing in _customs(observed):
        condition = _complaint(thing)
        if condition is None:
            continue
        kind, namespace, name = place_of(thing)
        kind = kind.partition(".")[0]
        said = max((event_text(e) for e in observed.events_of(thing) if e.get("type") == "Warning"), key=len, default="")
        message, reason = (
            "; ".join(dict.fromkeys(s for s in (str(condition.get("message") or ""), said) if s)),
            str(condition.get("reason") or ""),
        )
        missing = _NEEDED.search(message) and not _WAITS.search(reason.removesuffix("Pending"))
        shown = f"{condition.get('type')}={condition.get('status')}"
        cause = "reference_missing" if missing else "waits" if _WAITS.search(reason) else "refused"
        facts = ResourceNotReady(cause=cause, condition=shown, reason=reason, message=message[:500])
        where = f" in {namespace}" if namespace else ""
        text = f'{kind} {name}{where} is not ready: {shown}{f" ({reason})" if reason else ""}: "{message.strip()}"'
        yield found("resource_not_ready", f"{kind}/{namespace}/{name}", facts, text, observed.cites(thing))


def _customs(observed: Observed) -> Iterator[Object]:
    for item in observed.evidence:
        for thing in item.objects:
            kind = str(thing.get("kind"))
            if (
                (kind not in KINDS or kind in ("ClusterOperator", "Namespace"))
                and kind not in _OTHERS
                and observed.get(*place_of(thing)) is thing
            ):
                yield thing


def _complaint(thing: Object) -> Mapping[str, Json] | None:
    """The condition that says most; None where all is well."""
    status = thing.get("status")
    conditions = status.get("conditions") if isinstance(status, Mapping) else None
    if thing["kind"] == "Namespace":
        stays = [c for c in conditions or () if c.get("status") == "True"] if (status or {}).get("phase") == "Terminating" else []
        return max(stays, key=lambda c: "Finalizer" in str(c.get("type")), default=None)
    bad = [
        c
        for c in conditions or ()
        if isinstance(c, Mapping)
        and ((_good(str(c.get("type"))) and c.get("status") == "False") or (c.get("type") in _BAD and c.get("status") == "True"))
    ]
    return max(bad, key=lambda c: len(str(c.get("message") or "")), default=None)


def _good(kind: str) -> bool:
    """Whether a condition of this type is one that should be true."""
    return kind in _GOOD or (kind.endswith("Ready") and not kind.startswith("Not"))
