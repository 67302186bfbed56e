"""One incident on its way through one phase: what it is so far, what it writes, and what it hears."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import ParamSpec
from weakref import WeakValueDictionary

import msgspec
import structlog

from remediation.durable import durably, patiently
from remediation.entries import AlertJoined, Entry, Incident, PhaseBegan
from remediation.errors import Conflict, RemediationError
from remediation.ports import Kept
from remediation.telling import Teller
from remediation.terms import Alert, Heard, Phase, Signal
from remediation.world import World

P = ParamSpec("P")

log = structlog.get_logger(__name__)


def key_of_run(run: int) -> str:
    """Under which a run begins in the record."""
    return f"run/{run}"


class Bells:
    """What wakes a waiting incident of this process at once; what rings elsewhere is found by looking every few seconds."""

    def __init__(self, look_every_seconds: float = 5.0) -> None:
        self._look_every = look_every_seconds
        self._bells: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()  # those that somebody listens to

    def ring(self, incident_id: str) -> None:
        """A signal of this incident was committed."""
        if (bell := self._bells.get(incident_id)) is not None:
            bell.set()

    def of(self, incident_id: str) -> asyncio.Event:
        """This incident's bell; hold it, clear it, look for signals, then wait: what is committed after the look rings it."""
        return self._bells.setdefault(incident_id, asyncio.Event())

    async def wait(self, bell: asyncio.Event, seconds: float) -> None:
        """Until it rings, or it is time to look."""
        with suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), timeout=max(0.0, min(seconds, self._look_every)))


class Course:
    """A phase's view of its incident.

    The incident is folded here from what this phase wrote and heard, never read again from the record, so that a replay sees what the
    first run saw. replays: whether this run may have written something already.
    """

    def __init__(self, incident: Incident, world: World, teller: Teller, bells: Bells, *, replays: bool = False) -> None:
        self.incident = incident
        self.world = world
        self._teller = teller
        self._bells = bells
        self._replays = replays
        self.now = incident.updated_at or incident.opened_at
        self._written = 0

    async def put(self, entry: Entry) -> Incident:
        """Write and tell one entry; it answers all that was heard so far. The record keeps it, so the engine need not."""
        return await self._write(self._next_key(), entry)

    async def enter(self, phase: Phase) -> int:
        """Write that the next phase is entered, under the number of its first run; how many entries the record has with this one."""
        run = self.incident.runs + 1
        key = key_of_run(run)
        await self._write(key, PhaseBegan(phase=phase, run=run))
        kept = await self._kept(key)
        return kept.seq if kept else 0

    async def do(self, step: Callable[P, Awaitable[Entry]], *args: P.args, **kwargs: P.kwargs) -> Incident:
        """Do a step, and write and tell the entry that it answers with.

        What stands in the record is what counts: a replay that finds the entry does not do the step again, and the engine knows nothing
        of it. So a failure must end the phase; for a step whose failure it goes on from there is `try_to`.
        """
        key = self._next_key()
        if self._replays and await self._kept(key) is not None:
            return await self._after(key)
        if self._replays and await self._kept(self._key(self._written + 1)) is not None:
            raise Conflict(f"{self.incident.incident_id} went on from a failure of {step.__name__}.", "It is handed over, as it was then.")
        return await self._write(key, await patiently(step, *args, **kwargs))

    async def try_to(self, step: Callable[P, Awaitable[Entry]], *args: P.args, **kwargs: P.kwargs) -> Incident:
        """The same, as a step of the engine's: how it failed is kept there, so that a replay goes on from the very same failure."""
        key = self._next_key()

        async def do() -> None:
            if await self._kept(key) is None:
                await self._put(key, await step(*args, **kwargs))

        do.__name__ = f"do {step.__name__}"  # a replay that would do something else is noticed by the engine
        await durably(do)
        return await self._after(key)

    async def next_signal(self, until: datetime | None) -> Heard:
        """The next signal of this incident, waited for until then (for ever when None). A joined alert is folded in already.

        While it waits its evidence stands in the record alone: it is most of an incident, and a thousand may wait for days.
        """
        self.incident = replace(self.incident, evidence=())
        heard = await durably(self._listen, self.incident.heard, until)
        whole = await self.world.record.incident(self.incident.incident_id)
        self.incident = replace(self.incident, evidence=whole.evidence)  # written once, so the same in a replay
        self.now = heard.at
        if heard.signal is not None:
            self.incident = self._folded(heard.signal)
        return heard

    async def told(self) -> None:
        """Until the thread has heard all that the record holds."""
        await durably(self._told)

    async def whisper(self, user: str, text: str) -> None:
        """Tell one person alone."""
        await durably(self._whisper, user, text)

    def _next_key(self) -> str:
        """Each entry of a run has one of its own, and the same in a replay."""
        self._written += 1
        return self._key(self._written)

    def _key(self, number: int) -> str:
        return f"{self.incident.phase}/{self.incident.run}/{number}"

    async def _kept(self, key: str) -> Kept | None:
        return await self.world.record.under(self.incident.incident_id, key)

    async def _write(self, key: str, entry: Entry) -> Incident:
        await patiently(self._put, key, entry)
        return await self._after(key)

    async def _after(self, key: str) -> Incident:
        """The incident with what stands under this key, in this run and in every replay of it."""
        kept = await self._kept(key)
        if kept is None:
            raise Conflict(
                f"{self.incident.incident_id} has nothing under {key!r}, which the engine knows.", "Restore both from one backup."
            )
        self.now = max(self.now, kept.at)
        self.incident = self.incident.after(kept.entry, kept.at)
        return self.incident

    def _folded(self, signal: Signal) -> Incident:
        alert = msgspec.convert(signal.body, type=Alert) if signal.kind == "alert" else None
        if alert is None or any(known.alert_id == alert.alert_id for known in self.incident.alerts):
            return self.incident.having_heard(signal.seq)
        return self.incident.after(AlertJoined(alert=alert), signal.at, signal.seq)

    async def _put(self, key: str, entry: Entry) -> None:
        await self._teller.put(self.incident.incident_id, key, entry, self.incident.heard)

    async def _listen(self, after: int, until: datetime | None) -> Heard:
        bell = self._bells.of(self.incident.incident_id)
        while True:
            bell.clear()
            signal = await self.world.signals.after(self.incident.incident_id, after)
            now = self.world.now()
            if signal is not None or (until is not None and now >= until):
                return Heard(signal=signal, at=now)
            left = (until - now).total_seconds() if until is not None else float("inf")
            await self._bells.wait(bell, left)

    async def _told(self) -> None:
        bell = self._bells.of(self.incident.incident_id)
        while not await self._teller.catch_up(await self.world.record.incident(self.incident.incident_id)):
            await self._bells.wait(bell, float("inf"))
            bell.clear()

    async def _whisper(self, user: str, text: str) -> None:
        try:
            await self.world.thread.whisper(self.incident, user, text)
        except RemediationError as silence:  # such as user_not_in_channel: what they did stands all the same
            log.warning("somebody was not told", incident=self.incident.incident_id, user=user, reason=str(silence))
