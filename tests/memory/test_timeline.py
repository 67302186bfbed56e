"""The timeline's sentences, where one depends on what was told before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from memory.timeline import timeline
from remediation.entries import Attempted, Investigated, Looked, Proposed, Turned, Unanswered
from remediation.terms import Health
from tests.remediation.made import up_to_the_merge


def told(*entries):
    """The sentences alone."""
    return [line["what"] for line in timeline([SimpleNamespace(at="2026-03-04T04:00:00Z", entry=entry) for entry in entries])]


def first(kind):
    """The entry of this kind on the way to a merge."""
    return next(entry for entry in up_to_the_merge() if isinstance(entry, kind))


def test_a_finding_is_told_once():
    """The cause that is one of them is called by its number; a cause in other words is told whole."""
    investigated, proposed = first(Investigated), first(Proposed)
    cause = investigated.findings[0].text
    same = replace(proposed, proposal=replace(proposed.proposal, cause=cause))

    assert told(investigated, same)[1] == "rulebook named the cause: E1."
    assert told(investigated, proposed)[1].endswith(proposed.proposal.cause)
    assert told(same)[0].endswith(cause)


def test_a_cause_that_was_not_found_is_called_none():
    """Nobody named a cause by saying that there is none."""
    proposed = first(Proposed)
    none = replace(proposed, proposal=replace(proposed.proposal, cause="Inconclusive: the evidence shows no cause that I know."))

    assert told(none) == ["rulebook named no cause: the evidence shows no cause that I know."]


@pytest.mark.parametrize(("minutes", "when"), [(0, "at 04:00 UTC"), (15, "from 04:00 until 04:15 UTC")])
def test_a_span_of_no_time_is_a_time(minutes, when):
    """What is asked once more is not asked from then until then."""
    at = datetime(2026, 3, 4, 4, tzinfo=UTC)
    silent = Unanswered(reason="Kubernetes did not answer", until=at, last=at + timedelta(minutes=minutes))

    assert told(silent) == [f"Kubernetes did not answer: it is asked again {when}."]


def test_a_revert_is_called_what_it_is():
    """It is an attempt at the same plan, and no second try."""
    attempted = first(Attempted)
    undo = replace(attempted.act, title=f"Undo: {attempted.act.title}", undoes="git/1")

    titles = [line.partition(" was rehearsed")[0] for line in told(attempted, replace(attempted, act=undo))]

    assert titles == [attempted.plan.title, f"Undo: {attempted.act.title}"]


def test_what_is_pressed_in_vain_again_and_again_is_one_line():
    """Each press is a row; who reads the timeline learns it once for each person and reason."""
    stranger, late = (
        Turned(user="U_BOB", action="approve", reason="You may not."),
        Turned(user="U_BOB", action="reject", reason="Too late."),
    )

    assert told(stranger, stranger, late, stranger) == [
        "U_BOB pressed approve in vain: You may not.",
        "U_BOB pressed reject in vain: Too late.",
    ]


def test_a_rollout_that_goes_on_is_told_once():
    """Fifty pods are fifty looks."""
    goes_on = Health(applied=True, settled=False, detail="1 of 50")
    whole = Looked(health=Health(applied=True, settled=True))

    assert len(told(Looked(health=goes_on), *[Looked(health=goes_on, again=True)] * 9, whole)) == 2
