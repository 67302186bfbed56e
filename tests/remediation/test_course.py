"""One incident on its way through one phase: what it holds while it waits."""

import ast
import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from remediation import course, incident
from remediation.course import Bells, Course
from remediation.entries import Called, Ended, Opened
from remediation.errors import Conflict
from remediation.telling import Teller
from remediation.terms import Outcome
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, an_alert, up_to_the_merge
from tests.remembered_thread import RememberedThread

__all__ = ["memory"]


@pytest.fixture
async def on_its_way(memory, monkeypatch):
    """A course of an incident with evidence, without an engine: a step is just done."""

    async def done(step, *args):
        return await step(*args)

    monkeypatch.setattr(course, "durably", done)
    for number, entry in enumerate((Opened(target=TARGET, standing=STANDING, alert=an_alert()), *up_to_the_merge())):
        incident = await memory.record.write("INC-1", f"made/{number}", entry)
    thread = RememberedThread()
    world = SimpleNamespace(record=memory.record, signals=memory.signals, now=memory.clock, thread=thread)
    return Course(incident, world, Teller(memory.record, memory.effects, thread), Bells(0.01))


async def test_who_waits_holds_no_evidence_and_has_it_again_when_it_goes_on(memory, on_its_way):
    """A thousand incidents may wait for days, and evidence is most of each."""
    before = on_its_way.incident
    waiting = asyncio.create_task(on_its_way.next_signal(None))
    await asyncio.sleep(0.05)

    assert on_its_way.incident.evidence == ()
    assert on_its_way.incident.attempts == before.attempts
    await memory.signals.add("INC-1", "press", {"action": "approve"}, "k1")
    heard = await waiting
    assert heard.signal.kind == "press"
    assert on_its_way.incident.evidence == before.evidence != ()


def a_replay(on_its_way, memory):
    """A course over the same ground, after a death."""
    return Course(
        on_its_way.incident, on_its_way.world, Teller(memory.record, memory.effects, RememberedThread()), Bells(0.01), replays=True
    )


async def asked():
    """A step."""
    return Called(reason="nobody answered")


async def never():
    """A step that must not be done."""
    pytest.fail("It was done again.")


async def test_a_replay_finds_what_a_step_answered_and_does_not_do_it_again(memory, on_its_way):
    """The record keeps it, the engine nothing."""
    replayed = a_replay(on_its_way, memory)
    first = await on_its_way.do(asked)

    assert await replayed.do(never) == first


async def test_a_replay_does_what_the_first_run_did_not_come_to(memory, on_its_way):
    """It died in the middle of the step."""
    replayed = a_replay(on_its_way, memory)

    assert (await replayed.do(asked)).entries == on_its_way.incident.entries + 1


async def test_a_replay_does_not_try_again_what_was_handed_over(memory, on_its_way):
    """The step failed for good, and the death came while that was written: people have it, and so it stays."""
    replayed = a_replay(on_its_way, memory)
    with pytest.raises(ZeroDivisionError):
        await on_its_way.do(fails)
    ended = await on_its_way.put(Ended(outcome=Outcome(name="handed_over", reason="a bug")))

    with pytest.raises(Conflict):
        await replayed.do(never)
    assert await replayed.put(Ended(outcome=Outcome(name="handed_over", reason="another sentence"))) == ended


def _calls(tree):
    """The names of what is called below, `course.do` among them."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_no_step_that_a_phase_cannot_go_on_from_stands_under_a_try():
    """`do` keeps nothing of a failure: a replay of whoever caught one would do the step again. `try_to` is for that."""
    functions = {node.name: node for node in ast.parse(Path(incident.__file__).read_text()).body if isinstance(node, ast.AsyncFunctionDef)}
    doing = {"course.do"}
    while more := {name for name, node in functions.items() if doing & _calls(node)} - doing:
        doing |= more
    guarded = [part for node in functions.values() for one in ast.walk(node) if isinstance(one, ast.Try) for part in one.body]

    assert len(doing) > 5
    assert [part.lineno for part in guarded if doing & _calls(part)] == []


async def fails():
    """A step with a bug."""
    raise ZeroDivisionError
