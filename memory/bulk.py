"""Many rows in few statements.

Python's SQLite driver lets other threads run at every row of an `executemany`, and each time the writer waits until the busy event loop
gives way again; one statement with many rows gives way once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert
from sqlalchemy.dialects import postgresql, sqlite

from memory.tables import Table

Row = Mapping[str, Any]
_LARGEST = 128  # rows of one statement; beyond it nothing is gained


@cache
def insert_once(table: type[Table], dialect: str) -> Insert:
    """An insert that leaves a row alone whose key stands already."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def insert_rows(connection: Connection, table: type[Table], rows: Sequence[Row]) -> None:
    """Rows of the same columns, each once by its key."""
    dialect = connection.dialect
    if dialect.paramstyle != "qmark":
        connection.execute(insert_once(table, dialect.name), rows)
        return
    columns = tuple(rows[0])
    stored = [_stored(table, name, dialect) for name in columns]
    at = 0
    while at < len(rows):
        size = _power_of_two(len(rows) - at)  # few sizes, so that few statements are prepared and all are kept
        values = tuple(store(row[name]) for row in rows[at : at + size] for name, store in zip(columns, stored, strict=True))
        connection.exec_driver_sql(_statement(table, columns, size), values)
        at += size


def _power_of_two(most: int) -> int:
    return min(_LARGEST, 1 << (most.bit_length() - 1))


@cache
def _statement(table: type[Table], columns: tuple[str, ...], rows: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES {', '.join([one] * rows)} ON CONFLICT DO NOTHING"  # noqa: S608


@cache
def _stored(table: type[Table], column: str, dialect: Dialect) -> Callable[[Any], Any]:
    """How a value of this column is handed to the driver."""
    process = table.__table__.c[column].type.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(maxsize=64)(process) if process else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
