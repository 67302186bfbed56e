"""A container was killed because it needed more memory than it may have (reason OOMKilled, as the kubelet tells it)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

from remediation.findings.finding import Container, found, living_containers
from remediation.observed import Observed, moment
from remediation.quantities import about_memory
from remediation.terms import Finding, Json, Target

_STALE = timedelta(hours=6)  # a kill before that, of a container that has been well since, explains nothing now
_MEMORY = ("memory.usage", "memory.working_set", "memory_working_set_bytes", "memory_usage_bytes", "memory.rss")


@dataclass(frozen=True, kw_only=True)
class OomKilled:
    """memory_limit, memory_request: quantities that the killed container had, empty where it had none (without a limit the node ran out).

    exit_code: 137 as a rule.  restarts: the most of any of its pods.  pods: in how many of them.  last_at: RFC 3339, empty when unknown.
    peak_bytes: the most memory that a metric shows, None without one; never more than the limit, for the kernel allows no more.
    """

    container: str
    init: bool
    memory_limit: str
    memory_request: str
    exit_code: int
    restarts: int
    pods: int
    last_at: str
    peak_bytes: int | None


def oom_killed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each container of a workload that was killed so, in whichever of its pods."""
    killed: dict[str, list[tuple[Container, Mapping[str, Json]]]] = {}
    for container in living_containers(observed):
        terminated = _killed(container)
        if terminated is not None and not _over(container, terminated, observed):
            killed.setdefault(container.subject, []).append((container, terminated))
    for subject, cases in killed.items():
        yield _finding(subject, cases, observed)


def _killed(container: Container) -> Mapping[str, Json] | None:
    """The newest end of it that was a kill for memory."""
    ends = (container.state.get("terminated") or {}, container.last)
    return next((end for end in ends if end.get("reason") == "OOMKilled"), None)


def _over(container: Container, terminated: Mapping[str, Json], observed: Observed) -> bool:
    """Long past, and well since."""
    at, now = moment(terminated.get("finishedAt")), max((item.at for item in observed.evidence), default=None)
    return bool(container.status.get("ready")) and at is not None and now is not None and now - at > _STALE


def _finding(subject: str, cases: list[tuple[Container, Mapping[str, Json]]], observed: Observed) -> Finding:
    container, terminated = max(cases, key=lambda case: str(case[1].get("finishedAt") or ""))
    peak, shown_by = _peak(container, observed)
    facts = OomKilled(
        container=container.name,
        init=container.init,
        memory_limit=container.resource("limits", "memory"),
        memory_request=container.resource("requests", "memory"),
        exit_code=int(terminated.get("exitCode", 137)),
        restarts=max(int(case.status.get("restartCount") or 0) for case, _ in cases),
        pods=len(cases),
        last_at=str(terminated.get("finishedAt") or ""),
        peak_bytes=peak,
    )
    limit = f"its limit is {facts.memory_limit}" if facts.memory_limit else "it has no limit, so the node ran out of memory"
    used = f"; it was seen to use {about_memory(peak)}" if peak else ""
    restarts = f"{facts.restarts} {'restart' if facts.restarts == 1 else 'restarts'}"
    text = f"container {container.name} was OOMKilled, exit {facts.exit_code}, {restarts}; {limit}{used}"
    cites = observed.cites(*(case.pod for case, _ in cases))
    return found("oom_killed", subject, facts, text, (*cites, *(item for item in shown_by if item not in cites)))


def _peak(container: Container, observed: Observed) -> tuple[int | None, tuple[str, ...]]:
    """The most bytes that any memory metric of this container shows, and the items that show it."""
    peaks = [
        (max(values), item)
        for item, series in observed.series()
        if (values := [value for _, value in series.points if isfinite(value)])
        and series.metric.endswith(_MEMORY) and container.is_measured_by(series)
    ]
    if not peaks:
        return None, ()
    peak, item = max(peaks)
    return int(peak), (item,)
