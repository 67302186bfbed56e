"""Argo's Rollouts: workloads as Deployments are, with the same remedies."""

from typing import Any

from remediation.rollout import unfinished
from tests.remediation.remedies.offering import a_pod, offer, workload

KILLED = {"lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}


def a_rollout(container: dict[str, Any], **status: Any) -> dict[str, Any]:
    """A canary of two pods."""
    made = workload(container, status={"phase": "Degraded", "replicas": 2, **status})
    made |= {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    made["spec"]["strategy"] = {"canary": {"steps": [{"setWeight": 50}, {"pause": {}}]}}
    return made


def of_a_rollout(pod: dict[str, Any], **status: Any) -> dict[str, Any]:
    """The same pod, made by the Rollout's ReplicaSet, which no item shows."""
    pod["status"]["containerStatuses"][0] |= status
    return pod


async def test_a_rollout_whose_pods_are_killed_gets_more_memory():
    """In its own pod template, which is where a Deployment has it."""
    killed = a_rollout({"resources": {"limits": {"memory": "256Mi"}}})
    pod = of_a_rollout(a_pod(killed, {"waiting": {"reason": "CrashLoopBackOff"}}, restarts=6), **KILLED)
    offered = await offer(killed, pod, target="shop/Rollout/api", remedy="raise_memory_limit")

    path = "spec.template.spec.containers[name=api].resources.limits.memory"
    assert offered.edits == [(path, "replace", "256Mi", "512Mi")]
    assert offered.plan.target.path == "shop/Rollout/api"
    assert (await offered.critique()).decision == "APPROVED"
    assert offered.in_git()["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] == {"memory": "512Mi"}


def test_a_rollout_is_unfinished_until_every_pod_is_of_the_new_version():
    """A canary that waits at a step has one of two; the generation that its controller saw is written as text."""
    waits = a_rollout({}, observedGeneration="3", updatedReplicas=1, availableReplicas=2)
    waits["metadata"]["generation"] = 3
    unseen = {**waits, "metadata": {**waits["metadata"], "generation": 4}}
    done = {**waits, "status": {**waits["status"], "updatedReplicas": 2}}

    assert unfinished(waits) == "1 of 2 pods is of the new revision."
    assert unfinished(unseen) == "The controller has not seen the change yet."
    assert unfinished(done) == ""
