"""CPU that callers ask for: what each pod of a workload uses of it, how much it is held back, and how many pods an autoscaler wants."""

from __future__ import annotations

import math

from bot.sandbox import quantities
from bot.sandbox.cluster import Cluster
from bot.sandbox.conditions import ready
from bot.sandbox.fields import Object

QUIET = 0.041  # cores of a container that nobody asks much of
_PERIODS = 600.0  # of a minute


def wanted(cluster: Cluster, workload: Object) -> float | None:
    """Cores that each of its ready pods is asked for; None where nothing is said of it."""
    metadata = workload["metadata"]
    load = cluster.loads.get(f"{metadata['namespace']}/{workload['kind']}/{metadata['name']}")
    if load is None:
        return None
    pods = [pod for pod in cluster.all("Pod", metadata["namespace"]) if ready(pod) and _is_of(cluster, pod, workload)]
    return load / max(1, len(pods))


def used(container: Object, asked: float) -> float:
    """Cores: what is asked, up to the limit."""
    return min(asked, _cores(container, "limits") or asked)


def periods(container: Object, asked: float) -> tuple[float, float] | None:
    """How many periods there were, and in how many it was held back; None without a limit."""
    limit = _cores(container, "limits")
    return (_PERIODS, _PERIODS * max(0.0, 1 - limit / asked)) if limit else None


def utilization(cluster: Cluster, workload: Object) -> int | None:
    """Percent of what its pods request, on average, as an autoscaler reads it."""
    asked = wanted(cluster, workload)
    containers = workload["spec"]["template"]["spec"]["containers"]
    requested = sum(_cores(container, "requests") for container in containers)
    if asked is None or not requested:
        return None
    return round(100 * (used(containers[0], asked) + QUIET * (len(containers) - 1)) / requested)


def replicas(scaler: Object, now: int, percent: int) -> int:
    """How many pods an autoscaler wants: as many as bring them to its target, within its bounds."""
    spec = scaler["spec"]
    target = spec["metrics"][0]["resource"]["target"]["averageUtilization"]
    want = now if abs(percent / target - 1) <= 0.1 else math.ceil(now * percent / target)  # noqa: PLR2004 - its tolerance
    return int(min(max(want, spec.get("minReplicas", 1)), spec["maxReplicas"]))


def _cores(container: Object, side: str) -> float:
    return float(quantities.parse(container.get("resources", {}).get(side, {}).get("cpu", "0")))


def _is_of(cluster: Cluster, pod: Object, workload: Object) -> bool:
    root = cluster.root(pod)
    return (root["kind"], root["metadata"]["name"]) == (workload["kind"], workload["metadata"]["name"])
