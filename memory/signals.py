"""What wakes an incident: ports.Signals on SQL."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from memory.bulk import Row, insert_once
from memory.database import Database
from memory.tables import IncidentRow, SignalRow
from remediation.errors import NotFound
from remediation.ports import Clock
from remediation.terms import Json, Signal

_ENCODER = msgspec.json.Encoder()
_STANDS = select(IncidentRow.incident_id).where(IncidentRow.incident_id == bindparam("of"))
_OLDEST_AFTER = (
    select(SignalRow.seq, SignalRow.kind, SignalRow.body, SignalRow.at)
    .where(SignalRow.incident_id == bindparam("of"), SignalRow.seq > bindparam("after"))
    .order_by(SignalRow.seq)
    .limit(1)
)


class SqlSignals:
    """Rows that are committed before whoever brought them is answered."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, incident_id: str, kind: str, body: Mapping[str, Json], key: str) -> None:
        """Once per key of this incident. Raises NotFound, Full, Unreachable."""
        row = {"incident_id": incident_id, "kind": kind, "body": encoded(body), "key": key, "at": self._clock()}
        await self._database.writer.write(lambda connection: add_signal(connection, row))

    async def after(self, incident_id: str, seq: int) -> Signal | None:
        """The oldest signal of this incident with a greater seq, or None."""
        asked = {"of": incident_id, "after": seq}
        row = self._database.reader.read_now(lambda connection: connection.execute(_OLDEST_AFTER, asked).first())
        if row is None:
            return None
        return Signal(seq=row.seq, incident_id=incident_id, kind=row.kind, body=msgspec.json.decode(row.body), at=row.at)


def encoded(body: Any) -> str:
    """A signal's body as it is stored."""
    return _ENCODER.encode(body).decode()


def add_signal(connection: Connection, row: Row) -> None:
    """The row, once per key of its incident. Raises NotFound where there is no such incident."""
    if connection.scalar(_STANDS, {"of": row["incident_id"]}) is None:
        raise NotFound(f"There is no incident {row['incident_id']}.", "List them with `suture incidents`.")
    connection.execute(insert_once(SignalRow, connection.dialect.name), row)
