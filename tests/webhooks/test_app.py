"""Who is let in where, and what is answered."""

import asyncio

import pytest

from remediation.errors import Unreachable
from tests.webhooks.conftest import whole
from webhooks import metrics

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def test_health_needs_no_key_and_says_only_that(stranger, state):
    """An orchestrator asks without a token; not ready says why."""
    healthy = await stranger.get("/healthz")
    ready = await stranger.get("/readyz")
    state["why"] = "The engine is starting."
    waiting = await stranger.get("/readyz")

    assert (healthy.status_code, healthy.json()) == (200, {"ok": True})
    assert ready.status_code == 200
    assert (waiting.status_code, waiting.json()["error"]) == (503, "The engine is starting.")


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz", "/readyz/"])
async def test_health_is_answered_however_it_is_asked(stranger, path):
    """Load balancers ask with HEAD, and some add a slash."""
    assert [(await stranger.request(method, path)).status_code for method in ("GET", "HEAD")] == [200, 200]


async def test_every_refusal_has_one_shape(stranger, program):
    """`{"error": …}`, whoever refuses: the framework, the intake, or we."""
    answers = [
        await program.get("/nothing"),
        await program.post("/api/incidents"),
        await stranger.post("/healthz"),
        await stranger.get("/slack/events"),
        await stranger.get("/webhooks/datadog"),
        await program.get("/api/incidents/inc-none"),
    ]

    assert [answer.status_code for answer in answers] == [404, 405, 405, 405, 405, 404]
    assert [sorted(answer.json()) for answer in answers] == [["error"]] * len(answers)
    assert answers[0].json()["error"] == "There is no /nothing."
    assert answers[2].headers["allow"]


@pytest.mark.parametrize("path", ["/api/incidents", "/api/incidents/x", "/metrics", "/", "/incidents/x", "/api/openapi.json", "/dashboard.css", "/nothing"])
@pytest.mark.parametrize("token", [None, "", "wrong", "planted-api-tokem"])
async def test_everything_else_needs_a_key(stranger, path, token):
    """Loopback or not; the answer says what to do."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = await stranger.get(path, headers=headers)

    assert answer.status_code == 401
    assert "SUTURE_API_TOKEN" in answer.json()["error"]


async def test_alerts_and_slack_bring_keys_of_their_own(stranger, program):
    """Their doors check what senders send; our token opens nothing there."""
    assert (await stranger.post("/slack/events", content=b"x")).text == "slack heard"
    assert (await stranger.post("/webhooks/datadog", content=b"{}")).status_code == 401
    assert (await program.post("/datadog-webhook", content=b"{}")).status_code == 401
    assert (await stranger.post("/webhooks/datadog/", content=b"x", headers={"X-Suture-Token": "planted-webhook-token"})).status_code == 422


async def test_the_whole_incident_is_one_document(program, write):
    """Programs read it by its id, and find it in the list."""
    incident_id = await write(whole())
    one, listed = await program.get(f"/api/incidents/{incident_id}"), await program.get("/api/incidents")

    assert (one.json()["outcome"], one.json()["gitlab_mr"]["iid"]) == ("fixed", 1)
    assert [incident["incident_id"] for incident in listed.json()["incidents"]] == [incident_id]


async def test_an_unknown_incident_is_said_in_json(program):
    """404, and what to do."""
    answer = await program.get("/api/incidents/inc-none")

    assert answer.status_code == 404
    assert "inc-none" in answer.json()["error"]


async def test_a_link_becomes_a_session_that_only_reads(stranger, keys):
    """The key leaves the address at once; the cookie is out of reach of scripts and of other sites' forms."""
    answer = await stranger.get(keys.link("http://suture.test", "/").removeprefix("http://suture.test") + "&page=2", headers=HTML)
    cookie = answer.headers["set-cookie"]

    assert (answer.status_code, answer.headers["location"]) == (303, "/?page=2")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await stranger.get("/", headers=HTML)).status_code == 200
    assert (await stranger.post("/api/incidents")).status_code == 401


async def test_a_link_leads_nowhere_else(stranger, keys):
    """`//host` in the path is no open redirect."""
    key = keys.link("http://suture.test").partition("?")[2]
    answer = await stranger.get(f"http://suture.test//evil.example/x?{key}", headers=HTML)

    assert answer.headers["location"].startswith("/evil.example")


async def test_a_person_without_a_key_reads_where_to_get_one(stranger):
    """A page for people, JSON for programs; an old link says that it is old."""
    fresh, old = await stranger.get("/", headers=HTML), await stranger.get("/?key=1.x", headers=HTML)

    assert fresh.status_code == old.status_code == 401
    assert "/suture status" in fresh.text
    assert "This link has expired" in old.text


async def test_a_record_that_does_not_answer_is_worth_asking_again(program, database, monkeypatch):
    """503 with Retry-After and the reason, not a bug's 500."""

    async def silent(_work):
        raise Unreachable("The record could not be read: disk I/O error.", "Check its disk.")

    monkeypatch.setattr(database.reader, "read", silent)
    answer = await program.get("/api/incidents")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "disk I/O error" in answer.json()["error"]


async def test_a_bug_tells_nothing_to_strangers(program, database, monkeypatch):
    """The log has its place; the answer does not."""

    async def broken(_work):
        raise ZeroDivisionError("planted internals")

    monkeypatch.setattr(database.reader, "read", broken)
    answer = await program.get("/api/incidents")

    assert answer.status_code == 500
    assert "planted internals" not in answer.text
    assert set(answer.json()) == {"error"}


async def test_the_lifespan_is_the_callers(app, state):
    """The engine starts and stops with the application."""
    said: asyncio.Queue[str] = asyncio.Queue()
    told: asyncio.Queue[str] = asyncio.Queue()

    async def receive():
        return {"type": await told.get()}

    async def send(message):
        await said.put(message["type"])

    living = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    await told.put("lifespan.startup")
    assert await said.get() == "lifespan.startup.complete"
    assert state["lives"]
    await told.put("lifespan.shutdown")
    assert await said.get() == "lifespan.shutdown.complete"
    await living
    assert not state["lives"]


async def test_a_read_that_breaks_off_counts_nothing_twice(program, write, monkeypatch):
    """Entries are read in parts; the disk may fail between two of them."""
    twice = whole()
    twice.approved()
    await write(twice)
    read, answers = metrics.entry_of, []

    def torn(kind, body):
        answers.extend([kind] if kind == "Decided" else [])
        if len(answers) == 2:
            raise Unreachable("The record could not be read.")
        return read(kind, body)

    monkeypatch.setattr(metrics, "entry_of", torn)
    assert (await program.get("/metrics")).status_code == 503

    assert 'suture_decisions_total{answer="approved"} 2.0' in (await program.get("/metrics")).text


async def test_metrics_count_what_the_record_knows(program, write):
    """Asked twice, counted once."""
    await write(whole())
    for _ in range(2):
        text = (await program.get("/metrics")).text

    assert 'suture_incidents{status="resolved"} 1.0' in text
    assert 'suture_incidents_ended_total{outcome="fixed"} 1.0' in text
    assert 'suture_decisions_total{answer="approved"} 1.0' in text
    assert 'suture_verdicts_total{status="APPROVED"} 1.0' in text
    assert "suture_alerts_received_total 1.0" in text
    assert "suture_alerts_waiting 0.0" in text
    assert "suture_intake_queue 0.0" in text
