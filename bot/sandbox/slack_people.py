"""People at the sandbox's Slack: a press, a modal sent or closed, a slash command, each the signed request that Slack sends."""

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bot.sandbox import slack_shapes, slack_views
from bot.sandbox.deliveries import Answer, Deliveries
from bot.sandbox.slack import BOT_USER, PEOPLE, TRIGGER_SECONDS, Channel, Json, Message, SlackState
from bot.sandbox.slack_posting import numbered

EVENTS = "/slack/events"
OK = 200


class NothingToPress(Exception):
    """No such incident, button, view or user; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """The bot's HTTP status (0: it did not answer, `error` says why), and the view that is open for the presser now."""

    status: int
    view: Json | None = None
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""


class SlackPeople:
    """What persons can do in the workspace; every method sends to the bot and waits for its answer."""

    def __init__(self, state: SlackState, deliveries: Deliveries, *, signing_secret: str, origin: str) -> None:
        self.state = state
        self._deliveries = deliveries
        self._secret = signing_secret
        self._origin = origin

    def button(self, incident_id: str, action_id: str) -> tuple[Message, Json]:
        """The newest button with this action_id in the incident's thread, and its message. Raises NothingToPress."""
        for message in self._newest_first(incident_id):
            for element in _buttons(message.blocks):
                if element["action_id"] == action_id:
                    return message, element
        raise NothingToPress(f"No button {action_id} stands in the thread of {incident_id}.")

    def stale_button(self, incident_id: str, action_id: str) -> tuple[Message, Json]:
        """The last such button that stood there once, which a client that has not heard of the edit still shows. Raises NothingToPress."""
        for message in self._newest_first(incident_id):
            for element in _buttons(message.past):
                if element["action_id"] == action_id:
                    return message, element
        raise NothingToPress(f"No button {action_id} stands in the thread of {incident_id}.")

    def _newest_first(self, incident_id: str) -> list[Message]:
        heads = self.state.incident_heads(incident_id)
        if not heads:
            raise NothingToPress(f"No message announces incident {incident_id}.")
        below = [message for head in heads for message in self.state.thread(head.channel, head.ts)]
        return sorted(below, key=lambda message: message.ts, reverse=True)

    def button_of(self, message: Message, block_id: object, action_id: object) -> Json:
        """The button of a message that stands in this block under this action_id."""
        for element in _buttons(message.blocks):
            if (element["block_id"], element["action_id"]) == (block_id, action_id):
                return element
        raise NothingToPress(f"This message has no button {action_id} any more.")

    async def press(self, message: Message, button: Json, user: str) -> Pressed:
        """`user` presses a button: a block_actions request."""
        self._known(user)
        answer = await self._interact(slack_shapes.block_actions(self.state, message, button, user, self._origin))
        return Pressed(status=answer.status, view=self.state.view_of(user), error=answer.error)

    async def press_and_explain(self, message: Message, button: Json, user: str, reason: str) -> Pressed:
        """A press that a modal follows: wait for the modal, write the reason into it and send it.

        When the bot shows this user anything else instead of a modal (a refusal, say), that ends it.
        """
        before, shown = self.state.view_of(user), self.state.watch(user)
        pressed = await self.press(message, button, user)
        if pressed.status != OK:
            return pressed
        done, _ = await asyncio.wait([shown], timeout=TRIGGER_SECONDS)
        view = self.state.view_of(user)
        if not done or view is None or view == before:
            return pressed
        return await self.submit(view["id"], _written(view, reason), user)

    async def submit(self, view_id: str, values: Json, user: str) -> Pressed:
        """`user` sends the modal with these `{block_id: {action_id: text}}`; what the bot answers is done to it."""
        view = self._view(view_id, user)
        _fill(view, values)
        answer = await self._interact(slack_shapes.view_submission(self.state, view, user))
        if answer.status != OK:
            return Pressed(status=answer.status, view=view, error=answer.error)
        errors = self._obey(view, answer)
        return Pressed(status=answer.status, view=self.state.view_of(user), errors=errors)

    async def close(self, view_id: str, user: str) -> Pressed:
        """`user` closes the modal; the bot hears of it only when it asked to."""
        view = self._view(view_id, user)
        slack_views.close_view(self.state, view_id)
        if not view["notify_on_close"]:
            return Pressed(status=OK)
        answer = await self._interact(slack_shapes.view_closed(view, user))
        return Pressed(status=answer.status, error=answer.error)

    async def command(self, channel: Channel, text: str, user: str) -> Pressed:
        """`user` types `/suture text`; what the bot answers at once, the user alone sees (or all, if it says so)."""
        self._known(user)
        form = slack_shapes.slash_command(self.state, channel, f"/suture {text}", user, self._origin)
        answer = await self._send(form)
        if answer.status == OK and answer.body:
            self._show(channel, user, answer)
        return Pressed(status=answer.status, view=self.state.view_of(user), error=answer.error)

    async def _interact(self, payload: Json) -> Answer:
        return await self._send({"payload": json.dumps(payload)})

    async def _send(self, form: dict[str, str]) -> Answer:
        body = urlencode(form).encode()
        headers = slack_shapes.signed(body, self._secret, int(self.state.clock()))
        return await self._deliveries.send("slack", EVENTS, body, headers)

    # -- what the bot's answer does

    def _obey(self, view: Json, answer: Answer) -> dict[str, str]:
        """Do what a view_submission was answered with; the errors to show beside inputs, if any."""
        said, user = _json(answer), view["user"]
        match said.get("response_action"):
            case "errors":
                self.state.changed(user)
                return dict(said.get("errors", {}))
            case "update":
                slack_views.replace_view(self.state, view, said["view"])
            case "push":
                slack_views.push_view(self.state, self.state.new_trigger(user), said["view"])
            case "clear":
                while (other := self.state.view_of(user)) is not None:
                    slack_views.close_view(self.state, other["id"])
            case _:
                slack_views.close_view(self.state, view["id"])
        return {}

    def _show(self, channel: Channel, user: str, answer: Answer) -> None:
        said: Json = _json(answer) if answer.content_type == "application/json" else {"text": answer.body}
        only_to = None if said.get("response_type") == "in_channel" else user
        message = Message(channel=channel.id, ts=self.state.next_ts(), user=BOT_USER, text=str(said.get("text", "")))
        message.blocks, message.ephemeral_to = numbered(said.get("blocks") or []), only_to
        self.state.add(message)

    def _known(self, user: str) -> None:
        if user not in PEOPLE or user == BOT_USER:
            people = ", ".join(sorted(set(PEOPLE) - {BOT_USER}))
            raise NothingToPress(f"There is no user {user} in the sandbox. Known: {people}.")

    def _view(self, view_id: str, user: str) -> Json:
        view = self.state.views.get(view_id)
        if view is None or view["user"] != user:
            raise NothingToPress(f"{user} has no view {view_id} open.")
        return view


def _buttons(blocks: list[Json]) -> list[Json]:
    """The buttons of these blocks, each with the block_id of its block."""
    rows = [(b["block_id"], b.get("elements", []) if b["type"] == "actions" else [b.get("accessory")])
            for b in blocks if b["type"] in ("actions", "section")]  # fmt: skip
    found = [{**e, "block_id": key} for key, elements in rows for e in elements if e and e["type"] == "button"]
    return [button for button in found if "action_id" in button]


def _inputs(view: Json) -> list[Json]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def _written(view: Json, reason: str) -> Json:
    """The reason, written into the view's first text input."""
    texts = [block for block in _inputs(view) if block["element"]["type"] == "plain_text_input"]
    return {block["block_id"]: {block["element"].get("action_id", "text"): reason} for block in texts[:1]}


def _fill(view: Json, values: Json) -> None:
    """Put what the person wrote into the view's state, every input present as Slack sends it."""
    state: Json = {}
    for block in _inputs(view):
        element = block["element"]
        action_id = element.get("action_id", "text")
        text = values.get(block["block_id"], {}).get(action_id)
        state[block["block_id"]] = {action_id: {"type": element["type"], "value": text or None}}
    view["state"] = {"values": state}


def _json(answer: Answer) -> Json:
    try:
        said = json.loads(answer.body or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
