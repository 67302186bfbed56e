"""The incident's thread in Slack (`ports.Thread`): the record's entries, rendered, each posted under its key and found by it."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import timedelta
from typing import TypeVar

from bot.slack.blocks import Message, card, entry_message, head
from bot.slack.blocks.layout import message
from bot.slack.blocks.naming import linked
from bot.slack.client import Slack
from remediation.entries import Attempted, Entry, Incident, Opened, Unanswered
from remediation.errors import Gone
from remediation.terms import Json

HEAD_EVENT, MESSAGE_EVENT = "suture_incident", "suture_message"
HEAD = "head"
WAIT = "wait"  # in a card's digest's stead: the message that tells of a system which did not answer
CLOCKS_DIFFER = timedelta(minutes=5)
K = TypeVar("K")
V = TypeVar("V")
REMEMBERED = 1000  # heads and cards whose last rendering is kept, so that one that would say the same is not sent again


class SlackThread:
    """One channel's incidents. What it keeps in memory only saves calls: after a restart it is asked of Slack again."""

    def __init__(self, slack: Slack, channel: str) -> None:
        self.channel = channel
        self._slack = slack
        self._said: OrderedDict[str, Message] = OrderedDict()  # ts → what a head or card says
        self._cards: OrderedDict[tuple[str, str], str] = OrderedDict()  # (incident, digest) → ts

    async def find(self, incident: Incident, key: str) -> str | None:
        """The ts of the message under this key, asked of Slack; None when there is none. Raises Unreachable, Forbidden."""
        return await self._where(incident, "key", key)

    async def post(self, incident: Incident, key: str, entry: Entry) -> str:
        """Post the entry's message (the opening's, under `head`, is the head); its ts, or empty when the entry says nothing here."""
        announces = key == HEAD and isinstance(entry, Opened)
        said = head(incident) if announces else entry_message(incident, entry)
        if said is None:
            return ""
        thread = incident.thread.ts if incident.thread and not announces else None
        digest = _digest(entry)
        ts = await self._slack.post(self._channel_of(incident), said, _metadata(incident, key, digest), thread)
        if announces or digest:
            _keep(self._said, ts, said)
        if digest:
            _keep(self._cards, (incident.incident_id, digest), ts)
        return ts

    async def refresh(self, incident: Incident) -> None:
        """Make the head, the newest card and a wait say what is so now; nothing is sent where they do. Raises Gone for the head."""
        if incident.thread is None:
            return
        await self._say(incident, incident.thread.ts, head(incident))
        if incident.unanswered:
            await self._refresh_below(incident, WAIT, incident.unanswered[0], entry_message(incident, incident.unanswered[0]))
        attempt = incident.attempt
        if attempt is not None and attempt.rehearsal is not None:
            await self._refresh_below(incident, attempt.rehearsal.digest, attempt.began, card(incident, attempt))

    async def _refresh_below(self, incident: Incident, digest: str, entry: Entry, said: Message | None) -> None:
        ts = await self._card(incident, digest)
        if ts is None or said is None:  # it was not told yet; it will say what is so then
            return
        try:
            await self._say(incident, ts, said)
        except Gone:  # somebody deleted it: without it nobody could decide
            await self.post(incident, f"card/{ts}", entry)

    async def whisper(self, incident: Incident, user: str, text: str) -> None:
        """Tell one person alone, in the incident's thread. text: a plain sentence, quoted here."""
        thread = incident.thread.ts if incident.thread else None
        await self._slack.whisper(self._channel_of(incident), user, message(linked(text, incident)), thread)

    def _channel_of(self, incident: Incident) -> str:
        """Where its head stands, also after SLACK_CHANNEL was changed."""
        return incident.thread.channel if incident.thread else self.channel

    async def _card(self, incident: Incident, digest: str) -> str | None:
        place = (incident.incident_id, digest)
        if place not in self._cards:
            ts = await self._where(incident, "card", digest)
            if ts is None:
                return None
            _keep(self._cards, place, ts)
        return self._cards[place]

    async def _where(self, incident: Incident, name: str, value: str) -> str | None:
        """The ts of this incident's message whose metadata has this value."""
        async with aclosing(self._messages(incident)) as messages:
            async for told in messages:
                about = (told.get("metadata") or {}).get("event_payload") or {}
                if about.get("incident_id") == incident.incident_id and about.get(name) == value:
                    return str(told["ts"])
        return None

    async def _messages(self, incident: Incident) -> AsyncGenerator[Json, None]:
        if incident.thread is not None:
            messages = self._slack.replies(incident.thread.channel, incident.thread.ts)
        else:
            messages = self._slack.heads(self.channel, f"{(incident.opened_at - CLOCKS_DIFFER).timestamp():.6f}")
        async with aclosing(messages):
            async for told in messages:
                yield told

    async def _say(self, incident: Incident, ts: str, said: Message) -> None:
        if self._said.get(ts) != said:
            await self._slack.update(self._channel_of(incident), ts, said)
            _keep(self._said, ts, said)


def _metadata(incident: Incident, key: str, digest: str) -> Mapping[str, Json]:
    """What a message is found by. An update leaves it as it was posted."""
    about = {"incident_id": incident.incident_id, "key": key} | ({"card": digest} if digest else {})
    return {"event_type": HEAD_EVENT if key == HEAD else MESSAGE_EVENT, "event_payload": about}


def _digest(entry: Entry) -> str:
    """What a message that is kept up to date is found by; empty for one that stays as it was posted."""
    if isinstance(entry, Unanswered):
        return "" if entry.again else WAIT
    return entry.rehearsal.digest if isinstance(entry, Attempted) and entry.rehearsal else ""


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
