"""People at the sandbox's Slack: what a real Bolt app receives when they press, write and type."""

import json

import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.models.blocks import ActionsBlock, ButtonElement
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from bot.sandbox.deliveries import Deliveries
from bot.sandbox.environment import SLACK_CHANNEL
from bot.sandbox.slack import Message, SlackState
from bot.sandbox.slack_face import slack_face
from bot.sandbox.slack_people import NothingToPress, SlackPeople
from bot.sandbox.slack_shapes import block_actions

TOKEN, SECRET = "xoxb-test", "signing-secret"
MODAL = {
    "type": "modal",
    "callback_id": "why",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
def state():
    return SlackState()


@pytest.fixture
async def workspace(serve, state):
    url = await serve(lambda url: Starlette(routes=[Mount("/slack", slack_face(state, token=TOKEN, origin=url))]))
    return AsyncWebClient(token=TOKEN, base_url=f"{url}/slack/api/")


@pytest.fixture
def bolt(workspace):
    return AsyncApp(client=workspace, signing_secret=SECRET)


@pytest.fixture
async def people(serve, workspace, bolt, state):
    """The people, and a bot that listens to them."""
    handler = AsyncSlackRequestHandler(bolt)
    bot = await serve(lambda _url: Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"])]))
    deliveries = Deliveries(bot)
    yield SlackPeople(state, deliveries, signing_secret=SECRET, origin=workspace.base_url.removesuffix("/slack/api/"))
    await deliveries.aclose()


async def announce(workspace):
    """A head that names incident i1, and a decision card in its thread."""
    said = {"event_type": "suture_incident", "event_payload": {"incident_id": "i1", "key": "k"}}
    head = (await workspace.chat_postMessage(channel=SLACK_CHANNEL, text="head", metadata=said))["ts"]
    buttons = [ButtonElement(text=name, action_id=name, value="digest") for name in ("approve", "reject")]
    await workspace.chat_postMessage(channel=SLACK_CHANNEL, text="card", thread_ts=head, blocks=[ActionsBlock(elements=buttons)])


async def test_a_press_reaches_the_app_signed_and_whole(people, bolt, workspace):
    """The full shape of block_actions, accepted by Bolt's own signature check."""
    seen = []

    @bolt.action("approve")
    async def approve(ack, body, respond):
        seen.append(body)
        await ack()
        await respond("thank you")

    await announce(workspace)
    pressed = await people.press(*people.button("i1", "approve"), "U_ALICE")

    assert pressed.status == 200
    body = seen[0]
    assert body["actions"][0]["value"] == "digest"
    assert body["user"]["id"] == "U_ALICE"
    assert body["container"]["thread_ts"] == people.state.messages[0].ts
    assert body["message"]["thread_ts"] == people.state.messages[0].ts
    assert people.state.messages[-1].text == "thank you"
    assert people.state.messages[-1].ephemeral_to == "U_ALICE"


async def test_a_button_that_was_taken_away_can_still_be_pressed_by_a_stale_client(people, workspace):
    """The last that stood there, also after many edits and a restart; one that never stood is none."""
    await announce(workspace)
    head, card = people.state.messages
    for said in range(30):
        await workspace.chat_update(channel=SLACK_CHANNEL, ts=card.ts, text=f"decided {said}", blocks=[])
    people.state.restore(json.loads(json.dumps(people.state.snapshot())))

    message, button = people.stale_button("i1", "approve")

    assert (message.ts, message.thread_ts, button["value"]) == (card.ts, head.ts, "digest")
    for never in (lambda: people.button("i1", "approve"), lambda: people.stale_button("i1", "escalate")):
        with pytest.raises(NothingToPress, match="stands in the thread"):
            never()


async def test_a_rejection_is_a_press_a_modal_and_its_reason(people, bolt, workspace):
    """Both steps; what the app reads is what the person wrote."""
    reasons = []

    @bolt.action("reject")
    async def reject(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @bolt.view("why")
    async def why(ack, view):
        reasons.append(view["state"]["values"]["reason"]["text"]["value"])
        await ack()

    await announce(workspace)
    pressed = await people.press_and_explain(*people.button("i1", "reject"), "U_BOB", "not on a Friday")

    assert pressed.status == 200
    assert reasons == ["not on a Friday"]
    assert people.state.view_of("U_BOB") is None


async def test_errors_beside_an_input_keep_the_modal_open(people, bolt, workspace, state):
    """The HTTP body of a view_submission's answer is obeyed; so are update, push and clear."""

    @bolt.view("why")
    async def why(ack, view):
        said = view["state"]["values"]["reason"]["text"]["value"]
        match said:
            case "update":
                await ack(response_action="update", view=MODAL | {"title": {"type": "plain_text", "text": "Again"}})
            case "clear":
                await ack(response_action="clear")
            case _:
                await ack(response_action="errors", errors={"reason": "Say more."})

    view_id = (await workspace.views_open(trigger_id=state.new_trigger("U_BOB"), view=MODAL))["view"]["id"]
    wrong = await people.submit(view_id, {"reason": {"text": "no"}}, "U_BOB")
    await people.submit(view_id, {"reason": {"text": "update"}}, "U_BOB")
    title = state.view_of("U_BOB")["title"]["text"]
    await people.submit(view_id, {"reason": {"text": "clear"}}, "U_BOB")

    assert wrong.errors == {"reason": "Say more."}
    assert wrong.view["id"] == view_id
    assert title == "Again"
    assert state.view_of("U_BOB") is None


async def test_closing_a_modal_tells_the_app_that_asked_to_know(people, bolt, workspace, state):
    """view_closed."""
    closed = []

    @bolt.view_closed("why")
    async def gone(ack, body):
        closed.append(body["user"]["id"])
        await ack()

    view_id = (await workspace.views_open(trigger_id=state.new_trigger("U_BOB"), view=MODAL))["view"]["id"]
    await people.close(view_id, "U_BOB")

    assert closed == ["U_BOB"]
    assert state.view_of("U_BOB") is None


async def test_a_command_is_answered_to_the_one_who_typed_it(people, bolt, state):
    """The HTTP answer is an ephemeral message; in_channel is for all."""

    @bolt.command("/suture")
    async def suture(ack, command):
        await ack(text=f"you typed {command['text']}", response_type="in_channel" if command["text"] == "loud" else "ephemeral")

    channel = state.channels[SLACK_CHANNEL]
    await people.command(channel, "help", "U_CAROL")
    await people.command(channel, "loud", "U_CAROL")

    assert [(m.text, m.ephemeral_to) for m in state.messages] == [("you typed help", "U_CAROL"), ("you typed loud", None)]


async def test_a_presser_who_is_shown_a_refusal_instead_of_the_modal_is_not_kept_waiting(people, bolt, workspace):
    """An ephemeral no ends the press at once."""

    @bolt.action("reject")
    async def reject(ack, client):
        await ack()
        await client.chat_postEphemeral(channel=SLACK_CHANNEL, user="U_STRANGER", text="You may not.")

    await announce(workspace)
    pressed = await people.press_and_explain(*people.button("i1", "reject"), "U_STRANGER", "because")

    assert (pressed.status, pressed.view) == (200, None)


async def test_what_cannot_be_pressed_is_said(people, workspace):
    """By incident, by button, by user."""
    with pytest.raises(NothingToPress, match="No message announces"):
        people.button("i9", "approve")
    await announce(workspace)
    with pytest.raises(NothingToPress, match="No button escalate"):
        people.button("i1", "escalate")
    with pytest.raises(NothingToPress, match="no user U_NOBODY"):
        await people.press(*people.button("i1", "approve"), "U_NOBODY")


async def test_a_bot_that_does_not_answer_is_said(state):
    """No bot known, or nobody listening: status 0 and the reason."""
    deliveries = Deliveries(None)
    people = SlackPeople(state, deliveries, signing_secret=SECRET, origin="http://127.0.0.1:1")
    unknown = await people.command(state.channels[SLACK_CHANNEL], "help", "U_BOB")
    deliveries.bot_url = "http://127.0.0.1:1"
    deaf = await people.command(state.channels[SLACK_CHANNEL], "help", "U_BOB")
    await deliveries.aclose()

    assert (unknown.status, unknown.error) == (0, "No bot is known: start with --bot URL, or POST /control/bot.")
    assert deaf.status == 0
    assert "ClientConnectorError" in deaf.error


async def test_a_forged_signature_is_refused_by_bolt(people, bolt, workspace):
    """The sandbox signs with the real secret only."""

    @bolt.action("approve")
    async def approve(ack):
        await ack()

    await announce(workspace)
    people._secret = "another"

    assert (await people.press(*people.button("i1", "approve"), "U_ALICE")).status == 401


def test_the_shape_of_a_press_has_the_fields_of_a_recorded_one(state):
    """Names of the fields, compared with Slack's own example."""
    button = {"type": "button", "action_id": "a", "value": "v", "text": {"type": "plain_text", "text": "A"}, "block_id": "b"}
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    message = state.add(Message(channel=SLACK_CHANNEL, ts=state.next_ts(), user="U_SUTURE", text="t", blocks=blocks))
    payload = block_actions(state, message, button, "U_ALICE", "http://127.0.0.1:1")

    recorded = {"type", "user", "api_app_id", "token", "container", "trigger_id", "team", "channel", "response_url", "actions"}
    assert recorded <= payload.keys()
    assert {"action_id", "block_id", "text", "value", "type", "action_ts"} <= payload["actions"][0].keys()
    assert json.dumps(payload)
