"""How much a container is held back by its CPU limit, as metrics measure it: a share of its periods, or what it uses of the limit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import Container
from remediation.labelled import container_of, names_pod, namespace_of, pod_of, workload_of
from remediation.observed import Observed
from remediation.quantities import parse_cpu
from remediation.terms import ObjectRef, Series

THROTTLING = re.compile(r"CPU ?throttling|CPUThrottling|throttled|throttling of CPU", re.IGNORECASE)  # as alerts call it
_THROTTLED = ("cfs.throttled.periods", "cpu.throttled.periods", "cfs_throttled_periods_total")
_PERIODS = ("cpu.cfs.periods", "cpu.periods", "cpu_cfs_periods_total")
_USAGE: Mapping[str, float] = {"cpu_usage_cores": 1.0, "kubernetes.cpu.usage.total": 1e-9, "docker.cpu.usage": 0.01}  # in cores
_MOST_OF_LIMIT = 1.2  # what use may be measured as
_SHARE = re.compile(
    r"throttled_periods[^/]{0,200}/[^/]{0,200}_periods|throttl\w{0,60}[_.:-]?(?:ratio|share|fraction|percent)|"
    r"(?:ratio|share)\w{0,60}throttl"
)


@dataclass(frozen=True, kw_only=True)
class Throttling:
    """now, most: shares of periods, 0–1: at the end, and the highest that was measured.  items: that show it."""

    now: float
    most: float
    items: tuple[str, ...]


def throttling_of(containers: Sequence[Container], observed: Observed) -> Throttling | None:
    """What metrics measured of one container in all of its pods, by the pod that suffers most now; None where nothing measures it."""
    each = [told for container in containers if (told := _of_one(container, observed)) is not None]
    return max(each, key=lambda told: (told.now, told.most), default=None)


def _of_one(container: Container, observed: Observed) -> Throttling | None:
    throttled, periods, items = 0.0, 0.0, set[str]()
    alerted = alerts(observed)
    for item, series in observed.series():
        if not series.points or not container.is_measured_by(series):
            continue
        if is_share(series, alerted=alerted):
            shares = shares_of(series)
            return Throttling(now=shares[-1], most=max(shares), items=(item,))
        if series.metric.endswith(_THROTTLED):
            throttled += _amount(series)
            items.add(item)
        elif series.metric.endswith(_PERIODS):
            periods += _amount(series)
            items.add(item)
    share = throttled / periods if periods else 0.0
    return Throttling(now=share, most=share, items=tuple(sorted(items))) if periods else None


def is_share(series: Series, *, alerted: bool) -> bool:
    """Whether a series is of shares of periods: its expression says so, its values do, or it has none and an alert says what is asked."""
    return _SHARE.search(series.metric) is not None or (alerted and not series.metric) or _are_shares(series)


def _are_shares(series: Series) -> bool:
    """Whether a quotient goes by the name of what was divided: no count of periods lies between 0 and 1."""
    values = [value for _, value in series.points]
    return series.metric.endswith(_THROTTLED) and any(0 < value < 1 for value in values) and all(0 <= value <= 1 for value in values)


def shares_of(series: Series) -> Sequence[float]:
    """Its values as shares, be they written as per cent."""
    scale = 100 if max(value for _, value in series.points) > 1 else 1
    return [value / scale for _, value in series.points]


def alerts(observed: Observed) -> bool:
    """Whether an alert is about throttling."""
    return any(item.kind == "alert" and THROTTLING.search(f"{item.title}\n{item.text}") for item in observed.evidence)


def use_of(containers: Sequence[Container], observed: Observed) -> tuple[float, tuple[str, ...]] | None:
    """The greatest part of its CPU limit that any pod's container uses, and the items that show it; None where nothing measures it."""
    each = [told for container in containers for told in _uses(container, observed)]
    return max(each, default=None)


def _uses(container: Container, observed: Observed) -> Iterator[tuple[float, tuple[str, ...]]]:
    limit = _cores(container.resource("limits", "cpu"))
    alone = sum(1 for _ in (container.pod.get("spec") or {}).get("containers") or ()) == 1
    for item, series in observed.series() if limit else ():
        own = names_pod(series, container.pod) or container.is_measured_by(series)
        if series.metric not in _USAGE or not series.points or not own:
            continue
        named = container_of(series)
        if (named if named is not None else container.name if alone else "") == container.name:
            yield series.points[-1][1] * _USAGE[series.metric] / limit, (item,)


def use_told(workload: ObjectRef, limit: str, observed: Observed) -> tuple[float, tuple[str, ...]] | None:
    """The part of its CPU limit that the pods of a workload use, on average, where metrics name the workload alone.

    None where nothing measures it, or where it is more than a limit lets through: then it is a sum.
    """
    for item, series in observed.series() if (cores := _cores(limit)) else ():
        if series.metric in _USAGE and series.points and _is_of(series, workload):
            share = series.points[-1][1] * _USAGE[series.metric] / cores
            if share <= _MOST_OF_LIMIT:
                return share, (item,)
    return None


def share_told(workload: ObjectRef, observed: Observed) -> tuple[float, tuple[str, ...]] | None:
    """The share of periods in which a workload's pods are held back, where metrics name the workload alone; None where nothing does."""
    shown = ((item, series) for item, series in observed.series() if series.points and _is_of(series, workload))
    return next(((shares_of(series)[-1], (item,)) for item, series in shown if is_share(series, alerted=False)), None)


def _is_of(series: Series, workload: ObjectRef) -> bool:
    alone = not pod_of(series) and container_of(series) is None
    return alone and workload_of(series) == workload.name and namespace_of(series) in ("", workload.namespace)


def _cores(quantity: str) -> float:
    try:
        return float(parse_cpu(quantity))
    except ValueError:
        return 0.0


def _amount(series: Series) -> float:
    """How many periods it counts: Prometheus's counters only grow, Datadog's points are amounts."""
    values = [value for _, value in series.points]
    return values[-1] - values[0] if series.metric.endswith("_total") else sum(values)
