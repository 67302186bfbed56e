"""What is over: a sign that lies before the moment at which its subject became whole, whatever its kind."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from remediation.consequences import place_of_finding
from remediation.findings.came_through import came_through, made_since, rescaled_since
from remediation.findings.finding import found
from remediation.findings.whole import counted, long_running, now_of, started, warming, whole
from remediation.observed import Object, Observed, Place, about, event_text, event_time, moment
from remediation.terms import Finding, ObjectRef, Target

_BEFORE_START = ("unschedulable", "volume_trouble", "sandbox_failed", "image_pull_failed")  # what a pod that has started has behind it
_BEFORE_READY = ("container_not_created", "claim_unbound", "autoscaler_stuck")
_PRESENT = (
    "full",
    "alerted",
    "perhaps_full",
    "resize_waits",
    "not_expandable",
    "at_maximum",
    "requests_missing",
    "target_missing",
    "invalid",
)  # causes that readiness does not end: of a change that was refused, what runs is as it was before
_OF_A_RUN = ("backoff_limit", "deadline", "failed")  # causes for which one Job failed, whatever the next one does
_NO_METRICS_YET = re.compile(r"did not receive metrics for any ready pods|no metrics returned|metrics for any pods|^$")
_OF_NODES = ("NodeNotReady", "NodeHasDiskPressure", "NodeHasInsufficientMemory", "NodeHasInsufficientPID")
_EVICTED, _WHY = re.compile(r"\bevict", re.IGNORECASE), re.compile(r"\b(?:why|what|how come|reasons?|causes?)\b", re.IGNORECASE)
_AGAIN = timedelta(minutes=15)  # since the last one, what comes and goes is not known to be over
_GOES = ("BackOff", "Unhealthy", "ProbeWarning", "ProbeError", "Evicted", "FailedCreate", "SystemOOM")  # and comes again


@dataclass(frozen=True, kw_only=True)
class Past:
    """cause: past.  was: the kind of finding, or the reason of the event, that it would be.  now: how its subject is whole."""

    cause: str
    was: str
    now: str


def settled(findings: Iterable[Finding], observed: Observed) -> Iterator[Finding]:
    """Each finding; one whose subject is whole again says that it is over."""
    for finding in findings:
        how = _over(finding, observed)
        if how:
            text = f"{finding.text} — this is over: {how}"
            yield replace(
                found("not_broken", finding.subject, Past(cause="past", was=finding.kind, now=how), text, ()),
                cites=finding.cites,
                text=text,
            )
        else:
            yield finding


def _over(finding: Finding, observed: Observed) -> str:
    """How the subject of a finding is whole although that was found; empty where it is not, or where it would not show."""
    kind, namespace, name, *_ = (*finding.subject.split("/"), "", "")
    place, cause = (kind, namespace, name), finding.facts.get("cause")
    if finding.kind == "evicted" and finding.facts.get("victim"):  # over once those are well who were put off for its sake
        place = place_of_finding(finding)
    if (
        finding.facts.get("reported") is False
        or cause in _PRESENT
        or _was_never_resized(finding, place, observed)
        or _asked_about(finding, observed)
    ):
        return ""
    if success := _success_since(finding, place, observed):
        return success
    of_a_run = kind == "CronJob" and finding.kind == "job_failed" and cause in _OF_A_RUN
    if of_a_run or (kind in ("Job", "CronJob") and finding.kind not in ("job_failed", "not_broken", "recovered")):
        return whole(place, observed)
    if finding.kind in _BEFORE_START and kind in _PODS and started(place, observed):
        return whole(place, observed) or "its containers have started since"
    if finding.kind == "autoscaler_stuck" and _NO_METRICS_YET.search(str(finding.facts.get("message"))):
        return whole(place, observed) or warming(_target_of(finding, namespace), observed)
    return whole(place, observed) if _ends_with_readiness(finding, place, observed) else ""


def _success_since(finding: Finding, place: Place, observed: Observed) -> str:
    """The success that came after it, as events tell; empty where none does."""
    if place[0] not in _PODS:
        return rescaled_since(finding, place, observed)
    return came_through(finding, place, observed) or made_since(finding, place, observed)


def _was_never_resized(finding: Finding, place: Place, observed: Observed) -> bool:
    """Whether a claim could not be made larger, and no event tells that it was later."""
    events = observed.events_of(observed.get(*place) or {}) if finding.facts.get("cause") == "resize_failed" else ()
    return finding.facts.get("cause") == "resize_failed" and not any("Successful" in str(event.get("reason")) for event in events)


def _asked_about(finding: Finding, observed: Observed) -> bool:
    """Whether somebody asks why a pod was evicted: that is answered by the cause, however things stand since."""
    asked = (f"{item.title}\n{item.text}" for item in observed.evidence if item.kind == "alert")
    return finding.kind == "evicted" and any(_EVICTED.search(text) and _WHY.search(text) for text in asked)


def _target_of(finding: Finding, namespace: str) -> Place:
    """The workload that an autoscaler scales."""
    kind, _, name = str(finding.facts.get("target")).partition("/")
    return kind, namespace, name


def _ends_with_readiness(finding: Finding, place: Place, observed: Observed) -> bool:
    """Whether what was found cannot go on while its subject is whole."""
    facts = finding.facts
    return (
        finding.kind in (*_BEFORE_START, *_BEFORE_READY)
        or (finding.kind == "probe_failing" and (facts.get("probe") == "startup" or _quiet(place, observed)))
        or (finding.kind == "creation_refused" and counted(place, observed))
        or (finding.kind == "evicted" and long_running(place, observed))
        or (finding.kind == "node_trouble" and facts.get("cause") == "interrupted" and "Rebooted" in finding.text)
    )


def _quiet(place: Place, observed: Observed) -> bool:
    """Whether the events of what comes and goes were all seen longer ago than it takes to know that it is over."""
    pods = observed.living_pods_of(ObjectRef(group="", kind=place[0], namespace=place[1], name=place[2]))
    times = [moment(event_time(event)) for event in observed.events_of(*pods) if event.get("reason") in _GOES]
    now = now_of(observed)
    return bool(times) and now is not None and all(at is not None and now - at > _AGAIN for at in times)


_PODS = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet", "Pod", "Job")


def past_warnings(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each object of which events warned and which is whole now."""
    warned: dict[str, tuple[Place, list[Object]]] = {}
    for event in observed.all("Event"):
        if event.get("type") == "Warning" or event.get("reason") in _OF_NODES:
            root = observed.root_of(about(event))
            warned.setdefault(str(root), ((root.kind, root.namespace, root.name), []))[1].append(event)
    for subject, (place, events) in warned.items():
        how = "" if any(_goes_on(event, observed) for event in events) else whole(place, observed)
        if how and (place[0] != "Node" or any(event.get("reason") in _OF_NODES for event in events)):
            last = max(events, key=event_time)
            facts = Past(cause="past", was=str(last.get("reason") or ""), now=how)
            thing = observed.get(*place)
            text = f'events of {place[2]} warned of {facts.was} ("{event_text(last).strip()[:200]}"), which is over: {how}'
            yield found("not_broken", subject, facts, text, observed.cites(*events, *([thing] if thing else ())))


def _goes_on(event: Object, observed: Observed) -> bool:
    """Whether a warning that may come again whatever its subject's state was seen lately, or at a time that nothing tells."""
    at, now = moment(event_time(event)), now_of(observed)
    startup = "Startup probe" in event_text(event)
    return event.get("reason") in _GOES and not startup and (at is None or now is None or now - at < _AGAIN)
