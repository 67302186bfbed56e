"""The sandbox's Datadog account: monitors and their groups, metric series, logs, events, and the webhook on each transition."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from bot.sandbox import datadog_webhook
from bot.sandbox.datadog_nouns import Event, Group, Json, Log, Monitor
from bot.sandbox.deliveries import Deliveries, Delivery

Transition = Literal["Triggered", "Re-Triggered", "Recovered"]

WEBHOOK = "/webhooks/datadog"
ORG_ID, ORG_NAME = 311001, "Sandbox"
POINTS, LOGS, EVENTS = 900, 5_000, 2_000
"""So many points a series, log lines and events are kept, the newest."""
SEVERITY = {"Triggered": "error", "Re-Triggered": "error", "Recovered": "success"}


class DatadogState:
    """All that the account holds."""

    def __init__(self, deliveries: Deliveries, *, webhook_token: str, origin: str, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.origin = origin
        self.monitors: dict[int, Monitor] = {}
        self.groups: dict[int, dict[str, Group]] = {}
        self.series: dict[str, dict[tuple[str, ...], list[tuple[int, float]]]] = {}
        self.units: dict[str, str] = {}
        self.logs: list[Log] = []
        self.events: list[Event] = []
        self.downtimes: list[Json] = []
        self._deliveries = deliveries
        self._token = webhook_token

    # -- what the world tells it

    def mute(
        self, scope: str, message: str = "", *, monitor: Mapping[str, Any] | None = None, until: str = "", status: str = "active"
    ) -> None:
        """Schedule a downtime. monitor: `{"monitor_id": 42}` or `{"monitor_tags": […]}`, all of them by default."""
        schedule = {"start": datetime.fromtimestamp(self.clock(), UTC).isoformat(), "end": until or None}
        attributes = {
            "scope": scope, "message": message, "monitor_identifier": dict(monitor or {"monitor_tags": ["*"]}), "schedule": schedule,
            "status": status, "display_timezone": "UTC", "mute_first_recovery_notification": False,
            "notify_end_states": ["alert", "no data", "warn"], "notify_end_types": ["expired"],
            "created": schedule["start"], "modified": schedule["start"],
        }  # fmt: skip
        self.downtimes.append({"id": str(uuid4()), "type": "downtime", "attributes": attributes})

    def register(self, monitor: Monitor) -> None:
        """Define a monitor, or define it anew; what is known of its groups stays."""
        self.monitors[monitor.id] = monitor
        self.groups.setdefault(monitor.id, {})

    async def evaluate(self, monitor_id: int, *, firing: bool, value: float, group: str | None = None) -> None:
        """What a monitor measured just now in one group; a transition goes out by webhook and into the events."""
        monitor = self.monitors[monitor_id]
        name = group or monitor.group
        known = self.groups[monitor_id].setdefault(name, Group(name=name))
        known.value = value
        if firing and known.status == "OK":
            known.status, known.cycle, known.triggered = "Alert", secrets.token_hex(16), int(self.clock())
            await self._tell(monitor, known, "Triggered")
        elif firing and monitor.renotify_seconds and self.clock() - known.notified >= monitor.renotify_seconds:
            await self._tell(monitor, known, "Re-Triggered")
        elif not firing and known.status == "Alert":
            known.status, known.resolved = "OK", int(self.clock())
            await self._tell(monitor, known, "Recovered")

    def record(self, metric: str, value: float, tags: Sequence[str], at: float | None = None) -> None:
        """A point of a metric. at: epoch seconds, now when absent."""
        points = self.series.setdefault(metric, {}).setdefault(tuple(sorted(tags)), [])
        points.append((int((self.clock() if at is None else at) * 1000), value))
        del points[:-POINTS]

    def log(
        self,
        message: str,
        *,
        service: str,
        tags: Sequence[str],
        status: str = "info",
        host: str = "",
        at: float | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """A log line. at: epoch seconds, now when absent."""
        when = int((self.clock() if at is None else at) * 1000)
        self.logs.append(
            Log(
                id=f"AQ{secrets.token_urlsafe(28)}",
                at=when,
                message=message,
                service=service,
                status=status,
                host=host,
                tags=list(tags),
                attributes=dict(attributes or {}),
            )
        )
        del self.logs[:-LOGS]

    def event(self, title: str, text: str, tags: Sequence[str], **more: Any) -> Event:
        """An event of the stream; `more`: source, alert_type, host, monitor_id, aggregation_key, at."""
        fields = {"source": "kubernetes", "at": int(self.clock()), **more}
        event = Event(id=secrets.randbits(62), title=title, text=text, tags=list(tags), **fields)
        self.events.append(event)
        del self.events[:-EVENTS]
        return event

    # -- what it tells

    def deliveries(self) -> list[Json]:
        """The webhooks sent, oldest first, each with the bot's answer."""
        return [_delivered(delivery) for delivery in self._deliveries.log if delivery.system == "datadog"]

    def overall_state(self, monitor_id: int) -> str:
        """Of all groups of a monitor."""
        states = {group.status for group in self.groups[monitor_id].values()}
        return "Alert" if "Alert" in states else "OK" if states else "No Data"

    async def _tell(self, monitor: Monitor, group: Group, transition: Transition) -> None:
        group.notified = self.clock()
        scope = group.name.split(",") if group.name != "*" else []
        name, message = (datadog_webhook.told(text, group.name) for text in (monitor.name, monitor.message))
        title = f"[{transition} on {{{group.name}}}] {name}" if scope else f"[{transition}] {name}"
        about = {"alert_type": SEVERITY[transition], "monitor_id": monitor.id}
        key = hashlib.sha256(f"{monitor.id} {group.name}".encode()).hexdigest()[:32]
        tags = sorted({*monitor.tags, *scope, "monitor"})
        event = self.event(title, message, tags, source="alert", aggregation_key=key, **about)
        values = datadog_webhook.variables(monitor, group, event, transition, self.origin)
        body = json.dumps(datadog_webhook.rendered(values)).encode()
        headers = {"Content-Type": "application/json", "X-Suture-Token": self._token}
        said = {"monitor_id": monitor.id, "transition": transition, "group": group.name, "cycle": group.cycle}
        await self._deliveries.post("datadog", WEBHOOK, body, headers, said)

    # -- persistence

    def snapshot(self) -> Json:
        """What a restart needs, as JSON."""
        series = [
            {"metric": metric, "tags": list(tags), "points": points}
            for metric, by_tags in self.series.items()
            for tags, points in by_tags.items()
        ]
        return {
            "monitors": [asdict(monitor) for monitor in self.monitors.values()],
            "groups": {str(key): [asdict(group) for group in groups.values()] for key, groups in self.groups.items()},
            "series": series,
            "units": self.units,
            "logs": [asdict(log) for log in self.logs],
            "events": [asdict(event) for event in self.events],
        }

    def restore(self, saved: Json) -> None:
        """Go on where `snapshot` was taken."""
        self.monitors = {monitor["id"]: Monitor(**monitor) for monitor in saved["monitors"]}
        self.groups = {int(key): {g["name"]: Group(**g) for g in groups} for key, groups in saved["groups"].items()}
        self.series = {}
        for one in saved["series"]:
            points = [(at, value) for at, value in one["points"]]
            self.series.setdefault(one["metric"], {})[tuple(one["tags"])] = points
        self.units = saved["units"]
        self.logs = [Log(**log) for log in saved["logs"]]
        self.events = [Event(**event) for event in saved["events"]]


def _delivered(delivery: Delivery) -> Json:
    fields = {name: getattr(delivery, name) for name in ("at", "path", "attempts", "status", "error")}
    return {**delivery.about, **fields, "body": json.loads(delivery.body)}
