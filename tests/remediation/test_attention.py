"""The reconciler reads an open incident when it moved, and not in every pass."""

import pytest

from remediation.attention import Attention, Brief
from remediation.entries import Called, Delivered, Opened, PhaseBegan
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, a_receipt, an_alert, an_incident, up_to_the_merge

__all__ = ["memory"]


class Counting:
    """A record that counts what is read of it."""

    def __init__(self, record):
        self._record = record
        self.read = []

    async def open_now(self):
        return await self._record.open_now()

    async def incident(self, incident_id):
        self.read.append(incident_id)
        return await self._record.incident(incident_id)


@pytest.fixture
async def record(memory):
    for incident_id in ("INC-1", "INC-2"):
        await memory.record.write(incident_id, "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
        memory.clock.move(seconds=1)
    return Counting(memory.record)


async def test_an_incident_is_read_once_until_it_moves(memory, record):
    """A thousand that wait for a person cost one query."""
    attention = Attention(record)
    assert [one.incident_id for one in await attention.briefs()] == ["INC-1", "INC-2"]
    await attention.briefs()
    assert record.read == ["INC-1", "INC-2"]

    await memory.record.write("INC-2", "run", PhaseBegan(phase="settle", run=3))
    assert [(one.phase, one.run, one.entries) for one in await attention.briefs()] == [("investigate", 0, 1), ("settle", 3, 2)]
    assert record.read == ["INC-1", "INC-2", "INC-2"]


async def test_what_is_done_is_forgotten(memory, record):
    """Nothing grows with what ended."""
    attention = Attention(record)
    await attention.briefs()
    await memory.record.write("INC-1", "done", PhaseBegan(phase="done"))

    assert [one.incident_id for one in await attention.briefs()] == ["INC-2"]
    assert list(attention._briefs) == ["INC-2"]


@pytest.mark.parametrize(
    ("entries", "followed"),
    [
        ((Called(reason="x"),), False),
        (up_to_the_merge()[:4], False),
        ((*up_to_the_merge()[:4], PhaseBegan(phase="deliver"), Delivered(receipt=a_receipt())), True),
        ((*up_to_the_merge(), PhaseBegan(phase="verify")), True),
        ((*up_to_the_merge(), PhaseBegan(phase="remember")), False),
    ],
)
def test_only_what_is_out_in_the_world_is_asked_about(entries, followed):
    """A card that waits for a person moves nowhere but here."""
    assert Brief.of(an_incident(*entries)).followed is followed
