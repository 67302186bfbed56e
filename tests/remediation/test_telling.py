"""The thread hears every entry once, in order, whatever Slack does meanwhile."""

import pytest

from remediation.entries import Called, Opened, PhaseBegan
from remediation.telling import Teller
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, an_alert
from tests.remembered_thread import RememberedThread

__all__ = ["memory"]


@pytest.fixture
def thread():
    return RememberedThread()


@pytest.fixture
async def teller(memory, thread):
    await memory.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    return Teller(memory.record, memory.effects, thread)


def said(thread):
    return [key for _, key, _ in thread.posted]


async def test_the_head_comes_first_and_silence_in_the_record_says_nothing(teller, thread):
    """What is bookkeeping is not posted."""
    await teller.put("INC-1", "phase", PhaseBegan(phase="settle"))
    await teller.put("INC-1", "called", Called(reason="x"))

    assert said(thread) == ["head", "called"]


async def test_what_slack_did_not_take_is_told_later_and_in_order(teller, thread, memory):
    """The record goes on without it; nothing is lost, and nothing is said twice."""
    await teller.put("INC-1", "a", Called(reason="a"))
    thread.away = True
    incident = await teller.put("INC-1", "b", Called(reason="b"))
    incident = await teller.put("INC-1", "c", Called(reason="c"))
    assert not await teller.catch_up(incident)
    assert not teller.is_level("INC-1", incident.entries)

    thread.away = False
    assert await teller.catch_up(incident)
    assert await Teller(memory.record, memory.effects, thread).catch_up(incident)
    assert said(thread) == ["head", "a", "b", "c"]
    assert teller.is_level("INC-1", incident.entries)


async def test_what_somebody_else_wrote_meanwhile_is_told_in_its_place(teller, thread, memory):
    """An alert may join between two entries of a phase."""
    await teller.put("INC-1", "a", Called(reason="a"))
    await memory.record.write("INC-1", "b", Called(reason="b"))
    await teller.put("INC-1", "c", Called(reason="c"))

    assert said(thread) == ["head", "a", "b", "c"]


async def test_what_slack_will_never_take_is_left_out(teller, thread):
    """So that what comes after it is heard."""
    thread.refuses = frozenset({"a"})
    await teller.put("INC-1", "a", Called(reason="a"))
    await teller.put("INC-1", "b", Called(reason="b"))

    assert said(thread) == ["head", "b"]


async def test_what_was_posted_before_a_death_is_found_and_not_posted_again(teller, thread, memory):
    """The message stands; that it does was not written yet."""
    incident = await teller.put("INC-1", "a", Called(reason="a"))
    incident = await memory.record.write("INC-1", "b", Called(reason="b"))
    await memory.effects.intend("told/INC-1/b")
    await thread.post(incident, "b", Called(reason="b"))

    assert await Teller(memory.record, memory.effects, thread).catch_up(incident)
    assert said(thread) == ["head", "a", "b"]


async def test_the_head_is_not_sent_again_for_what_passes_at_once(teller, thread):
    """The next entry brings it up to date; where none comes, whoever catches up does, for the thread is not level until then."""
    await teller.put("INC-1", "called", Called(reason="x"))
    sent = len(thread.refreshed)
    incident = await teller.put("INC-1", "phase", PhaseBegan(phase="settle"))
    assert len(thread.refreshed) == sent
    assert not teller.is_level("INC-1", incident.entries)

    await teller.catch_up(incident)
    assert thread.refreshed[sent:] == [("INC-1", incident.entries)]
    assert teller.is_level("INC-1", incident.entries)

    await teller.put("INC-1", "on", PhaseBegan(phase="deliver"))
    incident = await teller.put("INC-1", "again", Called(reason="y"))
    assert thread.refreshed[sent + 1 :] == [("INC-1", incident.entries)]
