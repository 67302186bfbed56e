"""The thread is a rendering of the record: every entry is told once, in order, and what Slack did not take is told later."""

import asyncio
from weakref import WeakValueDictionary

import structlog

from remediation.durable import once
from remediation.entries import SILENT, Entry, Incident, Opened, ThreadOpened
from remediation.errors import RemediationError, Unusable
from remediation.ports import Effects, Record, Thread
from remediation.terms import ThreadRef

log = structlog.get_logger(__name__)

HEAD = "head"
News = tuple[str, Entry]  # an entry under its key


class Teller:
    """Writes entries to the record, then brings the thread up to date with it."""

    def __init__(self, record: Record, effects: Effects, thread: Thread) -> None:
        self._record = record
        self._effects = effects
        self._thread = thread
        self._level: dict[str, int] = {}  # how many entries the thread of an open incident was last told of
        self._telling: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # one teller a thread

    async def put(self, incident_id: str, key: str, entry: Entry, heard: int = 0) -> Incident:
        """Commit the entry, then tell it."""
        incident = await self._record.write(incident_id, key, entry, heard)
        await self.catch_up(incident, (key, entry))
        return incident

    async def catch_up(self, incident: Incident, newest: News | None = None) -> bool:
        """Tell what was not told yet, up to this state at least; whether that was done. What Slack did not take is tried again."""
        try:
            await self.tell(incident, newest)
        except RemediationError as silence:
            log.warning("thread is behind the record", incident=incident.incident_id, reason=str(silence))
            return False
        except Exception:  # the outer edge of the thread, which is only a rendering: a bug in its words must not stop an incident
            log.exception("thread is behind the record", incident=incident.incident_id)
            return False
        return True

    def is_level(self, incident_id: str, entries: int) -> bool:
        """Whether the thread was told so many entries, as far as this process knows."""
        return self._level.get(incident_id, 0) >= entries

    def pass_over(self, incident: Incident) -> None:
        """The last entry shows nowhere in the thread: one that was level stays so, and nothing is sent."""
        if self.is_level(incident.incident_id, incident.entries - 1):
            self._level[incident.incident_id] = incident.entries

    async def tell(self, incident: Incident, newest: News | None = None) -> None:
        """Bring one thread up to date: the head, then what was not told yet, oldest first. Raises Unreachable, Forbidden.

        newest: the last entry, which is all that a thread lacks that was level before it.
        """
        async with self._telling.setdefault(incident.incident_id, asyncio.Lock()):
            if self.is_level(incident.incident_id, incident.entries):
                return
            level = newest is not None and self.is_level(incident.incident_id, incident.entries - 1)
            incident = await self._opened(incident)
            for key, entry in [newest] if newest and level else await self._record.untold(incident.incident_id):
                await self._tell_once(incident, key, entry)
            await self._thread.refresh(incident)
            self._level[incident.incident_id] = incident.entries
            if incident.phase == "done":
                del self._level[incident.incident_id]  # it is not asked about any more

    async def _opened(self, incident: Incident) -> Incident:
        """The incident with its head message standing."""
        if incident.thread is not None:
            return incident
        begins = Opened(target=incident.target, standing=incident.standing, alert=incident.alerts[0])
        ts = await once(
            self._effects,
            f"{HEAD}/{incident.incident_id}",
            lambda: self._thread.find(incident, HEAD),
            lambda: self._thread.post(incident, HEAD, begins),
        )
        opened = ThreadOpened(thread=ThreadRef(channel=self._thread.channel, ts=ts))
        return await self._record.write(incident.incident_id, HEAD, opened)

    async def _tell_once(self, incident: Incident, key: str, entry: Entry) -> None:
        """One message, unless it is silent; what Slack will never take is left out, so that what comes after it is heard."""
        if type(entry) in SILENT:
            return
        try:
            await self._post_once(incident, key, entry)
        except Unusable as never:
            log.warning("message left out", incident=incident.incident_id, key=key, reason=str(never))
            await self._effects.made(f"told/{incident.incident_id}/{key}", "")

    async def _post_once(self, incident: Incident, key: str, entry: Entry) -> None:
        await once(
            self._effects,
            f"told/{incident.incident_id}/{key}",
            lambda: self._thread.find(incident, key),
            lambda: self._thread.post(incident, key, entry),
        )
