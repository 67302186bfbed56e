"""One incident on its way through one phase: what it holds while it waits."""

import asyncio
from types import SimpleNamespace

import pytest

from remediation import course
from remediation.course import Bells, Course
from remediation.entries import Opened
from remediation.telling import Teller
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
