"""A container is held back by its CPU limit: the share of scheduler periods in which it was throttled, as metrics show it."""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import Container, found, living_containers
from remediation.observed import Observed
from remediation.terms import Finding, Series, Target

_THROTTLED = ("cfs.throttled.periods", "cpu.throttled.periods", "cfs_throttled_periods_total")
_PERIODS = ("cpu.cfs.periods", "cpu.periods", "cpu_cfs_periods_total")
_TELLING = 0.25  # below a quarter of the periods nobody waits long


@dataclass(frozen=True, kw_only=True)
class CpuThrottled:
    """cpu_limit, cpu_request: quantities as the container has them, empty where it has none.  throttled: the share of periods, 0–1."""

    container: str
    cpu_limit: str
    cpu_request: str
    throttled: float


def cpu_throttled(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each container with a CPU limit that is throttled in at least a quarter of its periods."""
    told: set[str] = set()
    for container in living_containers(observed):
        limit = container.resource("limits", "cpu")
        if not limit or container.subject in told:
            continue
        share, items = _share(container, observed)
        if share >= _TELLING:
            told.add(container.subject)
            request = container.resource("requests", "cpu")
            facts = CpuThrottled(container=container.name, cpu_limit=limit, cpu_request=request, throttled=round(share, 3))
            text = f"container {container.name} is throttled in {share:.0%} of its periods; its CPU limit is {limit}"
            yield found("cpu_throttled", container.subject, facts, text, (*items, *observed.cites(container.pod)))


def _share(container: Container, observed: Observed) -> tuple[float, tuple[str, ...]]:
    throttled, periods, items = 0.0, 0.0, set()
    for item, series in observed.series():
        if not series.points or not container.is_measured_by(series):
            continue
        if series.metric.endswith(_THROTTLED):
            throttled += _amount(series)
            items.add(item)
        elif series.metric.endswith(_PERIODS):
            periods += _amount(series)
            items.add(item)
    return (throttled / periods if periods else 0.0), tuple(sorted(items))


def _amount(series: Series) -> float:
    """How many periods it counts: Prometheus's counters only grow, Datadog's points are amounts."""
    values = [value for _, value in series.points]
    return values[-1] - values[0] if series.metric.endswith("_total") else sum(values)
