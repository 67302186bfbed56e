"""An incident's entries in the database: appended once by key, chained, folded, and projected into the tables that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from memory.chain import End, Ends, chain_of, digest, end_of
from memory.folded import Folded, FoldedIncidents
from memory.projections import project
from memory.reader import Reader
from memory.tables import EntryRow
from remediation.entries import Entry, Incident, Opened, begin
from remediation.errors import Conflict, NotFound
from remediation.ports import Clock, Kept
from remediation.serializer import DECODERS

# Built once: to build a statement costs more than to run it.
_STANDING = select(EntryRow.kind).where(EntryRow.incident_id == bindparam("of"), EntryRow.key == bindparam("under"))
_UNDER = select(EntryRow.seq, EntryRow.at, EntryRow.kind, EntryRow.body).where(
    EntryRow.incident_id == bindparam("of"), EntryRow.key == bindparam("under")
)
_APPEND = insert(EntryRow)
_LINES = (
    select(EntryRow.seq, EntryRow.key, EntryRow.kind, EntryRow.at, EntryRow.heard, EntryRow.body)
    .where(EntryRow.incident_id == bindparam("of"))
    .order_by(EntryRow.seq)
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry as it stands in the record. size: characters of its body."""

    seq: int
    key: str
    at: datetime
    heard: int
    entry: Entry
    size: int = 0


class Journal:
    """Reads and appends entries on a connection; works in the writer's thread and in any reader's. ends: the writer's.

    A folded incident is kept by the hash of its last entry, which covers all before it: what was rolled back is never found again.
    """

    def __init__(self, clock: Clock, ends: Ends) -> None:
        self._clock = clock
        self._ends = ends
        self._folded = FoldedIncidents()

    def incident(self, connection: Connection, incident_id: str, entries: int | None = None) -> Incident:
        """Folded from its entries: all of them, or the first so many. Raises NotFound."""
        end = end_of(connection, chain_of(incident_id))
        if end.length == 0:
            raise _missing(incident_id)
        if entries is not None and entries < end.length:
            return fold(incident_id, lines(connection, incident_id)[:entries])
        return self._whole(connection, incident_id, end.head).incident

    async def read(self, reader: Reader, incident_id: str, entries: int | None = None) -> Incident:
        """The same, beside the loop; without asking the file where it was written and folded in this life. Raises NotFound, Unreachable."""
        known = self.known(incident_id)
        if known is not None and (entries is None or entries >= known.incident.entries):
            return known.incident
        return await reader.read(lambda connection: self.incident(connection, incident_id, entries))

    def _whole(self, connection: Connection, incident_id: str, head: str) -> Folded:
        """Folded from all its entries, the last of which is `head`."""
        known = self._folded.get(head)
        if known is None:
            entries = lines(connection, incident_id)
            known = _folded(fold(incident_id, entries), sum(line.size for line in entries), entries[-1])
            self._folded.keep(head, known)
        return known

    def known(self, incident_id: str) -> Folded | None:
        """The incident as it was committed last, where it was written and folded here; None where it is still to be read."""
        end = self._ends.standing(chain_of(incident_id))
        return self._folded.get(end.head) if end else None

    def under(self, connection: Connection, incident_id: str, key: str) -> Kept | None:
        """What stands under this key; None where nothing does."""
        row = connection.execute(_UNDER, {"of": incident_id, "under": key}).first()
        return Kept(seq=row.seq, at=row.at, entry=entry_of(row.kind, row.body)) if row else None

    def append(self, connection: Connection, incident_id: str, key: str, entry: Entry, heard: int = 0) -> Incident:
        """The incident with this entry; a key that stands already changes nothing.

        The first entry, and no other, must be Opened. Raises NotFound where it is not, Conflict when `key` stands for an entry of another
        kind, or when another alert opened this incident.
        """
        kind = type(entry).__name__
        standing = connection.scalar(_STANDING, {"of": incident_id, "under": key})
        if standing is not None:
            if standing != kind:
                raise Conflict(f"{incident_id} has a {standing} under the key {key!r}; a {kind} cannot stand there.", "Use another key.")
            return self.incident(connection, incident_id)
        body, end = msgspec.json.encode(entry).decode(), self._ends.last(connection, chain_of(incident_id))
        at = self._clock().astimezone(UTC)
        line = Line(seq=end.length + 1, key=key, at=at, heard=heard, entry=entry_of(kind, body), size=len(body))
        return self._append(connection, incident_id, end, line, body)

    def _append(self, connection: Connection, incident_id: str, end: End, line: Line, body: str) -> Incident:
        if end.length and isinstance(line.entry, Opened):
            raise Conflict(f"{incident_id} was opened already, under another key.", "Open it under another id.")
        if not end.length and not isinstance(line.entry, Opened):
            raise _missing(incident_id)
        before = self._whole(connection, incident_id, end.head) if end.length else None
        incident = _after(before.incident if before else None, incident_id, line)
        project(connection, before.incident if before else None, incident, line.entry)
        row: dict[str, Any] = {
            "incident_id": incident_id, "seq": line.seq, "key": line.key, "kind": type(line.entry).__name__,
            "at": line.at, "heard": line.heard, "body": body,
        }  # fmt: skip
        row_hash = digest(end.head, *row.values())
        connection.execute(_APPEND, row | {"prev_hash": end.head, "hash": row_hash})
        self._ends.extend(connection, chain_of(incident_id), end, row_hash)
        self._folded.keep(row_hash, _folded(incident, (before.size if before else 0) + line.size, line))
        return incident


def _folded(incident: Incident, size: int, newest: Line) -> Folded:
    return Folded(incident=incident, size=size, key=newest.key, newest=Kept(seq=newest.seq, at=newest.at, entry=newest.entry))


def _missing(incident_id: str) -> NotFound:
    return NotFound(f"There is no incident {incident_id}.", "List them with `suture incidents`.")


def lines(connection: Connection, incident_id: str) -> list[Line]:
    """An incident's entries, oldest first."""
    found = connection.execute(_LINES, {"of": incident_id})
    return [
        Line(seq=row.seq, key=row.key, at=row.at, heard=row.heard, entry=entry_of(row.kind, row.body), size=len(row.body)) for row in found
    ]


def fold(incident_id: str, entries: Sequence[Line]) -> Incident:
    """The incident that these entries tell of; there is at least one."""
    incident = None
    for line in entries:
        incident = _after(incident, incident_id, line)
    if incident is None:
        raise NotFound(f"{incident_id} has no entries.", "Run `suture check`: the record was changed from outside.")
    return incident


def _after(before: Incident | None, incident_id: str, line: Line) -> Incident:
    if before is not None:
        return before.after(line.entry, line.at, line.heard)
    if not isinstance(line.entry, Opened):
        raise NotFound(f"{incident_id} does not begin with Opened.", "Run `suture check`: the record was changed from outside.")
    return begin(incident_id, line.entry, line.at)


def entry_of(kind: str, body: str) -> Entry:
    """The entry as whoever reads the record sees it, which is how the writer must see it too."""
    entry: Entry = DECODERS[kind].decode(body)
    return entry
