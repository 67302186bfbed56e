"""What a thread lacks is read aside: an investigation's entry may hold megabytes of evidence."""

import threading

import memory.record
from remediation.entries import Opened
from tests.memory.opened import memory as room
from tests.remediation.made import STANDING, TARGET, an_alert, investigated

__all__ = ["room"]


async def test_what_was_not_told_is_decoded_in_a_readers_thread(room, monkeypatch):
    """The loop answers meanwhile."""
    where, entry_of = [], memory.record.entry_of

    def noted(kind, body):
        where.append(threading.current_thread().name)
        return entry_of(kind, body)

    monkeypatch.setattr(memory.record, "entry_of", noted)
    await room.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    await room.record.write("INC-1", "looked", investigated())

    assert [key for key, _ in await room.record.untold("INC-1")] == ["looked"]
    assert len(where) == 1
    assert all(name.startswith("record-reader") for name in where)
