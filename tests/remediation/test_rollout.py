"""What a rollout waits for, and what it dies of."""

import pytest

from remediation.rollout import unfinished


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((2, 1, 1), "1 of 2 pods is of the new revision."),
        ((2, 2, 3), "1 pod of the old revision is still there."),
        ((2, 2, 4), "2 pods of the old revision are still there."),
    ],
)
def test_what_a_rollout_waits_for_is_a_sentence(counts, says):
    """One pod is, two pods are."""
    wanted, updated, running = counts
    status = {"observedGeneration": 1, "updatedReplicas": updated, "availableReplicas": updated, "replicas": running}
    live = {"kind": "Deployment", "metadata": {"generation": 1}, "spec": {"replicas": wanted}, "status": status}

    assert unfinished(live) == says
