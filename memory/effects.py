"""The ledger of what was made outside: ports.Effects on SQL, append-only and chained by hash."""

from sqlalchemy import Connection, bindparam, select

from memory.bulk import insert_once
from memory.chain import EFFECTS, digest
from memory.database import Database
from memory.tables import EffectRow
from remediation.ports import Clock, Effect

_STANDING = select(EffectRow.external_id).where(EffectRow.key == bindparam("key"), EffectRow.state == bindparam("state"))


class SqlEffects:
    """One row when something is intended, one when it is made."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._announced: set[str] = set()  # intended, and nobody has begun to make them

    async def intend(self, key: str) -> Effect:
        """Note that we are about to make it, and tell what is known of it. Raises Full, Unreachable."""
        if key in self._announced:
            self._announced.remove(key)
            return Effect(made=None, fresh=True)
        return await self._database.writer.write(lambda connection: self._intend(connection, key))

    async def made(self, key: str, external_id: str) -> None:
        """Note what came of it; the first note stands. It goes with the next commit, for what is lost in between is found again.

        Raises Full, Unreachable.
        """
        self._database.writer.write_later(lambda connection: self._note(connection, key, "made", external_id))

    def note_intent(self, connection: Connection, key: str) -> None:
        """In the transaction of what it will be made from: whoever makes it first need not wait for a note of their own.

        That is known before the commit, and so before anybody can read what to make it from; where the commit fails, there is nothing to.
        """
        if self._note(connection, key, "intended", ""):
            self._announced.add(key)

    def _intend(self, connection: Connection, key: str) -> Effect:
        made = connection.scalar(_STANDING, {"key": key, "state": "made"})
        fresh = made is None and self._note(connection, key, "intended", "")
        return Effect(made=made, fresh=fresh)

    def _note(self, connection: Connection, key: str, state: str, external_id: str) -> bool:
        """Whether the row is new."""
        ends = self._database.writer.ends
        end = ends.last(connection, EFFECTS)
        row = {"seq": end.length + 1, "key": key, "state": state, "external_id": external_id, "at": self._clock()}
        row_hash = digest(end.head, *row.values())  # type: ignore[arg-type]
        note = insert_once(EffectRow, connection.dialect.name, "key", "state")
        if not connection.execute(note, row | {"prev_hash": end.head, "hash": row_hash}).rowcount:
            return False
        ends.extend(connection, EFFECTS, end, row_hash)
        return True
