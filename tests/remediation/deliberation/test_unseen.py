"""What is known of a workload that nobody showed."""

from dataclasses import replace

import pytest

from remediation.deliberation.unseen import unseen_workload
from remediation.explaining import explain
from remediation.findings import find
from remediation.observed import Observed
from remediation.remedies import catalogue
from tests.remediation.findings.made import TARGET, container, items, pod

KILLED = {"ready": False, "restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
          "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}  # fmt: skip
DESCRIBED = """\
Name:             api-6d5f7c9b8-xk2vq
Namespace:        shop
Node:             node-1/10.0.0.5
Labels:           app=api
Status:           Running
Controlled By:    ReplicaSet/api-6d5f7c9b8
Containers:
  api:
    Image:          shop/api:1.4.2
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
    Ready:          False
    Restart Count:  5
    Limits:
      memory:  256Mi
    Requests:
      memory:     128Mi
"""


def killed(annotations=None, **resources):
    made = pod("api-6d5f7c9b8-xk2vq", KILLED, owner="api-6d5f7c9b8", containers=[container(image="r.example/api:1") | {"resources": resources}])
    made["metadata"]["annotations"] = annotations or {}
    evidence = items(made)
    (finding,) = find(evidence, TARGET)
    return finding, Observed(evidence)


def test_the_killed_container_alone_stands_in_it():
    """With what it may have, and nothing that nobody said."""
    workload = unseen_workload(*killed(limits={"memory": "64Mi"}))

    assert workload == {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop", "name": "api"},
        "spec": {"template": {"spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": "64Mi"}}}]}}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("annotations", "known"),
    [
        ({"sidecar.istio.io/status": "{}"}, False), ({"linkerd.io/proxy-version": "2"}, False), ({"sidecar.istio.io/inject": "false"}, True),
        ({"sidecar.istio.io/status": "{}", "kubectl.kubernetes.io/default-container": "api"}, True), ({"team": "shop"}, True),
    ],
)  # fmt: skip
def test_what_was_perhaps_injected_is_none_of_the_workloads(annotations, known):
    """Its limit stands elsewhere."""
    assert (unseen_workload(*killed(annotations, limits={"memory": "64Mi"})) is not None) == known


def test_without_a_limit_or_of_another_kind_nothing_is_known():
    """A node that ran out, a Job, another finding: no plan can be drawn."""
    finding, observed = killed(limits={"memory": "64Mi"})

    assert unseen_workload(*killed()) is None
    for other in ({"kind": "cpu_throttled"}, {"subject": "Job/shop/api/api"}, {"facts": finding.facts | {"cause": "far_below"}}):
        assert unseen_workload(replace(finding, **other), observed) is None


async def test_what_describe_prints_is_enough_for_a_plan(tmp_path):
    """Container, workload and limit stand there; the plan says whose values they are."""
    (tmp_path / "pod.txt").write_text(DESCRIBED)

    document = (await explain([tmp_path], "", catalogue())).document()

    plan = document["plans"][0]
    assert (plan["remedy"], plan["target"]) == ("raise_memory_limit", "shop/Deployment/api")
    assert plan["parameters"] == {"container": "api", "memory_limit": "512Mi", "memory_request": "256Mi"}
    assert plan["justification"].endswith("Deployment api itself is not among the evidence: its values are those of its pod.")
    assert document["for_a_person"] is None
