"""Who may decide: whom settings name, and nobody else."""

import pytest

from bot.access import why_not
from tests.bot.slack.made import Told, production


def asked(**how):
    """An incident whose card stands."""
    told = Told(**how)
    told.threaded(), told.investigated(), told.reasoned(), told.asked()
    return told


@pytest.mark.parametrize("action", ["approve", "reject", "escalate"])
def test_an_approver_may_and_a_stranger_may_not(action):
    """The reason tells whom to ask."""
    incident = asked().incident

    assert why_not("U_ALICE", incident, action) == ""
    assert "Only the approvers of production" in why_not("U_STRANGER", incident, action)


def test_an_empty_list_is_nobody():
    """A setting that was forgotten opens nothing, and is named."""
    incident = asked(standing=production(approvers=())).incident

    assert "name no approvers" in why_not("U_ALICE", incident)
    assert "name no approvers" in why_not("", incident)


def test_two_people_are_two_different_people():
    """The first may not be the second, but may still change their mind."""
    told = asked(gate="two_people")
    told.approved()

    assert "second person" in why_not("U_ALICE", told.incident)
    assert why_not("U_BOB", told.incident) == ""
    assert why_not("U_ALICE", told.incident, "reject") == ""


def test_an_approval_of_another_card_counts_for_nothing():
    """After the base moved, the change is another one: whoever approved the old may approve the new."""
    told = asked(gate="two_people")
    told.approved()
    told.asked()

    assert why_not("U_ALICE", told.incident) == ""
