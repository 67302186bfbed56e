"""API objects for tests, as a real API server gives them, with only the fields that matter."""

from datetime import UTC, datetime

from remediation.findings import find
from remediation.terms import Evidence, Finding, Series, Target

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TARGET = Target(kind="workload", place="sandbox", path="shop/Deployment/api")


def controlled(kind, name):
    return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True}]


def container(name="api", image="r.example/api:1.1", **resources):
    return {"name": name, "image": image, "resources": resources}


def deployment(name="api", namespace="shop", containers=None):
    spec = {"replicas": 1, "template": {"spec": {"containers": containers or [container()]}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def replica_set(name, revision, image, *, ready=0, replicas=0, owner="api", namespace="shop"):
    metadata = {"name": name, "namespace": namespace, "ownerReferences": controlled("Deployment", owner),
                "annotations": {"deployment.kubernetes.io/revision": str(revision)}}  # fmt: skip
    spec = {"replicas": replicas, "template": {"spec": {"containers": [container(image=image)]}}}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec, "status": {"readyReplicas": ready}}


def pod(name, *statuses, owner="api-1", owner_kind="ReplicaSet", containers=None, ready=False, namespace="shop", init=()):
    metadata = {"name": name, "namespace": namespace, "ownerReferences": controlled(owner_kind, owner) if owner else []}
    status = {"phase": "Running", "containerStatuses": list(statuses), "initContainerStatuses": list(init),
              "conditions": [{"type": "Ready", "status": str(ready)}]}  # fmt: skip
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers or [container()]}, "status": status}


def fine(name="api"):
    return {"name": name, "ready": True, "restartCount": 0, "state": {"running": {}}}


def oomed(name="api", restarts=3, at="2026-11-21T02:55:00Z", ready=False, reason="OOMKilled"):
    last = {"reason": reason, "exitCode": 137, "finishedAt": at}
    return {"name": name, "ready": ready, "restartCount": restarts, "state": {"running": {}}, "lastState": {"terminated": last}}


def waiting(reason, message="", name="api", image="r.example/api:1.1"):
    state = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
    return {"name": name, "image": image, "ready": False, "restartCount": 0, "state": state}


def event(about, reason, message, kind="Pod", at="2026-11-21T02:58:00Z"):
    thing = {"kind": kind, "namespace": "shop", "name": about}
    return {"apiVersion": "v1", "kind": "Event", "metadata": {"name": f"{about}.{reason}", "namespace": "shop"}, "involvedObject": thing,
            "type": "Warning", "reason": reason, "message": message, "count": 2, "lastTimestamp": at}  # fmt: skip


def items(*things, series=()):
    """Each object as an item of its own: E1, E2, …; the series as the last one."""
    objects = [Evidence(kind="objects", source="t", title="", at=NOW, text="", item=f"E{i}", objects=(t,)) for i, t in enumerate(things, 1)]
    metrics = [Evidence(kind="metrics", source="t", title="", at=NOW, text="", item=f"E{len(things) + 1}", series=tuple(series))]
    return [*objects, *(metrics if series else [])]


def series(metric, *values, **labels):
    return Series(metric=metric, labels=labels, points=tuple((i * 60.0, float(v)) for i, v in enumerate(values)))


def findings(*things, series=(), target=TARGET) -> tuple[Finding, ...]:
    return find(items(*things, series=series), target)
