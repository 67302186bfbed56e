"""What the record says now: the questions that decide where an incident goes next, case by case."""

from dataclasses import replace

import pytest

from remediation import questions, steps
from remediation.entries import (
    AlertJoined,
    Attempted,
    Called,
    Critiqued,
    Decided,
    Delivered,
    Looked,
    Progressed,
    Proposed,
)
from remediation.errors import Refused
from remediation.terms import Critique, Decision, Health, Progress, Signal
from remediation.world import Patience
from tests.remediation.made import (
    NOW,
    a_plan,
    a_proposal,
    a_receipt,
    a_rehearsal,
    a_verdict,
    an_act,
    an_alert,
    an_incident,
    investigated,
    later,
)

DIGEST = "d" * 64
PROPOSED = (investigated(), Proposed(proposal=a_proposal()))
RECOVERED = AlertJoined(alert=an_alert("recovered", at=later(1)))


def critiqued(decision="APPROVED"):
    checks = dict.fromkeys(("whitelist_valid", "diagnostic_justified", "no_collateral_risk", "action_coherent"), decision == "APPROVED")
    critique = Critique(plan_id="P1", cause="", decision=decision, checks=checks, confidence=0.9, reason="over quota", by="rulebook")
    return Critiqued(critique=critique)


def attempted(gate="one_person", status="APPROVED", **rehearsal):
    return Attempted(plan=a_plan(), act=an_act(), rehearsal=a_rehearsal(**rehearsal), verdict=a_verdict(gate, status))


def decided(answer="approved", by="U_ALICE", digest=DIGEST):
    return Decided(decision=Decision(digest=digest, answer=answer, by=by, reason="Not now.", at=NOW))


def press(action="approve", user="U_ALICE", digest=DIGEST, at=NOW):
    return Signal(seq=1, incident_id="INC-1", kind="press", body={"action": action, "user": user, "digest": digest}, at=at)


def named(following):
    return getattr(following, "name", following)


@pytest.mark.parametrize(
    ("entries", "following"),
    [
        (PROPOSED, "handed_over"),
        ((*PROPOSED, critiqued()), None),
        ((*PROPOSED, critiqued("REJECTED")), "handed_over"),
        ((*PROPOSED, critiqued(), RECOVERED), "self_healed"),
        ((investigated(), Proposed(proposal=replace(a_proposal(), plans=()))), "handed_over"),
        ((Proposed(proposal=replace(a_proposal(), plans=(), finding="")),), "inconclusive"),
        ((Proposed(proposal=replace(a_proposal(), plans=(), finding="")), RECOVERED), "self_healed"),
        ((*PROPOSED, critiqued(), attempted()), None),
        ((*PROPOSED, critiqued(), attempted(status="DENIED")), "handed_over"),
        ((*PROPOSED, critiqued(), attempted(), decided()), "deliver"),
        ((*PROPOSED, critiqued(), attempted("two_people"), decided()), None),
        ((*PROPOSED, critiqued(), attempted("two_people"), decided(), decided(by="U_BOB")), "deliver"),
        ((*PROPOSED, critiqued(), attempted("two_people"), decided(), decided()), None),
        ((*PROPOSED, critiqued(), attempted(), decided("rejected")), "handed_over"),
        ((*PROPOSED, critiqued(), attempted(), decided("escalated")), "handed_over"),
        ((*PROPOSED, critiqued(), attempted(), decided(), attempted(digest="e" * 64)), None),
    ],
)
def test_settling_ends_by_what_the_record_holds(entries, following):
    """A phase that is begun anew after any entry goes on from there."""
    assert named(questions.settled(an_incident(*entries))) == following


OPEN = (*PROPOSED, critiqued(), attempted(), decided(), Delivered(receipt=a_receipt()))


@pytest.mark.parametrize(
    ("entries", "following"),
    [
        (OPEN, None),
        (OPEN[:-2], "settle"),
        ((*OPEN[:-1], attempted(digest="e" * 64)), "settle"),
        ((*OPEN, Progressed(progress=Progress(state="waiting", ready=True))), None),
        ((*OPEN, Progressed(progress=Progress(state="applied", by="alice"))), "verify"),
        ((*OPEN, Progressed(progress=Progress(state="refused", by="bob", reason="No."))), "handed_over"),
        ((*OPEN, RECOVERED, Progressed(progress=Progress(state="refused", by="suture"))), "self_healed"),
        ((*OPEN, Progressed(progress=Progress(state="lost"))), "handed_over"),
        ((*OPEN[:-1], RECOVERED), "self_healed"),
    ],
)
def test_delivering_goes_on_only_with_what_was_approved(entries, following):
    """A new card that nobody answered leads back to its decision, whatever phase the record is in."""
    assert named(questions.delivered(an_incident(*entries))) == following


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (press(), ""),
        (press(digest="e" * 64), "This card is not open any more"),
        (press(at=later(1441)), "This card has expired"),
        (press(user="U_STRANGER"), "not you"),
    ],
)
def test_a_press_binds_by_the_stored_row(asked, refusal):
    """Digest, expiry and authority, in that order."""
    incident = an_incident(*PROPOSED, critiqued(), attempted())

    said = questions.may_not_press(incident, asked, lambda user, _incident, _action: "" if user == "U_ALICE" else "not you")

    assert said.startswith(refusal)
    assert bool(said) is bool(refusal)


def test_silence_calls_once_a_card_and_then_waits_for_its_expiry():
    """A new card has a silence of its own."""
    waiting = an_incident(*PROPOSED, critiqued(), attempted())
    called = waiting.after(Called(reason="Nobody answered.", digest=DIGEST), NOW)
    anew = called.after(attempted(digest="e" * 64), NOW)

    dues = [questions.card_due(one, Patience(answer=30)) for one in (waiting, called, anew)]

    assert dues == [later(30), later(1440), later(30)]


def test_notes_are_said_once():
    """What the thread said already is not said again with the next pipeline."""
    first = an_incident(*OPEN, Progressed(progress=Progress(state="waiting", notes=("bob: why?",))))

    assert questions.not_said_before(first, Progress(state="waiting", notes=("bob: why?", "eve: ok"))) == ("eve: ok",)


def test_a_signal_of_an_earlier_merge_request_says_nothing_of_this_one():
    """The fix's late "merged" must not count for its revert."""
    late = Signal(seq=2, incident_id="INC-1", kind="merge_request", body={"of": "INC-1/0", "seen": {"state": "applied"}}, at=NOW)
    fresh = replace(late, body={"of": "INC-1/1", "seen": {"state": "applied"}})

    incident = an_incident(*OPEN)

    assert questions.seen(incident, late, Progress) is None
    assert questions.seen(incident, fresh, Progress) == Progress(state="applied")


async def test_nothing_is_delivered_that_nobody_approved():
    """The last gate stands where the merge request is made, not only where the button is read."""
    unanswered = an_incident(*PROPOSED, critiqued(), attempted())

    with pytest.raises(Refused, match="Nobody approved exactly this change"):
        await steps.deliver(unanswered, world=None)


@pytest.mark.parametrize(
    ("before", "now", "again"),
    [
        (None, Health(applied=True, settled=False), False),
        (Health(applied=False, settled=False), Health(applied=True, settled=False), False),
        (Health(applied=True, settled=False), Health(applied=True, settled=False, detail="2 of 3"), True),
        (Health(applied=True, settled=False), Health(applied=True, settled=True), False),
        (Health(applied=True, settled=False), Health(applied=True, settled=False, failed=True), False),
        (Health(applied=True, settled=True), Health(applied=True, settled=False), False),
    ],
)
def test_a_rollout_that_goes_on_is_news_once(before, now, again):
    """The thread of a workload of a hundred pods is not a hundred messages."""
    incident = an_incident(*OPEN, *([Looked(health=before)] if before else []))

    assert questions.looked(incident, now) == Looked(health=now, again=again)
