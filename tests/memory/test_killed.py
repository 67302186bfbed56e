"""What was acknowledged is on disk: a process that takes alerts is killed in the middle, and its file is looked at."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memory.database import open_reader
from memory.tables import AlertRow

# Stores alerts, a few at once as intake does, and says which of them were acknowledged: after `store` returned, and not before.
TAKER = """
import asyncio, os, sys
from datetime import UTC, datetime

from memory.database import Database
from memory.inbox import SqlInbox
from memory.journal import Journal
from remediation.terms import Alert


def now():
    return datetime.now(UTC)


async def take(inbox, line):
    for number in range(100_000):
        alert_id = f"{line}-{number}"
        await inbox.store([Alert(alert_id=alert_id, source="d", cycle="c", state="firing", transition="t", title="x", text="", started_at=now())])
        os.write(1, f"{alert_id}\\n".encode())


async def main():
    database = Database.open(sys.argv[1])
    inbox = SqlInbox(database, Journal(now, database.writer.ends), now)
    await asyncio.gather(*(take(inbox, line) for line in range(8)))


asyncio.run(main())
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lines", [1, 40, 400])
def test_what_was_acknowledged_outlives_the_process(tmp_path, lines):
    """SIGKILL after so many answers: each of them stands; one that was not answered may."""
    url = f"sqlite:///{tmp_path}/suture.db"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", TAKER, url], stdout=subprocess.PIPE, env=environment, cwd=tmp_path) as taker:
        acknowledged = [taker.stdout.readline() for _ in range(lines)]
        taker.send_signal(signal.SIGKILL)
        acknowledged += taker.stdout.readlines()

    reader = open_reader(url)
    stored = set(
        reader.read_now(
            lambda connection: [row[0] for row in connection.execute(AlertRow.__table__.select().with_only_columns(AlertRow.alert_id))]
        )
    )
    reader.close()
    answered = {line.decode().strip() for line in acknowledged if line.endswith(b"\n")}
    assert len(answered) >= lines
    assert answered <= stored
