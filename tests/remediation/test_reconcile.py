"""The loops beside the workflows: who begins, who looks, and what happens when somebody does not answer."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest
import sqlalchemy as sa

from remediation import durable, reconcile
from remediation.correlate import Correlator
from remediation.course import Bells
from remediation.entries import Called, Delivered, Opened, PhaseBegan
from remediation.errors import Unreachable
from remediation.reconcile import Reconciler
from remediation.setbacks import Pauses, Setbacks
from remediation.terms import Progress
from remediation.world import Patience
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, a_receipt, an_alert, up_to_the_merge
from tests.remembered_thread import RememberedThread

__all__ = ["memory"]


@pytest.fixture
def world(memory, monkeypatch):
    """As much of the world as the loops touch; a phase is whatever the test says."""
    monkeypatch.setattr(durable.Retries, "tries", 1)
    return SimpleNamespace(record=memory.record, signals=memory.signals, effects=memory.effects, thread=RememberedThread(),
                           executors={}, watcher=None, now=memory.clock, patience=Patience())  # fmt: skip


@pytest.fixture
def reconciler(memory, world, tmp_path):
    correlator = Correlator(memory.inbox, "sandbox", lambda _target, _labels: STANDING)
    return Reconciler(world, correlator, Bells(0.05), tmp_path / "engine.db", 0.02)


@asynccontextmanager
async def running(reconciler):
    """Engine and loops."""
    await reconciler.engine.launch()
    loops = asyncio.create_task(reconciler.run())
    try:
        yield loops
    finally:
        loops.cancel()
        with suppress(asyncio.CancelledError):
            await loops
        await reconciler.engine.close()


async def until(holds, seconds=20.0):
    """Wait for it."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


def counted(reconciler, monkeypatch, name="place_and_begin"):
    """A function that waits until one of the loops has gone round so many times more: what did not happen by then does not happen."""
    rounds, work = [], getattr(reconciler, name)

    async def round_and_told():
        await work()
        rounds.append(name)

    async def gone_round(times):
        enough = len(rounds) + times
        await until(lambda: len(rounds) >= enough)

    monkeypatch.setattr(reconciler, name, round_and_told)
    return gone_round


async def opened(memory, count=1):
    """So many open incidents, `INC-1` the first."""
    for number in range(1, count + 1):
        await memory.record.write(f"INC-{number}", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))


def phase(monkeypatch, run):
    """`run(course)` is what the first phase does."""
    monkeypatch.setitem(reconcile.PHASES, "investigate", run)


async def test_in_a_storm_the_first_incidents_begin_before_the_last_is_placed(memory, reconciler, monkeypatch):
    """A storm that does not end must not silence what is new."""
    waited_when_begun = []

    async def investigate(course):
        waited_when_begun.append(len(await memory.inbox.waiting(1000)))
        await course.next_signal(None)

    phase(monkeypatch, investigate)
    await memory.inbox.store([an_alert(cycle=f"c{n}", labels={"host": f"h{n}"}) for n in range(250)])
    async with running(reconciler):
        await until(lambda: len(waited_when_begun) >= 150)

    assert waited_when_begun[0] >= 150


class SlowGitlab:
    """An executor whose merge requests wait, asked one by one. It takes a moment to say so."""

    def __init__(self):
        self.asked, self.at_once, self.most_at_once = [], 0, 0

    async def progress(self, receipt):
        """Nothing has happened."""
        self.asked.append(receipt.iid)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.05)
        self.at_once -= 1
        return Progress(state="waiting")


async def delivered(memory, count):
    """So many open incidents whose merge requests, !1 the first, wait."""
    await opened(memory, count)
    for number in range(1, count + 1):
        receipt = replace(a_receipt(), iid=number, key=f"INC-{number}/1")
        for at, entry in enumerate((*up_to_the_merge()[:4], PhaseBegan(phase="deliver"), Delivered(receipt=receipt))):
            await memory.record.write(f"INC-{number}", f"made/{at}", entry)


async def test_a_slack_that_is_gone_keeps_no_merge_request_unlooked_at(memory, world, reconciler, monkeypatch):
    """Threads are told in a loop of their own, and GitLab is asked about several at once."""
    await delivered(memory, 24)
    world.executors["git"] = gitlab = SlowGitlab()
    told = asyncio.Event()

    async def black_hole(_incident):
        told.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(reconciler.teller, "catch_up", black_hole)
    monkeypatch.setitem(reconcile.PHASES, "deliver", lambda _course: asyncio.Event().wait())
    async with running(reconciler):
        await until(lambda: set(gitlab.asked) == set(range(1, 25)) and told.is_set())

    assert 1 < gitlab.most_at_once <= 8


async def test_a_webhook_has_its_own_merge_request_looked_at_and_no_other(memory, world, reconciler):
    """A busy GitLab must not make us ask about everything at each note of anybody."""
    await delivered(memory, 3)
    world.executors["git"] = gitlab = SlowGitlab()

    for project, iid in (("platform/other", 2), ("platform/shop", 99), ("Platform/Shop", 2)):
        reconciler.look(project, iid)
        await reconciler.look_where_told()
    assert gitlab.asked == [2]

    reconciler.look("platform/shop", None)
    await reconciler.look_where_told()
    assert sorted(gitlab.asked[1:]) == [1, 2, 3]


async def test_what_nothing_here_can_look_at_is_said(memory, reconciler):
    """The token of GitLab was taken away while its merge request waits."""
    await delivered(memory, 1)

    with pytest.raises(Unreachable, match="a git act cannot be looked at"):
        await reconciler._follower.look_at("INC-1")


async def test_an_engine_that_cannot_be_asked_at_the_start_is_asked_again(memory, reconciler, monkeypatch):
    """One locked file must not leave a process that answers and begins nothing."""
    begun = []

    async def investigate(course):
        begun.append(course.incident.incident_id)
        await course.next_signal(None)

    async def locked_once():
        monkeypatch.undo()
        phase(monkeypatch, investigate)
        raise sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))

    await opened(memory)
    monkeypatch.setattr(reconciler.engine, "live", locked_once)
    async with running(reconciler) as loops:
        await until(lambda: begun == ["INC-1"])
        assert not loops.done()


async def entries(memory, kind):
    """Of INC-1."""
    return [line for line in await memory.record.entries("INC-1") if isinstance(line.entry, kind)]


async def test_runs_that_fail_come_ever_slower_and_people_are_called_once(memory, world, reconciler, monkeypatch):
    """A GitLab that is down for an hour must not fill the record, and must not be kept from people."""
    monkeypatch.setattr(Pauses, "silent", 0.5)
    runs = []

    async def investigate(_course):
        runs.append(asyncio.get_running_loop().time())
        raise Unreachable("GitLab does not answer (503).")

    phase(monkeypatch, investigate)
    gone_round = counted(reconciler, monkeypatch)
    await opened(memory)
    async with running(reconciler):
        async with asyncio.timeout(20):
            while not (called := (await memory.record.incident("INC-1")).called):
                await asyncio.sleep(0.01)
        await gone_round(10)

    assert len(runs) <= 8
    assert runs[-1] - runs[-2] > runs[2] - runs[1]
    assert len(called) == 1
    assert called[0].startswith("GitLab does not answer (503). Suture has been asking for")
    assert len(await entries(memory, Called)) == 1
    assert (await memory.record.incident("INC-1")).outcome is None


async def test_a_press_wakes_an_incident_whose_phase_pauses(memory, world, reconciler, monkeypatch):
    """Whoever presses after an outage is answered now, and not when the pause of up to five minutes ends."""
    monkeypatch.setattr(Pauses, "longest", 300.0)
    reconciler._setbacks = Setbacks(300.0)
    heard = []

    async def investigate(course):
        signal = await world.signals.after("INC-1", 0)
        heard.append(signal)
        if signal is None:
            raise Unreachable("GitLab did not answer.")
        await course.next_signal(None)
        await course.next_signal(None)

    phase(monkeypatch, investigate)
    await opened(memory)
    async with running(reconciler):
        await until(lambda: heard and reconciler._setbacks.of("INC-1"))
        await world.signals.add("INC-1", "press", {"action": "escalate", "user": "U_ALICE", "digest": ""}, "k1")
        reconciler.heard("INC-1")
        await until(lambda: heard[-1] is not None, seconds=5)

    assert len(heard) == 2


async def test_a_press_in_the_moment_in_which_a_run_fails_is_heard_at_once(memory, world, reconciler, monkeypatch):
    """It rang before there was a pause that it could end."""
    monkeypatch.setattr(Pauses, "longest", 300.0)
    reconciler._setbacks = Setbacks(300.0)
    heard = []

    async def investigate(course):
        heard.append(await world.signals.after("INC-1", 0))
        if len(heard) == 1:
            await world.signals.add("INC-1", "press", {"action": "escalate", "user": "U_ALICE", "digest": ""}, "k1")
            reconciler.heard("INC-1")
            raise Unreachable("GitLab did not answer.")
        await course.next_signal(None)
        await course.next_signal(None)

    phase(monkeypatch, investigate)
    await opened(memory)
    async with running(reconciler):
        await until(lambda: heard and heard[-1] is not None, seconds=5)

    assert len(heard) == 2


async def test_a_mere_new_run_sends_nothing_to_slack(memory, world, reconciler, monkeypatch):
    """The head says nothing of it."""
    runs = []

    async def investigate(course):
        runs.append(course.incident.run)
        if len(runs) == 4:
            await course.next_signal(None)
        await asyncio.sleep(0.1)
        raise Unreachable("GitLab does not answer (503).")

    phase(monkeypatch, investigate)
    gone_round = counted(reconciler, monkeypatch, "tell")
    await opened(memory)
    async with running(reconciler):
        await until(lambda: len(runs) == 4)
        await gone_round(5)

    assert len(world.thread.refreshed) <= 1


async def test_an_incident_that_no_workflow_can_even_hand_over_is_handed_over(memory, world, reconciler, monkeypatch):
    """A bug is not silence, wherever it sits."""

    def no_course(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(reconcile, "Course", no_course)
    await opened(memory)
    async with running(reconciler):
        async with asyncio.timeout(20):
            while (incident := await memory.record.incident("INC-1")).phase != "done":
                await asyncio.sleep(0.05)

    assert incident.outcome.name == "handed_over"
    assert "A bug (ZeroDivisionError)" in incident.outcome.reason
    assert ("INC-1", "given up/investigate/0", "Ended") in world.thread.posted


async def test_an_engine_without_room_begins_no_run_after_the_other(memory, reconciler, monkeypatch):
    """Each try writes that a run began: they come ever slower, too."""

    async def full(*_):
        raise Unreachable("The engine's file does not answer.")

    await opened(memory)
    monkeypatch.setattr(reconciler.engine, "begin", full)
    gone_round = counted(reconciler, monkeypatch)
    async with running(reconciler):
        await gone_round(24)

    assert 2 <= len(await entries(memory, PhaseBegan)) <= 8


async def test_an_incident_that_cannot_be_read_stops_no_other(memory, reconciler, monkeypatch):
    """It is left out, and said; the others begin."""
    begun = []

    async def investigate(course):
        begun.append(course.incident.incident_id)
        await course.next_signal(None)

    read = memory.record.incident

    async def incident(incident_id, *entries):
        if incident_id == "INC-1":
            raise msgspec.ValidationError("Expected `str`, got `object` - at `$.phase`")
        return await read(incident_id, *entries)

    phase(monkeypatch, investigate)
    await opened(memory, 2)
    monkeypatch.setattr(memory.record, "incident", incident)
    async with running(reconciler):
        await until(lambda: begun == ["INC-2"])


async def test_the_next_phase_runs_under_the_entry_that_entered_it(memory, reconciler, monkeypatch):
    """One entry says that a phase is entered and that it begins."""
    seen = []

    async def investigate(_course):
        return "settle"

    async def settle(course):
        seen.append((course.incident.phase, course.incident.run))
        await course.next_signal(None)

    phase(monkeypatch, investigate)
    monkeypatch.setitem(reconcile.PHASES, "settle", settle)
    await opened(memory)
    async with running(reconciler):
        await until(lambda: seen)

    assert seen == [("settle", 2)]
    assert [(line.entry.phase, line.entry.run) for line in await entries(memory, PhaseBegan)] == [("investigate", 1), ("settle", 2)]


async def test_what_was_written_before_a_phase_could_begin_is_known_to_it(memory, reconciler, monkeypatch):
    """A recovery that comes between two phases must not wait until the second one listens."""
    seen = []

    async def investigate(_course):
        return "settle"

    async def settle(course):
        seen.append((course.incident.run, course.incident.called))
        await course.next_signal(None)

    place_and_begin, enter = reconciler.place_and_begin, reconciler._enter
    free = asyncio.Event()
    free.set()

    async def when_free():
        await free.wait()
        await place_and_begin()

    async def enter_and_write(course, following):
        free.clear()
        await enter(course, following)
        await memory.record.write(course.incident.incident_id, "between", Called(reason="meanwhile"))
        free.set()

    monkeypatch.setattr(reconciler, "place_and_begin", when_free)
    monkeypatch.setattr(reconciler, "_enter", enter_and_write)
    phase(monkeypatch, investigate)
    monkeypatch.setitem(reconcile.PHASES, "settle", settle)
    await opened(memory)
    async with running(reconciler):
        await until(lambda: seen)

    assert seen == [(3, ("meanwhile",))]
