"""Where chains end is kept in mind by who writes them, and forgotten with what does not stand."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from memory.audit import audit
from remediation.entries import Called, Opened
from tests.memory.opened import Memory
from tests.remediation.made import STANDING, TARGET, an_alert


def fails(_connection):
    raise ValueError("a bug of its own")


async def test_a_failure_beside_others_leaves_every_chain_whole(memory):
    """What shared a commit with a failure is written once more, from where the chain really ends; so is what follows."""
    opened, called = Opened(target=TARGET, standing=STANDING, alert=an_alert()), Called(reason="x")
    for incident_id in ("INC-1", "INC-2"):
        await memory.record.write(incident_id, "opened", opened)
    for number in range(5):
        writes = [memory.record.write(f"INC-{n}", f"called/{number}", called, intends=f"told/{n}/{number}") for n in (1, 2)]
        first, bug, second = await asyncio.gather(writes[0], memory.database.writer.write(fails), writes[1], return_exceptions=True)
        assert (first.entries, type(bug), second.entries) == (number + 2, ValueError, number + 2)

    assert await audit(memory.database.reader) == []
    assert (await memory.record.incident("INC-1")).entries == 6


async def test_what_is_undone_alone_is_not_kept_in_mind(memory):
    """An entry that was rolled back is not there, neither for who reads nor for who writes the next."""
    await memory.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))

    def writes_and_fails(connection):
        memory.record._journal.append(connection, "INC-1", "called", Called(reason="never"))
        raise ValueError("a bug of its own")

    beside = memory.record.write("INC-1", "called/1", Called(reason="x"))
    await asyncio.gather(memory.database.writer.write(writes_and_fails), beside, return_exceptions=True)

    assert (await memory.record.incident("INC-1")).called == ("x",)
    assert (await memory.record.write("INC-1", "called/2", Called(reason="y"))).called == ("x", "y")
    assert await audit(memory.database.reader) == []


async def test_a_row_that_somebody_else_wrote_is_stumbled_over_once(memory):
    """A backup that was put back, or a hand in the file: what is kept in mind is read again, and the next row goes in behind."""
    await memory.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    other = Memory(memory.url)
    try:
        await other.record.write("INC-1", "called/other", Called(reason="by another"))
    finally:
        other.database.close()

    with pytest.raises(IntegrityError):
        await memory.record.write("INC-1", "called/1", Called(reason="x"))

    assert (await memory.record.write("INC-1", "called/1", Called(reason="x"))).called == ("by another", "x")
