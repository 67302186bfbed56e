"""What people press and type in the sandbox's Slack, sent signed over HTTP to the real Bolt app."""

import asyncio
import json
import time
from types import SimpleNamespace
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from bot.access import why_not
from bot.sandbox.deliveries import Deliveries
from bot.sandbox.slack import SLACK_CHANNEL
from bot.sandbox.slack_people import SlackPeople
from bot.sandbox.slack_shapes import signed
from bot.slack import client
from bot.slack.app import build
from bot.slack.blocks.rejection import CALLBACK, Rejection, rejection_modal
from bot.slack.budget import Budget
from bot.slack.client import Slack
from bot.slack.door import LARGEST, SlackDoor
from remediation.errors import NotFound, Unreachable
from remediation.questions import answer_of
from remediation.terms import Signal
from tests.bot.slack.conftest import TOKEN
from tests.bot.slack.made import BEGAN, DIGEST
from tests.shared import corpus

SECRET = "planted-signing-secret"


class Records:
    """The record, as far as Slack reads it."""

    def __init__(self, told):
        self.told = told

    async def incident(self, incident_id):
        """The one incident."""
        if incident_id != self.told.incident.incident_id:
            raise NotFound(f"There is no incident {incident_id}.")
        return self.told.incident

    async def open_now(self):
        """The one, while it is open."""
        return {} if self.told.incident.outcome else {self.told.incident.incident_id: self.told.incident.entries}

    async def open_by_status(self):
        """The one, while it is open."""
        return {} if self.told.incident.outcome else {self.told.incident.status: 1}


class Rows:
    """Signals: rows once per key, and whether the disk takes them."""

    def __init__(self):
        self.rows, self.woken, self.broken = {}, [], False

    async def add(self, incident_id, kind, body, key):
        """One row."""
        if self.broken:
            raise Unreachable("The disk is full.", "Make room.")
        self.rows.setdefault(key, (incident_id, kind, dict(body)))

    @property
    def bodies(self):
        """What was pressed."""
        return [body for _, _, body in self.rows.values()]


@pytest.fixture
def rows():
    return Rows()


@pytest.fixture
async def url(serve, slack, told, rows):
    """The bot's address."""
    app = build(slack=slack, signing_secret=SECRET, record=Records(told), signals=rows, wake=rows.woken.append, why_not=why_not,
                link_to=lambda path: f"https://suture.example{path}?key=k")  # fmt: skip
    return await serve(lambda _: Starlette(routes=[Route("/slack/events", SlackDoor(app, SECRET).answer, methods=["POST"])]))


@pytest.fixture
async def people(url, workspace):
    """Persons at the sandbox's Slack."""
    deliveries = Deliveries(url)
    yield SlackPeople(workspace, deliveries, signing_secret=SECRET, origin=str(url))
    await deliveries.aclose()


@pytest.fixture
async def card(thread, told, url):
    """The thread up to the decision card; gives the incident's id."""
    ts = await thread.post(told.incident, "head", told.entries[0])
    told.threaded(ts), told.investigated(), told.reasoned(), told.asked()
    await thread.post(told.incident, "card", told.entries[-1])
    return told.incident.incident_id


async def press(people, incident_id, action, user="U_ALICE", reason=None):
    """One press, with the modal's reason where one is asked for."""
    message, button = people.button(incident_id, action)
    if reason is None:
        return await people.press(message, button, user)
    return await people.press_and_explain(message, button, user, reason)


async def whispered(workspace, user, *, within=2.0):
    """What this user alone was told last; Slack takes a moment after the press was acknowledged."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        told = [message for message in workspace.messages if message.ephemeral_to == user]
        if told:
            return told[-1]
        await asyncio.sleep(0.01)
    return None


@pytest.mark.parametrize("action", ["approve", "escalate"])
async def test_a_press_is_a_row_before_it_is_acknowledged(people, card, rows, action):
    """Who, what, on which digest; then the incident is woken."""
    pressed = await press(people, card, action)

    assert pressed.status == 200
    assert rows.bodies == [{"action": action, "user": "U_ALICE", "digest": DIGEST, "reason": ""}]
    assert rows.woken == [card]


async def test_a_press_that_cannot_be_written_is_not_acknowledged(people, card, rows):
    """Slack then shows the presser that it failed; nothing is lost in silence."""
    rows.broken = True

    assert (await press(people, card, "approve")).status == 500
    assert rows.woken == []


async def test_a_press_that_slack_sends_twice_is_one_row(people, card, rows, monkeypatch):
    """The same press, the same key; another press of the same person is another row."""
    once = people._deliveries.send

    async def twice(*what):
        await once(*what)
        return await once(*what)

    monkeypatch.setattr(people._deliveries, "send", twice)
    for _ in range(2):
        await press(people, card, "approve")

    assert len(rows.rows) == 2


ASKED = {"action": "ask_reason", "user": "U_ALICE", "digest": DIGEST, "reason": ""}


async def test_reject_asks_why_and_keeps_the_reason(people, card, rows):
    """The press is a row, which decides nothing; the modal opens for the presser; its reason is the row that does."""
    pressed = await press(people, card, "reject", reason="We scale out instead.")

    assert pressed.status == 200
    assert rows.bodies == [ASKED, {"action": "reject", "user": "U_ALICE", "digest": DIGEST, "reason": "We scale out instead."}]
    assert answer_of(Signal(seq=1, incident_id=card, kind="press", body=ASKED, at=BEGAN)) is None


async def test_a_rejection_that_cannot_be_written_is_not_acknowledged(people, card, rows):
    """No modal opens for a press that is not on disk."""
    rows.broken = True
    pressed = await press(people, card, "reject")

    assert (pressed.status, pressed.view) == (500, None)


async def test_the_reason_is_masked(people, card, rows):
    """It is shown, remembered and given to models: a secret that was pasted into it stays out."""
    await press(people, card, "reject", reason="Rotate token glpat-abcdefghij0123456789 first.")

    assert rows.bodies[-1]["reason"] == "Rotate token [masked:gitlab_token] first."


async def test_a_rejection_without_a_reason_is_asked_again(people, card, rows):
    """Blanks are no reason."""
    pressed = await press(people, card, "reject", reason="   ")

    assert pressed.errors == {"why": "Say in a few words why not."}
    assert rows.bodies == [ASKED]


async def submitted(url, **about):
    """The status and body of the answer to a signed modal that says it belongs to this card."""
    state = {"values": {"why": {"reason": {"type": "plain_text_input", "value": "no"}}}}
    view = {"id": "V1", "type": "modal", "callback_id": CALLBACK, "private_metadata": json.dumps(about), "state": state}
    payload = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U_ALICE", "team_id": "T1"}, "view": view}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/slack/events", data=body, headers=signed(body, SECRET, int(time.time()))) as said,
    ):
        return said.status, await said.json()


@pytest.mark.parametrize(
    "about", [{"incident_id": 17, "digest": "d"}, {"incident_id": None, "digest": "d"}, {"incident_id": "i", "digest": ["d"]}]
)
async def test_a_modal_whose_card_is_no_text_is_refused(url, rows, about):
    """It is not one of ours, and no row is written."""
    status, said = await submitted(url, **about)

    assert (status, said["field"]) == (400, "private_metadata")
    assert rows.rows == {}


async def test_a_modal_for_an_incident_that_is_not_known_says_so(url, rows):
    """Beside the field that was filled in; no row is written for it."""
    status, said = await submitted(url, incident_id="INC-none", digest="d")

    assert (status, said["response_action"]) == (200, "errors")
    assert "INC-none" in said["errors"]["why"]
    assert rows.rows == {}


@pytest.fixture
def slow_modals(slack, monkeypatch):
    """A Slack that opens none until it is given up: set, then."""
    call, given_up = slack.web.api_call, asyncio.Event()

    async def slow(method, **said):
        if method == "views.open":
            await given_up.wait()
            raise TimeoutError
        return await call(method, **said)

    monkeypatch.setattr(client, "TRIGGER_SECONDS", 60)
    monkeypatch.setattr(slack.web, "api_call", slow)
    return given_up


async def test_a_slow_slack_does_not_hold_up_the_press(people, card, rows, workspace, slow_modals):
    """The press is acknowledged while the modal is still asked for; when that fails, the presser is told."""
    pressed = await press(people, card, "reject")

    assert (pressed.status, pressed.view) == (200, None)
    assert await whispered(workspace, "U_ALICE", within=0.05) is None
    slow_modals.set()
    assert "Press Reject again" in (await whispered(workspace, "U_ALICE")).text
    assert rows.bodies == [ASKED]


async def test_a_modal_waits_for_no_turn(slack, workspace):
    """Its trigger lives three seconds: it asks at once, and once, whatever else waits to be said."""
    slow = Slack(TOKEN, str(slack.web.base_url), Budget(per_second=0.01, burst=1))
    modal = rejection_modal(Rejection(incident_id="INC-1", digest="d"))
    try:
        async with asyncio.timeout(2):
            for _ in range(3):
                await slow.ask(workspace.new_trigger("U_ALICE"), modal)
    finally:
        await slow.aclose()

    assert workspace.view_of("U_ALICE")["callback_id"] == CALLBACK


async def test_who_may_not_reject_is_not_asked_why(people, card, rows):
    """The press is a row all the same: the incident turns it, and tells them alone."""
    pressed = await press(people, card, "reject", user="U_STRANGER")

    assert (pressed.status, pressed.view) == (200, None)
    assert rows.bodies == [{"action": "reject", "user": "U_STRANGER", "digest": DIGEST, "reason": ""}]


async def test_who_rejects_what_is_decided_is_not_asked_why(people, card, told, rows):
    """Nobody would read the reason: the press is a row, and the incident says who decided, and how to stop it."""
    told.approved()
    pressed = await press(people, card, "reject", user="U_BOB")

    assert (pressed.status, pressed.view) == (200, None)
    assert rows.bodies == [{"action": "reject", "user": "U_BOB", "digest": DIGEST, "reason": ""}]


async def test_show_evidence_answers_the_presser_alone(people, card, rows, workspace):
    """Numbered items, in the thread, for one person; anybody may look."""
    pressed = await press(people, card, "show_evidence", user="U_STRANGER")
    shown = await whispered(workspace, "U_STRANGER")

    assert pressed.status == 200
    assert "*E3* Pod api-7c9f" in json.dumps(shown.blocks)
    assert "OOMKilled" in json.dumps(shown.blocks)
    assert rows.bodies[0]["action"] == "show_evidence"


async def test_a_press_on_an_incident_that_ended_is_told_to_the_presser_alone(people, card, told, rows, workspace):
    """Somebody scrolls up a week later: nothing happens, and they learn why."""
    told.approved(), told.delivered(), told.ended()
    pressed = await press(people, card, "approve")

    assert pressed.status == 200
    said = (await whispered(workspace, "U_ALICE")).text
    assert "has ended already (fixed)" in said
    assert "to take it back, revert merge request <http://127.0.0.1:9/platform/shop/-/merge_requests/1|!1> in GitLab" in said


async def test_a_press_on_an_unknown_incident_is_told_to_the_presser_alone(people, card, told, rows, workspace):
    """A record that was moved does not answer 500."""
    message, button = people.button(card, "approve")
    pressed = await people.press(message, button | {"block_id": "suture:inc-gone"}, "U_ALICE")

    assert pressed.status == 200
    assert "inc-gone is not in this Suture's record" in (await whispered(workspace, "U_ALICE")).text
    assert rows.rows == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "/suture status"),
        ("help", "/suture show ID"),
        ("frobnicate <!channel>", "“frobnicate &lt;!channel&gt;” is nothing that I know"),
        ("status", "1 open incident: 1 awaiting approval."),
        ("status", "<https://suture.example/?key=k|Open the dashboard>"),
        ("show inc-20260304-api", "<https://suture.example/incidents/inc-20260304-api?key=k|Open the dashboard>"),
        ("incidents", "awaiting approval for 6m. Next: <@U_ALICE> or <@U_BOB>: decide"),
        ("show inc-20260304-api", "OOMKilled (exit 137)"),
        ("show", "Which one? */suture show ID*. These are open:"),
        ("close ", "Which one? */suture close ID why*. These are open:"),
        ("SHOW  inc-none", "There is no incident “inc-none”. These are open:"),
    ],
)
async def test_the_slash_command_answers_whoever_asks(people, card, workspace, text, said):
    """Short, for them alone; what is not understood is answered with help."""
    await people.command(workspace.channels[SLACK_CHANNEL], text, "U_BOB")
    answer = workspace.messages[-1]

    assert answer.ephemeral_to == "U_BOB"
    assert said in answer.text + json.dumps(answer.blocks, ensure_ascii=False)


async def test_no_open_incident_is_said(people, card, told, workspace):
    """Quiet is an answer."""
    told.approved(), told.delivered(), told.ended()
    for text in ("status", "incidents"):
        await people.command(workspace.channels[SLACK_CHANNEL], text, "U_BOB")
        assert workspace.messages[-1].text.startswith("No incident is open.")


async def post(url, body, headers):
    """Send bytes as they are; the status and the answer."""
    async with aiohttp.ClientSession() as session, session.post(f"{url}/slack/events", data=body, headers=headers) as answer:
        return answer.status, await answer.text()


BODY = urlencode({"command": "/suture", "text": "help", "team_id": "T1", "user_id": "U_EVIL", "channel_id": "C1"}).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(BODY, "another secret", int(time.time())),
        signed(BODY, SECRET, int(time.time()) - 301),
        signed(BODY, SECRET, int(time.time()) + 86_400),
        signed(BODY + b"x", SECRET, int(time.time())),
        {**signed(BODY, SECRET, int(time.time())), "X-Slack-Request-Timestamp": "yesterday"},
        {**signed(BODY, SECRET, int(time.time())), "X-Slack-Request-Timestamp": "9" * 400},
        {**signed(BODY, SECRET, int(time.time())), "X-Slack-Signature": "v0=\u00e9"},
    ],
    ids=["unsigned", "forged", "stale", "from the future", "changed", "no time", "endless time", "no text"],
)
async def test_only_what_slack_signed_within_five_minutes_comes_in(url, headers):
    """The answer says what to check, and nothing runs."""
    status, said = await post(url, BODY, headers)

    assert status == 401
    assert "SLACK_SIGNING_SECRET" in said


async def test_what_is_too_large_is_refused_before_it_is_read(url):
    """A megabyte is far over what Slack sends."""
    body = b"x" * (LARGEST + 1)

    assert (await post(url, body, signed(body, SECRET, int(time.time()))))[0] == 413


async def test_the_recorded_bodies_of_slack_are_all_answered(url):
    """Other apps' payloads are not ours: acknowledged or not found, never a crash; unsigned they are refused."""
    for path in sorted(corpus("slack_payloads", "raw").iterdir()):
        body = path.read_bytes().strip()
        status, _ = await post(url, body, signed(body, SECRET, int(time.time())))
        unsigned, _ = await post(url, body, {})

        assert status in (200, 400, 404), path.name
        assert unsigned == (200 if path.name.startswith("ssl_check") else 401), path.name


async def test_a_check_of_the_certificate_is_short(url):
    """It is the one thing that is answered unsigned: a megabyte of fields is not read for it."""
    assert (await post(url, b"ssl_check=1&token=x", {}))[0] == 200
    assert (await post(url, b"ssl_check=1" + b"&a=1" * 1_000, {}))[0] == 401


async def test_our_own_buttons_in_a_strange_shape_are_no_crash(url, rows):
    """Signed, so from Slack, but not as we know it: refused, and no row."""
    shapes = [b"payload=%5B%5D", b"payload=5", b"payload={", b"\xff\xfe", b"[1]", b"payload=" + b"%5B" * 30000, b"{}",
              b"payload=" + json.dumps({"type": "block_actions", "actions": [{"action_id": "approve", "type": "button"}]}).encode(),
              b"payload=" + json.dumps({"type": "view_submission", "user": {"id": "U_ALICE"}, "view": {"callback_id": "suture_reject"}}).encode()]  # fmt: skip
    for body in shapes:
        headers = {**signed(body, SECRET, int(time.time()))}
        status, _ = await post(url, body, headers)
        assert status in (400, 401, 404), body[:60]
    assert rows.rows == {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_any_bytes_without_a_signature_are_refused(body):
    """Whatever it is, the verifier answers no and does not raise."""
    door = SlackDoor(None, SECRET)

    headers = {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": body.decode("latin-1")}

    assert door._signed(body, SimpleNamespace(headers=headers)) is False
