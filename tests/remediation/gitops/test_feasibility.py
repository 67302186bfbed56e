"""Whether the changed object could run, and who sets its fields: one case for each thing that stands around it."""

from copy import deepcopy

import pytest

from remediation.errors import Refused
from remediation.gitops.feasibility import check_feasible, check_scaled
from remediation.gitops.fieldpath import parse
from remediation.terms import ObjectRef

API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
MEMORY = "spec.template.spec.containers[name=api].resources.requests.memory"


def deployment(replicas=2, request="256Mi", limit="512Mi", **pod):
    container = {"name": "api", "resources": {"requests": {"memory": request}, "limits": {"memory": limit}}}
    labels = {"app": "api"}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod}},
        },
    }  # fmt: skip


def thing(kind, name="x", spec=None, **more):
    return {"kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec or {}, **more}


def refusal(base, head, *near, live=None):
    with pytest.raises(Refused) as caught:
        check_feasible(base, head, near, live or {})
    assert caught.value.kind == "infeasible"
    return caught.value.what


def node(memory="2Gi", **spec):
    return thing("Node", "n1", spec, status={"allocatable": {"memory": memory, "cpu": "4"}})


def pod(memory, labels=None, phase="Running", namespace="shop"):
    containers = [{"name": "c", "resources": {"requests": {"memory": memory}}}]
    metadata = {"name": "p", "namespace": namespace, "labels": labels or {}}
    return {"kind": "Pod", "metadata": metadata, "spec": {"nodeName": "n1", "containers": containers}, "status": {"phase": phase}}


def test_a_request_above_its_limit_cannot_run_unless_it_stood_so_before():
    """Only what the change makes wrong is held against it."""
    assert "above its limit" in refusal(deployment(), deployment(request="1Gi"))
    check_feasible(deployment(request="1Gi"), deployment(replicas=3, request="1Gi"), (), {})


def test_a_limit_range_and_a_quota_bound_it():
    """The quota counts pods times replicas, and those beside them while rolling out."""
    limits = thing("LimitRange", "l", {"limits": [{"type": "Container", "max": {"memory": "600Mi"}}]})
    assert "LimitRange l" in refusal(deployment(), deployment(limit="1Gi"), limits)
    hard = {"requests.memory": "1Gi"}
    quota = thing("ResourceQuota", "q", {"hard": hard}, status={"hard": hard, "used": {"requests.memory": "512Mi"}})
    assert "ResourceQuota q" in refusal(deployment(), deployment(request="500Mi"), quota, live=deployment())
    check_feasible(deployment(), deployment(request="300Mi"), [quota], deployment())


def test_a_pod_needs_a_node_with_room():
    """Allocatable minus requests of the others; its own pods give their place back; ended ones have none."""
    others = [pod("1Gi"), pod("9Gi", phase="Succeeded"), pod("256Mi", {"app": "api"})]
    check_feasible(deployment(limit="4Gi"), deployment(request="1Gi", limit="4Gi"), [node(), *others], {})
    what = refusal(deployment(limit="4Gi"), deployment(request="1025Mi", limit="4Gi"), node(), *others)
    assert "requests 1025Mi memory: n1 has most left, 1Gi" in what
    check_feasible(deployment(request="3Gi", limit="4Gi"), deployment(request="2.5Gi", limit="4Gi"), [node(), *others], {})
    check_feasible(deployment(), deployment(request="300Mi"), [], {})


@pytest.mark.parametrize(
    ("spec", "pod_spec", "fits"),
    [
        ({"unschedulable": True}, {}, False),
        ({"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}, {}, False),
        ({"taints": [{"key": "gpu", "value": "yes", "effect": "PreferNoSchedule"}]}, {}, True),
        ({"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}, {"tolerations": [{"key": "gpu", "value": "yes"}]}, True),
        ({"taints": [{"key": "gpu", "effect": "NoExecute"}]}, {"tolerations": [{"operator": "Exists"}]}, True),
        ({"taints": [{"key": "gpu", "effect": "NoExecute"}]}, {"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]}, False),
        ({}, {"nodeSelector": {"disk": "ssd"}}, False),
    ],
)  # fmt: skip
def test_only_nodes_that_take_its_pods_count(spec, pod_spec, fits):
    """Cordoned, tainted, of other labels."""
    base, head = deployment(), deployment(request="300Mi", **pod_spec)
    if fits:
        check_feasible(base, head, [node(**spec)], {})
    else:
        assert "no schedulable node" in refusal(base, head, node(**spec))


def budget(**spec):
    return thing("PodDisruptionBudget", "pdb", {"selector": {"matchLabels": {"app": "api"}}, **spec})


@pytest.mark.parametrize(
    ("spec", "blocks"),
    [
        ({"minAvailable": 1}, True), ({"minAvailable": "50%"}, True), ({"minAvailable": "1%"}, True), ({"maxUnavailable": 1}, False),
        ({"maxUnavailable": "10%"}, False), ({"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}, False),
        ({"minAvailable": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}}, True),
        ({"minAvailable": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}}, False),
        ({"minAvailable": 1, "selector": {}}, True),
    ],
)  # fmt: skip
def test_a_budget_must_let_some_pod_go(spec, blocks):
    """Else no node can be drained; a share is rounded up."""
    base, head = deployment(replicas=3), deployment(replicas=1)
    if blocks:
        assert "PodDisruptionBudget pdb" in refusal(base, head, budget(**spec))
    else:
        check_feasible(base, head, [budget(**spec)], {})


def test_a_budget_that_let_nobody_go_before_is_not_this_changes_doing():
    """And one that is changed itself is looked at, too."""
    check_feasible(deployment(), deployment(request="300Mi"), [budget(maxUnavailable=0)], {})
    assert "maxUnavailable 0" in refusal(budget(maxUnavailable=1), budget(maxUnavailable=0))


def test_an_autoscalers_bounds_must_not_cross_and_a_priority_must_exist():
    """The server refuses the one, admission the pods of the other."""
    least, most = (thing("HorizontalPodAutoscaler", spec={"minReplicas": n, "maxReplicas": 4}) for n in (2, 5))
    assert "minReplicas 5 is above maxReplicas 4" in refusal(least, most)
    known = thing("PriorityClass", "high")
    assert "no PriorityClass low" in refusal(deployment(), deployment(priorityClassName="low"), known)
    check_feasible(deployment(), deployment(priorityClassName="high"), [known], {})
    check_feasible(deployment(), deployment(priorityClassName="low"), [], {})


VPA = {"targetRef": {"kind": "Deployment", "name": "api"}}


@pytest.mark.parametrize(
    ("kind", "spec", "field", "owns"),
    [
        ("HorizontalPodAutoscaler", {"scaleTargetRef": {"kind": "Deployment", "name": "api"}, "maxReplicas": 9}, "spec.replicas", True),
        ("HorizontalPodAutoscaler", {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}, "spec.replicas", False),
        ("HorizontalPodAutoscaler", {"scaleTargetRef": {"kind": "Deployment", "name": "api"}}, MEMORY, False),
        ("ScaledObject", {"scaleTargetRef": {"name": "api"}}, "spec.replicas", True),
        ("VerticalPodAutoscaler", VPA, MEMORY, True),
        ("VerticalPodAutoscaler", {**VPA, "updatePolicy": {"updateMode": "Initial"}}, MEMORY, True),
        ("VerticalPodAutoscaler", {**VPA, "updatePolicy": {"updateMode": "Off"}}, MEMORY, False),
        ("VerticalPodAutoscaler", VPA, MEMORY.replace("requests", "limits"), True),
        ("VerticalPodAutoscaler", {**VPA, "resourcePolicy": {"containerPolicies": [{"containerName": "*", "controlledValues": "RequestsOnly"}]}}, MEMORY.replace("requests", "limits"), False),
        ("VerticalPodAutoscaler", {**VPA, "resourcePolicy": {"containerPolicies": [{"containerName": "api", "mode": "Off"}]}}, MEMORY, False),
        ("VerticalPodAutoscaler", {**VPA, "resourcePolicy": {"containerPolicies": [{"containerName": "*", "controlledResources": ["cpu"]}]}}, MEMORY, False),
        ("VerticalPodAutoscaler", VPA, "spec.replicas", False),
    ],
)  # fmt: skip
def test_an_autoscaler_that_sets_the_field_is_named(kind, spec, field, owns):
    """Its modes, its containers, its resources."""
    scaler = thing(kind, "auto", deepcopy(spec))
    if owns:
        with pytest.raises(Refused, match="auto") as caught:
            check_scaled(API, [parse(field)], [scaler])
        assert caught.value.kind == "other_owner"
    else:
        check_scaled(API, [parse(field)], [scaler])
