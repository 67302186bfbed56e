"""One incident on its way through one phase: what it is so far, what it writes, and what it hears."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from remediation.durable import durably
from remediation.entries import AlertJoined, Entry, Incident
from remediation.telling import Teller
from remediation.terms import Alert, Heard, Signal
from remediation.world import World

T = TypeVar("T")


class Bells:
    """What wakes a waiting incident of this process at once; what rings elsewhere is found by looking every few seconds."""

    def __init__(self, look_every_seconds: float = 5.0) -> None:
        self._look_every = look_every_seconds
        self._bells: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def ring(self, incident_id: str) -> None:
        """A signal of this incident was committed."""
        self._bells[incident_id].set()

    async def wait(self, incident_id: str, seconds: float) -> None:
        """Until it rings, or it is time to look."""
        bell = self._bells[incident_id]
        try:
            await asyncio.wait_for(bell.wait(), timeout=max(0.0, min(seconds, self._look_every)))
        except TimeoutError:
            return
        bell.clear()


class Course:
    """A phase's view of its incident.

    The incident is folded here from what this phase wrote and heard, never read again from the record, so that a replay sees what the
    first run saw.
    """

    def __init__(self, incident: Incident, world: World, teller: Teller, bells: Bells) -> None:
        self.incident = incident
        self.world = world
        self._teller = teller
        self._bells = bells
        self._written = 0

    async def put(self, entry: Entry) -> Incident:
        """Write and tell one entry; it answers all that was heard so far."""
        self._written += 1
        key = f"{self.incident.phase}/{self.incident.run}/{self._written}"
        at = await durably(self._put, key, entry, self.incident.heard)
        self.incident = self.incident.after(entry, at)
        return self.incident

    async def next_signal(self, until: datetime | None) -> Heard:
        """The next signal of this incident, waited for until then (for ever when None). A joined alert is folded in already."""
        heard = await durably(self._listen, self.incident.heard, until)
        if heard.signal is not None:
            self.incident = self._folded(heard.signal)
        return heard

    async def told(self) -> None:
        """Until the thread has heard all that the record holds."""
        await durably(self._told)

    async def whisper(self, user: str, text: str) -> None:
        """Tell one person alone."""
        await durably(self._whisper, user, text)

    def _folded(self, signal: Signal) -> Incident:
        if signal.kind == "alert":
            return self.incident.after(AlertJoined(alert=body_as(Alert, signal.body)), signal.at, signal.seq)
        return self.incident.having_heard(signal.seq)

    async def _put(self, key: str, entry: Entry, heard: int) -> datetime:
        incident = await self._teller.put(self.incident.incident_id, key, entry, heard)
        return incident.updated_at or self.world.now()

    async def _listen(self, after: int, until: datetime | None) -> Heard:
        while True:
            signal = await self.world.signals.after(self.incident.incident_id, after)
            now = self.world.now()
            if signal is not None or (until is not None and now >= until):
                return Heard(signal=signal, at=now)
            left = (until - now).total_seconds() if until is not None else float("inf")
            await self._bells.wait(self.incident.incident_id, left)

    async def _told(self) -> None:
        while not await self._teller.catch_up(self.incident.incident_id):
            await self._bells.wait(self.incident.incident_id, self.world.patience.answer * 60)

    async def _whisper(self, user: str, text: str) -> None:
        await self.world.thread.whisper(self.incident, user, text)


def body_as(kind: type[T], body: Mapping[str, object]) -> T:
    """A signal's body as the noun that it holds."""
    return msgspec.convert(body, type=kind)
