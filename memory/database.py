"""Opens the record's database: which ones we take, how SQLite is set, and one writer and some readers on it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from memory.migrate import migrate
from memory.reader import Reader
from memory.writer import Writer
from remediation.errors import NotFound, RemediationError

OLDEST_SQLITE = (3, 35, 0)
_BUSY_MS = 30_000
_CACHE_KB = 16_000  # holds the indexes of the alerts that come now


class UnsupportedDatabase(RemediationError):
    """The database that is asked for, or the library that would open it, cannot hold the record."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """The record's file: everything is written through `writer`, everything is read through `reader`."""

    writer: Writer
    reader: Reader

    @classmethod
    def open(cls, url: str) -> "Database":
        """Migrates, then opens. Raises UnsupportedDatabase."""
        engine, _ = _migrated(url)
        return cls(writer=Writer(engine), reader=open_reader(url))

    def close(self) -> None:
        """Commits what was handed in, then lets go of the file. The writer goes last: whoever closes last tidies up the write-ahead log."""
        self.reader.close()
        self.writer.close()


def migrate_database(url: str) -> str:
    """Brings this database's schema up to date, creating it where there is none; its revision now. Raises UnsupportedDatabase."""
    engine, revision = _migrated(url)
    engine.dispose()
    return revision


def _migrated(url: str) -> tuple[Engine, str]:
    """The writer's engine and the revision. Raises UnsupportedDatabase, also where the file is none of SQLite's or cannot be written."""
    path = sqlite_path(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)  # it holds logs and evidence; SQLite gives what it makes beside it the same mode
    except OSError as closed:
        raise _unwritable(path, str(closed.strerror)) from closed
    engine = _engine(path, "rwc", _prepare_writer, "BEGIN IMMEDIATE")
    try:
        return engine, migrate(engine)
    except (sqlite3.Error, DBAPIError) as failure:
        engine.dispose()
        raise _unwritable(path, str(failure.orig if isinstance(failure, DBAPIError) else failure)) from failure
    except RemediationError:
        engine.dispose()
        raise


def _unwritable(path: Path, why: str) -> UnsupportedDatabase:
    what = f"The record cannot be kept in {path.absolute()}: {why}."
    return UnsupportedDatabase(what, "Name a file of Suture's own in a folder that it may write, with DATABASE_URL.")


def open_reader(url: str) -> Reader:
    """Only reads: what the command line needs, beside a running bot or without one. Raises NotFound, UnsupportedDatabase."""
    path = sqlite_path(url)
    if not path.exists():
        raise NotFound(f"There is no {path}.", "Start `suture serve` once, or set DATABASE_URL to the file that it uses.")
    return Reader(_engine(path, "ro", _prepare_reader, "BEGIN"))


def sqlite_path(url: str) -> Path:
    """The file that a `sqlite:///…` URL names. Raises UnsupportedDatabase for anything else."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise UnsupportedDatabase(
            f"Python was built with SQLite {sqlite3.sqlite_version}; the record needs 3.35 or newer.",
            "Use a newer Python or system SQLite.",
        )
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UnsupportedDatabase(f"DATABASE_URL is no database URL: {url!r}.", "Write it like sqlite:///suture.db.") from error
    if parsed.get_backend_name() != "sqlite":
        raise UnsupportedDatabase(f"DATABASE_URL names {parsed.get_backend_name()}.", "Only SQLite is supported: sqlite:///suture.db.")
    if parsed.database in (None, "", ":memory:"):
        raise UnsupportedDatabase("DATABASE_URL names no file, and a record in memory is lost.", "Write it like sqlite:///suture.db.")
    return Path(str(parsed.database))


def _engine(path: Path, mode: str, prepare: Callable[[sqlite3.Connection], None], begin: str) -> Engine:
    """An engine that begins its transactions itself, for Python's driver would begin them late and as deferred ones."""
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False),
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        prepare(connection)

    def do_begin(connection: PoolProxiedConnection) -> None:
        connection.cursor().execute(begin)

    engine.dialect.do_begin = do_begin  # type: ignore[assignment]  # a listener's statement of SQLAlchemy's takes ten times as long
    return engine


def _prepare_writer(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
    connection.execute("PRAGMA foreign_keys=ON")


def _prepare_reader(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA query_only=ON")
