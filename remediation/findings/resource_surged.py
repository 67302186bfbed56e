"""What one service, pod or node takes of a resource grew manifold, as metrics show it, while the others take what they took."""

import itertools
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Observed
from remediation.terms import Finding, Series, Target

_RESOURCES: Mapping[str, re.Pattern[str]] = {
    resource: re.compile(words, re.IGNORECASE)
    for resource, words in (
        ("CPU", r"cpu(?!.{0,40}(?:(?<!_of_)limit|request|throttl|quota|shares|period|spec))|(?:^|[._-])load[._-]?(?:1|5|avg|average)?$"),
        (
            "memory",
            r"(?:^|[._-])mem(?:ory)?(?:$|[._-])(?!.{0,40}(?:limit|request|spec|free|avail|cache|fail))|working[._-]set|(?:^|[._-])rss$",
        ),
        ("disk", r"disk.{0,20}(?:read|writ|io|used|util)|fs[._-].{0,20}(?:read|writ|usage|io)|diskio|io[._-]?util"),
        ("sockets", r"(?:^|[._-])sockets?(?:$|[._-])"),
    )
}
_NODES = ("node", "host", "hostname")
_OWNERS = ("pod", "service", "deployment", "workload", "container", "instance", "app")
_FEWEST_POINTS = 8
_SHARE = re.compile(r"(?:%|percent|pct|percent_of_limit|pct_of_limit)\)?$", re.IGNORECASE)  # of what it may use, 0–100
_FEWEST_OF_SHARE, _HALF = 5, 50.0
_TIMES, _CALM = 2.5, 1.6  # how much it grew; and what the others may have
_SPREAD = 5.0  # deviations of what was usual


@dataclass(frozen=True, kw_only=True)
class ResourceSurged:
    """cause: node, workload.  resource: CPU, memory, disk, sockets.  before, now: medians of its first half and last quarter."""

    cause: str
    resource: str
    metric: str
    before: float
    now: float


@dataclass(frozen=True, kw_only=True)
class _Growth:
    series: Series
    item: str
    before: float
    now: float
    stands_out: bool

    @property
    def times(self) -> float:
        return self.now / self.before if self.before > 0 else self.now and 1e3


def resource_surged(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding: what grew most beside those like it, which stayed calm."""
    groups: dict[tuple[str, str], list[_Growth]] = {}
    for item, series in observed.series():
        fewest = _FEWEST_OF_SHARE if _SHARE.search(series.metric) else _FEWEST_POINTS
        if len(series.points) >= fewest and (resource := _resource(series.metric)) and _owner(series)[1]:
            groups.setdefault((resource, series.metric), []).append(_growth(item, series))
    surges = [(apart, resource, growth) for (resource, _), group in groups.items() for apart, growth in _surge(group)]
    if surges:
        _, resource, growth = max(surges, key=lambda surge: surge[0])
        yield _finding(resource, growth, observed)


def _surge(group: Sequence[_Growth]) -> Iterator[tuple[float, _Growth]]:
    """The one of a group that grew alone, and how many times as much as the next one."""
    first, *others = sorted(group, key=lambda one: -one.times)
    if not others and first.stands_out and _SHARE.search(first.series.metric) and first.before < _HALF <= first.now - first.before:
        yield first.times, first  # it says itself how much it has of what it may use
        return
    if others and first.stands_out and first.times >= _TIMES and statistics.median(one.times for one in others) < _CALM:
        apart = first.times / max(1.0, others[0].times)
        if apart >= _CALM:
            yield apart, first


def _resource(metric: str) -> str:
    return next((resource for resource, words in _RESOURCES.items() if words.search(metric)), "")


def _growth(item: str, series: Series) -> _Growth:
    values = [value for _, value in series.points]
    if _counts(values, series.metric):
        values = [later - earlier for earlier, later in itertools.pairwise(values)]
    half, quarter = values[: len(values) // 2], values[-max(2, len(values) // 4) :]
    before, now = statistics.median(half), statistics.median(quarter)
    usual = statistics.pstdev(half)
    return _Growth(series=series, item=item, before=before, now=now, stands_out=now - before > usual * _SPREAD and now > 0)


def _counts(values: Sequence[float], metric: str) -> bool:
    """Whether a series only counts up, so that its rate is what tells."""
    counter = metric.endswith(("_total", "-total", "_sum", "_count"))
    return counter and all(later >= earlier for earlier, later in itertools.pairwise(values))


def _owner(series: Series) -> tuple[str, str]:
    """Whether it is a node's or a workload's, and whose."""
    labels = series.labels
    node = next((labels[key] for key in _NODES if labels.get(key)), "")
    own = next((labels[key] for key in _OWNERS if labels.get(key)), "")
    if own and not (own.startswith("node") and series.metric.startswith(("system.", "node"))):
        return "workload", own
    return "node", node or own


def _finding(resource: str, growth: _Growth, observed: Observed) -> Finding:
    series, before, now = growth.series, growth.before, growth.now
    cause, name = _owner(series)
    namespace = series.labels.get("namespace", "")
    subject = f"Node//{name}" if cause == "node" else _workload(name, namespace, series, observed)
    facts = ResourceSurged(cause=cause, resource=resource, metric=series.metric, before=round(before, 4), now=round(now, 4))
    beside = "" if _SHARE.search(series.metric) else ", as no other does"
    text = f"{name} takes much more {resource} than before{beside}: {series.metric} went from {before:.3g} to {now:.3g}"
    return found("resource_surged", subject, facts, text, (growth.item,))


def _workload(name: str, namespace: str, series: Series, observed: Observed) -> str:
    if series.labels.get("pod") == name:
        return str(observed.root_of(("Pod", namespace, name)))
    kinds = ("Deployment", "StatefulSet", "DaemonSet")
    known = next((one for kind in kinds for one in observed.all(kind, namespace or None) if one["metadata"]["name"] == name), None)
    return str(observed.root(known)) if known is not None else f"Service/{namespace}/{name}"
