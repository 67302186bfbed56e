"""A container is held back by its CPU limit: the share of periods in which it was throttled, as metrics, `top` or an alert show it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import Container, found, living_containers
from remediation.observed import Object, Observed, place_of
from remediation.quantities import parse_cpu
from remediation.terms import Finding, Json, Series, Target
from remediation.workloads import containers

_THROTTLED = ("cfs.throttled.periods", "cpu.throttled.periods", "cfs_throttled_periods_total")
_PERIODS = ("cpu.cfs.periods", "cpu.periods", "cpu_cfs_periods_total")
_USAGE: Mapping[str, float] = {"cpu_usage_cores": 1.0, "kubernetes.cpu.usage.total": 1e-9, "docker.cpu.usage": 0.01}  # in cores
_SHARE = re.compile(r"throttled_periods[^/]*/[^/]*_periods|throttl\w*[_.:-]?(?:ratio|share|fraction|percent)|(?:ratio|share)\w*throttl")
_TELLING = 0.25  # below a quarter of the periods nobody waits long
_AT_LIMIT = 0.95  # of the limit in use, where only use is known
_SAID = re.compile(r"(?P<share>\d+(?:\.\d+)?)\s?% throttling of CPU|CPU ?throttling|CPUThrottling|throttled", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class CpuThrottled:
    """cpu_limit, cpu_request: quantities as the container has them, empty where it has none.  throttled: the share of periods, 0–1."""

    container: str
    cpu_limit: str
    cpu_request: str
    throttled: float


def cpu_throttled(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each container with a CPU limit that is throttled in at least a quarter of its periods."""
    told: set[str] = set()
    for container in living_containers(observed):
        limit = container.resource("limits", "cpu")
        if not limit or container.subject in told:
            continue
        share, items = _share(container, observed)
        if share < _TELLING:
            share, items = _by_use(container, limit, observed)
        if share < _TELLING:
            share, items = _by_words(container, observed, target)
        if share >= _TELLING:
            told.add(container.subject)
            request = container.resource("requests", "cpu")
            facts = CpuThrottled(container=container.name, cpu_limit=limit, cpu_request=request, throttled=round(share, 3))
            named = f" of {container.workload.name}" if container.workload.name != container.name else ""
            text = f"container {container.name}{named} is throttled in {share:.0%} of its periods; its CPU limit is {limit}"
            yield found("cpu_throttled", container.subject, facts, text, (*items, *observed.cites(container.pod)))
    if not told:
        yield from _by_series_alone(observed)


def _by_series_alone(observed: Observed) -> Iterator[Finding]:
    """Shares of a container that no item shows, without the words of their query, where an alert says what they are shares of."""
    alert = next((i for i in observed.evidence if i.kind == "alert" and _SAID.search(f"{i.title}\n{i.text}")), None)
    shown = {c.name for c in living_containers(observed) if c.resource("limits", "cpu")}
    for item, series in sorted(observed.series(), key=lambda told: -max((value for _, value in told[1].points), default=0.0)):
        name, namespace, pod = (series.labels.get(label, "") for label in ("container", "namespace", "pod"))
        share = series.points[-1][1] / (100 if series.points and series.points[-1][1] > 1 else 1) if series.points else 0.0
        measured = _SHARE.search(series.metric) or (alert is not None and not series.metric)
        if name and pod and name not in shown and measured and _TELLING <= share <= 1:
            root = observed.root_of(("Pod", namespace, pod))
            spec = _container(observed.get(root.kind, root.namespace, root.name), name)
            limit, request = (str((spec.get(side) or {}).get("cpu") or "") for side in ("limits", "requests"))
            facts = CpuThrottled(container=name, cpu_limit=limit, cpu_request=request, throttled=round(share, 3))
            shown_as = limit or "not shown"
            text = f"container {name} of pod {pod} is throttled in {share:.0%} of its periods: its CPU limit ({shown_as}) is too low"
            thing = observed.get(root.kind, root.namespace, root.name)
            cites = (item, *([alert.item] if alert else ()), *(observed.cites(thing) if thing else ()))
            yield found("cpu_throttled", f"{root}/{name}", facts, text, tuple(dict.fromkeys(cites)))
            return


def _container(thing: Object | None, name: str) -> Mapping[str, Mapping[str, Json]]:
    """The resources of a workload's container."""
    return next((c.get("resources") or {} for _, c in containers(thing or {}) if c.get("name") == name), {})


def _share(container: Container, observed: Observed) -> tuple[float, tuple[str, ...]]:
    throttled, periods, items = 0.0, 0.0, set[str]()
    for item, series in observed.series():
        if not series.points or not container.is_measured_by(series):
            continue
        if _SHARE.search(series.metric):  # of an expression that divides the one by the other
            return series.points[-1][1], (item,)
        if series.metric.endswith(_THROTTLED):
            throttled += _amount(series)
            items.add(item)
        elif series.metric.endswith(_PERIODS):
            periods += _amount(series)
            items.add(item)
    return (throttled / periods if periods else 0.0), tuple(sorted(items))


def _by_use(container: Container, limit: str, observed: Observed) -> tuple[float, tuple[str, ...]]:
    """All of its periods, where it uses as much as its limit allows."""
    for item, series in observed.series():
        pod = series.labels.get("pod", "")
        alone = sum(1 for _ in (container.pod.get("spec") or {}).get("containers") or ()) == 1
        if series.metric not in _USAGE or not series.points or not (pod == place_of(container.pod)[2] or container.is_measured_by(series)):
            continue
        if series.labels.get("container", container.name if alone else "") == container.name and _near(
            series.points[-1][1] * _USAGE[series.metric], limit
        ):
            return 1.0, (item,)
    return 0.0, ()


def _near(used: float, limit: str) -> bool:
    try:
        return used >= float(parse_cpu(limit)) * _AT_LIMIT > 0
    except ValueError:
        return False


def _by_words(container: Container, observed: Observed, target: Target) -> tuple[float, tuple[str, ...]]:
    """As an alert says it of the target: of the container that it names, else of any with a limit."""
    if (container.workload.kind, container.workload.name) != (target.object_kind, target.name):
        return 0.0, ()
    for item in observed.evidence:
        match = _SAID.search(f"{item.title}\n{item.text}") if item.kind == "alert" else None
        names = [str(c.get("name")) for c in (container.pod.get("spec") or {}).get("containers") or ()]
        if match and (container.name in item.text or not any(name in item.text for name in names)):
            return (float(match["share"]) / 100 if match["share"] else 1.0), (item.item,)
    return 0.0, ()


def _amount(series: Series) -> float:
    """How many periods it counts: Prometheus's counters only grow, Datadog's points are amounts."""
    values = [value for _, value in series.points]
    return values[-1] - values[0] if series.metric.endswith("_total") else sum(values)
