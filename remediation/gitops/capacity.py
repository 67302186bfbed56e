"""Whether a pod of the changed workload finds a node: allocatable minus what the pods there request, among nodes that take it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from remediation.admission import amount
from remediation.footprint import asks, pod_total
from remediation.quantities import parse
from remediation.terms import Json
from remediation.workloads import pod_spec

_COUNTED = ("cpu", "memory")
_ENDED = frozenset({"Succeeded", "Failed"})
_REPELS = frozenset({"NoSchedule", "NoExecute"})


def no_node(base: Mapping[str, Json], head: Mapping[str, Json], nodes: Sequence[Mapping[str, Json]], pods: Sequence[Mapping[str, Json]]) -> Iterator[str]:  # noqa: E501
    """A sentence for each request that was raised and that no node has left. The workload's own pods are counted as gone.

    nodes: none where they were not asked. Raises ValueError for a quantity that is none.
    """
    fitting = [node for node in nodes if _takes(node, head)]
    if nodes and not fitting:
        yield "no schedulable node takes its pods (cordoned, tainted, or without the labels that it selects)"
        return
    now, then = (asks(workload) for workload in (base, head))
    used = _used(pod for pod in pods if not _of(pod, base))
    for resource in _COUNTED:
        wanted = pod_total(head, then, "requests", resource)
        if not fitting or wanted <= pod_total(base, now, "requests", resource):
            continue
        free = {_name(node): _allocatable(node, resource) - used[_name(node)][resource] for node in fitting}
        best = max(free, key=lambda name: free[name])
        if wanted > free[best]:
            left = amount(resource, max(free[best], Decimal(0)))
            yield f"no node has room for a pod that requests {amount(resource, wanted)} {resource}: {best} has most left, {left}"


def _name(thing: Mapping[str, Json]) -> str:
    return str(thing["metadata"]["name"])


def _allocatable(node: Mapping[str, Json], resource: str) -> Decimal:
    status = node.get("status") or {}
    return parse((status.get("allocatable") or status.get("capacity") or {}).get(resource, 0))


def _used(pods: Iterable[Mapping[str, Json]]) -> Mapping[str, Mapping[str, Decimal]]:
    """By node and resource, what running pods request."""
    used: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for pod in pods:
        node = str((pod.get("spec") or {}).get("nodeName") or "")
        if node and (pod.get("status") or {}).get("phase") not in _ENDED:
            wanted = asks(pod)
            for resource in _COUNTED:
                used[node][resource] += pod_total(pod, wanted, "requests", resource)
    return used


def _of(pod: Mapping[str, Json], workload: Mapping[str, Json]) -> bool:
    """Whether a pod is the workload's own, by its selector: a rollout gives its place back."""
    wanted = ((workload.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    metadata, place = pod.get("metadata") or {}, (workload.get("metadata") or {}).get("namespace", "")
    same = metadata.get("namespace", "") == place or not place
    return bool(wanted) and same and all((metadata.get("labels") or {}).get(key) == value for key, value in wanted.items())


def _takes(node: Mapping[str, Json], workload: Mapping[str, Json]) -> bool:
    """Whether the node is ready for new pods, tolerated, and of the labels that the pods select."""
    spec, pod = node.get("spec") or {}, pod_spec(workload)
    labels = (node.get("metadata") or {}).get("labels") or {}
    if spec.get("unschedulable") or any(labels.get(key) != value for key, value in (pod.get("nodeSelector") or {}).items()):
        return False
    repelling = [taint for taint in spec.get("taints") or () if taint.get("effect") in _REPELS]
    return all(any(tolerates(toleration, taint) for toleration in pod.get("tolerations") or ()) for taint in repelling)


def tolerates(toleration: Mapping[str, Json], taint: Mapping[str, Json]) -> bool:
    """Whether a pod's toleration lets it pass a node's taint."""
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return (toleration.get("key"), toleration.get("value", "")) == (taint.get("key"), taint.get("value", ""))
