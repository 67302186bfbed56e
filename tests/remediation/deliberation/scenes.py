"""Cases for reasoners: a workload with its pods, its namespace's bounds, and what was remembered of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from remediation.findings import find
from remediation.remedies import catalogue, render_act
from remediation.terms import Act, Alert, Case, Evidence, Plan, Precedent, Series, Standing, Target

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TARGET = Target(kind="workload", place="sandbox", path="shop/Deployment/api")
PRODUCTION = Standing(environment="production", production=True)
CATALOGUE = catalogue()
TEMPLATE = "spec.template.spec.containers"


def deployment(limit="128Mi", request="64Mi", image="shop/api:2.0", replicas=2) -> dict[str, Any]:
    """The workload: `api`, and `proxy` beside it."""
    resources = {side: {"memory": amount} for side, amount in (("limits", limit), ("requests", request)) if amount}
    proxy = {"limits": {"memory": "64Mi"}, "requests": {"memory": "64Mi"}}
    containers = [{"name": "api", "image": image, "resources": resources}, {"name": "proxy", "image": "proxy:1", "resources": proxy}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "shop"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}},
        "status": {"replicas": replicas, "availableReplicas": 1},
    }


def replica_set(name="api-7c9d5b", revision="2", image="shop/api:2.0") -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "controller": True}
    metadata = {"name": name, "namespace": "shop", "ownerReferences": [owner], "annotations": {"deployment.kubernetes.io/revision": revision}}
    spec = {"replicas": 2, "template": {"spec": deployment(image=image)["spec"]["template"]["spec"]}}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}


def pod(status: dict[str, Any], **of: Any) -> dict[str, Any]:
    """One pod of the workload, with what is said of its container `api`."""
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-7c9d5b", "controller": True}
    statuses = [{"name": "api", "restartCount": 4, "ready": False, **status}, {"name": "proxy", "restartCount": 0, "ready": True, "state": {"running": {}}}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "api-7c9d5b-x1", "namespace": "shop", "ownerReferences": [owner], "creationTimestamp": "2026-11-20T11:00:00Z"},
        "spec": deployment(**of)["spec"]["template"]["spec"],
        "status": {"phase": "Running", "containerStatuses": statuses},
    }


KILLED = {
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-20T11:58:00Z"}},
}
UNPULLED = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "shop/api:2.1": not found'}}}


def item(number: int, *objects: dict[str, Any], kind: Any = "objects", text: str = "", series: tuple[Series, ...] = (), failed=False) -> Evidence:
    words = text or ", ".join(f"{thing['kind']} {thing['metadata']['name']}" for thing in objects)
    return Evidence(
        kind=kind, source="test", title=f"item {number}", at=NOW, text=words, item=f"E{number}", objects=objects, series=series, failed=failed
    )  # fmt: skip


def a_case(*evidence: Evidence, precedents: tuple[Precedent, ...] = (), target: Target = TARGET) -> Case:
    """A case whose findings are those that the evidence gives."""
    alert = Alert(
        alert_id="a", source="datadog", cycle="c", state="firing", transition="Triggered", title="api restarts", text="", started_at=NOW,
        severity="high", labels={"service": "checkout"},
    )  # fmt: skip
    return Case(
        incident_id="INC-1", target=target, standing=PRODUCTION, alerts=(alert,), evidence=evidence, findings=find(evidence, target),
        precedents=precedents,
    )  # fmt: skip


def oom(*more: Evidence, peak: float = 0, precedents: tuple[Precedent, ...] = (), **of: Any) -> Case:
    """`api` is killed for memory. E1 the alert, E2 the workload, E3 its pod, E4 its log."""
    points = ((NOW.timestamp(), peak),)
    series = (Series(metric="kubernetes.memory.usage", labels={"kube_container_name": "api"}, unit="byte", points=points),) if peak else ()
    return a_case(
        item(1, kind="alert", text="api restarts"),
        item(2, deployment(**of), replica_set()),
        item(3, pod(KILLED, **of)),
        item(4, kind="logs", text="12:00:01 order 17 taken\n12:00:02 error: cache grows without end\n12:00:03 error: cache grows without end"),
        item(5, kind="metrics", text="memory", series=series),
        *more,
        precedents=precedents,
    )  # fmt: skip


def bad_image(message="not found", before="shop/api:2.0", precedents: tuple[Precedent, ...] = (), **of: Any) -> Case:
    """`api` cannot be pulled; an older ReplicaSet has the image before."""
    status = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "shop/api:2.1": {message}'}}}
    sets = [replica_set("api-7c9d5b", "2", "shop/api:2.1"), *([replica_set("api-1111aa", "1", before)] if before else [])]
    return a_case(
        item(1, kind="alert", text="api restarts"), item(2, deployment(image="shop/api:2.1", **of), *sets), item(3, pod(status, image="shop/api:2.1")),
        precedents=precedents,
    )  # fmt: skip


def remembered(
    outcome="not_fixed", remedy="raise_memory_limit", subject="Deployment/shop/api/api", reason="still killed", refused=False, **parameters: str
) -> Precedent:
    """What was tried before on this container."""
    asked = {"container": "api", "memory_limit": "256Mi", "memory_request": "128Mi"} | parameters
    return Precedent(
        incident_id="INC-0", likeness=0.95, finding="oom_killed", subject=subject, summary="s", remedy=remedy, parameters=asked,
        outcome=outcome, reason=reason, refused=refused,
    )  # fmt: skip


def a_plan(remedy="raise_memory_limit", justification="E3: container api was OOMKilled.", cites=("E3",), target=TARGET, **parameters: Any) -> Plan:
    """A plan as an actor would give it."""
    return Plan(
        plan_id="P1", title="t", priority=1, remedy=remedy, target=target, justification=justification, cites=cites, confidence=0.9,
        parameters={"container": "api", **(parameters or {"memory_limit": "256Mi", "memory_request": "128Mi"})},
    )  # fmt: skip


def act_of(plan: Plan, case: Case, **changes: Any) -> Act:
    """The plan as its act, against what the evidence shows."""
    live = next(thing for it in case.evidence for thing in it.objects if thing["kind"] == "Deployment")
    return replace(render_act(plan, CATALOGUE[plan.remedy], live, case.standing), **changes)
