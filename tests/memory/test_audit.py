"""Whoever changes the record from outside is found out."""

import sqlite3

import pytest

from memory.audit import audit
from remediation.entries import Called, Opened
from tests.remediation.made import STANDING, TARGET, an_alert


@pytest.fixture
async def written(memory):
    for incident_id in ("INC-1", "INC-2"):
        await memory.record.write(incident_id, "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
        for number in range(3):
            await memory.record.write(incident_id, f"called/{number}", Called(reason=str(number)))
    await memory.effects.intend("post/1")
    await memory.effects.made("post/1", "171.5")
    await memory.effects.intend("post/1")  # made goes with the next commit
    return memory


def tamper(memory, *statements: str) -> None:
    """As someone with the file and a shell would, triggers out of the way."""
    connection = sqlite3.connect(memory.url.removeprefix("sqlite:///"), isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.close()


async def test_the_record_as_it_was_written_has_no_flaw(written):
    """Also after a restart."""
    assert await audit(written.database.reader) == []
    written.reopen()
    assert await audit(written.database.reader) == []


@pytest.mark.parametrize(
    ("statements", "chain", "seq", "says"),
    [
        (["UPDATE entries SET body = '{\"reason\":\"x\"}' WHERE incident_id = 'INC-1' AND seq = 3"], "incident/INC-1", 3, "not what was written"),
        (["UPDATE entries SET at = '2020-01-01 00:00:00.000000' WHERE incident_id = 'INC-1' AND seq = 2"], "incident/INC-1", 2, "not what"),
        (["DELETE FROM entries WHERE incident_id = 'INC-2' AND seq = 2"], "incident/INC-2", 2, "Row 2 is missing"),
        (["DELETE FROM entries WHERE incident_id = 'INC-2' AND seq = 4"], "incident/INC-2", 4, "ends after 3 rows; 4 were written"),
        (["DELETE FROM entries WHERE incident_id = 'INC-2'"], "incident/INC-2", 4, "ends after 0 rows"),
        (
            [
                "UPDATE entries SET seq = 9 WHERE incident_id = 'INC-1' AND seq = 2",
                "UPDATE entries SET seq = 2 WHERE incident_id = 'INC-1' AND seq = 3",
                "UPDATE entries SET seq = 3 WHERE incident_id = 'INC-1' AND seq = 9",
            ],
            "incident/INC-1", 2, "does not follow",
        ),
        (["UPDATE effects SET external_id = 'other' WHERE state = 'made'"], "effects", 2, "not what was written"),
        (["DELETE FROM effects WHERE seq = 1"], "effects", 1, "Row 1 is missing"),
        (["DELETE FROM chains WHERE chain = 'effects'"], "effects", 2, "0 were written"),
    ],
)  # fmt: skip
async def test_a_change_is_found_where_it_was_made(written, statements, chain, seq, says):
    """Altered, removed from the middle or the end, or put in another order; the other chains stand."""
    tamper(written, *statements)

    (flaw,) = await audit(written.database.reader)

    assert (flaw.chain, flaw.seq) == (chain, seq)
    assert says in flaw.what


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}'",
        "DELETE FROM entries",
        "UPDATE effects SET external_id = 'x'",
        "DELETE FROM effects",
        "DELETE FROM chains",
        "UPDATE chains SET length = 1",
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_written(written, statement):
    """A mistake in our own code, or at a prompt, is stopped before it is one."""
    with pytest.raises(Exception, match=r"append-only|only grows|for good"):
        await written.database.writer.write(lambda connection: connection.exec_driver_sql(statement))

    assert await audit(written.database.reader) == []
