"""The names of people, asked of Slack and kept: an id stays where it cannot be asked, and nobody waits long for a name."""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Protocol

import structlog

from remediation.errors import Forbidden, RemediationError

log = structlog.get_logger(__name__)

_KEPT = 24 * 3600.0  # seconds: people seldom change their name
_NOT_ASKED_AGAIN = 300.0  # seconds, after Slack gave none
_MOST = 1000


class Directory(Protocol):
    """What this needs of Slack: bot.slack.client.Slack."""

    async def name_of(self, user: str) -> str:
        """How a person is called in the workspace. Raises RemediationError."""
        ...


class People:
    """A cache before Slack's users.info. Without the scope users:read everybody is called by their id, which is said once in the log."""

    def __init__(self, slack: Directory) -> None:
        self._slack = slack
        self._known: dict[str, tuple[str, float]] = {}  # id → name, and until when it is kept, by the monotonic clock
        self._refused = False

    async def names(self, users: Collection[str]) -> Mapping[str, str]:
        """The name of each; the id itself where there is none. Never raises."""
        asked = sorted(set(users))
        found = await asyncio.gather(*(self._name(user) for user in asked))
        return dict(zip(asked, found, strict=True))

    async def _name(self, user: str) -> str:
        name, until = self._known.get(user, ("", 0.0))
        if time.monotonic() < until:
            return name
        try:
            name, kept = await self._slack.name_of(user) or user, _KEPT
        except RemediationError as silence:
            name, kept = name or user, _NOT_ASKED_AGAIN
            self._say(silence)
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[user] = name, time.monotonic() + kept
        return name

    def _say(self, silence: RemediationError) -> None:
        if isinstance(silence, Forbidden) and not self._refused:
            self._refused = True
            log.warning("people are called by their ids", reason=str(silence), what_to_do="Grant the app users:read.")
