"""What is over is told as over, and what only looks so is not."""

import pytest

from tests.remediation.findings.made import deployment, event, findings, fine, oomed, pod, waiting

REFUSED = 'Error creating: pods "api-1-" is forbidden: exceeded quota: team, requested: pods=1, used: pods=9, limited: pods=9'
NO_MOUNT = "Unable to attach or mount volumes: timed out waiting for the condition"


def counted(**status):
    return deployment() | {"status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, **status}}


def told(*things):
    return [(f.kind, f.facts.get("cause")) for f in findings(*things)]


def test_a_volume_that_was_mounted_in_the_end_is_past():
    """The pod is ready, which it is not without its volumes."""
    assert told(pod("api-1-x", fine(), ready=True), event("api-1-x", "FailedMount", NO_MOUNT))[0] == ("not_broken", "past")


def test_an_event_alone_still_counts():
    """Nothing shows that its pod is whole now."""
    assert told(event("api-1-x", "FailedMount", NO_MOUNT))[0] == ("volume_trouble", "not_mounted")


def test_a_pod_that_waits_is_not_past():
    """Its volume is still not there."""
    still = pod("api-1-x", waiting("ContainerCreating")), event("api-1-x", "FailedMount", NO_MOUNT)

    assert told(*still)[0] == ("volume_trouble", "not_mounted")


def test_a_refusal_is_past_once_every_pod_is_there():
    """The quota had room later."""
    assert told(counted(), event("api-1", "FailedCreate", REFUSED, kind="ReplicaSet"))[0] == ("not_broken", "past")


@pytest.mark.parametrize("status", [{"updatedReplicas": 0}, {"replicas": 2}, {"readyReplicas": 0}, {"unavailableReplicas": 1}])
def test_a_refusal_is_not_past_while_a_rollout_is_under_way(status):
    """The pods that are ready are those of the old revision."""
    assert told(counted(**status), event("api-1", "FailedCreate", REFUSED, kind="ReplicaSet"))[0] == ("creation_refused", "quota")


def test_what_ended_minutes_ago_is_not_past():
    """It is ready between two of its ends."""
    flapping = pod("api-1-x", oomed(ready=True, reason="Error"), ready=True)

    assert ("not_broken", "past") not in told(flapping, event("api-1-x", "BackOff", "Back-off restarting failed container"))


def test_a_kill_for_memory_does_not_end_with_readiness():
    """The next one comes when memory has grown again."""
    assert told(pod("api-1-x", oomed(ready=True), ready=True))[0][0] == "oom_killed"
