"""What a workload's pods ask of the cluster: one pod's requests and limits as quotas count them, and how many pods a rollout needs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from remediation.quantities import parse
from remediation.terms import Json
from remediation.workloads import containers, pod_spec

COUNTED = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True, kw_only=True)
class ContainerAsk:
    """What one container asks, the namespace's defaults filled in: resource → amount (cores, bytes). A resource may be absent."""

    name: str
    requests: Mapping[str, Decimal]
    limits: Mapping[str, Decimal]
    init: bool = False
    sidecar: bool = False  # an init container that keeps running


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How many pods there are: running now, wanted, and at most beside those while a rollout goes on."""

    running: int
    wanted: int
    surge: int


def asks(workload: Mapping[str, Json], limit_ranges: Iterable[Mapping[str, Json]] = ()) -> tuple[ContainerAsk, ...]:
    """What each container of the workload asks. Raises ValueError for a quantity that is none."""
    defaults = [item for limits in limit_ranges for item in limits.get("spec", {}).get("limits", ()) if item.get("type") == "Container"]
    return tuple(_ask(container, where == "initContainers", defaults) for where, container in containers(workload))


def _ask(container: Mapping[str, Json], init: bool, defaults: Iterable[Mapping[str, Json]]) -> ContainerAsk:
    written = container.get("resources") or {}
    limits = _amounts(written.get("limits"))
    requests = {**limits, **_amounts(written.get("requests"))}  # the server's own default: a request that is missing is the limit
    for item in defaults:
        requests = {**_amounts(default_requests(item)), **requests}
        limits = {**_amounts(default_limits(item)), **limits}
    sidecar = init and container.get("restartPolicy") == "Always"
    return ContainerAsk(name=str(container.get("name", "")), requests=requests, limits=limits, init=init, sidecar=sidecar)


def default_limits(item: Mapping[str, Json]) -> Mapping[str, Json]:
    """The limits that a LimitRange's entry of type Container gives to who has none: its maximum where it names no default."""
    return {**(item.get("max") or {}), **(item.get("default") or {})}


def default_requests(item: Mapping[str, Json]) -> Mapping[str, Json]:
    """The requests that it gives: where it names none the default limit, else its minimum. The server fills them in when it is made."""
    return {**(item.get("min") or {}), **default_limits(item), **(item.get("defaultRequest") or {})}


def _amounts(written: Mapping[str, Json] | None) -> dict[str, Decimal]:
    return {resource: parse(amount) for resource, amount in (written or {}).items() if amount is not None}


def pod_total(workload: Mapping[str, Json], all_asks: Iterable[ContainerAsk], side: str, resource: str) -> Decimal:
    """What one pod counts for; `side` is requests or limits. Init containers run one by one, sidecars beside all that follows."""
    stay = beside = peak = Decimal(0)
    for ask in all_asks:
        amount = getattr(ask, side).get(resource, Decimal(0))
        if ask.init:
            peak = max(peak, beside + amount)
        if ask.sidecar:
            beside += amount
        if ask.sidecar or not ask.init:
            stay += amount
    overhead = parse((pod_spec(workload).get("overhead") or {}).get(resource, 0))
    return max(peak, stay) + overhead


def rollout(live: Mapping[str, Json], head: Mapping[str, Json]) -> Rollout:
    """Pods of the workload now and once `head` is rolled out. Where Git leaves replicas to an autoscaler, the live number stands."""
    kind, status = live.get("kind"), live.get("status") or {}
    spec, wanted_spec = live.get("spec") or {}, head.get("spec") or {}
    if kind == "DaemonSet":
        wanted = _number(status, "desiredNumberScheduled", 0)
        return Rollout(running=_number(status, "currentNumberScheduled", wanted), wanted=wanted, surge=_surge(head, wanted, "0"))
    if kind in ("Job", "CronJob"):
        job = spec if kind == "Job" else (spec.get("jobTemplate") or {}).get("spec") or {}
        wanted = _number(job, "parallelism", 1)
        return Rollout(running=_number(status, "active", 0) if kind == "Job" else 0, wanted=wanted, surge=0)
    now = _number(spec, "replicas", 1)
    wanted = _number(wanted_spec, "replicas", now)
    surge = _surge(head, wanted, "25%") if kind in ("Deployment", "Rollout") else 0
    return Rollout(running=_number(status, "replicas", now), wanted=wanted, surge=surge)


def _number(holder: Mapping[str, Json], key: str, absent: int) -> int:
    """A field's number; null is as good as absent, as it is for the server."""
    value = holder.get(key)
    return absent if value is None else int(value)


def _surge(workload: Mapping[str, Json], wanted: int, default: str) -> int:
    """Pods beside the wanted ones during a rolling update; a share is rounded up."""
    spec = workload.get("spec") or {}
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return 0
    if "blueGreen" in strategy:
        return wanted  # of Argo's Rollouts: the new pods stand beside all old ones
    share = str((strategy.get("rollingUpdate") or strategy.get("canary") or {}).get("maxSurge", default))
    return math.ceil(wanted * int(share[:-1]) / 100) if share.endswith("%") else int(share)
