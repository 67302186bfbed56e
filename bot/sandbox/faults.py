"""What is true outside the cluster: images that exist, memory that processes need; and the faults that follow.

A fault is a predicate over an object and these facts, asked again whenever either may have changed. Nothing here
knows what would cure it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.sandbox import quantities
from bot.sandbox.fields import Object

MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Process:
    """What runs in a container, whatever its manifest says. `memory`: bytes that it needs to live. `paths`: that it knows, None for any."""

    memory: int = 24 * MIB
    starts: tuple[str, ...] = ("listening on :8080",)
    works: tuple[str, ...] = ("GET /healthz 200 1ms",)
    strains: tuple[str, ...] = ()  # what it says when it needs more than usual
    paths: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Memory that a process needs for a while beyond its usual. Times are epoch seconds; `until` None is for good."""

    memory: int
    since: float
    until: float | None = None

    def holds(self, now: float) -> bool:
        """Whether it is in force."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass
class Nature:
    """The facts. Processes and demands by `namespace/Kind/name/container`."""

    images: set[str] = field(default_factory=set)
    processes: dict[str, Process] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)

    def process(self, place: str) -> Process:
        """What runs there."""
        return self.processes.get(place, Process())

    def needed(self, place: str, now: float) -> int:
        """Bytes of memory that the process there needs now."""
        usual, demand = self.process(place).memory, self.demands.get(place)
        return max(usual, demand.memory) if demand is not None and demand.holds(now) else usual

    def strained(self, place: str, now: float) -> bool:
        """Whether more is asked of the process than usual."""
        demand = self.demands.get(place)
        return demand is not None and demand.holds(now)

    def next_turn(self, now: float) -> float | None:
        """When a demand begins or ends next."""
        times = [t for d in self.demands.values() for t in (d.since, d.until) if t is not None and t > now]
        return min(times, default=None)

    def snapshot(self) -> dict[str, Any]:
        """JSON-able form of what stories change."""
        return {"images": sorted(self.images), "demands": {place: asdict(d) for place, d in self.demands.items()}}

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        self.images = set(saved["images"])
        self.demands = {place: Demand(**demand) for place, demand in saved["demands"].items()}


def memory_limit(container: Object) -> int | None:
    """The container's memory limit in bytes."""
    limit = container.get("resources", {}).get("limits", {}).get("memory")
    return None if limit is None else int(quantities.parse(limit))


def starved(container: Object, needed: int) -> bool:
    """The process needs more memory than its container may have: the kernel kills it."""
    limit = memory_limit(container)
    return limit is not None and limit < needed


def unpullable(container: Object, images: set[str]) -> bool:
    """The registry has no such image."""
    return container["image"] not in images


def unknown_path(container: Object, process: Process) -> str:
    """The path that the readiness probe asks for and the process does not know; empty where it is well."""
    path = container.get("readinessProbe", {}).get("httpGet", {}).get("path", "")
    return str(path) if path and process.paths is not None and path not in process.paths else ""


def unheard(service: Object, pods: list[Object]) -> bool:
    """One of the service's ports leads to where none of its pods listens: whoever calls it is refused."""
    listening = [port for pod in pods for container in pod["spec"]["containers"] for port in container.get("ports", [])]
    heard = {port["containerPort"] for port in listening} | {port["name"] for port in listening if "name" in port}
    return any(port.get("targetPort", port["port"]) not in heard for port in service["spec"]["ports"])
