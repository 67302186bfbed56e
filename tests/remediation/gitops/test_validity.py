"""What every API server refuses: a case for each rule, and that only what the change makes wrong counts."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Refused
from remediation.gitops.feasibility import check_feasible
from remediation.gitops.fieldpath import MISSING, leaves, parse, put
from remediation.gitops.validity.objects import check_settable, check_valid, faults
from remediation.gitops.validity.syntax import is_image
from remediation.terms import FieldEdit

POD = "spec.template.spec"
API = f"{POD}.containers[name=api]"
CONTAINER = {
    "name": "api", "image": "registry.example.com:5000/shop/api:1.2.3", "ports": [{"name": "http", "containerPort": 8080}],
    "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "512Mi"}}, "env": [{"name": "LEVEL", "value": "info"}],
    "readinessProbe": {"httpGet": {"port": 8080}, "failureThreshold": 3},
}  # fmt: skip
DEPLOYMENT = {
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop", "labels": {"app": "api"}},
    "spec": {
        "replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
        "template": {"metadata": {"labels": {"app": "api", "tier": "web"}}, "spec": {"containers": [CONTAINER, {"name": "log", "image": "log"}]}},
    },
}  # fmt: skip
SERVICE = {
    "apiVersion": "v1", "kind": "Service", "metadata": {"name": "api"},
    "spec": {"ports": [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "admin", "port": 81, "targetPort": 8081}]},
}  # fmt: skip
SCALER = {
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "api"}, "spec": {"minReplicas": 2, "maxReplicas": 4},
}  # fmt: skip
JOB = {
    "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "api"},
    "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}}},
}  # fmt: skip
BUDGET = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "api"}, "spec": {"minAvailable": 1}}


def changed(obj, field, value):
    return put(deepcopy(obj), parse(field), value)


def refused(obj, field, value):
    with pytest.raises(Refused) as caught:
        check_feasible(obj, changed(obj, field, value), (), {})
    assert caught.value.kind == "infeasible"
    assert caught.value.what_to_do.endswith(".")
    return caught.value.what


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("spec.template.metadata.labels.app", "web", "do not match spec.selector (app=api)"),
        ("spec.template.metadata.labels.app", MISSING, "do not match spec.selector"),
        ("spec.template.metadata.labels", None, "do not match spec.selector"),
        ("spec.replicas", -1, "spec.replicas is -1"),
        ("spec.replicas", "abc", "spec.replicas is 'abc'"),
        ("spec.replicas", 1.5, "spec.replicas is 1.5"),
        ("spec.replicas", True, "spec.replicas is True"),
        ("spec.replicas", 2**31, "spec.replicas is"),
        ("spec.progressDeadlineSeconds", 0, "progressDeadlineSeconds is 0"),
        ("spec.strategy.type", "Rolling", "none of RollingUpdate, Recreate"),
        ("spec.strategy.type", "Recreate", "has a rollingUpdate"),
        ("spec.strategy.rollingUpdate.maxSurge", 0, "both 0"),
        ("spec.strategy.rollingUpdate.maxSurge", "much", "maxSurge is 'much'"),
        ("metadata.labels.app", "not a label", "no label's value"),
        ("metadata.labels.app", 5, "app in metadata.labels is 5"),
        ("metadata.labels.-x", "a", "no key of a label"),
        ("metadata.annotations", {"a b": "c"}, "no key of an annotation"),
        ("metadata.annotations", {"a": 5}, "is 5, which is no text"),
        ("metadata.annotations", {"a": "b" * 2**18}, "256 KiB"),
        (POD, None, "spec.template.spec is no map"),
        (f"{POD}.containers", None, "no list with a container"),
        (f"{POD}.containers", [], "no list with a container"),
        (f"{POD}.containers", "api", "no list with a container"),
        (f"{POD}.containers[1]", "api", "no container"),
        (f"{POD}.containers[1].name", "api", "more than one container of the pods is called api"),
        (f"{POD}.containers[1].name", "Log", "no container's name"),
        (f"{POD}.restartPolicy", "Never", "none of Always"),
        (f"{POD}.dnsPolicy", "Cluster", "none of ClusterFirst"),
        (f"{API}.image", "", "image is empty"),
        (f"{API}.image", None, "image is empty"),
        (f"{API}.image", "not an image", "no image's name"),
        (f"{API}.image", "api:1:2", "no image's name"),
        (f"{API}.imagePullPolicy", "Sometimes", "none of Always, IfNotPresent, Never"),
        (f"{API}.ports[0].containerPort", 0, "containerPort is 0"),
        (f"{API}.ports[0].containerPort", 65536, "containerPort is 65536"),
        (f"{API}.ports[0].protocol", "HTTP", "none of TCP, UDP, SCTP"),
        (f"{API}.ports[0].name", "a-name-that-is-too-long", "name is"),
        (f"{API}.ports", [{"name": "a", "containerPort": 1}, {"name": "a", "containerPort": 2}], "is called a"),
        (f"{API}.resources.limits.memory", "lots", "no amount"),
        (f"{API}.resources.limits.memory", "-1Gi", "no amount"),
        (f"{API}.resources.limits.ephemeral-storage", "1 Gi", "no amount"),
        (f"{API}.resources.limits", "lots", "no map"),
        (f"{API}.readinessProbe.failureThreshold", -1, "failureThreshold is -1"),
        (f"{API}.readinessProbe.periodSeconds", -1, "periodSeconds is -1"),
        (f"{API}.readinessProbe.httpGet.port", 70000, "port is 70000"),
        (f"{API}.livenessProbe", {"successThreshold": 2}, "successThreshold is 2"),
        (f"{API}.env[0].value", 5, "no text"),
        (f"{API}.env[0].name", "A=B", "name is 'A=B'"),
        (f"{API}.env[0].valueFrom", {"fieldRef": {"fieldPath": "status.podIP"}}, "both value and valueFrom"),
    ],
)
def test_what_no_api_server_takes_of_a_deployment_is_refused_with_the_field(field, value, said):
    """In words about the object, never about this program."""
    what = refused(DEPLOYMENT, field, value)
    assert said in what
    assert "literal" not in what


@pytest.mark.parametrize("field", ["initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"])
def test_a_probes_zero_is_the_servers_default(field):
    """It takes the manifest, so that nothing is refused."""
    check_feasible(DEPLOYMENT, changed(DEPLOYMENT, f"{API}.readinessProbe.{field}", 0), (), {})


@pytest.mark.parametrize(
    ("obj", "field", "value", "said"),
    [
        (SERVICE, "spec.type", "Cluster", "none of ClusterIP"),
        (SERVICE, "spec.ports[0].port", 0, "port is 0"),
        (SERVICE, "spec.ports[0].targetPort", "not a port", "targetPort is"),
        (SERVICE, "spec.ports[1].targetPort", 65536, "targetPort is 65536"),
        (SERVICE, "spec.ports[0].protocol", "tcp", "none of TCP"),
        (SERVICE, "spec.ports[0].name", "admin", "called admin"),
        (SERVICE, "spec.ports[0].name", MISSING, "has no name"),
        (SERVICE, "spec.ports", [], "spec.ports is empty"),
        (SCALER, "spec.minReplicas", 5, "minReplicas 5 is above maxReplicas 4"),
        (SCALER, "spec.maxReplicas", 0, "maxReplicas is 0"),
        (JOB, "spec.template.spec.restartPolicy", "Always", "none of OnFailure, Never"),
        (JOB, "spec.backoffLimit", -1, "backoffLimit is -1"),
        (BUDGET, "spec.maxUnavailable", 1, "both there"),
        (BUDGET, "spec.minAvailable", "some", "minAvailable is 'some'"),
    ],
)
def test_other_kinds_have_their_own_fields(obj, field, value, said):
    """Services, autoscalers, jobs and budgets."""
    assert said in refused(obj, field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spec.replicas", 0),
        ("spec.replicas", "${REPLICAS}"),
        ("spec.template.metadata.labels.tier", "backend"),
        ("spec.template.metadata.labels.app", "${APP}"),
        ("metadata.labels.example\\.com/part-of", ""),
        ("metadata.annotations", {"Example.com/Note": "a b"}),
        (f"{API}.image", "${REGISTRY}/api:{{ tag }}"),
        (f"{API}.image", "localhost/a/b__c@sha256:abc"),
        (f"{API}.imagePullPolicy", ""),
        (f"{API}.resources.limits", {"memory": 1073741824, "cpu": 0.5, "nvidia.com/gpu": 1}),
        (f"{API}.readinessProbe.initialDelaySeconds", 0),
        (f"{API}.ports[0].hostPort", 8080),
        (f"{API}.env[0].value", None),
    ],
)
def test_what_a_server_takes_and_what_something_fills_in_is_left_alone(field, value):
    """A refusal too many is a fix that nobody gets."""
    check_valid(DEPLOYMENT, changed(DEPLOYMENT, field, value))


def test_what_was_wrong_before_is_not_held_against_the_change():
    """It runs, or somebody else's fix is to come."""
    broken = changed(DEPLOYMENT, f"{API}.imagePullPolicy", "Sometimes")
    check_valid(broken, changed(broken, "spec.replicas", 3))


def test_custom_resources_have_fields_of_their_own():
    """Another group's Service has other ports; a Rollout's pods are pods."""
    knative = {**SERVICE, "apiVersion": "serving.knative.dev/v1"}
    check_valid(knative, changed(knative, "spec.type", "anything"))
    rollout = {**DEPLOYMENT, "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    assert "image is empty" in refused(rollout, f"{API}.image", "")
    check_valid(rollout, changed(rollout, "spec.template", MISSING))  # a workloadRef stands for it


def test_what_the_cluster_says_is_nobodys_to_set():
    """A field of status."""
    with pytest.raises(Refused) as caught:
        check_settable([FieldEdit(path="status.replicas", op="add", expect=None, value=3)])
    assert caught.value.kind == "infeasible"


@pytest.mark.parametrize(
    "image", ["nginx", "a/b/c:1", "Host.example.com/a", "[::1]:5000/a", f"a:1@sha256:{'0' * 64}", "gcr.io/a-b/c_d.e:v1_2"]
)
def test_images_of_every_shape_are_images(image):
    """As the runtimes' own reader of references takes them."""
    assert is_image(image)


@given(st.data())
def test_any_shape_is_judged_without_an_error_of_its_own(data):
    """Whatever stands where, the answer is a list of faults."""
    obj = data.draw(st.sampled_from([DEPLOYMENT, SERVICE, SCALER, JOB, BUDGET]))
    field = data.draw(st.sampled_from([path[:cut] for path, _ in leaves(obj) for cut in range(2, len(path) + 1)]))
    odd = data.draw(st.sampled_from([None, "", "x", 0, -1, 1.5, True, [], [None], ["x"], {}, {"a": None}, {"": [1]}]))
    assert all(fault.what and fault.what_to_do for fault in faults(put(deepcopy(obj), field, odd)))
