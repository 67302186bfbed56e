"""ReplicaSets, StatefulSets and DaemonSets: how many pods there should be, and making them."""

from __future__ import annotations

import copy

from bot.sandbox import admission
from bot.sandbox.cluster import Cluster, controlled_by, kind_of, short_hash
from bot.sandbox.conditions import condition, dated, ready
from bot.sandbox.defaults import defaulted
from bot.sandbox.fields import Object
from bot.sandbox.refusals import ApiRefusal
from bot.sandbox.rollouts import MANAGER


def keep_replica_set(cluster: Cluster, replica_set: Object) -> None:
    """Keep the number of a ReplicaSet's pods."""
    pods, wanted = cluster.owned(replica_set, "Pod"), replica_set["spec"]["replicas"]
    failure = ""
    for n in range(wanted - len(pods)):
        name = f"{replica_set['metadata']['name']}-{short_hash(cluster.revision, n, length=5)}"
        if failure := create_pod(cluster, replica_set, name, "replicaset-controller"):
            break
    for pod in sorted(pods, key=ready)[: max(len(pods) - wanted, 0)]:
        _delete_pod(cluster, replica_set, pod, "replicaset-controller")
    pods = cluster.owned(replica_set, "Pod")
    healthy = sum(map(ready, pods))
    status: Object = {"replicas": len(pods), "observedGeneration": replica_set["metadata"]["generation"]}
    status |= {"fullyLabeledReplicas": len(pods)} if pods else {}
    status |= {"readyReplicas": healthy, "availableReplicas": healthy} if healthy else {}
    if failure:
        failed = condition("ReplicaFailure", "True", "FailedCreate", failure)
        old = replica_set.get("status", {}).get("conditions", [])
        status["conditions"] = [dated(failed, old, cluster.now())]
    cluster.set_status(replica_set, status)


def keep_stateful_set(cluster: Cluster, stateful_set: Object) -> None:
    """Keep a StatefulSet's pods, one after the other."""
    name, wanted = stateful_set["metadata"]["name"], stateful_set["spec"]["replicas"]
    revision = f"{name}-{short_hash(stateful_set['spec']['template'])}"
    pods = {pod["metadata"]["name"]: pod for pod in cluster.owned(stateful_set, "Pod")}
    for n in reversed(range(wanted)):
        pod = pods.get(f"{name}-{n}")
        if pod is not None and pod["metadata"]["labels"].get("controller-revision-hash") != revision:
            cluster.delete(pod)
            del pods[f"{name}-{n}"]
            break
    for n in range(wanted):
        if f"{name}-{n}" not in pods:
            labels = {"controller-revision-hash": revision, "statefulset.kubernetes.io/pod-name": f"{name}-{n}"}
            create_pod(cluster, stateful_set, f"{name}-{n}", "statefulset-controller", labels=labels)
            break
        if not ready(pods[f"{name}-{n}"]):
            break
    found = cluster.owned(stateful_set, "Pod")
    healthy = sum(map(ready, found))
    generation = stateful_set["metadata"]["generation"]
    counts = dict.fromkeys(("replicas", "currentReplicas", "updatedReplicas"), len(found))
    counts |= {"readyReplicas": healthy, "availableReplicas": healthy, "observedGeneration": generation}
    cluster.set_status(stateful_set, {**counts, "currentRevision": revision, "updateRevision": revision})


def keep_daemon_set(cluster: Cluster, daemon_set: Object) -> None:
    """Keep one pod of a DaemonSet on every node."""
    nodes = [node["metadata"]["name"] for node in cluster.all("Node")]
    generation = daemon_set["metadata"]["generation"]
    labels = {"controller-revision-hash": short_hash(daemon_set["spec"]["template"])}
    for pod in cluster.owned(daemon_set, "Pod"):
        if pod["metadata"]["labels"].get("controller-revision-hash") != labels["controller-revision-hash"]:
            cluster.delete(pod)
    taken = {pod["spec"]["nodeName"] for pod in cluster.owned(daemon_set, "Pod")}
    for node in [n for n in nodes if n not in taken]:
        name = f"{daemon_set['metadata']['name']}-{short_hash(cluster.revision, node, length=5)}"
        create_pod(cluster, daemon_set, name, "daemonset-controller", labels=labels, node=node)
    pods = cluster.owned(daemon_set, "Pod")
    healthy = sum(map(ready, pods))
    counts = dict.fromkeys(("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled"), len(nodes))
    counts |= {"numberReady": healthy, "numberAvailable": healthy, "numberMisscheduled": 0, "observedGeneration": generation}
    cluster.set_status(daemon_set, counts)


def create_pod(
    cluster: Cluster, owner: Object, name: str, component: str, *, labels: dict[str, str] | None = None, node: str | None = None
) -> str:
    """Make a pod from the owner's template; why it could not be made, or nothing."""
    template, namespace = copy.deepcopy(owner["spec"]["template"]), owner["metadata"]["namespace"]
    metadata = {**template.get("metadata", {}), "name": name, "namespace": namespace, "ownerReferences": controlled_by(owner)}
    metadata["labels"] = {**metadata.get("labels", {}), **(labels or {})}
    spec = template["spec"]
    spec.setdefault("serviceAccountName", "default")
    pod = defaulted({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {"phase": "Pending"}})
    for container in pod["spec"]["containers"]:
        resources = container["resources"]
        if "limits" in resources:  # a pod's requests default to its limits
            resources["requests"] = {**resources["limits"], **resources.get("requests", {})}
    try:
        admission.admit_pod(cluster, pod, None, kind_of(pod))
    except ApiRefusal as refusal:
        text = f"Error creating: {refusal.message}"
        cluster.event(owner, "Warning", "FailedCreate", text, by=component)
        return refusal.message
    pod["spec"]["nodeName"] = node or _roomiest_node(cluster)
    pod["status"] |= {"qosClass": _quality(pod["spec"])}
    made = cluster.write(pod, MANAGER)
    cluster.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {name}", by=component)
    where = f"Successfully assigned {namespace}/{name} to {pod['spec']['nodeName']}"
    cluster.event(made, "Normal", "Scheduled", where, by="default-scheduler")
    return ""


def _delete_pod(cluster: Cluster, owner: Object, pod: Object, component: str) -> None:
    for container in pod["spec"]["containers"]:
        path = f"spec.containers{{{container['name']}}}"
        cluster.event(pod, "Normal", "Killing", f"Stopping container {container['name']}", by="kubelet", path=path)
    cluster.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", by=component)
    cluster.delete(pod)


def _roomiest_node(cluster: Cluster) -> str:
    pods = cluster.all("Pod")
    nodes = [node["metadata"]["name"] for node in cluster.all("Node")]
    return str(min(nodes, key=lambda name: sum(pod["spec"].get("nodeName") == name for pod in pods)))


def _quality(spec: Object) -> str:
    resources = [c.get("resources", {}) for c in spec["containers"]]
    if not any(r.get("limits") or r.get("requests") for r in resources):
        return "BestEffort"
    equal = all(r.get("limits") == r.get("requests") and {"cpu", "memory"} <= set(r.get("limits", {})) for r in resources)
    return "Guaranteed" if equal else "Burstable"
