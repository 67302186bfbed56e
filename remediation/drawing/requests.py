"""What a container should request: above what it was seen to use, or less, as a revision that runs shows that it may."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal

from remediation.drawing.basis import Basis
from remediation.drawing.revisions import earlier, earlier_container
from remediation.quantities import format_cpu, format_memory, parse
from remediation.terms import Json, Series
from remediation.workloads import containers, object_ref

_HEADROOM = Decimal("1.25")  # a request lies at least this many times above the most that was seen in use
_MEBI = 2**20
USE: Mapping[str, tuple[str, ...]] = {
    "cpu": ("cpu_usage_cores", "cpu.usage.cores"),
    "memory": ("memory_working_set_bytes", "memory.working_set", "memory.usage", "memory_usage_bytes", "memory.rss"),
}
CONTAINER_LABELS = ("kube_container_name", "container_name", "container")


def container_without_request(basis: Basis) -> Json:
    """The one container that does not say how much of the wanted resource it needs; the one that an eviction names."""
    if basis.fact("container"):
        return basis.fact("container")
    resource = _wanted(basis)
    without = [str(each.get("name")) for where, each in containers(basis.live) if where == "containers" and not _requests(each, resource)]
    return without[0] if resource and len(without) == 1 else None


def cpu_by_use(basis: Basis) -> Json:
    """A request of CPU above what the container was seen to use, where it has none."""
    used = _used(basis, "cpu") if _wanted(basis) == "cpu" and not _requests(basis.container, "cpu") else None
    return format_cpu((used * _HEADROOM * 100).to_integral_value(rounding=ROUND_CEILING) / 100) if used else None


def memory_by_use(basis: Basis) -> Json:
    """A request of memory above what the container was seen to use, where it has none or a smaller one."""
    return _whole_mebi(_used(basis, "memory") if _wanted(basis) == "memory" else None, basis, "memory")


def ephemeral_by_use(basis: Basis) -> Json:
    """A request of ephemeral storage above what the container was seen to use, where it has none or a smaller one."""
    return _whole_mebi(_used(basis, "ephemeral-storage") if _wanted(basis) == "ephemeral-storage" else None, basis, "ephemeral-storage")


def _whole_mebi(used: Decimal | None, basis: Basis, resource: str) -> str | None:
    if not used:
        return None
    needed = (used * _HEADROOM / _MEBI).to_integral_value(rounding=ROUND_CEILING) * _MEBI
    now, most = _requests(basis.container, resource), ((basis.container.get("resources") or {}).get("limits") or {}).get(resource)
    fits = (not now or needed > parse(now)) and (not most or needed <= parse(most))
    return format_memory(needed) if fits else None


def _wanted(basis: Basis) -> str:
    """The resource that must be requested: `cpu`, also where a quota calls it `requests.cpu`; empty where limits are asked for, too."""
    named = {part.strip() for part in basis.fact("resource").replace(" for:", ",").split(",")}
    short = {name.removeprefix("requests.") for name in named}
    return next(iter(short)) if len(short) == 1 and not any(name.startswith("limits.") for name in named) else ""


def _requests(container: Mapping[str, Json], resource: str) -> str:
    resources = container.get("resources") or {}
    return str((resources.get("requests") or {}).get(resource) or "")


def _used(basis: Basis, resource: str) -> Decimal | None:
    """The most that this container was seen to use, in cores or bytes."""
    if basis.fact("used") and basis.finding.kind == "evicted":
        return parse(basis.fact("used"))
    seen = [Decimal(str(value)) for series in _series(basis, resource) for _, value in series.points]
    return max(seen, default=None)


def _series(basis: Basis, resource: str) -> Iterator[Series]:
    pods = {str(pod["metadata"]["name"]) for pod in basis.observed.pods_of(object_ref(basis.live))}
    alone = sum(where == "containers" for where, _ in containers(basis.live)) == 1
    for _, series in basis.observed.series():
        labels = series.labels
        named = next((labels[label] for label in CONTAINER_LABELS if label in labels), basis.container.get("name") if alone else "")
        pod = labels.get("pod_name", labels.get("pod", ""))
        if series.metric.endswith(USE.get(resource, ())) and named == basis.container.get("name") and pod in pods:
            yield series


def container_that_requests(basis: Basis) -> Json:
    """The one container that requests the scarce resource."""
    asking = [str(each.get("name")) for where, each in containers(basis.live) if where == "containers" and _requests(each, _scarce(basis))]
    return asking[0] if len(asking) == 1 else None


def lower_cpu(basis: Basis) -> Json:
    """A smaller request of CPU that did for this container."""
    return _lower(basis, "cpu")


def lower_memory(basis: Basis) -> Json:
    """A smaller request of memory that did for this container."""
    return _lower(basis, "memory")


def _scarce(basis: Basis) -> str:
    return basis.fact("resource")


def _lower(basis: Basis, resource: str) -> str | None:
    """Its own limit where the request is above it; else what a revision that runs requests; else a quarter above what it uses."""
    now = _requests(basis.container, resource)
    if _scarce(basis) != resource or not now:
        return None
    limit = ((basis.container.get("resources") or {}).get("limits") or {}).get(resource)
    if basis.fact("cause") == "invalid_request":
        return str(limit) if limit and parse(limit) < parse(now) else None
    then = _requests(earlier_container(basis, earlier(basis)), resource)
    used = _used(basis, resource)
    measured = _measured(used, resource) if used else ""
    fitting = [amount for amount in (then, measured) if amount and parse(amount) < parse(now) and _fits_a_node(amount, basis)]
    return fitting[0] if fitting else None


def _measured(used: Decimal, resource: str) -> str:
    if resource == "cpu":
        return format_cpu((used * _HEADROOM * 100).to_integral_value(rounding=ROUND_CEILING) / 100)
    return format_memory((used * _HEADROOM / _MEBI).to_integral_value(rounding=ROUND_CEILING) * _MEBI)


def _fits_a_node(amount: str, basis: Basis) -> bool:
    """Whether some node has as much in all."""
    nodes = basis.observed.all("Node")
    most = [((node.get("status") or {}).get("allocatable") or {}).get(_scarce(basis)) for node in nodes]
    return any(each is not None and parse(amount) <= parse(each) for each in most)
