"""Every kind of entry is folded, told in the thread and in the timeline: one that somebody forgets would be lost in silence."""

from typing import get_args

import pytest

from bot.slack.blocks import entry_message
from memory.timeline import sentence
from remediation.entries import (
    SILENT,
    AlertJoined,
    Called,
    Closed,
    Critiqued,
    Ended,
    Entry,
    Looked,
    Opened,
    PhaseBegan,
    Remembered,
    ThreadOpened,
    Turned,
    Unanswered,
    Verified,
)
from remediation.serializer import DECODERS
from remediation.terms import Critique, Health, Outcome, ThreadRef
from tests.remediation.made import STANDING, TARGET, an_alert, an_incident, later, up_to_the_merge

OBJECTION = Critique(plan_id="P1", cause="c", decision="APPROVED", checks={}, confidence=0.9, reason="because", by="rulebook")
MERGED = an_incident(*up_to_the_merge())
ONE_OF_EACH = (
    *up_to_the_merge(),
    Opened(target=TARGET, standing=STANDING, alert=an_alert()),
    AlertJoined(alert=an_alert("recovered", at=later(1))),
    PhaseBegan(phase="settle"),
    ThreadOpened(thread=ThreadRef(channel="C1", ts="1.1")),
    Critiqued(critique=OBJECTION),
    Turned(user="U_BOB", action="approve", reason="too late"),
    Unanswered(reason="Kubernetes did not answer (timed out after 10 s, 21 reads)", until=later(1), last=later(9)),
    Called(reason="Nobody answered."),
    Looked(health=Health(applied=True, settled=True)),
    Verified(cured=True, reason="silent"),
    Ended(outcome=Outcome(name="fixed", reason="silent")),
    Remembered(where="recall"),
    Closed(by="U_ALICE", reason="The node was replaced."),
)


def test_one_of_each_kind_is_here():
    """A new kind fails here until somebody says what it means."""
    assert {type(entry).__name__ for entry in ONE_OF_EACH} == {kind.__name__ for kind in get_args(Entry)} <= set(DECODERS)


@pytest.mark.parametrize("entry", ONE_OF_EACH, ids=lambda entry: type(entry).__name__)
def test_every_kind_is_known_to_all_who_render_the_record(entry):
    """The fold counts it, the timeline has a sentence, and the thread a message unless it is silent there."""
    then = MERGED.after(entry, later(2))
    said = entry_message(then, entry)

    assert then.entries == MERGED.entries + 1
    assert isinstance(sentence(entry), str)
    assert (said is None) == (type(entry) in SILENT)


def test_a_kind_that_nobody_knows_is_refused_and_not_left_out():
    """By the renderers themselves, should a type checker not have looked."""
    for render in (sentence, lambda entry: entry_message(MERGED, entry)):
        with pytest.raises(AssertionError):
            render(object())
