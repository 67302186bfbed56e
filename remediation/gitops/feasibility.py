"""Whether the changed object could run, and whether Git sets its fields: autoscalers, limits, quotas, budgets, nodes, priorities."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.admission import outside_limit_ranges, over_quota, requests_over_limits
from remediation.errors import Refused
from remediation.gitops.capacity import no_node
from remediation.gitops.disruption import undrainable
from remediation.gitops.fieldpath import MISSING, Item, Path, format_path
from remediation.gitops.placeholders import TEMPLATED
from remediation.gitops.validity.objects import check_valid
from remediation.terms import Json, ObjectRef
from remediation.workloads import pod_spec

_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_SETS = frozenset({"Auto", "Recreate", "Initial", "InPlaceOrRecreate"})  # modes in which a VPA writes into pods
_BUILT_IN = frozenset({"system-cluster-critical", "system-node-critical"})
_SHOWN = 3
Objects = Sequence[Mapping[str, Json]]


def check_scaled(ref: ObjectRef, fields: Sequence[Path], near: Objects) -> None:
    """Raises Refused other_owner where an autoscaler sets the replicas, or the pods' requests and limits."""
    for scaler in near:
        kind, name = str(scaler.get("kind")), str((scaler.get("metadata") or {}).get("name"))
        spec = scaler.get("spec") or {}
        target = spec.get("targetRef" if kind == "VerticalPodAutoscaler" else "scaleTargetRef") or {}
        if (target.get("kind", "Deployment"), target.get("name")) != (ref.kind, ref.name):
            continue
        if kind in _SCALERS and ("spec", "replicas") in fields:
            what = f"spec.replicas is set by the {kind} {name}, not from Git."
            bounds = ("minReplicas", "maxReplicas") if kind == "HorizontalPodAutoscaler" else ("minReplicaCount", "maxReplicaCount")
            now = " and ".join(f"{bound} {spec[bound]}" for bound in bounds if bound in spec)
            raise Refused(what, f"Change {' or '.join(bounds)} of {name}{f' (now {now})' if now else ''}.", kind="other_owner")
        recommended = [field for field in fields if kind == "VerticalPodAutoscaler" and _recommends(spec, field)]
        if recommended:
            what = f"{format_path(recommended[0])} is set by the VerticalPodAutoscaler {name}, not from Git."
            raise Refused(what, f"Change minAllowed or maxAllowed of {name}, or its updateMode.", kind="other_owner")


def _recommends(spec: Mapping[str, Json], field: Path) -> bool:
    """Whether the VPA writes this field into pods: its mode, then what it says of the container and the resource."""
    if (spec.get("updatePolicy") or {}).get("updateMode", "Auto") not in _SETS or "resources" not in field:
        return False
    at = field.index("resources")
    side, resource = ((*field[at + 1 :], "", "")[:2])
    container = field[at - 1].value if isinstance(field[at - 1], Item) else "*"  # type: ignore[union-attr]
    policies = {each.get("containerName"): each for each in (spec.get("resourcePolicy") or {}).get("containerPolicies") or ()}
    policy = policies.get(container) or policies.get("*") or {}
    controlled = policy.get("controlledResources") or ("cpu", "memory")
    sides = ("", "requests") if policy.get("controlledValues") == "RequestsOnly" else ("", "requests", "limits")
    return policy.get("mode", "Auto") != "Off" and side in sides and (resource == "" or resource in controlled)


def check_feasible(base: Json, head: Json, near: Objects, live: Mapping[str, Json]) -> None:
    """Raises Refused infeasible for what the cluster would not run of the new object and does run of the old one.

    near: what stands around it, in Git or in the cluster; a kind that is absent was not asked. live: the object, empty where not known.
    """
    if not isinstance(head, Mapping) or head is MISSING or not isinstance(base, Mapping):
        return
    check_valid(base, head)
    try:
        before = set(_objections(base, base, near, live))
    except ValueError:  # a quantity that something fills in
        return
    try:
        new = list(dict.fromkeys(each for each in _objections(base, head, near, live) if each not in before))
    except ValueError as error:
        if TEMPLATED.search(str(error)):
            return  # what something fills in is not judged
        raise Refused(f"The object could not run: {error}.", "Write amounts as 500m or 512Mi.", kind="infeasible") from error
    if new:
        raise Refused(f"The object could not run: {'; '.join(new[:_SHOWN])}.", "Choose other values, or change both.", kind="infeasible")


def _objections(base: Mapping[str, Json], head: Mapping[str, Json], near: Objects, live: Mapping[str, Json]) -> Iterator[str]:
    of = {kind: [each for each in near if each.get("kind") == kind] for kind in {str(each.get("kind")) for each in near}}
    limit_ranges = of.get("LimitRange", [])
    yield from requests_over_limits(head)
    yield from outside_limit_ranges(head, limit_ranges)
    yield from undrainable(head, of.get("PodDisruptionBudget", []))
    yield from _priority(head, of.get("PriorityClass"))
    if head is not base:
        yield from over_quota(live or base, head, of.get("ResourceQuota", []), limit_ranges).refusals
        yield from no_node(base, head, of.get("Node", []), of.get("Pod", []))


def _priority(head: Mapping[str, Json], classes: Objects | None) -> Iterator[str]:
    name = pod_spec(head).get("priorityClassName")
    if name and classes is not None and name not in _BUILT_IN | {each["metadata"]["name"] for each in classes}:
        yield f"there is no PriorityClass {name}"
