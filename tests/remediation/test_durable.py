"""Work that survives: recorded results, retries that may help, effects made once, versions, the lock."""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from remediation import durable
from remediation.durable import Engine, durably, once, patiently, workflow_id
from remediation.errors import Refused, RemediationError, Unreachable
from remediation.ports import Effect
from remediation.terms import Target

TARGET = Target(kind="workload", place="here", path="shop/Deployment/api")


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch):
    monkeypatch.setattr(durable.Retries, "seconds", 0.001)


class Ledger:
    """Effects in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, str | None] = {}

    async def intend(self, key: str) -> Effect:
        fresh = key not in self.rows
        return Effect(made=self.rows.setdefault(key, None), fresh=fresh)

    async def made(self, key: str, external_id: str) -> None:
        self.rows[key] = external_id


@contextmanager
def no_room():
    """No engine of this process can write meanwhile."""

    def refuse(_connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE")):
            raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("database or disk is full"))

    sa.event.listen(sa.Engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", refuse)


async def ran(tmp_path: Path, body, version="v1"):
    """What `body(incident_id)` gives as a workflow of its own engine."""
    answers: list = []

    async def run(incident_id: str, phase: str, tries: int) -> None:
        answers.append(await body(incident_id))

    engine = Engine(tmp_path / "engine.db", version, run)
    await engine.launch()
    try:
        await engine.begin("INC-1", "settle", 1)
        for _ in range(400):
            await asyncio.sleep(0.01)
            if not await engine.live():
                break
    finally:
        await engine.close()
    return answers


async def test_a_step_gives_what_a_replay_would_read(tmp_path):
    """A tuple stays a tuple and a dataclass itself, on the first run already."""

    async def step():
        return {"targets": (TARGET,), "n": [1, 2]}

    async def body(_):
        return await durably(step)

    assert await ran(tmp_path, body) == [{"targets": (TARGET,), "n": [1, 2]}]


async def test_only_an_error_that_may_pass_is_tried_again(tmp_path):
    """Unreachable is asked again; a refusal is an answer; and the cause comes out, not the engine's wrapping."""
    calls = {"flaky": 0, "refusing": 0, "down": 0}

    async def flaky():
        calls["flaky"] += 1
        if calls["flaky"] < 3:
            raise Unreachable("Slack did not answer.", "Wait.")
        return "ok"

    async def refusing():
        calls["refusing"] += 1
        raise Refused("Git differs from live.", "Look at it.", "drift")

    async def down():
        calls["down"] += 1
        raise Unreachable("GitLab did not answer.", "Wait.")

    async def body(_):
        said = [await durably(flaky)]
        for step in (refusing, down):
            try:
                await durably(step)
            except RemediationError as failure:
                said.append((type(failure).__name__, failure.args))
        return said

    assert await ran(tmp_path, body) == [
        ["ok", ("Refused", ("Git differs from live.", "Look at it.", "drift")), ("Unreachable", ("GitLab did not answer.", "Wait."))]
    ]
    assert calls == {"flaky": 3, "refusing": 1, "down": durable.Retries.tries}


async def test_what_the_record_keeps_is_tried_as_patiently_as_a_step():
    """A full disk may have room in a moment; a refusal is an answer; and who never answers is told by name at last."""
    failures = [Unreachable("The disk is full.", "Wait.")] * 2

    async def write(what: str) -> str:
        if failures:
            raise failures.pop()
        return what

    assert await patiently(write, "kept") == "kept"

    failures += [Refused("No such incident.", "Look.", "not_found")]
    with pytest.raises(Refused):
        await patiently(write, "refused at once")
    assert failures == []

    failures += [Unreachable("The disk is full.", "Wait.")] * durable.Retries.tries
    with pytest.raises(Unreachable, match="The disk is full"):
        await patiently(write, "never")
    assert failures == []


async def test_an_effect_is_made_once_and_found_when_an_earlier_try_died():
    """Fresh: made without a search. Intended but not noted: searched first. Noted: neither."""
    ledger, asked = Ledger(), []

    async def find():
        asked.append("find")
        return "100.1"

    async def make():
        asked.append("make")
        return "100.1"

    assert await once(ledger, "told/INC-1/a", find, make) == "100.1"
    assert await once(ledger, "told/INC-1/a", find, make) == "100.1"
    assert asked == ["make"]

    ledger.rows["told/INC-1/b"] = None  # a try died after the request, before the note
    assert await once(ledger, "told/INC-1/b", find, make) == "100.1"
    assert asked == ["make", "find"]


async def test_a_second_engine_on_the_same_file_is_refused(tmp_path):
    """Two engines on one SQLite file would run every workflow twice."""

    async def run(incident_id: str, phase: str, tries: int) -> None: ...

    engine = Engine(tmp_path / "engine.db", "v1", run)
    await engine.launch()
    try:
        with pytest.raises(RemediationError, match=rf"Another Suture runs on .*: process {os.getpid()} holds engine\.lock\."):
            durable._exclusive(tmp_path / "engine.lock")
    finally:
        await engine.close()


def _one_life(folder: Path, version: str, seconds: float) -> None:
    """A process with an engine: its workflow notes each step in a file, and hangs after the first until the file `go` is there."""

    async def note(what: str) -> str:
        with (folder / "notes").open("a") as notes:
            notes.write(what + "\n")
        return what

    async def wait_for_go() -> None:
        while not (folder / "go").exists():
            await asyncio.sleep(0.01)

    async def run(incident_id: str, phase: str, tries: int) -> None:
        await durably(note, f"first {tries}")
        await durably(wait_for_go)
        await durably(note, f"second {tries}")

    async def live() -> None:
        engine = Engine(folder / "engine.db", version, run)
        await engine.launch()
        alive = await engine.live()
        (folder / f"alive-{version}").write_text("\n".join(sorted(alive)))
        if not (folder / "notes").exists():
            await engine.begin("INC-1", "settle", 1)
        await asyncio.sleep(seconds)
        await engine.close()

    asyncio.run(live())


def _spawn(folder: Path, version: str, seconds: float) -> multiprocessing.Process:
    process = multiprocessing.get_context("spawn").Process(target=_one_life, args=(folder, version, seconds))
    process.start()
    return process


def _until(condition, seconds=20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_process_goes_on_after_its_last_step(tmp_path):
    """SIGKILL in the middle of a step: the steps before it are not done again."""
    first = _spawn(tmp_path, "v1", 30)
    _until(lambda: (tmp_path / "notes").exists())
    time.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    (tmp_path / "go").touch()
    second = _spawn(tmp_path, "v1", 4)
    second.join()

    assert (tmp_path / "notes").read_text().split("\n")[:-1] == ["first 1", "second 1"]


def test_what_another_version_left_behind_is_cancelled(tmp_path):
    """After an upgrade the phase is begun anew by the reconciler, never replayed by code that does not know it."""
    first = _spawn(tmp_path, "v1", 30)
    _until(lambda: (tmp_path / "notes").exists())
    time.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    (tmp_path / "go").touch()
    second = _spawn(tmp_path, "v2", 2)
    second.join()

    assert (tmp_path / "alive-v2").read_text() == ""
    assert (tmp_path / "notes").read_text() == "first 1\n"


async def test_an_engine_that_cannot_keep_a_result_is_unreachable_and_no_bug(tmp_path):
    """One full disk must not end an incident: its phase is begun anew."""

    async def step():
        return "done"

    async def body(_):
        with no_room():
            try:
                await durably(step)
            except Unreachable as full:
                return str(full)

    said = await ran(tmp_path, body)
    assert "database or disk is full" in said[0]


def test_a_workflow_is_named_by_incident_phase_and_try():
    """The id is what makes a second beginning of the same phase harmless."""
    assert workflow_id("INC-1", "settle", 2) == "INC-1/settle/2"
