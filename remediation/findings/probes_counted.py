"""Which failed probes count: not those of pods that go or have only begun, nor what a pod that is ready now failed long ago."""

import re
from collections.abc import Iterator
from datetime import timedelta

from remediation.findings.finding import is_past
from remediation.findings.whole import now_of
from remediation.observed import Object, Observed, about, container_statuses, created, event_text, moment, ready
from remediation.terms import ObjectRef

_PAST = timedelta(minutes=5)  # of what a pod that is ready now failed before: it was starting
_ROUND, _AGAIN = timedelta(minutes=14), 3  # in which a container that is killed for it comes to its next failure; restarts
_STARTS = timedelta(minutes=1)  # in which a probe that fails says nothing yet
_ANSWERED = re.compile(r"statuscode: 4\d\d")  # by a server that runs, and knows no such path or lets nobody in
_FAILED = re.compile(r"(?P<kind>Liveness|Readiness|Startup) probe (?:failed|errored|warning)[^:]*:? ?(?P<why>.*)", re.DOTALL)


def failed_probes(observed: Observed) -> Iterator[tuple[Object, re.Match[str], ObjectRef, Object | None]]:
    """Each event with the kind of its probe and why it failed, the workload and the pod; those that tell most first.

    A pod that is not ready tells more than one that is.
    """
    events = observed.events_with("Unhealthy", "ProbeWarning", "ProbeError", "Killing")
    for event in sorted(events, key=lambda e: (_is_well(e, observed), -len(event_text(e)))):
        match = _FAILED.search(event_text(event))
        if match is None:
            continue
        root, pod = observed.root_of(about(event)), observed.get(*about(event))
        past = is_past(event, pod, observed, _ROUND if match["kind"] == "Liveness" and _loops(pod) else _PAST)
        waits = match["kind"] != "Liveness" and not _ANSWERED.search(match["why"]) and _begins(pod, root, observed)
        if not (past or _gone(pod) or waits):
            yield event, match, root, pod


def _is_well(event: Object, observed: Observed) -> bool:
    pod = observed.get(*about(event))
    return pod is not None and ready(pod)


def _loops(pod: Object | None) -> bool:
    """Whether a container of a pod was restarted again and again: that it is ready is one moment of that."""
    return pod is not None and any(int(status.get("restartCount") or 0) >= _AGAIN for status in container_statuses(pod))


def _gone(pod: Object | None) -> bool:
    return bool(pod and pod["metadata"].get("deletionTimestamp"))


def _begins(pod: Object | None, root: ObjectRef, observed: Observed) -> bool:
    """Whether a pod was made less than a minute ago and never restarted, while others of its workload are ready."""
    at, now = moment(created(pod)) if pod is not None else None, now_of(observed)
    if pod is None or at is None or now is None or now - at > _STARTS or any(s.get("restartCount") for s in container_statuses(pod)):
        return False
    return any(map(ready, observed.pods_of(root)))
