"""An autoscaler that cannot do its work: it reads no metrics, has no target, or has reached its end."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, event_text, place_of
from remediation.terms import Finding, Json, Target
from remediation.workloads import containers

_CAUSES: Sequence[tuple[str, str]] = (
    ("contended", r"controlled by multiple HPAs"),
    ("requests_missing", r"missing request for (?P<resource>\w+)"),
    ("metrics_api", (r"metrics API|metrics\.k8s\.io|the server is currently unable to handle the request|no metrics returned from resource "
                    r"metrics|unable to fetch metrics|did not receive metrics|no known available metric versions")),
    ("target_missing", (r"(?<![\w.])(?P<kind>[\w.]+) \"(?P<name>[^\"]{1,253})\" not found|unable to get the target's current "
                       r"scale|could not find the requested resource")),
)  # fmt: skip

_COUNTED: Mapping[str, str] = {
    "now": r"kube_(?:horizontalpodautoscaler|hpa)_status_current_replicas",
    "most": r"kube_(?:horizontalpodautoscaler|hpa)_spec_max_replicas",
}


@dataclass(frozen=True, kw_only=True)
class AutoscalerStuck:
    """cause: contended, requests_missing, metrics_api, target_missing, at_maximum, unknown.  target: `Kind/name`.

    resource: that it scales by.  reported: whether the cluster says so.  reason: of its condition, such as FailedGetResourceMetric.
    """

    cause: str
    target: str
    resource: str
    minimum: int
    maximum: int
    current: int
    reason: str
    message: str
    reported: bool


def autoscaler_stuck(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each HorizontalPodAutoscaler."""
    yield from _by_metrics(observed)
    for scaler in observed.spoken_of("HorizontalPodAutoscaler"):
        reason, message = _complaint(scaler, observed)
        cause = next((c for c, words in _CAUSES if re.search(words, message)), "unknown" if message else "")
        target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        thing = observed.get(str(target.get("kind")), place_of(scaler)[1], str(target.get("name")))
        resource = _resource(scaler)
        unsure = (not cause and not _computes(scaler)) or cause == "metrics_api"
        if thing is not None and resource and unsure and _without_request(thing, resource):
            cause = "requests_missing"
        if not message and thing is None and _others_known(scaler, str(target.get("kind")), observed):
            cause = "target_missing"
        if not cause and _at_maximum(scaler):
            cause = "at_maximum"
        if cause:
            yield _finding(scaler, cause, (reason, message), thing, observed)


def _by_metrics(observed: Observed) -> Iterator[Finding]:
    """Autoscalers at their maximum as kube-state-metrics counts, of which no item shows the autoscaler itself."""
    counts: dict[tuple[str, str], dict[str, tuple[str, float]]] = {}
    for item, series in observed.series():
        side = next((side for side, words in _COUNTED.items() if re.fullmatch(words, series.metric)), "")
        name = series.labels.get("horizontalpodautoscaler") or series.labels.get("hpa") or ""
        if side and name and series.points:
            counts.setdefault((series.labels.get("namespace", ""), name), {})[side] = item, series.points[-1][1]
    for (namespace, name), sides in counts.items():
        known = observed.get("HorizontalPodAutoscaler", namespace, name) is not None
        if known or not {"now", "most"} <= sides.keys() or sides["now"][1] < sides["most"][1]:
            continue
        most = int(sides["most"][1])
        facts = AutoscalerStuck(cause="at_maximum", target="", resource="", minimum=0, maximum=most, current=most, reason="", message="",
                                reported=True)  # fmt: skip
        text = f"HorizontalPodAutoscaler {name} (HPA) in {namespace} is at its maximum of {most} replicas"
        cites = tuple(dict.fromkeys((sides["now"][0], sides["most"][0])))
        yield found("autoscaler_stuck", f"HorizontalPodAutoscaler/{namespace}/{name}", facts, text, cites)


def _complaint(scaler: Object, observed: Observed) -> tuple[str, str]:
    """Reason and message of what the autoscaler or its events say, the most telling."""
    said = [(str(c.get("reason") or ""), str(c.get("message") or "")) for c in conditions(scaler)
            if c.get("type") in ("ScalingActive", "AbleToScale") and c.get("status") == "False"]  # fmt: skip
    said += [(str(e.get("reason")), event_text(e)) for e in observed.events_of(scaler) if str(e.get("reason", "")).startswith("Failed")]
    said += [(str(c.get("reason")), str(c.get("message"))) for c in conditions(scaler) if str(c.get("reason", "")).startswith("Failed")]
    return max(said, key=lambda pair: len(pair[1]), default=("", ""))


def _said_so(scaler: Object, message: str, observed: Observed) -> Sequence[Object]:
    """The event with this message."""
    return [event for event in observed.events_of(scaler) if message and event_text(event) == message][:1]


def conditions(scaler: Object) -> Sequence[Mapping[str, Json]]:
    """Its conditions; in the older version of the API they stand in an annotation."""
    written = ((scaler.get("metadata") or {}).get("annotations") or {}).get("autoscaling.alpha.kubernetes.io/conditions")
    try:
        older = json.loads(written) if written else []
    except ValueError:
        older = []
    return [*((scaler.get("status") or {}).get("conditions") or ()), *older]


def _resource(scaler: Object) -> str:
    spec = scaler.get("spec") or {}
    named = [str((m.get("resource") or {}).get("name")) for m in spec.get("metrics") or () if m.get("type") == "Resource"
             and ((m["resource"].get("target") or {}).get("type") in ("Utilization", None))]  # fmt: skip
    targets = str((scaler.get("status") or {}).get("targets") or "")
    printed = re.search(r"resource (\w+) on pods", targets) or re.search(r"(cpu|memory): ", targets)
    return (
        named[0]
        if named
        else "cpu"
        if "targetCPUUtilizationPercentage" in spec
        else printed[1]
        if printed
        else "cpu"
        if "%" in targets
        else ""
    )


def _without_request(thing: Object, resource: str) -> bool:
    """Whether containers are shown to request nothing; a table's row (CONTAINERS, IMAGES) says nothing of requests."""
    if not ((thing.get("spec") or {}).get("template") or {}).get("metadata") and all(
        c.keys() <= {"name", "image"} for _, c in containers(thing)
    ):
        return False
    own = [c.get("resources") or {} for where, c in containers(thing) if where == "containers" and c.get("image")]
    return bool(own) and any(resource not in (r.get("requests") or {}) and resource not in (r.get("limits") or {}) for r in own)


def _computes(scaler: Object) -> bool:
    """Whether it has a utilisation, which without requests it could not have."""
    if re.search(r"\d%[^/]*/", str((scaler.get("status") or {}).get("targets") or "")):
        return True
    metrics = (scaler.get("status") or {}).get("currentMetrics") or ()
    return any(((metric.get("resource") or {}).get("current") or {}).get("averageUtilization") is not None for metric in metrics)


def _others_known(scaler: Object, kind: str, observed: Observed) -> bool:
    return bool(kind and next(iter(observed.all(kind, place_of(scaler)[1])), None))


def _at_maximum(scaler: Object) -> bool:
    spec, status = scaler.get("spec") or {}, scaler.get("status") or {}
    if spec.get("maxReplicas") and spec.get("minReplicas") == spec["maxReplicas"]:
        return False  # held at one number on purpose
    limited = any(
        c.get("type") == "ScalingLimited" and c.get("status") == "True" and c.get("reason") == "TooManyReplicas" for c in conditions(scaler)
    )
    full = bool(spec.get("maxReplicas")) and int(status.get("currentReplicas") or 0) >= int(spec["maxReplicas"]) > int(
        spec.get("minReplicas") or 1
    )
    return limited or (full and _above_target(str(status.get("targets") or "")))


def _above_target(targets: str) -> bool:
    pairs = re.findall(r"(?<!\d)(\d{1,9})%(?: \([^)]{0,80}\))?\s{0,9}/\s{0,9}(\d{1,9})%", targets)
    return not targets or any(int(now) > int(aim) for now, aim in pairs)


def _finding(scaler: Object, cause: str, said: tuple[str, str], thing: Object | None, observed: Observed) -> Finding:
    _, namespace, name = place_of(scaler)
    spec, status = scaler.get("spec") or {}, scaler.get("status") or {}
    target = spec.get("scaleTargetRef") or {}
    where = f"{target['kind']}/{target.get('name')}" if target.get("kind") else "its target"
    named = _resource(scaler)
    facts = AutoscalerStuck(cause=cause, target=where if target.get("kind") else "",
                             resource=named or "cpu", minimum=int(spec.get("minReplicas") or 1),
                            maximum=int(spec.get("maxReplicas") or 0), current=int(status.get("currentReplicas") or 0), reason=said[0],
                            message=said[1][:400], reported=bool(said[1]))  # fmt: skip
    words = {
        "requests_missing": f"cannot compute {facts.resource.upper() if facts.resource == 'cpu' else facts.resource} utilisation, because "
                            f"the containers of {where} define no resource requests",
        "metrics_api": "reads no metrics: the resource metrics API (metrics-server, metrics.k8s.io) is not available",
        "contended": "does not scale, for another autoscaler claims the same pods",
        "target_missing": f"has a target {where} that does not exist",
        "at_maximum": f"is at its maximum of {facts.maximum} replicas and wants more{f' for its {named}' if named else ''}",
    }.get(cause, "does not scale")  # fmt: skip
    message = f'; {facts.reason}: "{said[1].strip()}"' if said[1] else ""
    text = f"HorizontalPodAutoscaler {name} (HPA) of {where} in {namespace} {words}{message}"
    return found(
        "autoscaler_stuck",
        f"HorizontalPodAutoscaler/{namespace}/{name}",
        facts,
        text,
        observed.cites(scaler, *([thing] if thing else ()), *_said_so(scaler, said[1], observed)),
    )
