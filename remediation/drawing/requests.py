"""What a container should request: above what it was seen to use, or less, as a revision that runs shows that it may."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from remediation.drawing.basis import Basis
from remediation.drawing.revisions import before, earlier, earlier_container
from remediation.labelled import container_of, names_pod
from remediation.quantities import format_cpu, format_memory, parse
from remediation.terms import Json, Series
from remediation.workloads import containers, object_ref

_HEADROOM = Decimal("1.25")  # a request lies at least this many times above the most that was seen in use
_MEBI = 2**20
_NAMED = re.compile(r"(?:^|(?<!for:)[ ,;])(?:(?P<side>requests|limits)\.)?(?P<resource>cpu|memory|ephemeral-storage)(?=$|[ ,;])")
USE: Mapping[str, tuple[str, ...]] = {
    "cpu": ("cpu_usage_cores", "cpu.usage.cores", "cpu.usage.total"),
    "memory": ("memory_working_set_bytes", "memory.working_set", "memory.usage", "memory_usage_bytes", "memory.rss"),
}
_IN_NANOCORES = "cpu.usage.total"  # Datadog's


def container_without_request(basis: Basis) -> Json:
    """The one container that lacks what is wanted, where all of it is known; the one that an eviction names."""
    if basis.fact("container"):
        return basis.fact("container")
    wanted = _wanted(basis)
    regular = [each for where, each in containers(basis.live) if where == "containers"]
    without = [str(each.get("name")) for each in regular if any(not _stands(each, *amount) for amount in wanted)]
    if len(without) != 1:
        return None
    within = replace(basis, taken={"container": without[0]})
    return without[0] if all(_stands(within.container, *amount) or _known(within, *amount) for amount in wanted) else None


def cpu_by_use(basis: Basis) -> Json:
    """A request of CPU where the container has none: of the revision that runs, else above what it was seen to use."""
    return _known(basis, "requests", "cpu")


def memory_by_use(basis: Basis) -> Json:
    """A request of memory where the container has none, as of CPU, or one below what it was seen to use."""
    return _known(basis, "requests", "memory")


def ephemeral_by_use(basis: Basis) -> Json:
    """A request of ephemeral storage, as one of memory."""
    return _known(basis, "requests", "ephemeral-storage")


def cpu_limit_before(basis: Basis) -> Json:
    """A limit of CPU where the container has none and a quota wants one: of the revision that runs."""
    return _known(basis, "limits", "cpu")


def memory_limit_before(basis: Basis) -> Json:
    """A limit of memory, as one of CPU."""
    return _known(basis, "limits", "memory")


def _known(basis: Basis, side: str, resource: str) -> str | None:
    """The amount that is wanted, where the evidence gives it. A limit is never measured: what was used is no limit."""
    if (side, resource) not in _wanted(basis):
        return None
    now = _stands(basis.container, side, resource)
    ran = earlier(basis) or (before(basis) if basis.finding.kind == "autoscaler_stuck" else None)  # scaled to none now, but it did
    then = _stands(earlier_container(basis, ran), side, resource)
    if then and not now:
        return then
    return _by_use(basis, resource) if side == "requests" else None


def _by_use(basis: Basis, resource: str) -> str | None:
    used = _used(basis, resource)
    if not used:
        return None
    if resource == "cpu":
        return _measured(used, resource) if not _requests(basis.container, resource) else None
    now, most = _requests(basis.container, resource), _stands(basis.container, "limits", resource)
    needed = _measured(used, resource)
    fits = (not now or parse(needed) > parse(now)) and (not most or parse(needed) <= parse(most))
    return needed if fits else None


def _wanted(basis: Basis) -> frozenset[tuple[str, str]]:
    """What must be set: `requests` or `limits` of a resource; `cpu` alone, as autoscalers and quotas call it, is a request."""
    said = _NAMED.finditer(basis.fact("resource"))
    return frozenset((match["side"] or "requests", match["resource"]) for match in said)


def _stands(container: Mapping[str, Json], side: str, resource: str) -> str:
    """A request or limit of a container, empty where it has none."""
    return str(((container.get("resources") or {}).get(side) or {}).get(resource) or "")


def _requests(container: Mapping[str, Json], resource: str) -> str:
    return _stands(container, "requests", resource)


def _used(basis: Basis, resource: str) -> Decimal | None:
    """The most that this container was seen to use, in cores or bytes."""
    if basis.fact("used") and basis.finding.kind == "evicted":
        return parse(basis.fact("used"))
    seen = [amount_of(series, value) for series in _series(basis, resource) for _, value in series.points]
    return max(seen, default=None)


def _series(basis: Basis, resource: str) -> Iterator[Series]:
    pods = basis.observed.pods_of(object_ref(basis.live))
    alone = sum(where == "containers" for where, _ in containers(basis.live)) == 1
    for _, series in basis.observed.series():
        if not series.metric.endswith(USE.get(resource, ())) or not any(names_pod(series, pod) for pod in pods):
            continue
        named = container_of(series)
        if (named if named is not None else basis.container.get("name") if alone else "") == basis.container.get("name"):
            yield series


def amount_of(series: Series, value: float) -> Decimal:
    """A point of a series in cores or bytes."""
    return Decimal(str(value)) / (10**9 if series.metric.endswith(_IN_NANOCORES) else 1)


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
    less = [amount for amount in (then, measured) if amount and parse(amount) < parse(now)]
    fitting = [amount for amount in less if _fits_a_node(amount, basis) or (amount == then and not list(basis.observed.all("Node")))]
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
