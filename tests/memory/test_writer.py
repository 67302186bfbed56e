"""One thread writes for all."""

import asyncio
import threading
from datetime import datetime

import pytest
from sqlalchemy import Insert, event, insert, select, text

from memory.bulk import Rows
from memory.database import Database
from memory.tables import AlertRow
from memory.writer import Full, Writer
from remediation.errors import Unreachable
from tests.remediation.made import NOW

COLUMNS = ("alert_id", "source", "cycle", "state", "received_at", "body")
ALERTS = Rows(AlertRow, *COLUMNS)


def a_row(alert_id: str, at: datetime = NOW, body: str = "{}") -> tuple:
    return (alert_id, "datadog", "c", "firing", at, body)


def an_insert(alert_id: str) -> Insert:
    return insert(AlertRow).values(dict(zip(COLUMNS, a_row(alert_id), strict=True)))


@pytest.fixture
def database(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path}/suture.db")
    yield database
    database.close()


async def stored(database) -> list[str]:
    return await database.reader.read(lambda c: list(c.scalars(select(AlertRow.alert_id).order_by(AlertRow.seq))))


async def test_what_was_written_is_on_disk_when_it_returns(database):
    """A reader of its own sees it at once."""
    await database.writer.insert(ALERTS, [a_row("a")])

    assert await stored(database) == ["a"]


async def test_many_writes_share_one_transaction(database):
    """A gate holds the writer; what gathers behind it is committed together."""
    gate, inside = threading.Event(), threading.Event()
    transactions = []

    def hold(connection):
        inside.set()
        gate.wait(5)

    def note(connection):
        transactions.append(id(connection.get_transaction()))

    first = asyncio.create_task(database.writer.write(hold))
    await asyncio.to_thread(inside.wait, 5)
    rest = [asyncio.create_task(database.writer.write(note)) for _ in range(20)]
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(first, *rest)

    assert len(set(transactions)) == 1


@pytest.fixture
def commits(database) -> list[int]:
    """Grows with each commit."""
    made = []
    event.listen(database.writer._engine, "commit", lambda _: made.append(1))
    return made


async def test_rows_that_come_one_after_another_share_a_commit(database, commits, monkeypatch):
    """On an idle disk the first waits for company."""
    monkeypatch.setattr("memory.writer._COMPANY", 0.2)
    rows = [asyncio.create_task(database.writer.insert(ALERTS, [a_row("a")]))]
    for name in "bcd":
        await asyncio.sleep(0.005)
        rows.append(asyncio.create_task(database.writer.insert(ALERTS, [a_row(name)])))
    await asyncio.gather(*rows)

    assert await stored(database) == ["a", "b", "c", "d"]
    assert len(commits) == 1


@pytest.mark.parametrize("hurry", ["work", "many"])
async def test_rows_do_not_wait_where_there_is_no_need(database, commits, monkeypatch, hurry):
    """Work takes them along, and so many are worth a commit of their own."""
    monkeypatch.setattr("memory.writer._COMPANY", 30.0)
    rows = [asyncio.create_task(database.writer.insert(ALERTS, [a_row(f"a{n}")])) for n in range(3 if hurry == "work" else 64)]
    await asyncio.sleep(0.01)
    if hurry == "work":
        await database.writer.write(lambda _: None)
    await asyncio.wait_for(asyncio.gather(*rows), 10)

    assert len(await stored(database)) == len(rows)
    assert len(commits) == 1


async def test_what_has_time_goes_with_the_next_commit_and_before_it(database, commits):
    """One commit for both, and whoever reads within it finds what went before."""
    database.writer.write_later(lambda connection: connection.execute(an_insert("first")))
    assert await stored(database) == []

    assert await database.writer.write(lambda connection: connection.scalars(select(AlertRow.alert_id)).all()) == ["first"]
    assert len(commits) == 1


async def test_what_has_time_waits_no_longer_than_that(database, commits, monkeypatch):
    """Nothing else may come for hours."""
    monkeypatch.setattr("memory.writer._LATER", 0.01)
    for name in ("a", "b"):
        database.writer.write_later(lambda connection, name=name: connection.execute(an_insert(name)))
    async with asyncio.timeout(10):
        while database.writer.waiting:
            await asyncio.sleep(0.01)

    assert await stored(database) == ["a", "b"]
    assert len(commits) == 1


async def test_what_has_time_is_written_before_the_file_is_closed(tmp_path):
    """A stop is no death."""
    for number in range(2):
        database = Database.open(f"sqlite:///{tmp_path}/suture.db")
        if number == 0:
            database.writer.write_later(lambda connection: connection.execute(an_insert("a")))
        else:
            assert await stored(database) == ["a"]
        database.close()


async def test_one_failure_undoes_its_own_statements_only(database):
    """Its neighbours in the same transaction stand."""
    gate = threading.Event()

    def fail(connection):
        connection.execute(an_insert("bad"))
        raise ZeroDivisionError

    held = asyncio.create_task(database.writer.write(lambda _: gate.wait(5)))
    await asyncio.sleep(0.01)
    jobs = [
        asyncio.create_task(database.writer.insert(ALERTS, [a_row("before")])),
        asyncio.create_task(database.writer.write(fail)),
        asyncio.create_task(database.writer.write(lambda c: c.execute(an_insert("after")).rowcount)),
    ]
    await asyncio.sleep(0.01)
    gate.set()
    _, *answers = await asyncio.gather(held, *jobs, return_exceptions=True)

    assert [type(answer) for answer in answers] == [type(None), ZeroDivisionError, int]
    assert await stored(database) == ["before", "after"]


async def test_a_full_queue_says_so_at_once(tmp_path):
    """Nobody waits for a disk that does not keep up."""
    database = Database.open(f"sqlite:///{tmp_path}/suture.db")
    writer = Writer(database.writer._engine, limit=3)
    gate = threading.Event()
    held = asyncio.create_task(writer.write(lambda _: gate.wait(5)))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(writer.insert(ALERTS, [a_row("a"), a_row("b")]))
    await asyncio.sleep(0.01)

    with pytest.raises(Full):
        await writer.insert(ALERTS, [a_row("c")])
    gate.set()
    await asyncio.gather(held, waiting)

    assert await stored(database) == ["a", "b"]
    assert writer.waiting == 0
    writer.close()
    database.close()


async def test_a_database_that_fails_is_told_to_everyone_who_waits(database):
    """It is worth another try, and the next batch is tried."""
    with pytest.raises(Unreachable, match="could not be written"):
        await database.writer.write(lambda c: c.execute(text("SELECT * FROM nowhere")))

    await database.writer.insert(ALERTS, [a_row("a")])
    assert await stored(database) == ["a"]


async def test_a_row_that_cannot_be_stored_does_not_end_the_thread(database):
    """A naive time is refused; the next row is stored."""
    with pytest.raises(Exception, match="no time zone"):
        await database.writer.insert(ALERTS, [a_row("a", at=NOW.replace(tzinfo=None))])

    await database.writer.insert(ALERTS, [a_row("b")])
    assert await stored(database) == ["b"]


async def test_closing_commits_what_was_handed_in(tmp_path):
    """And nothing is taken afterwards."""
    url = f"sqlite:///{tmp_path}/suture.db"
    database = Database.open(url)
    jobs = [asyncio.create_task(database.writer.insert(ALERTS, [a_row(str(n))])) for n in range(50)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    await asyncio.gather(*jobs)

    again = Database.open(url)
    assert len(await stored(again)) == 50
    again.close()
    with pytest.raises(Unreachable, match="closed"):
        await database.writer.write(lambda _: None)


async def test_someone_who_stopped_waiting_disturbs_nobody(database):
    """A cancelled request's row is written all the same."""
    gate = threading.Event()
    held = asyncio.create_task(database.writer.write(lambda _: gate.wait(5)))
    await asyncio.sleep(0.01)
    gone = asyncio.create_task(database.writer.insert(ALERTS, [a_row("gone")]))
    await asyncio.sleep(0.01)
    gone.cancel()
    gate.set()
    await held
    await database.writer.insert(ALERTS, [a_row("next")])

    assert await stored(database) == ["gone", "next"]


async def test_a_thousand_rows_are_stored_once_each(database):
    """In few statements, and with their times; those that stand already, or come twice at once, change nothing."""
    rows = [a_row(str(number)) for number in range(1_000)]

    await database.writer.insert(ALERTS, rows + rows[:10])
    await database.writer.insert(ALERTS, [*rows[500:], a_row("last")])

    assert await stored(database) == [*map(str, range(1_000)), "last"]
    times = await database.reader.read(lambda c: set(c.scalars(select(AlertRow.received_at))))
    assert times == {NOW}


async def test_a_full_disk_is_remembered_until_a_write_succeeds(database, monkeypatch):
    """Whoever asks whether we are well hears why not; a failure that is an hour old tells nothing."""
    await database.writer.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1").scalar())
    with pytest.raises(Unreachable, match="database or disk is full"):
        await database.writer.insert(ALERTS, [a_row("a", body="x" * 100_000)])
    full = database.writer.failure
    with monkeypatch.context() as later:
        later.setattr("memory.writer._REMEMBERED", 0.0)
        forgotten = database.writer.failure
    await database.writer.write(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1000000").scalar())
    await database.writer.insert(ALERTS, [a_row("a")])

    assert "database or disk is full" in full
    assert (forgotten, database.writer.failure) == ("", "")
