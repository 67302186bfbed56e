"""Brings a database's schema up to date: Alembic's scripts, shipped inside the package.

The usual starts need no script: a database of the newest revision is left as it is, and an empty one is made from `schema.sql`, which
a test holds to what the scripts make (`python -m memory.migrate` writes it anew). Alembic takes 0.1 s and 12 MB to import.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect

from remediation.errors import Refused

NEWEST = "0002"
SCHEMA = Path(__file__).with_name("schema.sql")
_REVISION = "SELECT version_num FROM alembic_version"


def migrate(engine: Engine) -> str:
    """Upgrades to the newest schema in one transaction, creating what is not there; its revision. Raises Refused for a newer schema."""
    with engine.begin() as connection:
        found = revision(connection)
        if found == NEWEST:
            return NEWEST
        if found is None and not inspect(connection).get_table_names():
            for statement in _statements(SCHEMA.read_text(encoding="utf-8")):
                connection.exec_driver_sql(statement)
            return NEWEST
        return upgrade(connection)


def revision(connection: Connection) -> str | None:
    """The revision that this database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql(_REVISION).scalar_one_or_none()


def upgrade(connection: Connection) -> str:
    """What the scripts make of this database, whatever it is at. Raises Refused for a newer schema."""
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        what_to_do = "Run the newest version that ever opened it."
        raise Refused(f"This database was written by another version of Suture: {error}", what_to_do) from error
    return str(revision(connection))


def schema_of(connection: Connection) -> str:
    """Every table, then every index and trigger, as SQL; what SQLite makes by itself is left out."""
    mine = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type <> 'table', sql"
    rows: list[Any] = list(connection.exec_driver_sql(mine))
    virtual = tuple(f"{name}_" for name, sql in rows if sql.upper().startswith("CREATE VIRTUAL TABLE"))
    made = [sql for name, sql in rows if not (virtual and name.startswith(virtual))]
    return "".join(f"{sql};\n" for sql in (*made, f"INSERT INTO alembic_version VALUES ('{NEWEST}')"))  # noqa: S608


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _write_schema() -> None:
    with create_engine("sqlite://").begin() as connection:
        upgrade(connection)
        SCHEMA.write_text(schema_of(connection), encoding="utf-8")


if __name__ == "__main__":
    _write_schema()
