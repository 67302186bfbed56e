"""Reads every hash chain and says where the record was changed from outside: a row altered, removed, moved or added."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, select

from memory.chain import EFFECTS, START, End, chain_of, digest
from memory.reader import Reader
from memory.tables import ChainRow, EffectRow, EntryRow


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One place that does not hold. chain: `incident/ID` or `effects`.  seq: the row.  what: what is wrong with it, in a sentence."""

    chain: str
    seq: int
    what: str


async def audit(reader: Reader) -> list[Flaw]:
    """Every flaw there is, none when the record is as it was written. Raises Unreachable."""
    return await reader.read(lambda connection: list(_flaws(connection)))


def _flaws(connection: Connection) -> Iterator[Flaw]:
    ends = {row.chain: End(length=row.length, head=row.head) for row in connection.execute(select(ChainRow.__table__))}
    entries = connection.execute(select(EntryRow.__table__).order_by(EntryRow.incident_id, EntryRow.seq))
    for incident_id, rows in groupby(entries, key=attrgetter("incident_id")):
        chain = chain_of(incident_id)
        yield from _of_chain(chain, rows, ends.pop(chain, End()))
    effects = connection.execute(select(EffectRow.__table__).order_by(EffectRow.seq))
    yield from _of_chain(EFFECTS, effects, ends.pop(EFFECTS, End()))
    for chain, end in ends.items():
        yield from _of_chain(chain, (), end)


def _of_chain(chain: str, rows: Iterable[Row[Any]], end: End) -> Iterator[Flaw]:
    """The first flaw of a chain, for what follows it cannot be judged."""
    seq, previous = 0, START
    for row in rows:
        seq += 1
        flaw = _flaw_of(row, seq, previous)
        if flaw:
            yield Flaw(chain=chain, seq=seq, what=flaw)
            return
        previous = row.hash
    if (seq, previous) != (end.length, end.head):
        yield Flaw(chain=chain, seq=max(seq, end.length), what=f"It ends after {seq} rows; {end.length} were written.")


def _flaw_of(row: Row[Any], expected: int, previous: str) -> str:
    if row.seq != expected:
        return f"Row {expected} is missing."
    if row.prev_hash != previous:
        return "It does not follow the row before it."
    return "" if digest(previous, *_content(row)) == row.hash else "Its content is not what was written."


def _content(row: Row[Any]) -> list[Any]:
    """A row's columns in the order in which they were hashed: as the table has them, without the hashes."""
    return [value for name, value in row._mapping.items() if name not in ("prev_hash", "hash")]  # noqa: SLF001 - public in SQLAlchemy
