"""The timeline's sentences, where one depends on what was told before it."""

from dataclasses import replace
from types import SimpleNamespace

from memory.timeline import timeline
from remediation.entries import Attempted, Investigated, Proposed
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


def test_a_revert_is_called_what_it_is():
    """It is an attempt at the same plan, and no second try."""
    attempted = first(Attempted)
    undo = replace(attempted.act, title=f"Undo: {attempted.act.title}", undoes="git/1")

    titles = [line.partition(" was rehearsed")[0] for line in told(attempted, replace(attempted, act=undo))]

    assert titles == [attempted.plan.title, f"Undo: {attempted.act.title}"]
