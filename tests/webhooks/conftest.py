"""The web application on a real record with one ended incident in it, asked over ASGI."""

from datetime import UTC, datetime

import httpx
import pytest

from memory.database import Database
from memory.document import incident_document, incident_list
from memory.effects import SqlEffects
from memory.inbox import SqlInbox
from memory.journal import Journal
from memory.record import SqlRecord
from tests.bot.slack.made import Told
from webhooks.app import build
from webhooks.intake import AlertEndpoint, Intake
from webhooks.keys import Keys
from webhooks.metrics import Exposition
from webhooks.senders import SENDERS

TOKEN = "planted-api-token"


def now():
    """A time."""
    return datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


class Documents:
    """Read from the record, as wiring hands it over."""

    def __init__(self, reader):
        self._reader = reader

    async def one(self, incident_id):
        """One."""
        return await incident_document(self._reader, incident_id)

    async def all(self):
        """All."""
        return await incident_list(self._reader)


@pytest.fixture
def database(tmp_path):
    """An empty record."""
    database = Database.open(f"sqlite:///{tmp_path}/suture.db")
    yield database
    database.close()


@pytest.fixture
def write(database):
    """Puts the entries of a told incident into the record."""
    journal = Journal(now, database.writer.ends)
    record, inbox = SqlRecord(database, journal, SqlEffects(database, now), now), SqlInbox(database, journal, now)

    async def written(told):
        opened, *entries = told.entries
        await inbox.store([opened.alert])
        await inbox.place(opened.alert, told.incident.incident_id, opened)
        for n, entry in enumerate(entries):
            await record.write(told.incident.incident_id, f"k{n}", entry)
        return told.incident.incident_id

    return written


def whole(**how):
    """An incident from its alert to its end."""
    told = Told(**how)
    told.threaded(), told.investigated(), told.reasoned(), told.asked(), told.approved(), told.delivered(), told.ended()
    return told


@pytest.fixture
def keys():
    """The keys of this bot."""
    return Keys(TOKEN)


@pytest.fixture
def state():
    """What a test may spoil: `why` it is not ready."""
    return {"why": ""}


async def called(users):
    """Whoever has an id is called by a name that begins as Alice's."""
    return {user: f"Alice of {user}" for user in users}


@pytest.fixture
def app(database, keys, state):
    """The application as wiring builds it."""
    from contextlib import asynccontextmanager

    from starlette.responses import PlainTextResponse

    @asynccontextmanager
    async def lifespan(_app):
        state["lives"] = True
        yield
        state["lives"] = False

    async def slack(_request):
        return PlainTextResponse("slack heard")

    store = SqlInbox(database, Journal(now, database.writer.ends), now).store
    datadog = AlertEndpoint(SENDERS[0], "planted-webhook-token", store, now, on_commit=lambda: None)
    return build(
        intake=Intake({"/webhooks/datadog": datadog, "/datadog-webhook": datadog}),
        slack=slack,
        keys=keys,
        documents=Documents(database.reader),
        names=called,
        metrics=Exposition(database.reader, lambda: database.writer.waiting),
        why_not_ready=lambda: state["why"],
        lifespan=lifespan,
    )


@pytest.fixture
async def stranger(app):
    """Somebody without a key."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://suture.test") as client:
        yield client


@pytest.fixture
async def program(app):
    """Somebody with the token."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://suture.test", headers={"Authorization": f"Bearer {TOKEN}"}
    ) as client:
        yield client
