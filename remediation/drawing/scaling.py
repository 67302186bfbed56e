"""How many pods: as many as there were, and how far an autoscaler may go."""

import math
import re

from remediation.admission import over_quota
from remediation.drawing.basis import Basis
from remediation.drawing.likeness import surely_meant
from remediation.observed import event_text, place_of
from remediation.terms import Json
from remediation.workloads import object_ref, scales

_SCALED = re.compile(r"to 0 from (?P<before>\d+)|from (?P<from>\d+) to 0")
_MORE = 1.5  # times the maximum that stands there


def replicas_before(basis: Basis) -> Json:
    """How many there were before it was scaled to zero, as an event says; only where a Service is left without pods."""
    _, namespace, name = place_of(basis.live)
    owner = next((a for a in basis.observed.all("HorizontalPodAutoscaler", namespace) if scales(a, object_ref(basis.live))), None)
    if owner is not None:
        raise basis.refused(f"HorizontalPodAutoscaler {place_of(owner)[2]} owns the replicas of {name}.", "Change the autoscaler.")
    if not basis.fact("services"):
        raise basis.refused("No Service misses its pods, so it may be meant.", "Ask who scaled it down.")
    events = basis.observed.events_of(basis.live, *basis.observed.replica_sets_of(object_ref(basis.live)))
    found = (match for event in events if (match := _SCALED.search(event_text(event))))
    return next((int(match["before"] or match["from"]) for match in found), None)


def more_replicas(basis: Basis) -> Json:
    """Half as many again as the autoscaler's maximum, where the namespace's quotas have room for the pods."""
    if basis.fact("cause") != "at_maximum":
        return None
    maximum = int((basis.live.get("spec") or {}).get("maxReplicas") or 0)
    wanted = math.ceil(maximum * _MORE)
    target = _target(basis)
    if not maximum or target is None:
        return None
    head = {**target, "spec": {**(target.get("spec") or {}), "replicas": wanted}}
    quotas, ranges = (list(basis.observed.all(kind, basis.namespace)) for kind in ("ResourceQuota", "LimitRange"))
    refusals = over_quota(target, head, quotas, ranges).refusals
    if refusals:
        raise basis.refused(f"With {wanted} pods {refusals[0]}.", "Raise the quota first, or lower what a pod asks for.")
    return wanted


def _target(basis: Basis) -> dict[str, Json] | None:
    target = (basis.live.get("spec") or {}).get("scaleTargetRef") or {}
    found = basis.observed.get(str(target.get("kind")), basis.namespace, str(target.get("name")))
    return dict(found) if found is not None else None


def scale_target(basis: Basis) -> Json:
    """The one workload of the kind that the autoscaler asks for whose name is nearly the one that it asks for."""
    if basis.fact("cause") != "target_missing":
        return None
    target = (basis.live.get("spec") or {}).get("scaleTargetRef") or {}
    wanted = str(target.get("name"))
    known = [place_of(thing)[2] for thing in basis.observed.all(str(target.get("kind")), basis.namespace)]
    free = [name for name in known if name not in _scaled(basis)]
    return surely_meant(wanted, free) if wanted not in known else None


def _scaled(basis: Basis) -> set[str]:
    """What an autoscaler of the namespace has for its target already."""
    scalers = basis.observed.all("HorizontalPodAutoscaler", basis.namespace)
    return {str(((each.get("spec") or {}).get("scaleTargetRef") or {}).get("name")) for each in scalers}
