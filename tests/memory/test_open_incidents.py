"""The open incidents are found by an index: a record grows for years, and they are asked for each second."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, insert

from memory.record import OPEN_BY_STATUS, OPEN_NOW
from memory.tables import ChainRow, IncidentRow, Table
from tests.remediation.made import NOW

ENDED = 3000


@pytest.fixture
def aged() -> Iterator[Connection]:
    """A record of thousands of incidents, one of which is open."""
    engine = create_engine("sqlite://")
    Table.metadata.create_all(engine)
    with engine.connect() as connection:
        connection.execute(insert(IncidentRow), [an_incident(n, "done") for n in range(ENDED)] + [an_incident(ENDED, "settle")])
        connection.execute(insert(ChainRow), [{"chain": f"incident/INC-{n}", "length": 3, "head": ""} for n in range(ENDED + 1)])
        yield connection
        connection.rollback()
    engine.dispose()


def an_incident(number, phase):
    words = dict.fromkeys(("type", "status", "title", "environment", "severity", "opened_as", "target", "detailed_status"), "x")
    times = dict.fromkeys(("detected_at", "created_at", "updated_at"), NOW)
    return {"incident_id": f"INC-{number}", "phase": phase, "metrics_snapshot": {}, **words, **times}


def test_what_is_open_is_found_without_reading_what_has_ended(aged):
    """By the index of phases."""
    for asked, answer in ((OPEN_NOW, (f"INC-{ENDED}", 3)), (OPEN_BY_STATUS, ("x", 1))):
        plan = aged.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.compile(aged, compile_kwargs={'literal_binds': True})}").all()

        assert [tuple(row) for row in aged.execute(asked)] == [answer]
        assert "ix_incidents_phase" in str(plan)
        assert "SCAN incidents" not in str(plan)
