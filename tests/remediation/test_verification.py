"""Whether the fix cured: a table of what is known, and when."""

from dataclasses import replace

import pytest

from remediation.entries import AlertJoined, Attempted, Decided, Delivered, Looked, Progressed, Verified
from remediation.terms import Decision, Health, Measured, Progress
from remediation.verification import Waiting, undone, verified, verify, with_metric
from remediation.world import Patience
from tests.remediation.made import (
    NOW,
    a_plan,
    a_receipt,
    a_rehearsal,
    a_verdict,
    an_act,
    an_alert,
    an_incident,
    later,
    up_to_the_merge,
)

PATIENCE = Patience(apply=10, soak=15)
HEALTHY = Health(applied=True, settled=True)
MERGED = up_to_the_merge()


def after_merge(*entries_and_times):
    incident = an_incident(*MERGED, alert=an_alert(value=256.0, at=later(-5)))
    for entry, minutes in entries_and_times:
        incident = incident.after(entry, later(minutes))
    return incident


def recovered(minutes, cycle="c1"):
    return AlertJoined(alert=an_alert("recovered", cycle, later(minutes))), minutes


def fired(minutes, cycle="c1"):
    return AlertJoined(alert=an_alert("firing", cycle, later(minutes))), minutes


@pytest.mark.parametrize(
    ("happened", "minute", "answer"),
    [
        ([], 0, ("the change to reach the cluster", 10)),
        ([(Looked(health=Health(applied=True, settled=False)), 1)], 1, ("the rollout", 10)),
        ([], 10, (False, "It was merged, but the cluster could not be looked at")),
        ([(Looked(health=Health(applied=False, settled=False, detail="the limit is 256Mi")), 1)], 10,
         (False, "The merged change did not reach the cluster in time: the limit is 256Mi")),
        ([(Looked(health=HEALTHY), 2), recovered(9), (Looked(health=Health(applied=True, settled=False, detail="2 of 3")), 16)], 16,
         ("the rollout", 26)),
        ([(Looked(health=HEALTHY), 2), recovered(9), (Looked(health=Health(applied=True, settled=False, detail="2 of 3")), 16),
          (Looked(health=HEALTHY), 18)], 24, (True, "Healthy, and the alert stayed silent for 15 minutes")),
        ([(Looked(health=Health(applied=True, settled=False, detail="1 of 3 ready")), 1)], 10,
         (False, "The rollout did not become healthy in time: 1 of 3 ready")),
        ([(Looked(health=Health(applied=True, settled=False, failed=True, detail="new pods are OOMKilled")), 2)], 2,
         (False, "The rollout failed: new pods are OOMKilled")),
        ([(Looked(health=HEALTHY), 2)], 2, ("the alert to recover", 17)),
        ([(Looked(health=HEALTHY), 2)], 17, (False, "The rollout is healthy, but the alert did not recover")),
        ([(Looked(health=HEALTHY), 2), recovered(4)], 4, ("the soak to end", 19)),
        ([(Looked(health=HEALTHY), 2), recovered(4)], 19, (True, "Healthy, and the alert stayed silent for 15 minutes")),
        ([recovered(1), (Looked(health=HEALTHY), 2)], 17, (True, "Healthy, and the alert stayed silent for 15 minutes")),
        ([(Looked(health=HEALTHY), 2), recovered(4), fired(9)], 9, (False, "The alert fired again: OOM in api")),
        ([(Looked(health=HEALTHY), 2), fired(3)], 3, ("the alert to recover", 17)),
        ([(Looked(health=HEALTHY), 2), recovered(3), fired(4, "c2")], 4, (False, "The alert fired again: OOM in api")),
    ],
)  # fmt: skip
def test_each_state_has_one_answer(happened, minute, answer):
    """Silence is necessary, health is asked first, a renotification begins nothing, and a deadline ends every waiting."""
    said = verify(after_merge(*happened), PATIENCE, later(minute))

    if isinstance(said, Waiting):
        assert (said.what, said.until) == (answer[0], later(answer[1]))
    else:
        assert (said.cured, said.reason) == answer


def test_the_metric_before_and_after_is_told():
    """People read what it was and what it is; the number that the alert itself named comes before what Datadog says later."""
    said = verify(after_merge((Looked(health=HEALTHY), 2), recovered(4)), PATIENCE, later(30))

    assert isinstance(said, Verified)
    known, unknown = (with_metric(one, Measured(before=250.0, after=120.0)) for one in (said, replace(said, metric_before=None)))
    assert (known.metric_before, known.metric_after) == (256.0, 120.0)
    assert (unknown.metric_before, unknown.metric_after) == (250.0, 120.0)


def test_an_old_trigger_that_arrives_late_is_no_new_fire():
    """It and its recovery are over: the order of their arrival says nothing."""
    late = AlertJoined(alert=an_alert("firing", "c2", later(5))), 9
    said = verify(after_merge((Looked(health=HEALTHY), 2), recovered(4), recovered(3, "c2"), late), PATIENCE, later(10))

    assert isinstance(said, Verified)
    assert said.reason == "The alert fired again: OOM in api"
    over = AlertJoined(alert=an_alert("firing", "c2", later(1))), 9
    assert isinstance(
        verify(after_merge((Looked(health=HEALTHY), 2), recovered(4), recovered(3, "c2"), over), PATIENCE, later(10)), Waiting
    )


def test_nothing_applied_is_a_bug_that_says_so():
    """The phase is entered by a merge only."""
    with pytest.raises(ValueError, match="nothing to verify"):
        verify(an_incident(), PATIENCE, NOW)


REVERTED = (
    *MERGED,
    Verified(cured=False, reason="The alert did not recover"),
    Attempted(plan=a_plan(), act=an_act(undoes="INC-1/1"), rehearsal=a_rehearsal(), verdict=a_verdict()),
    Delivered(receipt=a_receipt()),
    Decided(decision=Decision(digest="d" * 64, answer="approved", by="gitlab:alice", reason="", at=NOW)),
    Progressed(progress=Progress(state="applied", by="alice")),
)


@pytest.mark.parametrize(
    ("health", "minute", "answer", "outcome"),
    [
        (None, 1, "the revert to reach the cluster", None),
        (Health(applied=False, settled=False, detail="256Mi is not there yet"), 1, "the revert to reach the cluster", None),
        (Health(applied=True, settled=False, detail="1 of 3"), 9, "the revert to reach the cluster", None),
        (HEALTHY, 1, (True, "What stood before the fix is live again, and its rollout is complete"), "rolled_back"),
        (Health(applied=True, settled=False, failed=True, detail="api was OOMKilled."), 1,
         (True, "What stood before the fix is live again, with its trouble: api was OOMKilled."), "rolled_back"),
        (Health(applied=False, settled=False, detail="256Mi is not there yet"), 10,
         (False, "Its revert was merged, but did not reach the cluster in time: 256Mi is not there yet"), "not_fixed"),
        (Health(applied=True, settled=False, detail="1 of 3"), 10,
         (False, "Its revert is live, but its rollout did not end in time: 1 of 3"), "not_fixed"),
        (None, 10, (False, "Its revert was merged, but the cluster could not be looked at"), "rolled_back"),
    ],
)  # fmt: skip
def test_a_revert_is_over_when_the_old_state_is_live_again(health, minute, answer, outcome):
    """Its merge alone undoes nothing: a controller may be suspended, a quota may stop its rollout."""
    incident = an_incident(*REVERTED)
    if health is not None:
        incident = incident.after(Looked(health=health), later(1))
    said = undone(incident, PATIENCE, later(minute))

    assert verified(incident) is None
    if isinstance(said, Waiting):
        assert said.what == answer
        return
    assert (said.cured, said.reason) == answer
    ended = verified(incident.after(said, later(minute)))
    assert ended.name == outcome
    assert ended.cause_confirmed == "no"


@pytest.mark.parametrize(
    ("before", "after", "threshold", "confirmed"),
    [
        (0.97, 0.971, 0.9, "unknown"),
        (0.97, 0.4, 0.9, "yes"),
        (3.0, 30.0, 10.0, "yes"),
        (None, 1.0, 1.0, "unknown"),
        (2.0, 1.0, None, "unknown"),
    ],
)
def test_a_cause_is_confirmed_only_by_a_metric_that_crossed_back(before, after, threshold, confirmed):
    """Any float moves; a threshold crossed back speaks for the cause."""
    incident = an_incident(*MERGED, alert=an_alert(threshold=threshold, value=before))
    cured = incident.after(Verified(cured=True, reason="", metric_before=before, metric_after=after), NOW)

    assert verified(cured).cause_confirmed == confirmed
