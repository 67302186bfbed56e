"""An autoscaler for a fixed number of pods: from as many as there are, as far as quotas go, at a share of CPU that it would act on."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from remediation.admission import over_quota
from remediation.drawing.basis import Basis
from remediation.drawing.requests import USE, amount_of
from remediation.footprint import asks
from remediation.labelled import container_of, names_pod
from remediation.observed import Object, Observed, place_of, ready
from remediation.terms import Json
from remediation.workloads import object_ref, pod_spec, scales

_MOST_GROWTH = 2
_MOST_PODS = 100
_EVEN = Decimal("0.5")  # the least busy pod uses at least so much of what the busiest uses
_SHARE = Decimal("0.7")  # of what a pod may use, where it should stand on average
_LEAST, _MOST = 50, 90  # percent of the request
_BY_HAND = "Add pods by hand, or raise the CPU limit."
_TOP = re.compile(r"\bCPU\(cores\)")  # `kubectl top` asks the metrics API


def fixed_replicas(basis: Basis) -> Json:
    """How many pods there are, where nothing scales them, they are alike and equally busy, and an autoscaler could read their CPU."""
    replicas = (basis.live.get("spec") or {}).get("replicas")
    if not isinstance(replicas, int) or replicas < 2:  # noqa: PLR2004 - more than one
        raise basis.refused("It runs one pod, and nothing shows that it may run more.", _BY_HAND)
    for why in (*_scaled(basis), *_unlike(basis), *_unreadable(basis)):
        raise basis.refused(why, _BY_HAND)
    use = _use(basis)
    if len(use) != replicas:
        raise basis.refused(f"The CPU of {len(use)} of its {replicas} pods is known.", _BY_HAND)
    if min(use.values()) < max(use.values()) * _EVEN:
        raise basis.refused("Its pods are not equally busy: more of them need not help.", "Find out why the load is uneven.")
    return replicas


def most_replicas(basis: Basis) -> Json:
    """Twice as many at most, fewer where the namespace's quotas have no room for those."""
    replicas = int(str(basis.taken["minimum"]))
    quotas, ranges = (list(basis.observed.all(kind, basis.namespace)) for kind in ("ResourceQuota", "LimitRange"))
    refusals: Sequence[str] = ()
    for wanted in range(min(replicas * _MOST_GROWTH, _MOST_PODS), replicas, -1):
        head = {**basis.live, "spec": {**basis.live["spec"], "replicas": wanted}}
        refusals = over_quota(basis.live, head, quotas, ranges).refusals
        if not refusals:
            return wanted
    raise basis.refused(refusals[0] if refusals else "It runs as many pods as may be.", "Raise the quota first.")


def cpu_target(basis: Basis) -> Json:
    """Seven tenths of what a pod may use, in percent of what it requests, within bounds; where its pods use more than that now."""
    ranges = list(basis.observed.all("LimitRange", basis.namespace))
    own = [ask for ask in asks(basis.live, ranges) if not ask.init or ask.sidecar]
    requested = sum(ask.requests["cpu"] for ask in own)
    allowed = sum(ask.limits.get("cpu", ask.requests["cpu"]) for ask in own)
    if requested <= 0:
        raise basis.refused("Its containers request no CPU, of which an autoscaler takes its share.", "Set their requests first.")
    target = min(max(int(100 * _SHARE * allowed / requested), _LEAST), _MOST)
    use = _use(basis)
    now = int(100 * sum(use.values()) / (requested * len(use)))
    if now <= target:
        what = f"Its pods use {now}% of the CPU that they request: an autoscaler at {target}% would add none."
        raise basis.refused(what, "Raise the CPU limit of the container that is held back.")
    return target


def _scaled(basis: Basis) -> Iterator[str]:
    """Who scales it already."""
    thing = object_ref(basis.live)
    for kind in ("HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"):
        for scaler in basis.observed.all(kind, basis.namespace):
            target = (scaler.get("spec") or {}).get("targetRef" if kind == "VerticalPodAutoscaler" else "scaleTargetRef") or {}
            if scales({"spec": {"scaleTargetRef": {"kind": "Deployment", **target}}}, thing):
                yield f"{kind} {place_of(scaler)[2]} scales it already."


def _unlike(basis: Basis) -> Iterator[str]:
    """What its pods would share, or what they cannot be measured against."""
    spec = pod_spec(basis.live)
    claims = [volume for volume in spec.get("volumes") or () if volume.get("persistentVolumeClaim")]
    if claims:
        yield f"Its pods share the volume {claims[0].get('name')}."
    ranges = list(basis.observed.all("LimitRange", basis.namespace))
    for thing in (basis.live, *_ready_pods(basis)):
        lacking = [ask.name for ask in asks(thing, ranges) if not ask.requests.get("cpu") and (not ask.init or ask.sidecar)]
        if lacking:
            yield f"Container {lacking[0]} requests no CPU, by which an autoscaler would measure it."


def _unreadable(basis: Basis) -> Iterator[str]:
    if not _metrics_served(basis.observed):
        yield "Nothing shows that the cluster serves the resource metrics API (metrics-server), which an autoscaler reads."


def _metrics_served(observed: Observed) -> bool:
    """Whether the API is available by its own word, else an autoscaler reads its metrics, or `kubectl top` was answered."""
    own = observed.get("APIService", "", "v1beta1.metrics.k8s.io")
    if own is not None:
        return _condition(own, "Available") == "True"
    reading = (scaler for scaler in observed.all("HorizontalPodAutoscaler") if _by_resource(scaler))
    told = (_TOP.search(item.text) for item in observed.evidence if not item.failed)
    return any(_condition(scaler, "ScalingActive") == "True" for scaler in reading) or any(told)


def _by_resource(scaler: Object) -> bool:
    return any(metric.get("type") in ("Resource", "ContainerResource") for metric in (scaler.get("spec") or {}).get("metrics") or ())


def _condition(thing: Object, kind: str) -> str:
    conditions = (thing.get("status") or {}).get("conditions") or ()
    return next((str(each.get("status")) for each in conditions if each.get("type") == kind), "")


def _ready_pods(basis: Basis) -> Sequence[Object]:
    return [pod for pod in basis.observed.living_pods_of(object_ref(basis.live)) if ready(pod)]


def _use(basis: Basis) -> Mapping[str, Decimal]:
    """The cores that each ready pod uses now, where it is known."""
    known: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    pods = _ready_pods(basis)
    for _, series in basis.observed.series():
        pod = next((place_of(one)[2] for one in pods if names_pod(series, one)), "")
        if pod and series.metric.endswith(USE["cpu"]) and series.points:
            name = container_of(series) or ""
            now = amount_of(series, series.points[-1][1])
            known[pod][name] = max(now, known[pod].get(name, Decimal(0)))
    return {pod: max(used.get("", Decimal(0)), sum((v for n, v in used.items() if n), Decimal(0))) for pod, used in known.items()}
