"""The requests that Slack sends to an app, in their real shapes: presses, sent and closed modals, slash commands; signed."""

import hashlib
import hmac

from bot.sandbox.slack import APP_ID, PEOPLE, TEAM_ID, Channel, Json, Message, SlackState
from bot.sandbox.slack_reading import told
from bot.sandbox.slack_views import public_view

TEAM = {"id": TEAM_ID, "domain": "sandbox"}
TOKEN = "sandbox"
"""The old verification token, sent and ignored as Slack's own."""


def signed(body: bytes, secret: str, now: int) -> dict[str, str]:
    """The headers of a form-encoded request from Slack, signed with the app's signing secret (v0). now: epoch seconds."""
    base = b"v0:%d:%b" % (now, body)
    signature = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(now),
        "X-Slack-Signature": f"v0={signature}",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    }


def block_actions(state: SlackState, message: Message, button: Json, user: str, origin: str) -> Json:
    """`user` pressed this button of this message."""
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    container["is_ephemeral"] = message.ephemeral_to is not None
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    bound = {"channel": message.channel, "user": user, "ts": message.ts, "thread_ts": message.thread_ts}
    action = {name: button[name] for name in ("action_id", "block_id", "text", "value", "style") if name in button}
    action["text"] = {"emoji": True, **button["text"]}
    payload: Json = {
        **_from(user, "block_actions"),
        "container": container,
        "trigger_id": state.new_trigger(user),
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": message.channel, "name": state.channels[message.channel].name},
        "state": {"values": {}},
        "response_url": state.new_response_url(origin, **bound),
        "actions": [{**action, "type": "button", "action_ts": state.next_ts()}],
    }
    if message.ephemeral_to is None:
        payload["message"] = told(message) | ({"metadata": message.metadata} if message.metadata else {})
    return payload


def view_submission(state: SlackState, view: Json, user: str) -> Json:
    """`user` sent this modal."""
    more = {"view": public_view(view), "trigger_id": state.new_trigger(user), "response_urls": []}
    return _from(user, "view_submission") | more


def view_closed(view: Json, user: str) -> Json:
    """`user` closed this modal."""
    return _from(user, "view_closed") | {"view": public_view(view), "is_cleared": False, "response_urls": []}


def slash_command(state: SlackState, channel: Channel, typed: str, user: str, origin: str) -> dict[str, str]:
    """`user` typed this, e.g. `/suture show i1`; the fields of the form."""
    command, _, text = typed.partition(" ")
    return {
        "token": TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM["domain"],
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user,
        "user_name": PEOPLE[user],
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": state.new_response_url(origin, channel=channel.id, user=user),
        "trigger_id": state.new_trigger(user),
    }


def _from(user: str, kind: str) -> Json:
    name = PEOPLE[user]
    person = {"id": user, "username": name, "name": name, "team_id": TEAM_ID}
    return {"type": kind, "user": person, "team": TEAM, "api_app_id": APP_ID, "token": TOKEN}
