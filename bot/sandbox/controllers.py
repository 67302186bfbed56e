"""The cluster's controllers, one round of all; and those of services, quotas, autoscalers, budgets and claims."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from bot.sandbox import admission, loads
from bot.sandbox.cluster import Cluster, controlled_by, matches, short_hash
from bot.sandbox.conditions import condition, dated, ready
from bot.sandbox.fields import Object
from bot.sandbox.jobs import keep_cron_job, keep_job
from bot.sandbox.pod_sets import keep_daemon_set, keep_replica_set, keep_stateful_set
from bot.sandbox.rollouts import MANAGER, roll_out, share

SERVICE = "kubernetes.io/service-name"


def reconcile(cluster: Cluster, now: datetime) -> datetime | None:
    """One round of every controller; the time at which a rollout's deadline passes, if one is under way."""
    deadlines = [roll_out(cluster, d, now) for d in cluster.all("Deployment")]
    for kind, control in CONTROLLERS:
        for obj in cluster.all(kind):
            control(cluster, obj)
    return min((d for d in deadlines if d is not None), default=None)


def _endpoints(cluster: Cluster, service: Object) -> None:
    selector = service["spec"].get("selector")
    if not selector:
        return
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    pods = [p for p in cluster.all("Pod", namespace) if matches(selector, p["metadata"].get("labels", {})) and "podIP" in p["status"]]
    addresses = [(ready(p), _address(p)) for p in pods]
    ports = [{"name": p.get("name", ""), "port": _target(p, pods), "protocol": p["protocol"]} for p in service["spec"]["ports"]]
    ports = [{k: v for k, v in port.items() if v != ""} for port in ports]
    subset = {"addresses": [a for ok, a in addresses if ok], "notReadyAddresses": [a for ok, a in addresses if not ok], "ports": ports}
    subsets = [{k: v for k, v in subset.items() if v}] if addresses else []
    metadata: Object = {"name": name, "namespace": namespace}
    cluster.write({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": subsets}, MANAGER)
    sliced: Object = {"name": f"{name}-{short_hash(name, length=5)}", "namespace": namespace, "labels": {SERVICE: name}}
    endpoints = [
        {"addresses": [a["ip"]], "conditions": {"ready": ok, "serving": ok, "terminating": False}, "targetRef": a["targetRef"]}
        for ok, a in addresses
    ]
    sliced["ownerReferences"] = controlled_by(service)
    body = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": sliced, "addressType": "IPv4"}
    cluster.write({**body, "endpoints": endpoints, "ports": ports}, MANAGER)


def _address(pod: Object) -> Object:
    about = {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": about}


def _target(port: Object, pods: list[Object]) -> int:
    """A target port by number, or by the name that a container gives it."""
    target = port["targetPort"]
    if isinstance(target, int):
        return target
    named = [p for pod in pods for c in pod["spec"]["containers"] for p in c.get("ports", []) if p.get("name") == target]
    return int(named[0]["containerPort"]) if named else int(port["port"])


def _quota(cluster: Cluster, quota: Object) -> None:
    hard = quota["spec"].get("hard", {})
    used = admission.usage(admission.quota_pods(cluster, quota), hard)
    shown = {name: admission.written(name, used[name]) if name in used else "0" for name in hard}
    cluster.set_status(quota, {"hard": dict(hard), "used": shown})


def _autoscaler(cluster: Cluster, scaler: Object) -> None:
    target = scaler["spec"]["scaleTargetRef"]
    workload = cluster.get(target["kind"], scaler["metadata"]["namespace"], target["name"])
    if workload is None:
        return
    replicas, percent = workload["spec"]["replicas"], loads.utilization(cluster, workload)
    if percent is not None and (want := loads.replicas(scaler, replicas, percent)) != replicas:
        cluster.write({**workload, "spec": {**workload["spec"], "replicas": want}}, MANAGER)
        why = "cpu resource utilization (percentage of request) above target" if want > replicas else "All metrics below target"
        cluster.event(scaler, "Normal", "SuccessfulRescale", f"New size: {want}; reason: {why}", by="horizontal-pod-autoscaler")
        replicas = want
    texts = (
        ("AbleToScale", "ReadyForNewScale", "recommended size matches current size"),
        ("ScalingActive", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from cpu utilization"),
        ("ScalingLimited", "DesiredWithinRange", "the desired count is within the acceptable range"),
    )
    old = scaler.get("status", {}).get("conditions", [])
    told = [condition(t, "False" if t == "ScalingLimited" else "True", reason, text) for t, reason, text in texts]
    shown = [{k: v for k, v in dated(c, old, cluster.now()).items() if k != "lastUpdateTime"} for c in told]
    metric = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent or 41, "averageValue": "103m"}}}
    cluster.set_status(scaler, {"currentReplicas": replicas, "desiredReplicas": replicas, "currentMetrics": [metric], "conditions": shown})


def _budget(cluster: Cluster, budget: Object) -> None:
    spec = budget["spec"]
    namespace, selector = budget["metadata"]["namespace"], spec.get("selector")
    pods = [pod for pod in cluster.all("Pod", namespace) if matches(selector, pod["metadata"].get("labels", {}))]
    healthy, least = sum(map(ready, pods)), share(spec.get("minAvailable", 0), len(pods), math.ceil)
    counts = {"currentHealthy": healthy, "desiredHealthy": least, "expectedPods": len(pods)}
    cluster.set_status(budget, {**counts, "disruptionsAllowed": max(healthy - least, 0), "observedGeneration": 1})


def _claim(cluster: Cluster, claim: Object) -> None:
    storage = dict(claim["spec"]["resources"]["requests"])
    cluster.set_status(claim, {"phase": "Bound", "accessModes": claim["spec"]["accessModes"], "capacity": storage})


CONTROLLERS: tuple[tuple[str, Callable[[Cluster, Object], None]], ...] = (
    ("ReplicaSet", keep_replica_set),
    ("StatefulSet", keep_stateful_set),
    ("DaemonSet", keep_daemon_set),
    ("CronJob", keep_cron_job),
    ("Job", keep_job),
    ("Service", _endpoints),
    ("ResourceQuota", _quota),
    ("HorizontalPodAutoscaler", _autoscaler),
    ("PodDisruptionBudget", _budget),
    ("PersistentVolumeClaim", _claim),
)
