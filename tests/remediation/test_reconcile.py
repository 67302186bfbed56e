"""The loops beside the workflows: who begins, who looks, and what happens when somebody does not answer."""

import asyncio
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace

import pytest

from remediation import durable, reconcile
from remediation.correlate import Correlator
from remediation.course import Bells
from remediation.entries import Opened
from remediation.reconcile import Reconciler
from remediation.world import Patience
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, an_alert
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
