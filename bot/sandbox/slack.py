"""The sandbox's Slack workspace: people, channels, messages, views. Rules of the Web API are in slack_face."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.sandbox.environment import SLACK_CHANNEL

Json = dict[str, Any]

TEAM_ID, APP_ID, BOT_ID, BOT_USER = "T0SANDBOX", "A0SUTURE", "B_SUTURE", "U_SUTURE"
TRIGGER_SECONDS = 3.0
"""Slack lets an app open a view within three seconds of the press, once."""
PAST_BLOCKS = 20
"""How many blocks of its past a message keeps."""

PEOPLE = {"U_ALICE": "alice", "U_BOB": "bob", "U_CAROL": "carol", "U_STRANGER": "stranger", BOT_USER: "suture"}
SCOPES = frozenset({"chat:write", "commands", "channels:history", "groups:history", "users:read"})
"""What the token may: those of `deploy/slack/manifest.yaml`, by which the app was installed."""
GROUPS = {"S_ONCALL": {"handle": "oncall", "name": "On call", "users": ["U_ALICE", "U_BOB"]}}


@dataclass(kw_only=True)
class Channel:
    """A public channel. member: the bot has joined."""

    id: str
    name: str
    member: bool


@dataclass(kw_only=True)
class Message:
    """One message. thread_ts: of its head, also on the head itself once it has replies; None outside a thread.

    ephemeral_to: the one user who sees it, None for all.  bot: posted by the app.  past: the blocks with buttons that stood
    there before an edit, newest first: a client that has not heard of the edit still shows them.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    edited: Json | None = None
    ephemeral_to: str | None = None
    bot: bool = True
    reactions: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    past: list[Json] = field(default_factory=list)

    def edit(self, text: str, blocks: list[Json], ts: str) -> None:
        """Say something else from now on. ts: when."""
        pressable = [block for block in self.blocks if block["type"] == "actions" or "accessory" in block]
        self.past = [*pressable, *(block for block in self.past if block not in pressable)][:PAST_BLOCKS]
        self.text, self.blocks = text, blocks
        self.edited = {"user": BOT_USER, "ts": ts}

    @property
    def is_reply(self) -> bool:
        """Stands in a thread below its head."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(kw_only=True)
class Trigger:
    """A person's act that lets the app open one view for this user. until: on the workspace's clock."""

    user: str
    until: float
    used: bool = False


class SlackState:
    """All that the workspace holds. Times are Slack's `ts`: seconds with six digits, unique and rising."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.channels = {
            SLACK_CHANNEL: Channel(id=SLACK_CHANNEL, name="incidents", member=True),
            "C0GENERAL": Channel(id="C0GENERAL", name="general", member=False),
        }
        self.messages: list[Message] = []
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, Json] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, Json] = {}
        self.rate_limited = False
        self.scopes = SCOPES
        self.version = 0
        self._last_ts = 0
        self._ids = itertools.count(1)
        self._watchers: dict[str, asyncio.Future[None]] = {}

    # -- messages

    def next_ts(self) -> str:
        """A `ts` later than all before it."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def channel(self, name: str) -> Channel | None:
        """By id, or by name with or without #."""
        if name in self.channels:
            return self.channels[name]
        return next((c for c in self.channels.values() if c.name == name.removeprefix("#")), None)

    def add(self, message: Message) -> Message:
        """Put a message into its channel, and mark the head of its thread as one."""
        self.messages.append(message)
        head = self.find(message.channel, message.thread_ts) if message.is_reply else None
        if head is not None and message.ephemeral_to is None:
            head.thread_ts = head.ts
        self.changed(message.ephemeral_to)
        return message

    def find(self, channel: str, ts: str | None) -> Message | None:
        """The message that everybody sees under this `ts`."""
        candidates = (m for m in reversed(self.messages) if m.ts == ts and m.channel == channel)
        return next((m for m in candidates if m.ephemeral_to is None), None)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The head and its replies, oldest first, without what only one person sees."""
        return self._public(channel, lambda m: ts in (m.ts, m.thread_ts))

    def heads(self, channel: str) -> list[Message]:
        """What stands in the channel itself, oldest first."""
        return self._public(channel, lambda m: not m.is_reply)

    def incident_heads(self, incident_id: str) -> list[Message]:
        """The head messages whose metadata names this incident; a bot that keeps its word posted one."""
        return [m for m in self.messages if _announces(m, incident_id)]

    def _public(self, channel: str, wanted: Callable[[Message], bool]) -> list[Message]:
        found = [m for m in self.messages if wanted(m) and m.channel == channel and m.ephemeral_to is None]
        return sorted(found, key=lambda m: m.ts)

    # -- views and presses

    def new_id(self, prefix: str) -> str:
        """An id in Slack's manner, unique in this workspace also after a restart."""
        return f"{prefix}{next(self._ids):04d}{secrets.token_hex(3).upper()}"

    def new_trigger(self, user: str) -> str:
        """A trigger_id for what `user` just did."""
        trigger_id = f"{next(self._ids)}.{int(self.clock())}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user=user, until=self.clock() + TRIGGER_SECONDS)
        return trigger_id

    def new_response_url(self, origin: str, **about: Any) -> str:
        """A URL that takes up to five answers to what a person did, for thirty minutes."""
        key = secrets.token_hex(12)
        self.response_urls[key] = {"left": 5, "until": self.clock() + 1800, **about}
        return f"{origin}/slack/actions/{TEAM_ID}/{key}"

    def view_of(self, user: str) -> Json | None:
        """The view on top of what this user has open."""
        return next((v for v in reversed(self.views.values()) if v["user"] == user), None)

    def watch(self, user: str) -> asyncio.Future[None]:
        """Done as soon as this user is shown something of their own: a view, or an ephemeral message."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers[user] = waiting
        return waiting

    def changed(self, shown_to: str | None = None) -> None:
        """Something is different now; `shown_to` is the user whom it was made for, if one."""
        self.version += 1
        waiting = self._watchers.pop(shown_to, None) if shown_to else None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    # -- persistence

    def snapshot(self) -> Json:
        """What a restart needs, as JSON. Triggers and open views die with the process, as they do in minutes."""
        return {
            "messages": [asdict(message) for message in self.messages],
            "channels": [asdict(channel) for channel in self.channels.values()],
            "homes": self.homes,
            "files": self.files,
            "last_ts": self._last_ts,
        }

    def restore(self, saved: Json) -> None:
        """Go on where `snapshot` was taken."""
        self.messages = [Message(**message) for message in saved["messages"]]
        self.channels = {channel["id"]: Channel(**channel) for channel in saved["channels"]}
        self.homes, self.files, self._last_ts = saved["homes"], saved["files"], saved["last_ts"]
        self.changed()


def _announces(message: Message, incident_id: str) -> bool:
    said = message.metadata or {}
    return (
        said.get("event_type") == "suture_incident"
        and said.get("event_payload", {}).get("incident_id") == incident_id
        and not message.is_reply
    )
