"""A record in a temporary file, with a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from memory.database import Database
from memory.effects import SqlEffects
from memory.inbox import SqlInbox
from memory.journal import Journal
from memory.recall.embedded import EmbeddedRecall
from memory.record import SqlRecord
from memory.signals import SqlSignals
from tests.remediation.made import NOW


@dataclass
class MovedClock:
    """Stands still unless it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Now."""
        return self.at

    def move(self, **span: float) -> None:
        """On by this much, as timedelta takes it."""
        self.at += timedelta(**span)


@dataclass
class Memory:
    """The whole room on one file."""

    url: str
    clock: MovedClock = field(default_factory=MovedClock)

    def __post_init__(self):
        self.open()

    def open(self):
        """Everything on the file as it is."""
        self.database = Database.open(self.url)
        journal = Journal(self.clock, self.database.writer.ends)
        self.effects = SqlEffects(self.database, self.clock)
        self.record = SqlRecord(self.database, journal, self.effects, self.clock)
        self.inbox = SqlInbox(self.database, journal, self.clock)
        self.signals = SqlSignals(self.database, self.clock)
        self.recall = EmbeddedRecall(self.database, self.clock)

    def reopen(self):
        """As after a restart: nothing that was held in memory is left."""
        self.database.close()
        self.open()


@pytest.fixture
def memory(tmp_path):
    memory = Memory(url=f"sqlite:///{tmp_path}/suture.db")
    yield memory
    memory.database.close()
