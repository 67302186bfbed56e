"""Hash chains: each row's hash covers its content and the hash before it, and the chain's end is kept beside it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from memory.tables import ChainRow

START = "0" * 64
EFFECTS = "effects"

_END = select(ChainRow.length, ChainRow.head).where(ChainRow.chain == bindparam("of"))
_BEGIN = insert(ChainRow)
_EXTEND = update(ChainRow).where(ChainRow.chain == bindparam("of"))


@dataclass(frozen=True, kw_only=True)
class End:
    """How long a chain is, and the hash of its last row."""

    length: int = 0
    head: str = START


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


def extend(connection: Connection, chain: str, end: End, row_hash: str) -> None:
    """Note that the chain ends one row later."""
    if end.length == 0:
        connection.execute(_BEGIN, {"chain": chain, "length": 1, "head": row_hash})
    else:
        connection.execute(_EXTEND, {"of": chain, "length": end.length + 1, "head": row_hash})
