"""Memory that climbs to its limit: a series of a container and the limit that the container has, or that an alert names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found, living_containers
from remediation.observed import Observed
from remediation.quantities import about_memory, format_memory, parse_memory
from remediation.terms import Finding, Series, Target

_ASKED = re.compile(r"memory", re.IGNORECASE)
_LIMIT = re.compile(
    r"limit\w{0,30}\D{0,30}?(?P<limit>\d{1,15}(?:\.\d{1,9})?\s?(?:Ki|Mi|Gi|Ti|[KMG]B?))\b|"
    r"(?<![\d.])(?P<of>\d{1,15}(?:\.\d{1,9})?\s?(?:Ki|Mi|Gi))\s{1,9}limit",
    re.IGNORECASE,
)
_NEAR = 0.9  # of the limit
_CLIMBS = 1.05  # times what it was at first
_KILLS = re.compile(r"oom_events_total|oom_kill")
_OF_MEMORY = re.compile(r"mem|working_?set|(?:\b|_)rss(?:\b|_)|heap", re.IGNORECASE)  # what has no name is what the alert asks of
_LEAST = 1_000_000  # bytes: less is a ratio or a count


@dataclass(frozen=True, kw_only=True)
class MemoryNearLimit:
    """memory_limit: a quantity.  peak_bytes: the last and greatest amount of the series.  first_bytes: its first amount."""

    container: str
    memory_limit: str
    first_bytes: int
    peak_bytes: int


def memory_near_limit(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each container whose memory grows and is at nine tenths of its limit, where an alert asks of memory."""
    alert = next((item for item in observed.evidence if item.kind == "alert" and _ASKED.search(f"{item.title}\n{item.text}")), None)
    told: set[str] = set()
    for item, series in observed.series():
        killed = _kills(series, observed)
        if (alert is None and not killed) or (series.metric and not _OF_MEMORY.search(series.metric)):
            continue
        limit, subject = _limit(series, f"{alert.title}\n{alert.text}" if alert else "", observed), _subject(series, target, observed)
        values = [value for _, value in series.points]
        if not limit or not subject or subject in told or not values or values[-1] < _LEAST or "limit" in series.metric:
            continue
        if values[-1] >= parse_memory(limit) * _NEAR and values[-1] >= values[0] * _CLIMBS and not _was_killed(series, observed):
            told.add(subject)
            name = subject.rpartition("/")[2]
            facts = MemoryNearLimit(container=name, memory_limit=limit, first_bytes=int(values[0]), peak_bytes=int(values[-1]))
            text = (f"the memory of container {name} grew from {about_memory(values[0])} to {about_memory(values[-1])}, and its limit is "
                    f"{limit}: it {f'was killed {killed} times (OOM)' if killed else 'is about to be killed (OOM)'}")  # fmt: skip
            yield found("memory_near_limit", subject, facts, text, (item, *([alert.item] if alert else ())))


def _kills(measured: Series, observed: Observed) -> int:
    """How many kills for memory a metric counts of the container that another measures."""
    same = (series for _, series in observed.series() if _KILLS.search(series.metric) and series.points)
    own = (
        series for series in same if all(series.labels.get(key) == measured.labels.get(key) for key in ("namespace", "pod", "container"))
    )
    return max((int(series.points[-1][1] - series.points[0][1]) for series in own), default=0) if measured.labels.get("pod") else 0


def _was_killed(series: Series, observed: Observed) -> bool:
    """Whether its container was killed for it already, which is the finding then."""
    ends = ((c.last, c.state.get("terminated") or {}) for c in living_containers(observed) if c.is_measured_by(series))
    return any(end.get("reason") == "OOMKilled" for pair in ends for end in pair)


def _subject(series: Series, target: Target, observed: Observed) -> str:
    """The container that a series measures: of the pod that it names, or of the symptom's workload."""
    labels = series.labels
    container = labels.get("container") or labels.get("container_name") or labels.get("kube_container_name") or ""
    namespace, pod = (
        labels.get("namespace") or labels.get("kube_namespace") or target.namespace,
        labels.get("pod") or labels.get("pod_name"),
    )
    if pod:
        return f"{observed.root_of(('Pod', namespace, pod))}/{container or target.name}"
    return f"{target.object_kind}/{target.namespace}/{target.name}/{container or target.name}" if target.name else ""


def _limit(series: Series, asked: str, observed: Observed) -> str:
    own = next((c.resource("limits", "memory") for c in living_containers(observed) if c.is_measured_by(series)), "") or _measured(
        series, observed
    )
    match = _LIMIT.search(asked)
    named = (match["limit"] or match["of"]).replace(" ", "").removesuffix("B") if match else ""
    return own or named


def _measured(series: Series, observed: Observed) -> str:
    """The container's limit as kube-state-metrics tells it, empty where it does not."""
    limits = (other for _, other in observed.series() if other.metric.startswith("kube_pod_container_resource_limits") and other.points)
    of_memory = (other for other in limits if other.metric.endswith("memory_bytes") or other.labels.get("resource") == "memory")
    own = (
        other for other in of_memory if all(other.labels.get(key) == series.labels.get(key) for key in ("namespace", "pod", "container"))
    )
    return next((format_memory(other.points[-1][1]) for other in own), "")
