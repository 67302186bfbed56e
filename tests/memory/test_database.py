"""Which databases hold the record, and how their schema comes to be."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from memory.database import Database, UnsupportedDatabase, migrate_database, open_reader, sqlite_path
from memory.migrate import NEWEST, SCHEMA, schema_of, upgrade
from memory.tables import Table
from remediation.errors import NotFound, Refused, Unreachable


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://db/suture", "names postgresql"),
        ("mysql+pymysql://db/suture", "names mysql"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("suture.db", "no database URL"),
    ],
)
def test_what_cannot_hold_the_record_is_refused_by_name(url, says):
    """With the URL to write instead."""
    with pytest.raises(UnsupportedDatabase, match=says) as refused:
        sqlite_path(url)

    assert "sqlite:///suture.db" in refused.value.what_to_do


def test_an_old_sqlite_is_refused(monkeypatch):
    """By its version, before anything is written."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))

    with pytest.raises(UnsupportedDatabase, match=r"needs 3\.35"):
        sqlite_path("sqlite:///suture.db")


def test_migrating_twice_changes_nothing(tmp_path):
    """`suture migrate` and every start do it."""
    url = f"sqlite:///{tmp_path}/deep/suture.db"

    assert migrate_database(url) == migrate_database(url) == "0002"


def test_an_empty_database_is_made_as_the_scripts_would_make_it():
    """`schema.sql` is what the scripts make, to the letter; `python -m memory.migrate` writes it anew."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        made = upgrade(connection)

        assert (schema_of(connection), made) == (SCHEMA.read_text(encoding="utf-8"), NEWEST)
    engine.dispose()


def test_an_older_database_is_brought_up_to_date_by_the_scripts(tmp_path):
    """What an earlier version left is no empty database."""
    with sqlite3.connect(tmp_path / "suture.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()

    assert migrate_database(f"sqlite:///{tmp_path}/suture.db") == NEWEST


def test_the_migrations_make_the_tables_that_the_code_expects(tmp_path):
    """Alembic's own comparison finds nothing to add, drop or change."""
    migrate_database(f"sqlite:///{tmp_path}/suture.db")
    reader = open_reader(f"sqlite:///{tmp_path}/suture.db")

    def compared(connection):
        ours = MigrationContext.configure(
            connection, opts={"include_object": lambda _o, name, *_: not str(name).startswith("memory_search")}
        )
        return compare_metadata(ours, Table.metadata)

    assert reader.read_now(compared) == []
    reader.close()


def test_a_newer_schema_is_refused(tmp_path):
    """Going back to an older Suture must not damage the record."""
    url = f"sqlite:///{tmp_path}/suture.db"
    migrate_database(url)
    with sqlite3.connect(tmp_path / "suture.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(Refused, match="another version"):
        migrate_database(url)


async def test_the_file_is_set_for_a_record(tmp_path):
    """WAL, every commit on disk, foreign keys held."""
    database = Database.open(f"sqlite:///{tmp_path}/su ture?.db")
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")

    answers = await database.writer.write(lambda c: [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked])

    assert answers == ["wal", 2, 1, 30_000]
    database.close()


async def test_a_reader_cannot_write(tmp_path):
    """The command line opens the file beside a running bot."""
    database = Database.open(f"sqlite:///{tmp_path}/suture.db")

    with pytest.raises(Unreachable, match="readonly"):
        await database.reader.read(lambda c: c.execute(text("DELETE FROM alerts")))
    database.close()


def test_a_file_that_is_not_there_is_not_made_by_reading(tmp_path):
    """Its name and what to do are said."""
    with pytest.raises(NotFound, match=r"suture\.db"):
        open_reader(f"sqlite:///{tmp_path}/suture.db")

    assert not (tmp_path / "suture.db").exists()


@pytest.mark.parametrize("opened", [migrate_database, Database.open])
def test_what_is_no_database_is_said_in_one_sentence(tmp_path, opened):
    """And left as it is."""
    junk = tmp_path / "junk.db"
    junk.write_bytes(bytes(range(256)) * 40)

    with pytest.raises(UnsupportedDatabase, match=r"junk\.db: file is not a database\. Name a file"):
        opened(f"sqlite:///{junk}")

    assert junk.read_bytes() == bytes(range(256)) * 40


@pytest.mark.parametrize("opened", [migrate_database, Database.open])
@pytest.mark.parametrize("below", ["suture.db", "deep/suture.db"])
def test_a_folder_that_takes_no_file_is_said_in_one_sentence(opened, below):
    """Read-only or no folder at all: the file is named, and the setting."""
    with pytest.raises(UnsupportedDatabase, match=r"cannot be kept in /proc/.*DATABASE_URL"):
        opened(f"sqlite:////proc/{below}")


def test_a_record_that_we_make_is_read_by_its_owner_alone(tmp_path):
    """It holds logs and evidence; what stands already keeps the mode that somebody gave it."""
    migrate_database(f"sqlite:///{tmp_path}/suture.db")
    made = (tmp_path / "suture.db").stat().st_mode & 0o777
    (tmp_path / "suture.db").chmod(0o640)
    migrate_database(f"sqlite:///{tmp_path}/suture.db")

    assert (made, (tmp_path / "suture.db").stat().st_mode & 0o777) == (0o600, 0o640)
