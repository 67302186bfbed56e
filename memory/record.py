"""The record of incidents: ports.Record on SQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, literal, select

from memory.chain import chain_of
from memory.database import Database
from memory.effects import SqlEffects
from memory.history import history_of
from memory.journal import Journal, Line, entry_of, lines
from memory.tables import IS_OPEN, ChainRow, EffectRow, EntryRow, IncidentRow
from remediation.entries import SILENT, Entry, Incident
from remediation.errors import NotFound
from remediation.ports import Clock, Kept
from remediation.terms import History

_OPEN = select(IncidentRow.incident_id).where(IS_OPEN).order_by(IncidentRow.detected_at, IncidentRow.incident_id)
OPEN_NOW = _OPEN.add_columns(ChainRow.length).join(ChainRow, ChainRow.chain == literal(chain_of("")) + IncidentRow.incident_id)
OPEN_BY_STATUS = select(IncidentRow.detailed_status, func.count()).where(IS_OPEN).group_by(IncidentRow.detailed_status)
_TOLD = select(EffectRow.seq).where(EffectRow.key == bindparam("told") + EntryRow.key, EffectRow.state == "made").exists()
_UNTOLD = (
    select(EntryRow.key, EntryRow.kind, EntryRow.body)
    .where(EntryRow.incident_id == bindparam("of"), EntryRow.kind.not_in([kind.__name__ for kind in SILENT]), ~_TOLD)
    .order_by(EntryRow.seq)
)


class SqlRecord:
    """The truth about incidents. journal: shared with the inbox, so that both know the same folded incidents."""

    def __init__(self, database: Database, journal: Journal, effects: SqlEffects, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._effects = effects
        self._clock = clock
        self._open: Mapping[str, int] = {}
        self._open_at = -1  # commits, when they were read

    async def incident(self, incident_id: str, entries: int | None = None) -> Incident:
        """Folded from its entries: all of them, or the first so many. Raises NotFound."""
        return await self._journal.read(self._database.reader, incident_id, entries)

    async def under(self, incident_id: str, key: str) -> Kept | None:
        """What stands under this key; None where nothing does."""
        known = self._journal.known(incident_id)
        if known is not None and known.key == key:
            return known.newest
        return self._database.reader.read_now(lambda connection: self._journal.under(connection, incident_id, key))

    async def write(self, incident_id: str, key: str, entry: Entry, heard: int = 0, intends: str = "") -> Incident:
        """Append an entry once; committed when it returns. Raises NotFound, Conflict, Full, Unreachable."""

        def work(connection: Connection) -> Incident:
            incident = self._journal.append(connection, incident_id, key, entry, heard)
            if intends:
                self._effects.note_intent(connection, intends)
            return incident

        return await self._database.writer.write(work)

    async def open_by_status(self) -> Mapping[str, int]:
        """How many are open, by status."""
        return await self._database.reader.read(lambda connection: {str(status): n for status, n in connection.execute(OPEN_BY_STATUS)})

    async def open_now(self) -> Mapping[str, int]:
        """How many entries each of them has, by id, oldest first."""
        commits = self._database.writer.commits
        if self._open_at != commits:
            self._open = self._database.reader.read_now(
                lambda connection: {row.incident_id: row.length for row in connection.execute(OPEN_NOW)}
            )
            self._open_at = commits
        return self._open

    async def untold(self, incident_id: str) -> Sequence[tuple[str, Entry]]:
        """Keys and entries that the thread was not told yet, oldest first."""
        return await self._database.reader.read(lambda connection: _untold(connection, incident_id))  # evidence may be megabytes

    async def history(self, incident_id: str, subject: str) -> History:
        """Fixes tried on `subject` before, newest first, and how often its target had incidents in the last hour. Raises NotFound."""
        incident, now = await self.incident(incident_id), self._clock()
        return await self._database.reader.read(lambda connection: history_of(connection, incident, subject, now))

    async def entries(self, incident_id: str) -> list[Line]:
        """Every entry, oldest first. Raises NotFound."""
        found = await self._database.reader.read(lambda connection: lines(connection, incident_id))
        if not found:
            raise NotFound(f"There is no incident {incident_id}.", "List them with `suture incidents`.")
        return found


def _untold(connection: Connection, incident_id: str) -> list[tuple[str, Entry]]:
    found = connection.execute(_UNTOLD, {"of": incident_id, "told": f"told/{incident_id}/"})
    return [(row.key, entry_of(row.kind, row.body)) for row in found]
