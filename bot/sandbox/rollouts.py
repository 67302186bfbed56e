"""Deployments: a ReplicaSet for each template, rolled out as far as availability allows, its progress told."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.cluster import Cluster, controlled_by, short_hash
from bot.sandbox.conditions import condition, dated, ready
from bot.sandbox.fields import Object

REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
HASH = "pod-template-hash"
MANAGER = "kube-controller-manager"


def roll_out(cluster: Cluster, deployment: Object, now: datetime) -> datetime | None:
    """One step of a rollout; when its deadline passes, if it is under way."""
    current = _current_replica_set(cluster, deployment)
    older = [rs for rs in cluster.owned(deployment, "ReplicaSet") if rs["metadata"]["uid"] != current["metadata"]["uid"]]
    if deployment["spec"]["strategy"]["type"] == "Recreate":
        _recreate(cluster, deployment, current, older)
    else:
        _roll(cluster, deployment, current, older)
    _forget_revisions(cluster, deployment, older)
    return _deployment_status(cluster, deployment, current, older, now)


def _current_replica_set(cluster: Cluster, deployment: Object) -> Object:
    """The ReplicaSet of the deployment's template: the one that has it, else a new one."""
    sets = cluster.owned(deployment, "ReplicaSet")
    latest = max((int(_annotations(rs).get(REVISION, "0")) for rs in sets), default=0)
    template = deployment["spec"]["template"]
    found = next((rs for rs in sets if _without_hash(rs["spec"]["template"]) == template), None)
    if found is None:
        found = _new_replica_set(cluster, deployment, latest + 1)
    elif int(_annotations(found).get(REVISION, "0")) < latest:
        found = cluster.annotate(found, {REVISION: str(latest + 1)})  # rolled back to: it is the newest again
    cluster.annotate(deployment, {REVISION: _annotations(found)[REVISION]})
    return found


def _new_replica_set(cluster: Cluster, deployment: Object, revision: int) -> Object:
    digest = short_hash(deployment["metadata"]["uid"], deployment["spec"]["template"])
    template = copy.deepcopy(deployment["spec"]["template"])
    template["metadata"]["labels"] = {**template["metadata"].get("labels", {}), HASH: digest}
    selector = copy.deepcopy(deployment["spec"]["selector"])
    selector.setdefault("matchLabels", {})[HASH] = digest
    metadata = {
        "name": f"{deployment['metadata']['name']}-{digest}",
        "namespace": deployment["metadata"]["namespace"],
        "labels": dict(template["metadata"]["labels"]),
        "annotations": {REVISION: str(revision), DESIRED: str(deployment["spec"]["replicas"])},
        "ownerReferences": controlled_by(deployment),
    }
    spec = {"replicas": 0, "selector": selector, "template": template}
    return cluster.write({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}, MANAGER)


def _roll(cluster: Cluster, deployment: Object, current: Object, older: list[Object]) -> None:
    """A rolling update as the deployment controller does it: surge up, then down as far as availability allows."""
    desired = deployment["spec"]["replicas"]
    surge, unavailable = _bounds(deployment)
    total = sum(rs["spec"]["replicas"] for rs in (current, *older))
    room = desired + surge - total
    size = current["spec"]["replicas"]
    wanted = desired if size > desired else min(desired, size + max(room, 0))
    _scale(cluster, deployment, current, wanted)
    new_unavailable = wanted - _available(cluster, current)
    least = desired - unavailable
    spare = sum(rs["spec"]["replicas"] for rs in older) + wanted - least - new_unavailable
    for old in older:  # what is broken anyway goes first
        broken = old["spec"]["replicas"] - _available(cluster, old)
        spare -= _scale_down(cluster, deployment, old, min(broken, spare))
    spare = sum(_available(cluster, rs) for rs in (current, *older)) - least
    for old in older:
        spare -= _scale_down(cluster, deployment, old, min(_replicas(cluster, old), spare))


def _recreate(cluster: Cluster, deployment: Object, current: Object, older: list[Object]) -> None:
    for old in older:
        _scale_down(cluster, deployment, old, old["spec"]["replicas"])
    if not any(cluster.owned(rs, "Pod") for rs in older):
        _scale(cluster, deployment, current, deployment["spec"]["replicas"])


def _bounds(deployment: Object) -> tuple[int, int]:
    rolling, desired = deployment["spec"]["strategy"]["rollingUpdate"], deployment["spec"]["replicas"]
    surge = share(rolling["maxSurge"], desired, math.ceil)
    unavailable = share(rolling["maxUnavailable"], desired, math.floor)
    return surge, 1 if surge == unavailable == 0 else unavailable


def share(value: Any, of: int, rounded: Callable[[float], int]) -> int:
    """A number of pods, given as such or as a percentage."""
    return rounded(int(value.rstrip("%")) * of / 100) if isinstance(value, str) else int(value)


def _scale_down(cluster: Cluster, deployment: Object, replica_set: Object, by: int) -> int:
    if by <= 0:
        return 0
    _scale(cluster, deployment, replica_set, _replicas(cluster, replica_set) - by)
    return by


def _scale(cluster: Cluster, deployment: Object, replica_set: Object, wanted: int) -> None:
    stored = cluster.get("ReplicaSet", replica_set["metadata"]["namespace"], replica_set["metadata"]["name"]) or replica_set
    before = stored["spec"]["replicas"]
    if before == wanted:
        return
    way = "up" if wanted > before else "down"
    text = f"Scaled {way} replica set {replica_set['metadata']['name']} from {before} to {wanted}"
    cluster.event(deployment, "Normal", "ScalingReplicaSet", text, by="deployment-controller")
    cluster.write({**stored, "spec": {**stored["spec"], "replicas": wanted}}, MANAGER)
    replica_set["spec"] = {**replica_set["spec"], "replicas": wanted}


def _replicas(cluster: Cluster, replica_set: Object) -> int:
    stored = cluster.get("ReplicaSet", replica_set["metadata"]["namespace"], replica_set["metadata"]["name"])
    return int(stored["spec"]["replicas"]) if stored else 0


def _available(cluster: Cluster, replica_set: Object) -> int:
    return sum(ready(pod) for pod in cluster.owned(replica_set, "Pod"))


def _forget_revisions(cluster: Cluster, deployment: Object, older: list[Object]) -> None:
    idle = sorted((rs for rs in older if rs["spec"]["replicas"] == 0), key=lambda rs: int(_annotations(rs).get(REVISION, "0")))
    for replica_set in idle[: max(len(idle) - deployment["spec"]["revisionHistoryLimit"], 0)]:
        cluster.delete(replica_set)


def _deployment_status(
    cluster: Cluster, deployment: Object, current: Object, older: list[Object], now: datetime
) -> datetime | None:
    stored = cluster.stored["Deployment", deployment["metadata"]["namespace"], deployment["metadata"]["name"]]
    desired, old_status = stored["spec"]["replicas"], stored.get("status", {})
    pods = {rs["metadata"]["name"]: cluster.owned(rs, "Pod") for rs in (current, *older)}
    every = [pod for group in pods.values() for pod in group]
    available, updated = sum(map(ready, every)), len(pods[current["metadata"]["name"]])
    status: Object = {"observedGeneration": stored["metadata"]["generation"]}
    counts = {"replicas": len(every), "updatedReplicas": updated, "readyReplicas": available, "availableReplicas": available}
    counts["unavailableReplicas"] = max(desired - available, 0)
    status |= {name: n for name, n in counts.items() if n}
    complete = updated == desired == available == len(every)
    progress, deadline = _progressing(stored, current, status, now, complete=complete)
    conditions = [_available_condition(desired, available, _bounds_or_zero(stored)), progress]
    conditions += _replica_failures(cluster, current)
    status["conditions"] = [dated(c, old_status.get("conditions", []), cluster.now()) for c in conditions]
    cluster.set_status(stored, status)
    return deadline


def _bounds_or_zero(deployment: Object) -> int:
    return _bounds(deployment)[1] if deployment["spec"]["strategy"]["type"] == "RollingUpdate" else 0


def _available_condition(desired: int, available: int, unavailable: int) -> Object:
    if available >= desired - unavailable:
        return condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    return condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")


def _progressing(
    deployment: Object, current: Object, status: Object, now: datetime, *, complete: bool
) -> tuple[Object, datetime | None]:
    name = current["metadata"]["name"]
    if complete:
        text = f'ReplicaSet "{name}" has successfully progressed.'
        return condition("Progressing", "True", "NewReplicaSetAvailable", text), None
    before = deployment.get("status", {})
    known = next((c for c in before.get("conditions", []) if c["type"] == "Progressing"), None)
    finished = known is not None and known["reason"] == "NewReplicaSetAvailable"
    if known is not None and finished and before.get("observedGeneration") == status["observedGeneration"]:
        return known, None  # pods that fail later are no rollout
    since = known["lastUpdateTime"] if known and name in known["message"] else None
    start = datetime.fromisoformat(since) if since else now
    deadline = start + timedelta(seconds=deployment["spec"]["progressDeadlineSeconds"])
    if now >= deadline:
        text = f'ReplicaSet "{name}" has timed out progressing.'
        return condition("Progressing", "False", "ProgressDeadlineExceeded", text), None
    return condition("Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.'), deadline


def _replica_failures(cluster: Cluster, current: Object) -> list[Object]:
    stored = cluster.get("ReplicaSet", current["metadata"]["namespace"], current["metadata"]["name"]) or current
    return [c for c in stored.get("status", {}).get("conditions", []) if c["type"] == "ReplicaFailure"]


def _annotations(obj: Object) -> dict[str, str]:
    found: dict[str, str] = obj["metadata"].get("annotations", {})
    return found


def _without_hash(template: Object) -> Object:
    labels = {k: v for k, v in template["metadata"].get("labels", {}).items() if k != HASH}
    return {**template, "metadata": {**template["metadata"], "labels": labels}}
