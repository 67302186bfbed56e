"""Hash chains: each row's hash covers its content and the hash before it, and the chain's end is kept beside it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from memory.tables import ChainRow

START = "0" * 64
EFFECTS = "effects"
_KEPT = 10_000  # ends of chains, of some hundred bytes each

_END = select(ChainRow.length, ChainRow.head).where(ChainRow.chain == bindparam("of"))
_BEGIN = insert(ChainRow)
_EXTEND = update(ChainRow).where(ChainRow.chain == bindparam("of"))


@dataclass(frozen=True, kw_only=True)
class End:
    """How long a chain is, and the hash of its last row."""

    length: int = 0
    head: str = START


class Ends:
    """The ends of chains as the one writer left them, so that they need not be read again for each row.

    They are the writer's thread's own, but for `standing`, which anybody may ask.
    """

    def __init__(self) -> None:
        self._standing: dict[str, End] = {}
        self._moved: dict[str, End] = {}  # by what is not committed yet

    def standing(self, chain: str) -> End | None:
        """Where this chain ends in what is committed; None where that is still to be read."""
        return self._standing.get(chain)

    def last(self, connection: Connection, chain: str) -> End:
        """Where it ends for who writes the next row, on the writer's connection."""
        return self._moved.get(chain) or self._standing.get(chain) or end_of(connection, chain)

    def extend(self, connection: Connection, chain: str, end: End, row_hash: str) -> None:
        """Note that the chain ends one row later."""
        if end.length == 0:
            connection.execute(_BEGIN, {"chain": chain, "length": 1, "head": row_hash})
        else:
            connection.execute(_EXTEND, {"of": chain, "length": end.length + 1, "head": row_hash})
        self._moved[chain] = End(length=end.length + 1, head=row_hash)

    def stand(self) -> None:
        """What moved is committed."""
        if len(self._standing) > _KEPT:
            self._standing.clear()
        self._standing.update(self._moved)
        self._moved.clear()

    def forget(self) -> None:
        """What moved does not stand, or an end was not what we thought: all of them are read again."""
        self._standing.clear()
        self._moved.clear()


def chain_of(incident_id: str) -> str:
    """The name of an incident's chain."""
    return f"incident/{incident_id}"


def digest(previous: str, *parts: str | int | datetime) -> str:
    """SHA-256, in hex, over the hash before and this row's content; with each part's length, so that none can lend to its neighbour."""
    words = [part.astimezone(UTC).isoformat() if isinstance(part, datetime) else str(part) for part in parts]
    hashed = hashlib.sha256(previous.encode())
    for word in words:
        encoded = word.encode()
        hashed.update(f"\n{len(encoded)}:".encode() + encoded)
    return hashed.hexdigest()


def end_of(connection: Connection, chain: str) -> End:
    """The end of a chain, of one that was not begun too."""
    row = connection.execute(_END, {"of": chain}).first()
    return End(length=row.length, head=row.head) if row else End()
