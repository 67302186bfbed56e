"""A container was killed because it needed more memory than it may have (reason OOMKilled, as the kubelet tells it)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

from remediation.findings.finding import Container, found, living_containers
from remediation.findings.limit_admitted import limit_set_by
from remediation.findings.past import Past
from remediation.observed import Object, Observed, about, event_text, moment, place_of
from remediation.quantities import about_memory, parse_memory
from remediation.terms import Finding, Json, Series, Target
from remediation.workloads import containers

_STALE = timedelta(hours=6)  # a kill before that, of a container that has been well since, explains nothing now
_MEMORY = ("memory.usage", "memory.working_set", "memory_working_set_bytes", "memory_usage_bytes", "memory.rss")
_FAR_BELOW = 0.5  # of the limit: spikes between two points are seldom larger
_WHOLE = 1.05  # of the limit: the kernel allows no more, and a metric counts a little differently
_POINTS = 3  # of a metric that shows a peak and not only a moment


@dataclass(frozen=True, kw_only=True)
class OomKilled:
    """cause: limit (it hit its own), node (its node ran out of memory), far_below (metrics never show it near its limit), or as follows.

    injected: it hit its own limit, but is not in the workload's template: a webhook adds it.  admission: a webhook sets its limit, which
    the template does not have.  node: where it ran, empty when unknown.
    memory_limit, memory_request: quantities that the killed container had, empty where it had none (without a limit the node ran out).
    exit_code: 137 as a rule.  restarts: the most of any of its pods.  pods: in how many of them.  last_at: RFC 3339, empty when unknown.
    peak_bytes: the most memory that a metric shows, None without one; more than the limit only where an earlier one was higher.
    """

    container: str
    init: bool
    cause: str
    node: str
    memory_limit: str
    memory_request: str
    exit_code: int
    restarts: int
    pods: int
    last_at: str
    peak_bytes: int | None


def oom_killed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each container of a workload that was killed so, in whichever of its pods; be it long ago, as what is over."""
    killed: dict[str, list[tuple[Container, Mapping[str, Json]]]] = {}
    before: dict[str, list[tuple[Container, Mapping[str, Json]]]] = {}
    for container in living_containers(observed):
        terminated = _killed(container)
        if terminated is not None:
            which = before if _over(container, terminated, observed) else killed
            which.setdefault(container.subject, []).append((container, terminated))
    for subject, cases in killed.items():
        yield _finding(subject, cases, observed)
    for subject, cases in before.items():
        if subject not in killed:
            yield _past(subject, cases, observed)


def _past(subject: str, cases: list[tuple[Container, Mapping[str, Json]]], observed: Observed) -> Finding:
    """Of kills that lie long back."""
    container, terminated = max(cases, key=lambda case: str(case[1].get("finishedAt") or ""))
    how = f"it has been ready since, with {container.status.get('restartCount') or 0} restarts in all"
    text = f"container {container.name} was OOMKilled at {terminated.get('finishedAt')}, which is over: {how}"
    return found("not_broken", subject, Past(cause="past", was="oom_killed", now=how), text, observed.cites(container.pod))


def _killed(container: Container) -> Mapping[str, Json] | None:
    """The newest end of it that was a kill for memory."""
    ends = (container.state.get("terminated") or {}, container.last)
    return next((end for end in ends if end.get("reason") == "OOMKilled"), None)


def _over(container: Container, terminated: Mapping[str, Json], observed: Observed) -> bool:
    """Long past, and well since."""
    at, now = moment(terminated.get("finishedAt")), max((item.at for item in observed.evidence), default=None)
    return bool(container.status.get("ready")) and at is not None and now is not None and now - at > _STALE


def _finding(subject: str, cases: list[tuple[Container, Mapping[str, Json]]], observed: Observed) -> Finding:
    container, terminated = max(cases, key=lambda case: (_is_as_declared(case[0], observed), str(case[1].get("finishedAt") or "")))
    peak, points, shown_by = _peak(container, observed)
    signs = _signs_of_node(container, observed)
    limit = container.resource("limits", "memory")
    facts = OomKilled(
        container=container.name,
        init=container.init,
        cause=_cause(container, limit, peak if points >= _POINTS else None, bool(signs), observed),
        node=str((container.pod.get("spec") or {}).get("nodeName") or ""),
        memory_limit=limit,
        memory_request=container.resource("requests", "memory"),
        exit_code=int(terminated.get("exitCode", 137)),
        restarts=max(int(case.status.get("restartCount") or 0) for case, _ in cases),
        pods=len(cases),
        last_at=str(terminated.get("finishedAt") or ""),
        peak_bytes=peak,
    )
    cites = observed.cites(*(case.pod for case, _ in cases), *(thing for thing, _ in signs))
    webhooks = limit_set_by(container, observed) if facts.cause == "admission" else ()
    text = _text(facts, container, [*(sign for _, sign in signs), *(place_of(webhook)[2] for webhook in webhooks)])
    cites = observed.cites(*(case.pod for case, _ in cases), *(thing for thing, _ in signs), *webhooks)
    return found("oom_killed", subject, facts, text, (*cites, *(item for item in shown_by if item not in cites)))


def _is_as_declared(container: Container, observed: Observed) -> bool:
    """Whether it ran with the limit that its workload declares now; a pod of an older revision had another, perhaps."""
    workload = observed.get(container.workload.kind, container.workload.namespace, container.workload.name)
    declared = (c for _, c in containers(workload or {}) if c.get("name") == container.name)
    limits = [str(((c.get("resources") or {}).get("limits") or {}).get("memory") or "") for c in declared]
    return container.resource("limits", "memory") in limits


def _cause(container: Container, limit: str, peak: int | None, pressed: bool, observed: Observed) -> str:
    share = _share(peak, limit)
    if (not limit and container.known) or (pressed and (share is None or share < _FAR_BELOW)):
        return "node"
    if share is not None and share < _FAR_BELOW:
        return "far_below"
    if _is_injected(container, observed):
        return "injected"
    return "admission" if limit and limit_set_by(container, observed) else "limit"


def _share(peak: int | None, limit: str) -> float | None:
    """How much of its limit it was seen to use; None where either is unknown."""
    try:
        return peak / float(parse_memory(limit)) if peak is not None and limit else None
    except (ValueError, ArithmeticError):
        return None


def _is_injected(container: Container, observed: Observed) -> bool:
    """Whether the workload is known, and its template does not have this container."""
    workload = observed.get(container.workload.kind, container.workload.namespace, container.workload.name)
    named = {str(c.get("name")) for _, c in containers(workload)} if workload and container.workload.kind != "Pod" else set()
    return bool(named - {""}) and container.name not in named


def _signs_of_node(container: Container, observed: Observed) -> list[tuple[Object, str]]:
    """What shows that its node ran out of memory: the condition, and events of the kubelet or of the kernel's watcher."""
    name = str((container.pod.get("spec") or {}).get("nodeName") or "")
    if not name:
        return []
    node = observed.get("Node", "", name)
    conditions = ((node or {}).get("status") or {}).get("conditions") or ()
    signs = [(node, "MemoryPressure")] if node and any(_pressed(c) for c in conditions) else []
    for event in observed.all("Event"):
        kind, _, about_name = about(event)
        if kind == "Node" and about_name == name and (_NODE_RAN_OUT.search(f"{event.get('reason')} {event_text(event)}")):
            signs.append((event, f'{event.get("reason")}: "{event_text(event).strip()}"'))
    return signs[:3]


_NODE_RAN_OUT = re.compile(r"SystemOOM|System OOM|OOMKilling(?! Memory cgroup)|EvictionThresholdMet|NodeHasInsufficientMemory")


def _pressed(condition: Mapping[str, Json]) -> bool:
    return condition.get("type") == "MemoryPressure" and str(condition.get("status")) == "True"


def _text(facts: OomKilled, container: Container, signs: Sequence[str]) -> str:
    restarts = f"{facts.restarts} {'restart' if facts.restarts == 1 else 'restarts'}"
    unlimited = "it has no limit, so the node ran out of memory" if container.known else "its limit is not in the evidence"
    limit = f"its limit is {facts.memory_limit}" if facts.memory_limit else unlimited
    share = _share(facts.peak_bytes, facts.memory_limit)
    earlier = " under an earlier, higher limit" if share is not None and share > _WHOLE else ""
    used = f"; it was seen to use {about_memory(facts.peak_bytes)}{earlier}" if facts.peak_bytes else ""
    why = ""
    if facts.cause == "node" and signs:
        why = f"; its node {facts.node} ran out of memory ({'; '.join(signs)}), so its own limit is not what it hit"
    elif facts.cause == "far_below":
        why = ", far below its limit, which is not what it hit"
    elif facts.cause == "injected":
        why = f"; {container.workload.kind} {container.workload.name} does not name it in its template: it is injected"
    elif facts.cause == "admission":
        why = f", which {container.workload.kind} {container.workload.name} does not have in its template: a webhook sets it ({signs[-1]})"
    return f"container {facts.container} was OOMKilled, exit {facts.exit_code}, {restarts}; {limit}{used}{why}"


def _names_pod(series: Series) -> bool:
    return bool(series.labels.get("pod_name") or series.labels.get("pod"))


def _peak(container: Container, observed: Observed) -> tuple[int | None, int, tuple[str, ...]]:
    """The most bytes that any memory metric of this container shows, how many points it has, and the items that show it.

    What a metric of the whole workload shows from before its pod was made had another limit, perhaps, and is left out.
    """
    made = moment((container.pod.get("metadata") or {}).get("creationTimestamp"))
    since = made.timestamp() if made is not None else 0.0
    peaks = [
        (max(values), len(values), item)
        for item, series in observed.series()
        if (values := [value for at, value in series.points if isfinite(value) and (at >= since or _names_pod(series))])
        and series.metric.endswith(_MEMORY)
        and container.is_measured_by(series)
    ]
    if not peaks:
        return None, 0, ()
    peak, points, item = max(peaks)
    return int(peak), points, (item,)
