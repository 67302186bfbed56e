"""The thread is a rendering of the record: every entry is told once, in order, and what Slack did not take is told later."""

import asyncio
from dataclasses import replace
from weakref import WeakValueDictionary

import structlog

from remediation.durable import once
from remediation.entries import SILENT, Critiqued, Entry, Incident, Investigated, Opened, PhaseBegan, Proposed, ThreadOpened
from remediation.errors import Gone, RemediationError, Unusable
from remediation.ports import Effects, Record, Thread
from remediation.terms import ThreadRef

log = structlog.get_logger(__name__)

HEAD = "head"
_PASSING = frozenset({Investigated, Proposed, Critiqued, PhaseBegan})  # as a rule the next entry follows at once
News = tuple[str, Entry]  # an entry under its key


class Teller:
    """Writes entries to the record, then brings the thread up to date with it."""

    def __init__(self, record: Record, effects: Effects, thread: Thread) -> None:
        self._record = record
        self._effects = effects
        self._thread = thread
        self._level: dict[str, int] = {}  # how many entries the thread of an open incident was last told of
        self._passing: set[str] = set()  # whose head is not up to date: the next entry brings it there, or whoever catches up
        self._silence: dict[str, str] = {}  # why the thread of an incident is behind, as the log said it
        self._telling: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # one teller a thread

    async def put(self, incident_id: str, key: str, entry: Entry, heard: int = 0) -> Incident:
        """Commit the entry, then tell it."""
        intends = "" if type(entry) in SILENT else _told(incident_id, key)
        incident = await self._record.write(incident_id, key, entry, heard, intends)
        await self.catch_up(incident, (key, entry))
        return incident

    async def catch_up(self, incident: Incident, newest: News | None = None) -> bool:
        """Tell what was not told yet, up to this state at least; whether that was done. What Slack did not take is tried again."""
        try:
            await self.tell(incident, newest)
        except RemediationError as silence:
            if self._silence.get(incident.incident_id) != str(silence):  # it is tried again and again: a line a reason
                self._silence[incident.incident_id] = str(silence)
                log.warning("thread is behind the record", incident=incident.incident_id, reason=str(silence))
            return False
        except Exception:  # the outer edge of the thread, which is only a rendering: a bug in its words must not stop an incident
            log.exception("thread is behind the record", incident=incident.incident_id)
            return False
        self._silence.pop(incident.incident_id, None)
        return True

    def is_level(self, incident_id: str, entries: int) -> bool:
        """Whether the thread was told so many entries, as far as this process knows."""
        return incident_id not in self._passing and self._has_told(incident_id, entries)

    def _has_told(self, incident_id: str, entries: int) -> bool:
        return self._level.get(incident_id, 0) >= entries

    def pass_over(self, incident: Incident) -> None:
        """The last entry shows nowhere in the thread: one that was level stays so, and nothing is sent."""
        if self._has_told(incident.incident_id, incident.entries - 1):
            self._level[incident.incident_id] = incident.entries

    async def tell(self, incident: Incident, newest: News | None = None) -> None:
        """Bring one thread up to date: the head, then what was not told yet, oldest first. Raises Unreachable, Forbidden.

        newest: the last entry, which is all that a thread lacks that was level before it.
        """
        async with self._telling.setdefault(incident.incident_id, asyncio.Lock()):
            if self.is_level(incident.incident_id, incident.entries):
                return
            level = newest is not None and self._has_told(incident.incident_id, incident.entries - 1)
            incident = await self._opened(incident)
            try:
                await self._bring_up(incident, newest if level else None)
            except Gone:
                if await self._stands(incident):
                    raise
                incident = await self._opened_again(incident)
                await self._bring_up(incident, None)
            self._level[incident.incident_id] = incident.entries
            if incident.phase == "done":
                del self._level[incident.incident_id]  # it is not asked about any more

    async def _bring_up(self, incident: Incident, newest: News | None) -> None:
        """newest: all that the thread lacks; None where the ledger is asked what that is."""
        for key, entry in [newest] if newest else await self._record.untold(incident.incident_id):
            await self._tell_once(incident, key, entry)
        if newest and type(newest[1]) in _PASSING and incident.phase != "done":
            self._passing.add(incident.incident_id)
            return
        await self._thread.refresh(incident)
        self._passing.discard(incident.incident_id)

    async def _opened(self, incident: Incident) -> Incident:
        """The incident with its head message standing."""
        if incident.thread is not None:
            return incident
        thread = await self._headed(incident, f"{HEAD}/{incident.incident_id}")
        return await self._record.write(incident.incident_id, HEAD, ThreadOpened(thread=thread))

    async def _opened_again(self, incident: Incident) -> Incident:
        """The incident with a new head, where its first one was deleted, and the newest card below it: people must be able to decide."""
        after = f"{HEAD}/{incident.thread.ts}" if incident.thread else HEAD
        log.warning("thread was deleted; a new one is begun", incident=incident.incident_id, after=after)
        thread = await self._headed(replace(incident, thread=None), f"{after}/{incident.incident_id}")
        if incident.attempt is not None and incident.attempt.rehearsal is not None:
            await self._tell_once(replace(incident, thread=thread), f"card/{thread.ts}", incident.attempt.began)
        return await self._record.write(incident.incident_id, after, ThreadOpened(thread=thread))

    async def _headed(self, incident: Incident, effect: str) -> ThreadRef:
        """Where its head stands, which is posted unless it was found."""
        begins = Opened(target=incident.target, standing=incident.standing, alert=incident.alerts[0])
        ts = await once(
            self._effects,
            effect,
            lambda: self._thread.find(incident, HEAD),
            lambda: self._thread.post(incident, HEAD, begins),
        )
        return ThreadRef(channel=self._thread.channel, ts=ts)

    async def _stands(self, incident: Incident) -> bool:
        """Whether the head is still there, so that only something below it is not."""
        try:
            return await self._thread.find(incident, HEAD) is not None
        except Gone:
            return False

    async def _tell_once(self, incident: Incident, key: str, entry: Entry) -> None:
        """One message, unless it is silent; what Slack will never take is left out, so that what comes after it is heard."""
        if type(entry) in SILENT:
            return
        try:
            await self._post_once(incident, key, entry)
        except Unusable as never:
            log.warning("message left out", incident=incident.incident_id, key=key, reason=str(never))
            await self._effects.made(_told(incident.incident_id, key), "")

    async def _post_once(self, incident: Incident, key: str, entry: Entry) -> None:
        await once(
            self._effects,
            _told(incident.incident_id, key),
            lambda: self._thread.find(incident, key),
            lambda: self._thread.post(incident, key, entry),
        )


def _told(incident_id: str, key: str) -> str:
    """The effect that is the message of the entry under this key."""
    return f"told/{incident_id}/{key}"
