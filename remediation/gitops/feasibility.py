"""Whether the changed object could run: request within limit, an autoscaler's field, LimitRanges as Git has them."""

from collections.abc import Mapping, Sequence

from remediation.admission import outside_limit_ranges, requests_over_limits
from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, Path
from remediation.terms import Json, ObjectRef

_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def check_scaled(ref: ObjectRef, fields: Sequence[Path], scalers: Sequence[Mapping[str, Json]]) -> None:
    """Raises Refused other_owner where an autoscaler sets the replicas."""
    if ("spec", "replicas") not in fields:
        return
    for scaler in scalers:
        target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        if scaler.get("kind") in _SCALERS and target.get("name") == ref.name and target.get("kind", "Deployment") == ref.kind:
            name = scaler["metadata"]["name"]
            what = f"spec.replicas is set by the {scaler['kind']} {name}, not from Git."
            raise Refused(what, f"Change minReplicas or maxReplicas of {name}.", kind="other_owner")


def check_feasible(base: Json, head: Json, limit_ranges: Sequence[Mapping[str, Json]]) -> None:
    """Raises Refused infeasible for what the API server would refuse of the new object and did not refuse of the old one."""
    if not isinstance(head, Mapping) or head is MISSING:
        return
    try:
        before = {*requests_over_limits(base), *outside_limit_ranges(base, limit_ranges)}
    except ValueError:  # a quantity that something fills in
        return
    try:
        new = [s for s in (*requests_over_limits(head), *outside_limit_ranges(head, limit_ranges)) if s not in before]
    except ValueError as error:
        raise Refused(f"The object could not run: {error}.", "Write amounts as 500m or 512Mi.", kind="infeasible") from error
    if new:
        raise Refused(f"The object could not run: {'; '.join(new[:3])}.", "Choose other values, or change both.", kind="infeasible")
