"""Many rows in few statements.

Python's SQLite driver lets other threads run at every row of an `executemany`, and each time the writer waits until the busy event loop
gives way again; one statement with many rows gives way once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Insert
from sqlalchemy.dialects import postgresql, sqlite

from memory.tables import Table

Row = Mapping[str, Any]
Values = tuple[Any, ...]
_LARGEST = 128  # rows of one statement; beyond it nothing is gained


@cache
def insert_once(table: type[Table], dialect: str, *key: str) -> Insert:
    """An insert that leaves a row alone whose key stands already. key: its columns; any unique ones where none are named."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=key or None)


class Rows:
    """Rows of one table, each given as the values of these columns in their order. Made once: it keeps its statements."""

    def __init__(self, table: type[Table], *columns: str) -> None:
        self._table = table
        self._columns = columns
        self._statement = cache(self._insert)
        self._converted = cache(self._converters)

    def insert(self, connection: Connection, rows: Sequence[Values]) -> None:
        """All of them, in the transaction that the connection is in; one whose key stands already changes nothing."""
        converters = self._converted(connection.dialect)
        at = 0
        while at < len(rows):
            size = _power_of_two(len(rows) - at)  # few sizes, so that few statements are prepared and all are kept
            values = list(chain.from_iterable(rows[at : at + size]))
            for column, convert in converters:
                values[column :: len(self._columns)] = map(convert, values[column :: len(self._columns)])
            connection.exec_driver_sql(self._statement(size), tuple(values))
            at += size

    def _insert(self, rows: int) -> str:
        one = f"({', '.join('?' * len(self._columns))})"
        into = f"{self._table.__tablename__} ({', '.join(self._columns)})"
        return f"INSERT INTO {into} VALUES {', '.join([one] * rows)} ON CONFLICT DO NOTHING"  # noqa: S608 - our own names

    def _converters(self, dialect: Dialect) -> Sequence[tuple[int, Callable[[Any], Any]]]:
        """Where in a row a value is not handed to the driver as it is, and what is made of it."""
        types = (self._table.__table__.c[name].type.dialect_impl(dialect) for name in self._columns)
        made = ((column, of_type.bind_processor(dialect)) for column, of_type in enumerate(types))
        return [(column, lru_cache(maxsize=64)(convert)) for column, convert in made if convert]


def _power_of_two(most: int) -> int:
    return min(_LARGEST, 1 << (most.bit_length() - 1))
