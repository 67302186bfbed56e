"""`/metrics`: what the record knows, counted when it is asked for, in Prometheus' text format."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import InstrumentedAttribute

from memory.journal import entry_of
from memory.reader import Reader
from memory.tables import WAITING, AlertRow, EntryRow, HealingActionRow, IncidentRow
from remediation.entries import Critiqued, Decided, Entry, Proposed
from remediation.terms import ModelCall
from webhooks.counts import Counts

OVERLAP = timedelta(minutes=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 200  # entries that are held at a time: the first read meets all that were ever written


class Exposition:
    """Counts and says them. waiting: how many writes wait for the disk."""

    def __init__(self, reader: Reader, waiting: Callable[[], int]) -> None:
        self._reader = reader
        self._waiting = waiting
        self._told = _Told()
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> bytes:
        """The text. Raises Unreachable."""
        from webhooks.families import text  # noqa: PLC0415 - Prometheus' library is a megabyte, and many a bot is never scraped

        async with self._one_at_a_time:
            counts = await self._reader.read(self._counted)
        return text(counts, self._waiting())

    def _counted(self, connection: Connection) -> Counts:
        def by(column: InstrumentedAttribute[Any]) -> Counter[str]:
            rows = connection.execute(select(column, func.count()).group_by(column))
            return Counter({str(label): count for label, count in rows if label is not None})

        self._told.read_on(connection)
        return Counts(
            incidents=by(IncidentRow.detailed_status),
            outcomes=by(IncidentRow.outcome),
            verdicts=by(HealingActionRow.agl_decision),
            decisions=self._told.decisions,
            calls=self._told.calls,
            cost_usd=self._told.cost_usd,
            alerts=connection.scalar(select(func.max(AlertRow.seq))) or 0,  # nothing is deleted, and counting would read them all
            alerts_waiting=connection.scalar(select(func.count()).where(WAITING)) or 0,
        )


class _Told:
    """Decisions and model calls stand inside entries, so these are read once each: what is new since the last time."""

    def __init__(self) -> None:
        self.decisions: Counter[str] = Counter()
        self.calls: Counter[tuple[str, str]] = Counter()
        self.cost_usd = 0.0
        self._since = BEGINNING
        self._seen: set[tuple[str, int]] = set()

    def read_on(self, connection: Connection) -> None:
        """Count what was written since. An entry may be committed a moment after a later one: hence the overlap."""
        kinds = (Proposed.__name__, Critiqued.__name__, Decided.__name__)
        columns = (EntryRow.incident_id, EntryRow.seq, EntryRow.at, EntryRow.kind, EntryRow.body)
        written = select(*columns).where(EntryRow.kind.in_(kinds), EntryRow.at >= self._since)
        written_at: dict[tuple[str, int], datetime] = {}
        for row in connection.execute(written, execution_options={"yield_per": _AT_ONCE}):
            key = (row.incident_id, row.seq)
            written_at[key] = row.at
            if key not in self._seen:
                self._count(entry_of(row.kind, row.body))
                self._seen.add(key)  # at once: a read that breaks off is done again
        if written_at:
            self._since = max(written_at.values()) - OVERLAP
            self._seen = {key for key, at in written_at.items() if at >= self._since}

    def _count(self, entry: Entry) -> None:
        calls: tuple[ModelCall, ...] = ()
        match entry:
            case Decided():
                self.decisions[entry.decision.answer] += 1
            case Proposed():
                calls = entry.proposal.calls
            case Critiqued():
                calls = entry.critique.calls
        self.calls.update((call.model, call.role) for call in calls)
        self.cost_usd += sum(call.cost_usd for call in calls)
