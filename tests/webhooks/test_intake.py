"""The door for alerts: who is let in, what is answered, and when."""

import gzip
import json
from collections.abc import Sequence
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from memory.writer import Full
from remediation.errors import Unreachable
from remediation.terms import Alert
from tests.memory.opened import memory
from tests.remediation.made import NOW
from tests.shared import corpus
from webhooks.intake import LARGEST_BODY, Intake, endpoints_of
from webhooks.senders import SENDERS

__all__ = ["memory"]

TOKEN = "s3cret"
URL = "/webhooks/datadog"
BODY = {"alert_id": "1", "monitor_id": "7", "event_type": "query_alert_monitor", "title": "OOM", "message": "in api", "tags": "env:prod"}


class Shelf:
    """Where alerts are stored: keeps them, or fails as it is told."""

    def __init__(self):
        self.alerts: list[Alert] = []
        self.commits = 0
        self.fails: Exception | None = None

    async def store(self, alerts: Sequence[Alert]) -> None:
        if self.fails:
            raise self.fails
        self.alerts += alerts

    def committed(self) -> None:
        self.commits += 1


def a_client(shelf, token=TOKEN, **options) -> httpx.AsyncClient:
    endpoints = endpoints_of(SENDERS, {"DATADOG_WEBHOOK_TOKEN": token}, shelf.store, lambda: NOW, on_commit=shelf.committed, **options)
    transport = httpx.ASGITransport(app=Intake(endpoints))
    return httpx.AsyncClient(transport=transport, base_url="http://suture", headers={"X-Suture-Token": TOKEN})


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
async def client(shelf):
    async with a_client(shelf) as client:
        yield client


@pytest.mark.parametrize("path", ["/webhooks/datadog", "/webhooks/datadog/", "/datadog-webhook"])
async def test_an_alert_is_stored_then_acknowledged(client, shelf, path):
    """202 with how many there were; whoever correlates is woken."""
    answer = await client.post(path, json=BODY)

    assert (answer.status_code, answer.json()) == (202, {"alerts": 1})
    assert [alert.title for alert in shelf.alerts] == ["OOM"]
    assert shelf.commits == 1


async def test_many_alerts_may_come_in_one_body(client, shelf):
    """A list of bodies."""
    answer = await client.post(URL, json=[BODY, {**BODY, "title": "Disk"}])

    assert answer.json() == {"alerts": 2}
    assert [alert.title for alert in shelf.alerts] == ["OOM", "Disk"]


async def test_a_form_is_taken_too(client, shelf):
    """Datadog's `Encode as form`, as fields or as one `payload`."""
    for body in (urlencode(BODY), urlencode({"payload": json.dumps(BODY)})):
        answer = await client.post(URL, content=body, headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
        assert (answer.status_code, answer.json()) == (202, {"alerts": 1})

    assert shelf.alerts[0] == shelf.alerts[1]


async def test_json_that_is_called_a_form_is_json(client, shelf):
    """As curl's -d calls whatever it sends; what is broken in it is told as JSON is."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    taken = await client.post(URL, content=f"\n {json.dumps(BODY)}", headers=form)
    broken = await client.post(URL, content='{"title":', headers=form)

    assert (taken.status_code, taken.json(), [alert.title for alert in shelf.alerts]) == (202, {"alerts": 1}, ["OOM"])
    assert (broken.status_code, broken.json()["field"]) == (422, "body")


@pytest.mark.parametrize("token", ["", "wrong", "s3cre", "s3crett", "\xff"])
async def test_a_wrong_token_is_refused(client, shelf, token):
    """Before the body is looked at."""
    answer = await client.post(URL, content=b"not json", headers={"X-Suture-Token": token.encode("latin-1")})

    assert answer.status_code == 401
    assert shelf.alerts == []


async def test_without_a_configured_token_nobody_is_let_in(shelf):
    """An empty secret is not a secret."""
    async with a_client(shelf, token="") as client:
        for headers in ({}, {"X-Suture-Token": ""}):
            assert (await client.post(URL, json=BODY, headers=headers)).status_code == 401


async def test_a_token_in_the_address_counts_only_where_it_is_allowed(shelf):
    """Addresses end up in logs."""
    for allowed, status in ((False, 401), (True, 202)):
        async with a_client(shelf, allow_query_token=allowed) as client:
            answer = await client.post(f"{URL}?token={TOKEN}&x=1", json=BODY, headers={"X-Suture-Token": ""})
            assert answer.status_code == status


@pytest.mark.parametrize("query", [b"token=s3cret", b"a=1&tok%65n=s3cret", b"token=s3cret&token=other"])
async def test_a_token_in_the_address_is_taken_out_of_the_request(shelf, query):
    """Whether it counts or not, what runs afterwards and what logs see no secret."""
    scope = {"type": "http", "method": "GET", "path": URL, "headers": [], "query_string": query}
    sent = []

    async def send(message):
        sent.append(message)

    await Intake({})(scope, None, send)

    assert b"s3cret" not in scope["query_string"]
    assert sent[0]["status"] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_only_post_is_served(client, method):
    """And said so."""
    answer = await client.request(method, URL)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_sender_that_we_do_not_know_is_not_found(client):
    """Neither is the folder."""
    for path in ("/webhooks/pager", "/webhooks", "/"):
        assert (await client.post(path, json=BODY)).status_code == 404


async def test_a_body_that_is_too_large_is_refused_by_its_word_and_by_its_size(client, shelf):
    """With `content-length`, and without."""

    async def chunks():
        for _ in range(3):
            yield b" " * (LARGEST_BODY // 2)

    assert (await client.post(URL, content=b" " * (LARGEST_BODY + 1))).status_code == 413
    assert (await client.post(URL, content=chunks())).status_code == 413
    assert shelf.alerts == []


async def test_a_compressed_body_is_called_so(client, shelf):
    """Not a word of its first byte: whoever configured the sender reads what to change."""
    answer = await client.post(URL, content=gzip.compress(json.dumps(BODY).encode()), headers={"Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()["field"]) == (422, "Content-Encoding")
    assert answer.json()["error"] == "The body is compressed (gzip). Send it plain, without Content-Encoding."
    assert (await client.post(URL, json=BODY, headers={"Content-Encoding": "identity"})).status_code == 202
    assert len(shelf.alerts) == 1


async def test_a_body_of_the_largest_size_is_read(client):
    """The limit itself is allowed."""
    body = json.dumps({**BODY, "message": "x"}).encode()

    assert (await client.post(URL, content=body + b" " * (LARGEST_BODY - len(body)))).status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b'"text"', "body"),
        (b"[]", "body"),
        (b"[" * 100_000, "body"),
        (b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "body"),
        (b"{}", "title"),
        (b'{"title": {"a": 1}}', "title"),
        (b'{"title": "$EVENT_TITLE"}', "title"),
        (b'{"title": "x", "date": "yesterday"}', "date"),
        (b'{"title": "x", "date": 1e300}', "date"),
        (b'{"title": "x", "date": "0001-01-01T00:00:00+14:00"}', "date"),
        (b'{"title": "x", "tags": {"a": "b"}}', "tags"),
        (b'{"title": "x", "tags": [["a"]]}', "tags[0]"),
        (b'[{"title": "x"}, {"title": "y", "date": "z"}]', "[1].date"),
        (b'[{"title": "x"}, {"title": []}]', "[1].title"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_field(client, shelf, body, field):
    """The whole delivery: nothing of it is stored."""
    answer = await client.post(URL, content=body)

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["error"]
    assert shelf.alerts == []


@pytest.mark.parametrize("failure", [Full("20000 writes wait.", "Later."), Unreachable("The disk is full.")])
async def test_what_is_not_on_disk_is_not_acknowledged(client, shelf, failure):
    """503 says when to come again, and senders do."""
    shelf.fails = failure

    answer = await client.post(URL, json=BODY)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert shelf.commits == 0


async def test_what_is_turned_away_is_logged_once_a_minute(client, shelf):
    """A full disk is no silence, and a storm fills no log."""
    shelf.fails = Unreachable("The disk is full.")

    with capture_logs() as lines:
        for _ in range(5):
            await client.post(URL, json=BODY)

    assert [(line["log_level"], line["reason"], line["deliveries"]) for line in lines] == [("error", "The disk is full.", 1)]


def test_every_body_of_the_corpus_is_taken_or_its_field_is_named(shelf):
    """Real bodies, rendered templates, and templates that were never rendered."""
    import asyncio

    async def post_all():
        async with a_client(shelf) as client:
            for path in sorted(corpus("alerts", "datadog").glob("*.*")):
                form = {"Content-Type": "application/x-www-form-urlencoded"} if path.suffix == ".txt" else {}
                answer = await client.post(URL, content=path.read_bytes(), headers=form)
                yield path.name, answer

    async def judged():
        return {name: (answer.status_code, answer.json()) async for name, answer in post_all()}

    answers = asyncio.run(judged())
    assert all(status == 202 or (status == 422 and body["field"]) for status, body in answers.values()), answers
    taken = {name for name, (status, _) in answers.items() if status == 202}
    assert {name for name in answers if name.startswith(("rendered_", "mock_", "default_"))} == taken


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["title", "event_title", "body", "date", "last_updated", "tags", "alert_scope", "scopes", "alert_query", "alert_status", "id", "alert_id",
     "monitor_id", "alert_cycle_key", "aggreg_key", "alert_transition", "priority", "value", "threshold", "url", "hostname", "metric"]
)  # fmt: skip
WORDS = st.text(max_size=60) | st.sampled_from(
    ["[Triggered on {a:b}] x", "was > 1e9", "$TAGS", "%%%", "pod a-b", "1746013550000", "-1", "NaN"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(FIELDS, WORDS | JSON, max_size=12) | st.lists(st.dictionaries(FIELDS, WORDS | JSON, max_size=4), max_size=3))
async def test_hostile_json_is_taken_or_refused(shelf, body):
    """Never an error of ours, and what is taken fits the record."""
    async with a_client(shelf) as client:
        answer = await client.post(URL, json=body)

    assert answer.status_code in (202, 422), answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), form=st.booleans())
async def test_hostile_bytes_are_taken_or_refused(shelf, body, form):
    """Never an error of ours."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    async with a_client(shelf) as client:
        answer = await client.post(URL, content=body, headers=headers)

    assert answer.status_code in (202, 422), answer.text


async def test_a_repeated_delivery_changes_nothing_on_disk(memory, shelf):
    """Datadog tries again when our answer was lost."""
    shelf.store = memory.inbox.store
    async with a_client(shelf) as client:
        for _ in range(3):
            assert (await client.post(URL, json=BODY)).json() == {"alerts": 1}

    assert len(await memory.inbox.waiting(10)) == 1
