"""What a Datadog account consists of: monitors and their groups, log lines, events."""

import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(kw_only=True)
class Monitor:
    """A monitor's definition, as its author wrote it.

    group: the tags of the group that it watches, e.g. `kube_namespace:shop,kube_deployment:api`.
    renotify_seconds: how long it may alert before it says so again; None never.  priority: 1 (high) to 5, or None.
    """

    id: int
    name: str
    query: str
    message: str
    tags: list[str]
    thresholds: dict[str, float]
    group: str = "*"
    type: str = "query alert"
    priority: int | None = None
    renotify_seconds: float | None = None
    created: float = field(default_factory=time.time)


@dataclass(kw_only=True)
class Group:
    """One group of a monitor and how it fares. Times are epoch seconds, 0 never. cycle: from trigger to recovery."""

    name: str
    status: str = "OK"
    value: float = 0.0
    cycle: str = ""
    triggered: int = 0
    resolved: int = 0
    notified: float = 0.0


@dataclass(kw_only=True)
class Log:
    """One log line. at: epoch milliseconds; status: info, warn, error and the like."""

    id: str
    at: int
    message: str
    service: str
    status: str
    host: str
    tags: list[str]
    attributes: Json


@dataclass(kw_only=True)
class Event:
    """One event of the stream, e.g. a monitor's transition. at: epoch seconds."""

    id: int
    at: int
    title: str
    text: str
    tags: list[str]
    source: str
    alert_type: str = "info"
    host: str = ""
    monitor_id: int | None = None
    aggregation_key: str = ""
