"""A fault that somebody injects on purpose, of which only events tell: a chaos experiment's own, as `kubectl get events` prints them."""

import re
from collections.abc import Iterator, Sequence

from remediation.findings.fault_injected import FaultInjected
from remediation.findings.finding import found
from remediation.graph import workloads
from remediation.observed import Object, Observed, Place, about, event_text, event_time
from remediation.terms import Finding, ObjectRef, Target

_EXPERIMENT = re.compile(r"(?:\w*chaos|chaosengine|chaosresult)", re.IGNORECASE)
_BEGINS = re.compile(r"inject|appl(?:y|ied)", re.IGNORECASE)
_FAILS = re.compile(r"fail|error|invalid|denied|\bnot\b|\blater\b", re.IGNORECASE)
_ENDS = re.compile(r"recover|complet|stopp|abort|time ?up|finish", re.IGNORECASE)
_POD = re.compile(r"\bchaos (?:for|on|to) (?P<namespace>[a-z0-9-]{1,63})/(?P<pod>[a-z0-9.-]{1,253})")


def fault_told(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each experiment that began and of which no end is told, where no object shows it."""
    shown = {(str(thing.get("kind")).partition(".")[0].lower(), *_named(thing)) for thing in observed.customs()}
    told: dict[Place, list[Object]] = {}
    for event in sorted(observed.all("Event"), key=event_time):
        kind, namespace, name = about(event)
        if _EXPERIMENT.fullmatch(kind) and (kind.lower(), namespace, name) not in shown:
            told.setdefault((kind, namespace, name), []).append(event)
    for place, events in told.items():
        begun = [at for at, event in enumerate(events) if _begins(event)]
        if begun and not any(_ENDS.search(_words(event)) for event in events[begun[-1] + 1 :]):
            yield _finding(place, events[begun[-1]], observed)


def _begins(event: Object) -> bool:
    """Whether it tells that the fault is there, not that it was to be."""
    words = _words(event)
    return event.get("type") != "Warning" and _BEGINS.search(words) is not None and _FAILS.search(words) is None


def _named(thing: Object) -> tuple[str, str]:
    metadata = thing.get("metadata") or {}
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def _written(kind: str) -> str:
    """A kind as it is written, where a table prints it in small letters."""
    before, _, after = kind.partition("chaos")
    return f"{before.capitalize()}Chaos{after.capitalize()}" if kind.islower() else kind


def _words(event: Object) -> str:
    return f"{event.get('reason')} {event_text(event)}"


def _finding(place: Place, event: Object, observed: Observed) -> Finding:
    kind, namespace, name = _written(place[0]), *place[1:]
    how = event_text(event).strip()[:300] or str(event.get("reason"))
    hit = next(iter(_hit(place, how, observed)), None)
    facts = FaultInjected(cause="experiment", how=how, victim=str(hit) if hit else "", reported=True)
    whom = f" into {hit.name}" if hit else ""
    text = f"{kind} {name} in {namespace} injects a fault{whom} on purpose (chaos experiment): {how}"
    return found("fault_injected", f"{kind}/{namespace}/{name}", facts, text, observed.cites(event))


def _hit(place: Place, how: str, observed: Observed) -> Sequence[ObjectRef]:
    """The workload that it is done to: of the pod that its words name, else of the name that its own begins with."""
    if match := _POD.search(how):
        return [observed.root_of(("Pod", match["namespace"], match["pod"]))]
    roots = map(observed.root, workloads(observed, place[1]))
    return sorted((root for root in roots if place[2].startswith(f"{root.name}-")), key=lambda root: -len(root.name))
