"""A custom resource whose controller says that it is not as it should be: in its conditions, its phase or its events."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from remediation.findings.complaint import Complaint, complaint_of, is_well
from remediation.findings.finding import found
from remediation.findings.reference_missing import asked_in_vain
from remediation.kinds import kind_called
from remediation.observed import Object, Observed, Place, about, event_text, event_time, place_of
from remediation.reading.controllers import ROUTES
from remediation.terms import Finding, Json, Target

_OTHERS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "Gateway", "Route", "Application", "Kustomization", "HelmRelease",
           "GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Rollout")  # fmt: skip
_MAKES = ("target", "output", "destination", "template", "secretName", "secretTemplate", "outputSecretName", "writeConnectionSecretToRef")
_DEEPEST = 3
_KEY_AND_NAME = 2


@dataclass(frozen=True, kw_only=True)
class ResourceNotReady:
    """cause: reference_missing (it names something that does not exist), waits, refused, unsaid, or the failure that its words tell of.

    condition: `Ready=False`.  reason, message: of it.  victim: the workload that lacks what it should make, empty for none.
    """

    cause: str
    condition: str
    reason: str
    message: str
    victim: str = ""


def resource_not_ready(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each object of a kind that is not Kubernetes' own, and for each that only events warn of."""
    warned, lacking = _warned(observed), _lacking(observed)
    told: set[tuple[str, str]] = set()  # namespace and name
    ailing = {place_of(thing)[2] for thing in observed.customs() if complaint_of(thing) is not None}
    for thing in sorted(observed.customs(), key=lambda thing: not thing.get("apiVersion")):  # a row says less than its object
        kind, namespace, name = place_of(thing)
        if (namespace, name) in told and not thing.get("apiVersion"):
            continue
        told.add((namespace, name))
        events = warned.pop((kind.partition(".")[0].lower(), namespace, name), [])
        complaint = complaint_of(thing)
        if kind in _OTHERS or kind in ROUTES or (complaint is None and is_well(thing)):
            continue
        if complaint is not None or events:
            place = (kind.partition(".")[0], namespace, name)
            victim = _victim(thing, lacking)
            finding = _finding(place, _with_events(complaint, events), victim, observed.cites(thing, *events))
            yield _waiting(finding, ailing - {name}) if not events else finding
    for (_, namespace, name), events in warned.items():
        kind = about(events[0])[0]
        if kind in ROUTES:  # whose finder reads events, too
            continue
        yield _finding((kind, namespace, name), _with_events(None, events), lacking.get((namespace, name), ""), observed.cites(*events))


def _finding(place: tuple[str, str, str], said: Complaint, victim: str, cites: tuple[str, ...]) -> Finding:
    kind, namespace, name = place
    facts = ResourceNotReady(cause=said.cause, condition=said.shown, reason=said.reason, message=said.message[:500], victim=victim)
    where = f" in {namespace}" if namespace else ""
    lacks = f"; it should make what {victim.rpartition('/')[2]} lacks" if victim else ""
    text = f'{kind} {name}{where} is not ready: {said.shown}{f" ({said.reason})" if said.reason else ""}: "{said.message}"{lacks}'
    return found("resource_not_ready", f"{kind}/{namespace}/{name}", facts, text, cites)


def _waiting(finding: Finding, ailing: AbstractSet[str]) -> Finding:
    """The finding, as of one that waits where all that it says is to stand on another that is not ready (`store vault`)."""
    words = str(finding.facts["message"]).split()
    waits = len(words) == _KEY_AND_NAME and words[1] in ailing
    return replace(finding, facts={**finding.facts, "cause": "waits"}) if waits else finding


def _with_events(complaint: Complaint | None, events: Sequence[Object]) -> Complaint:
    """With what its controller warned of, or only that."""
    last = max(events, key=event_time) if events else {}
    said = max(map(event_text, events), key=len, default="").strip()
    if complaint is None:
        return Complaint(shown="Warning", reason=str(last.get("reason") or ""), message=said)
    return replace(complaint, message="; ".join(dict.fromkeys(filter(None, (complaint.message, said)))))


def _warned(observed: Observed) -> dict[Place, list[Object]]:
    """The warnings about objects of kinds that are not Kubernetes' own, by place, the kind in lower case."""
    found_: dict[Place, list[Object]] = {}
    for event in (event for event in observed.all("Event") if event.get("type") == "Warning"):
        kind, namespace, name = about(event)
        if kind and name and kind_called(kind) is None:
            found_.setdefault((kind.partition(".")[0].lower(), namespace, name), []).append(event)
    return found_


def _lacking(observed: Observed) -> Mapping[tuple[str, str], str]:
    """The workloads that ask for a Secret or ConfigMap in vain, by its namespace and name."""
    asked = ((root, name) for root, kind, name, key, _ in asked_in_vain(observed) if kind in ("Secret", "ConfigMap") and not key)
    return {(root.namespace, name): str(root) for root, name in asked}


def _victim(thing: Object, lacking: Mapping[tuple[str, str], str]) -> str:
    """The workload that lacks what a resource may make: in its own namespace, or in one that its spec names; empty for none."""
    own, names, spec = place_of(thing)[1], set(_made_by(thing)), thing.get("spec")
    meant = (who for (where, name), who in lacking.items() if name in names and (own in ("", where) or _says(spec, where)))
    return next(meant, "")


def _says(value: Json, word: str, depth: int = 0) -> bool:
    """Whether a word stands in a document as a whole value."""
    if isinstance(value, Mapping | list) and depth <= _DEEPEST:
        return any(_says(inner, word, depth + 1) for inner in (value.values() if isinstance(value, Mapping) else value))
    return bool(value == word)


def _made_by(thing: Object) -> Iterator[str]:
    """Names of what it may make: its own, and those that its spec says."""
    yield place_of(thing)[2]
    yield from _names(thing.get("spec"), 0, made=False)


def _names(value: Json, depth: int, *, made: bool) -> Iterator[str]:
    if isinstance(value, str) and made:
        yield value
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return
    for key, inner in value.items():
        if key in _MAKES or (made and key in ("name", "metadata")):
            yield from _names(inner, depth + 1, made=True)
        elif not made:
            yield from _names(inner, depth + 1, made=False)
