"""The ledger of what was made outside: ports.Effects on SQL, append-only and chained by hash."""

from sqlalchemy import Connection, bindparam, insert, select

from memory.chain import EFFECTS, digest, end_of, extend
from memory.database import Database
from memory.tables import EffectRow
from remediation.ports import Clock, Effect

_STANDING = select(EffectRow.external_id).where(EffectRow.key == bindparam("key"), EffectRow.state == bindparam("state"))
_NOTE = insert(EffectRow)


class SqlEffects:
    """One row when something is intended, one when it is made."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def intend(self, key: str) -> Effect:
        """Note that we are about to make it, and tell what is known of it. Raises Full, Unreachable."""
        return await self._database.writer.write(lambda connection: self._intend(connection, key))

    async def made(self, key: str, external_id: str) -> None:
        """Note what came of it; the first note stands. Raises Full, Unreachable."""
        await self._database.writer.write(lambda connection: self._note(connection, key, "made", external_id))

    def _intend(self, connection: Connection, key: str) -> Effect:
        made = connection.scalar(_STANDING, {"key": key, "state": "made"})
        fresh = made is None and self._note(connection, key, "intended", "")
        return Effect(made=made, fresh=fresh)

    def _note(self, connection: Connection, key: str, state: str, external_id: str) -> bool:
        """Whether the row is new."""
        if connection.scalar(_STANDING, {"key": key, "state": state}) is not None:
            return False
        end = end_of(connection, EFFECTS)
        row = {"seq": end.length + 1, "key": key, "state": state, "external_id": external_id, "at": self._clock()}
        row_hash = digest(end.head, *row.values())  # type: ignore[arg-type]
        connection.execute(_NOTE, row | {"prev_hash": end.head, "hash": row_hash})
        extend(connection, EFFECTS, end, row_hash)
        return True
