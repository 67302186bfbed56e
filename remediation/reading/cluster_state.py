"""What kube-state-metrics measures of objects, said as these objects: pods with their containers' states, workloads, nodes, claims."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from remediation.kinds import KINDS
from remediation.observed import Object
from remediation.quantities import format_memory
from remediation.reading.foreign import unlimited
from remediation.terms import Json, Series

_POD, _CONTAINER = "kube_pod_", "kube_pod_container_"
_COUNTS = {  # of workloads: where the number stands in the object
    "kube_deployment_spec_replicas": ("Deployment", "spec", "replicas"),
    "kube_deployment_status_replicas": ("Deployment", "status", "replicas"),
    "kube_deployment_status_replicas_ready": ("Deployment", "status", "readyReplicas"),
    "kube_deployment_status_replicas_available": ("Deployment", "status", "availableReplicas"),
    "kube_deployment_status_replicas_unavailable": ("Deployment", "status", "unavailableReplicas"),
    "kube_deployment_status_replicas_updated": ("Deployment", "status", "updatedReplicas"),
    "kube_statefulset_replicas": ("StatefulSet", "spec", "replicas"),
    "kube_statefulset_status_replicas_ready": ("StatefulSet", "status", "readyReplicas"),
    "kube_daemonset_status_desired_number_scheduled": ("DaemonSet", "status", "desiredNumberScheduled"),
    "kube_daemonset_status_number_ready": ("DaemonSet", "status", "numberReady"),
    "kube_daemonset_status_number_unavailable": ("DaemonSet", "status", "numberUnavailable"),
    "kube_job_status_failed": ("Job", "status", "failed"),
    "kube_job_status_succeeded": ("Job", "status", "succeeded"),
}
_STATES = {
    "waiting_reason": ("state", "waiting"), "terminated_reason": ("state", "terminated"),
    "last_terminated_reason": ("lastState", "terminated"),
}  # fmt: skip


def objects(series: Iterable[Series]) -> Iterator[Object]:
    """The objects that these series measure, as the last point of each says."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    ordered = sorted((one for one in series if one.points and one.metric.startswith("kube_")), key=lambda one: one.points[-1][0])
    for one in ordered:
        metric, value = one.metric, one.points[-1][1]
        if metric in _COUNTS:
            kind, side, name = _COUNTS[metric]
            _object(found, kind, one.labels)[side][name] = int(value)
        elif metric.startswith(_CONTAINER):
            _of_container(found, metric.removeprefix(_CONTAINER), one.labels, value)
        elif value and metric in _READERS:
            _READERS[metric](found, one.labels)
    told = any(one.metric.startswith(f"{_CONTAINER}resource_limits") for one in ordered)
    for (kind, _, name), thing in found.items():
        if name:
            yield unlimited(thing) if kind == "Pod" and not told else thing


def _object(found: dict[tuple[str, str, str], dict[str, Any]], kind: str, labels: Mapping[str, str]) -> dict[str, Any]:
    known = KINDS[kind]
    name = labels.get({"Job": "job_name"}.get(kind, kind.lower()), "")
    namespace = labels.get("exported_namespace") or labels.get("namespace", "") if known.namespaced else ""
    metadata = {"name": name, **({"namespace": namespace} if known.namespaced else {})}
    bare = {"apiVersion": known.api_version, "kind": kind, "metadata": metadata, "spec": {}, "status": {}}
    return found.setdefault((kind, namespace, name), bare)


def _of_container(found: dict[tuple[str, str, str], dict[str, Any]], what: str, labels: Mapping[str, str], value: float) -> None:
    named = {**labels, "pod": labels.get("exported_pod") or labels.get("pod", "")}
    container = labels.get("exported_container") or labels.get("container", "")
    pod = _object(found, "Pod", named)
    spec: dict[str, Any] = _entry(pod["spec"].setdefault("containers", []), container)
    status: dict[str, Any] = _entry(pod["status"].setdefault("containerStatuses", []), container)
    side, _, rest = what.partition("_")
    if what.startswith("status_") and (state := _STATES.get(rest)) is not None and value:
        status.setdefault(state[0], {})[state[1]] = {"reason": labels.get("reason", "")}
    elif what == "status_restarts_total":
        status["restartCount"] = int(value)
    elif what == "status_ready":
        status["ready"] = bool(value)
    elif what == "status_last_terminated_exitcode":
        status.setdefault("lastState", {}).setdefault("terminated", {})["exitCode"] = int(value)
    elif what == "info":
        spec["image"] = labels.get("image_spec") or labels.get("image", "")
    elif side == "resource" and rest.startswith(("limits", "requests")):
        _add_amount(spec, rest, labels, value)


def _entry(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for one in entries:
        if one["name"] == name:
            return one
    entries.append({"name": name})
    return entries[-1]


def _add_amount(spec: dict[str, Any], side: str, labels: Mapping[str, str], value: float) -> None:
    resource = labels.get("resource") or ("memory" if side.endswith("memory_bytes") else "cpu" if side.endswith("cpu_cores") else "")
    amount = format_memory(value) if resource == "memory" else f"{value * 1000:.0f}m" if resource == "cpu" else f"{value:g}"
    if resource:
        spec.setdefault("resources", {}).setdefault(side.partition("_")[0], {})[resource] = amount


def _phase(found: dict[tuple[str, str, str], dict[str, Any]], labels: Mapping[str, str]) -> None:
    _object(found, "Pod", labels)["status"]["phase"] = labels.get("phase", "")


def _readiness(found: dict[tuple[str, str, str], dict[str, Any]], labels: Mapping[str, str]) -> None:
    condition = {"type": "Ready", "status": labels.get("condition", "").capitalize()}
    _object(found, "Pod", labels)["status"]["conditions"] = [condition]


def _placed(found: dict[tuple[str, str, str], dict[str, Any]], labels: Mapping[str, str]) -> None:
    pod = _object(found, "Pod", labels)
    kind, owner = labels.get("created_by_kind", ""), labels.get("created_by_name", "")
    if labels.get("node"):
        pod["spec"]["nodeName"] = labels["node"]
    if kind in KINDS and owner not in ("", "<none>"):
        pod["metadata"]["ownerReferences"] = [{"apiVersion": KINDS[kind].api_version, "kind": kind, "name": owner, "controller": True}]


def _node_condition(found: dict[tuple[str, str, str], dict[str, Any]], labels: Mapping[str, str]) -> None:
    condition: dict[str, Json] = {"type": labels.get("condition", ""), "status": labels.get("status", "").capitalize()}
    _object(found, "Node", labels)["status"].setdefault("conditions", []).append(condition)


def _cordoned(found: dict[tuple[str, str, str], dict[str, Any]], labels: Mapping[str, str]) -> None:
    _object(found, "Node", labels)["spec"]["unschedulable"] = True


def _claim_phase(found: dict[tuple[str, str, str], dict[str, Any]], labels: Mapping[str, str]) -> None:
    _object(found, "PersistentVolumeClaim", labels)["status"]["phase"] = labels.get("phase", "")


_READERS: Mapping[str, Callable[[dict[tuple[str, str, str], dict[str, Any]], Mapping[str, str]], None]] = {
    "kube_pod_status_phase": _phase, "kube_pod_status_ready": _readiness, "kube_pod_info": _placed,
    "kube_node_status_condition": _node_condition, "kube_node_spec_unschedulable": _cordoned,
    "kube_persistentvolumeclaim_status_phase": _claim_phase,
}  # fmt: skip
