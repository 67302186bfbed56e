"""The sandbox's Slack beside Slack's own shapes: what it sends to an app, and what it answers."""

import json
from urllib.parse import parse_qs, urlencode

import pytest

from bot.sandbox import slack_methods, slack_shapes
from bot.sandbox.environment import SLACK_CHANNEL
from bot.sandbox.slack import Message, SlackState
from bot.sandbox.slack_calls import Call
from bot.sandbox.slack_methods import METHODS
from tests.shared import corpus

BUTTON = {"type": "button", "action_id": "a", "value": "v", "text": {"type": "plain_text", "text": "A"}, "block_id": "b"}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "T"},
    "submit": {"type": "plain_text", "text": "S"},
    "blocks": [
        {
            "type": "input",
            "block_id": "i",
            "label": {"type": "plain_text", "text": "L"},
            "element": {"type": "plain_text_input", "action_id": "t"},
        }
    ],
}
OF_ENTERPRISES = {"enterprise", "enterprise_id", "enterprise_name"}


@pytest.fixture
def state():
    state = SlackState()
    state.scopes = frozenset(slack_methods.SCOPES.values())
    return state


@pytest.fixture
def message(state):
    blocks = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]
    return state.add(Message(channel=SLACK_CHANNEL, ts=state.next_ts(), user="U_SUTURE", text="t", blocks=blocks))


def called(state, method, **arguments):
    return {"ok": True, **METHODS[method](Call(state=state, origin="http://127.0.0.1:1", arguments=arguments))}


def recorded(name):
    return json.loads(corpus("slack_payloads", f"{name}.json").read_text())


def missing(real, ours):
    """The fields of the real one, in depth, that ours does not have."""
    if not isinstance(real, dict) or not isinstance(ours, dict):
        return []
    gone = [name for name in real if name not in ours and name not in OF_ENTERPRISES]
    return gone + [f"{name}.{inner}" for name in real if name in ours for inner in missing(real[name], ours[name])]


def test_a_press_has_every_field_of_a_real_one(state, message):
    """block_actions."""
    ours = slack_shapes.block_actions(state, message, BUTTON, "U_ALICE", "http://127.0.0.1:1")
    real = recorded("block_actions__body")

    assert missing(real, ours) == []
    assert missing(real["actions"][0], ours["actions"][0]) == []


def test_a_sent_and_a_closed_modal_have_every_field_of_real_ones(state):
    """view_submission, view_closed."""
    called(state, "views.open", trigger_id=state.new_trigger("U_ALICE"), view=MODAL)
    view = state.view_of("U_ALICE")
    view["state"] = {"values": {"i": {"t": {"type": "plain_text_input", "value": "x"}}}}

    gone = missing(recorded("view_submission__body"), slack_shapes.view_submission(state, view, "U_ALICE"))
    closed = missing(recorded("view_closed__body"), slack_shapes.view_closed(view, "U_ALICE"))

    assert {name for name in gone if not name.startswith("view.state.values.")} == set()
    assert closed == []


def test_a_command_has_every_field_of_a_real_one(state):
    """As it travels: form-encoded."""
    raw = corpus("slack_payloads", "raw", "slash_command__slash_command_body.form.txt").read_text().strip()
    form = slack_shapes.slash_command(state, state.channels[SLACK_CHANNEL], "/hello-world Hi", "U_ALICE", "http://127.0.0.1:1")

    real, ours = parse_qs(raw), parse_qs(urlencode(form))

    assert {name for name in real if name not in ours} <= OF_ENTERPRISES
    assert (ours["command"], ours["text"]) == (real["command"], real["text"])


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("auth.test", {}),
        ("chat.postMessage", {"channel": SLACK_CHANNEL, "text": "x", "metadata": {"event_type": "e", "event_payload": {}}}),
        ("chat.postEphemeral", {"channel": SLACK_CHANNEL, "text": "x", "user": "U_BOB"}),
        ("users.info", {"user": "U_BOB"}),
        ("files.getUploadURLExternal", {"filename": "x", "length": "3"}),
    ],
)
def test_an_answer_has_no_field_that_slack_does_not_give(state, method, arguments):
    """The skeletons hold every field that the real ones were seen with."""
    real, ours = recorded(f"api_responses/{method}"), called(state, method, **arguments)

    assert [name for name in missing(ours, real) if name not in ("message.blocks", "is_enterprise_install")] == []


def test_a_thread_is_told_with_slacks_own_fields(state, message):
    """conversations.replies and chat.update."""
    called(state, "chat.postMessage", channel=SLACK_CHANNEL, text="reply", thread_ts=message.ts)
    updated = called(state, "chat.update", channel=SLACK_CHANNEL, ts=message.ts, text="new")
    head, reply = called(state, "conversations.replies", channel=SLACK_CHANNEL, ts=message.ts)["messages"]
    known = recorded("api_responses/conversations.replies")["messages"][0]

    assert set(head) | set(reply) <= set(known)
    assert [name for name in missing(updated, recorded("api_responses/chat.update")) if "blocks" not in name] == []
