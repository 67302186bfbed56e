"""What Datadog says of one target: the monitor that fired, its metric around the alert, what its containers used, its logs and events."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from remediation.entries import Incident
from remediation.errors import Forbidden, Late, RemediationError, Unusable
from remediation.evidence import unread
from remediation.masking import mask, mask_object
from remediation.quantities import about_memory, parse_time
from remediation.sources.downtimes import downtime_holds, downtime_text
from remediation.terms import Alert, Evidence, EvidenceKind, Json, Series, Target, Window

_TAGS = {"Deployment": "kube_deployment", "StatefulSet": "kube_stateful_set", "DaemonSet": "kube_daemon_set", "Job": "kube_job",
         "CronJob": "kube_cronjob", "Pod": "pod_name", "ReplicaSet": "kube_replica_set"}  # fmt: skip
_USED = ("kubernetes.memory.usage", "kubernetes.cpu.cfs.throttled.periods", "kubernetes.cpu.cfs.periods")  # what findings read
_CPU = "kubernetes.cpu.usage.total"  # nanocores, of each pod: how even their load is decides whether more of them would help
_SURELY_BYTES = 1_000_000  # no percentage and no share is that large
_SERIES_SHOWN, _GROUPS_SHOWN, _EVENTS_SHOWN = 20, 10, 30
_TROUBLE = "status:(error OR critical OR alert OR emergency)"


class Datadog(Protocol):
    """What this source needs of Datadog: clients.datadog.DatadogClient."""

    async def monitor(self, monitor_id: str) -> dict[str, Json]:
        """The monitor with the state of its groups."""
        ...

    async def logs(self, query: str, window: Window, limit: int = 200) -> Sequence[dict[str, Json]]:
        """Log events, newest first."""
        ...

    async def counts(self, query: str, window: Window, facet: str = "status") -> Mapping[str, int]:
        """How many log events match, by a facet's value."""
        ...

    async def events(self, query: str, window: Window, limit: int = 50) -> Sequence[dict[str, Json]]:
        """Events, newest first."""
        ...

    async def downtimes(self, limit: int = 100) -> Sequence[dict[str, Json]]:
        """Those that are active."""
        ...

    async def metric(self, query: str, window: Window) -> Sequence[Series]:
        """One series per group."""
        ...

    def watched(self, monitor_query: str) -> str:
        """The metric that a monitor's query watches, empty for none."""
        ...


class DatadogSource:
    """seconds: for each read.  lines: of the logs, half of them the newest, half the newest that tell of trouble."""

    name = "datadog"
    needed = True

    def __init__(self, datadog: Datadog, *, seconds: float = 10.0, lines: int = 100) -> None:
        self._datadog = datadog
        self._seconds = seconds
        self._lines = lines

    def suits(self, target: Target) -> bool:
        """Everything that has a name: what Datadog does not know it answers with nothing."""
        return bool(target.name)

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """Monitor and its metric (where the alert is Datadog's), downtimes, containers' use, logs, events; each with its own limit."""
        alert = incident.alerts[-1] if incident.alerts else None
        look = _Look(self._datadog, incident.target, window, self._seconds, self._lines)
        read = await asyncio.gather(look.monitor(alert), look.downtimes(alert), look.used(), look.logs(), look.events())
        return [item for items in read for item in items]


@dataclass(frozen=True)
class _Look:
    """One look at one target."""

    datadog: Datadog
    target: Target
    window: Window
    seconds: float
    lines: int

    async def monitor(self, alert: Alert | None) -> Sequence[Evidence]:
        """The monitor, and the metric that it watches."""
        if alert is None or alert.source != "datadog" or not alert.monitor_id:
            return []
        try:
            async with asyncio.timeout(self.seconds):
                monitor = mask_object(await self.datadog.monitor(alert.monitor_id))
        except (RemediationError, TimeoutError) as error:
            return [self._unread("monitor", f"Monitor {alert.monitor_id}", error, needed=True)]
        title = f"Monitor {alert.monitor_id}: {monitor.get('name', '')}"
        item = self._item("monitor", title, _monitor_text(monitor))
        return [item, *await self._metrics("metrics", "The monitor's metric", self.datadog.watched(str(monitor.get("query", ""))))]

    async def downtimes(self, alert: Alert | None) -> Sequence[Evidence]:
        """The active ones that hold for the monitor, or for what the target is tagged with."""
        title = "Downtimes in Datadog"
        try:
            async with asyncio.timeout(self.seconds):
                active = [mask_object(one.get("attributes") or {}) for one in await self.datadog.downtimes()]
        except (RemediationError, TimeoutError) as error:
            return [self._unread("monitor", title, error)]
        monitor_id = alert.monitor_id if alert is not None and alert.source == "datadog" else ""
        about = [one for one in active if downtime_holds(one, [*self._tags(), *self._labels(alert)], monitor_id)]
        return [self._item("monitor", title, "\n".join(map(downtime_text, about)))] if about else []

    def _labels(self, alert: Alert | None) -> Sequence[str]:
        return [f"{name}:{value}" for name, value in alert.labels.items()] if alert is not None else []

    async def used(self) -> Sequence[Evidence]:
        """Memory and CPU throttling of a workload's containers, and the CPU of each pod."""
        if self.target.kind != "workload" or self.target.object_kind not in _TAGS:
            return []
        scope = ",".join(self._tags())
        queries = [f"max:{metric}{{{scope}}} by {{kube_container_name}}" for metric in _USED]
        queries.append(f"avg:{_CPU}{{{scope}}} by {{pod_name,kube_container_name}}")
        return await self._metrics("metrics", "What its containers used", ",".join(queries))

    async def logs(self) -> Sequence[Evidence]:
        """How many lines of each status there are, then the newest of all and the newest that tell of trouble, oldest first."""
        query, half = " ".join(self._tags()), self.lines // 2
        try:
            async with asyncio.timeout(self.seconds):
                newest, troubled, counts = await asyncio.gather(
                    self.datadog.logs(query, self.window, half),
                    self.datadog.logs(f"{query} {_TROUBLE}", self.window, half),
                    self._counts(query),
                )
        except (RemediationError, TimeoutError) as error:
            return [self._unread("logs", "Logs in Datadog", error)]
        known = {str(event.get("id")): event for event in (*newest, *troubled)}
        shown = sorted((event.get("attributes") or {} for event in known.values()), key=lambda one: str(one.get("timestamp", "")))
        of = f" (of {', '.join(f'{count} {status}' for status, count in counts.items())})" if counts else ""
        text = "\n".join(_log_line(attributes) for attributes in shown)
        left_out = max(0, sum(counts.values()) - len(shown))
        return [self._item("logs", f"Logs in Datadog{of}", mask(text), left_out=left_out)] if shown else []

    async def _counts(self, query: str) -> Mapping[str, int]:
        """By status; empty where they may not be counted, for the lines matter more."""
        try:
            return await self.datadog.counts(query, self.window)
        except (Forbidden, Unusable):
            return {}

    async def events(self) -> Sequence[Evidence]:
        """What happened to it: deployments, restarts, changes that somebody sent to Datadog. Oldest first."""
        try:
            async with asyncio.timeout(self.seconds):
                found = await self.datadog.events(" ".join(self._tags()), self.window, _EVENTS_SHOWN)
        except (RemediationError, TimeoutError) as error:
            return [self._unread("events", "Events in Datadog", error)]
        text = "\n".join(_event_line(event.get("attributes") or {}) for event in reversed(found))
        return [self._item("events", "Events in Datadog", mask(text))] if found else []

    async def _metrics(self, kind: EvidenceKind, title: str, query: str) -> Sequence[Evidence]:
        if not query:
            return []
        try:
            async with asyncio.timeout(self.seconds):
                found = [series for series in await self.datadog.metric(query, self.window) if series.points]
        except (RemediationError, TimeoutError) as error:
            return [self._unread(kind, title, error, needed=True)]
        shown = tuple(found[:_SERIES_SHOWN])
        text = "\n".join([query, *(_series_text(series) for series in shown)])
        return [self._item(kind, title, text, shown, len(found) - len(shown))] if shown else []

    def _tags(self) -> Sequence[str]:
        """What selects this target in logs and metrics."""
        if self.target.kind == "workload":
            tag = _TAGS.get(self.target.object_kind, "service")
            return [f"kube_namespace:{self.target.namespace}", f"{tag}:{self.target.name}"]
        return [f"{'host' if self.target.kind == 'host' else 'service'}:{self.target.name}"]

    def _item(self, kind: EvidenceKind, title: str, text: str, series: tuple[Series, ...] = (), left_out: int = 0) -> Evidence:
        return Evidence(kind=kind, source="datadog", title=title, at=self.window.until, text=text, series=series, left_out=left_out)

    def _unread(self, kind: EvidenceKind, title: str, error: Exception, *, needed: bool = False) -> Evidence:
        late = Late.of("Datadog", self.seconds, "Look there yourself.")
        said = error if isinstance(error, RemediationError) else late
        return unread(kind, "datadog", title, said, self.window.until, needed=needed)


def _monitor_text(monitor: Mapping[str, Json]) -> str:
    options = monitor.get("options") or {}
    groups = ((monitor.get("state") or {}).get("groups") or {}).values()
    thresholds = ", ".join(f"{name} {value:g}" for name, value in (options.get("thresholds") or {}).items() if value is not None)
    lines = [
        f"{monitor.get('type')}, now {monitor.get('overall_state')}, priority {monitor.get('priority') or 'none'}",
        f"query: {monitor.get('query')}",
        f"thresholds: {thresholds}" if thresholds else "",
        f"tags: {', '.join(monitor.get('tags') or ())}",
        *(_group_text(group) for group in sorted(groups, key=_last_moved, reverse=True)[:_GROUPS_SHOWN]),
        *(f"downtime: {downtime.get('message') or downtime.get('id')}" for downtime in monitor.get("matching_downtimes") or ()),
        str(monitor.get("message") or "").strip(),
    ]
    return "\n".join(line for line in lines if line)


def _group_text(group: Mapping[str, Json]) -> str:
    moved = _last_moved(group)
    return f"group {group.get('name')}: {group.get('status')}" + (f" since {parse_time(moved):%Y-%m-%d %H:%M:%S}Z" if moved else "")


def _last_moved(group: Mapping[str, Json]) -> float:
    """Epoch seconds of the last change of a group's state, 0 when it never changed."""
    return max(float(group.get(key) or 0) for key in ("last_triggered_ts", "last_resolved_ts", "last_nodata_ts"))


def _series_text(series: Series) -> str:
    values = [value for _, value in series.points]
    group = ",".join(f"{name}:{value}" for name, value in series.labels.items()) or "all"
    lowest, highest, last = (_amount(value, series) for value in (min(values), max(values), values[-1]))
    peak_at = max(series.points, key=lambda point: point[1])[0]
    return f"{series.metric} {group}: {lowest} to {highest} (at {parse_time(peak_at):%H:%M:%S}Z), last {last}, {len(values)} points"


def _amount(value: float, series: Series) -> str:
    counts_bytes = series.unit == "byte" or ("memory" in series.metric and value > _SURELY_BYTES)
    return about_memory(value) if counts_bytes else f"{value:.4g}"


def _event_line(attributes: Mapping[str, Json]) -> str:
    """Time, title, and the first line of what it says."""
    inner = attributes.get("attributes") or {}
    title = str(inner.get("title") or "").strip()
    message = next(iter(str(attributes.get("message") or "").strip().splitlines()), "")
    return f"{attributes.get('timestamp', '')} {': '.join(part for part in (title, message) if part)}"


def _log_line(attributes: Mapping[str, Json]) -> str:
    message = str(attributes.get("message") or "").rstrip()
    return f"{attributes.get('timestamp', '')} {attributes.get('status', '')} {attributes.get('service', '')}: {message}"
