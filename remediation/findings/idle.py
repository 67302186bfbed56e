"""Whoever scales a workload, and may scale it to nothing: what it says of itself decides whether zero pods are a failure."""

from collections.abc import Mapping

from remediation.observed import Object, Observed, place_of

_KINDS = ("HorizontalPodAutoscaler", "ScaledObject", "HTTPScaledObject")


def scaler_to_zero(thing: Object, observed: Observed) -> Object | None:
    """The autoscaler that may take every pod of a workload away; None where it has none, or one that keeps some."""
    _, namespace, name = place_of(thing)
    for kind in _KINDS:
        for scaler in observed.all(kind):
            spec = scaler.get("spec")
            reference = spec.get("scaleTargetRef") if isinstance(spec, Mapping) else None
            same = isinstance(reference, Mapping) and reference.get("name") == name and place_of(scaler)[1] in (namespace, "")
            least = (spec or {}).get("minReplicaCount", (spec or {}).get("minReplicas", 1 if kind == "HorizontalPodAutoscaler" else 0))
            if same and str(least) == "0":
                return scaler
    return None
