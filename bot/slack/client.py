"""Slack's Web API as the thread needs it: the only caller of the SDK, in our errors, at Slack's pace. No error holds a token."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message
from bot.slack.blocks.layout import Block
from bot.slack.budget import Budget
from remediation.errors import Forbidden, Gone, NotFound, RemediationError, Unreachable, Unusable
from remediation.terms import Json

SLACK = "https://slack.com/api/"
TIMEOUT_SECONDS = 10
TRIGGER_SECONDS = 2.5  # of the three that a trigger lives
NAME_SECONDS = 2.0
NAME_LIMIT = 80  # characters of a name that are shown
TRIES = 3  # of one call that Slack answers with 429
PAGE = 200

Answer = Mapping[str, Json]

_SILENT = logging.getLogger(f"{__name__}.sdk")
_SILENT.setLevel(logging.WARNING)  # its own has no level, which it takes for DEBUG: every request would be written out for nobody

_BUSY = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_DELETED = frozenset({"message_not_found", "thread_not_found"})
_UNKNOWN = frozenset({"channel_not_found", "user_not_found", "no_such_subteam"})
_LAYOUT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch"})
_WHAT_TO_DO = {
    "not_in_channel": "Invite the bot to the channel: /invite @suture.",
    "channel_not_found": "Check SLACK_CHANNEL: the channel's id (C…), in the bot's workspace.",
    "missing_scope": "Install the app again with the scopes of deploy/slack/manifest.yaml.",
    "is_archived": "Unarchive the channel, or set another SLACK_CHANNEL.",
}


class Slack:
    """The bot's own voice. base_url: SLACK_API_URL; another than Slack's is called directly, never through a proxy."""

    def __init__(self, token: str, base_url: str = SLACK, budget: Budget | None = None) -> None:
        self.web = AsyncWebClient(token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_SILENT)
        if base_url.rstrip("/") != SLACK.rstrip("/"):
            self.web.proxy = None
        self._budget = budget or Budget()
        self.scopes: frozenset[str] = frozenset()  # of the token, as Slack says beside its answers; empty until it did

    async def post(self, channel: str, message: Message, metadata: Mapping[str, Json], thread: str | None = None) -> str:
        """Post; the message's ts. Heads (those without a thread) go first."""
        quiet = {"unfurl_links": False, "unfurl_media": False}
        said = {"channel": channel, "text": message.text, "metadata": metadata, "thread_ts": thread, **quiet}
        post = partial(self._call, "chat.postMessage", line=channel, first=thread is None)
        answer = await _laid_out(message, lambda blocks: post({**said, "blocks": blocks}))
        return str(answer["ts"])

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Make a message of ours say something else; its metadata stays."""
        said = {"channel": channel, "ts": ts, "text": message.text}
        await _laid_out(message, lambda blocks: self._call("chat.update", {**said, "blocks": blocks}))

    async def whisper(self, channel: str, user: str, message: Message, thread: str | None = None) -> None:
        """Tell one person alone."""
        said = {"channel": channel, "user": user, "text": message.text, "thread_ts": thread}
        await _laid_out(message, lambda blocks: self._call("chat.postEphemeral", {**said, "blocks": blocks}))

    async def heads(self, channel: str, oldest: str) -> AsyncGenerator[Json, None]:
        """What stands in the channel since `oldest`, newest first, with metadata."""
        async for message in self._pages("conversations.history", {"channel": channel, "oldest": oldest}):
            yield message

    async def replies(self, channel: str, ts: str) -> AsyncGenerator[Json, None]:
        """A thread, its head first, with metadata."""
        async for message in self._pages("conversations.replies", {"channel": channel, "ts": ts}):
            yield message

    async def ask(self, trigger: str, view: Json) -> None:
        """Open a modal for whoever just pressed. Its trigger lives three seconds: it waits for no turn and is tried once."""
        with _our_errors():
            async with asyncio.timeout(TRIGGER_SECONDS):
                await self._send("views.open", {"trigger_id": trigger, "view": view}, "POST")

    async def name_of(self, user: str) -> str:
        """How a person is called here, as they chose it; empty where Slack says none. It waits for no turn: a page is being read."""
        with _our_errors():
            async with asyncio.timeout(NAME_SECONDS):
                answer = await self._send("users.info", {"user": user}, "GET")
        known = answer.get("user") or {}
        profile = known.get("profile") or {}
        return str(profile.get("display_name") or profile.get("real_name") or known.get("name") or "")[:NAME_LIMIT]

    async def whoami(self) -> str:
        """The workspace and the bot's name there: proves the token."""
        answer = await self._call("auth.test", {})
        return f"{answer.get('team')}/{answer.get('user')}"

    async def aclose(self) -> None:
        """Close the connection."""
        if self.web.session is not None:
            await self.web.session.close()
            self.web.session = None

    async def _pages(self, method: str, said: Mapping[str, Json]) -> AsyncGenerator[Json, None]:
        asked = {**said, "limit": PAGE, "include_all_metadata": "true"}
        while True:
            answer = await self._call(method, asked, verb="GET")
            for message in answer.get("messages") or ():
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked["cursor"] = cursor

    async def _call(self, method: str, said: Mapping[str, Json], *, line: str = "", first: bool = False, verb: str = "POST") -> Answer:
        """One call in its turn (in the method's own line, where no channel's is named); 429 is waited out as long as Slack asks."""
        for left in reversed(range(TRIES)):
            await self._budget.turn(line or method, first=first)
            with _our_errors():
                try:
                    return await self._send(method, said, verb)
                except SlackApiError as refused:
                    if left == 0 or _status(refused) != HTTPStatus.TOO_MANY_REQUESTS:
                        raise
                    self._budget.pause(line or method, _retry_after(refused))
        raise Unreachable("Slack asks for patience.", "It is asked again.")

    async def _send(self, method: str, said: Mapping[str, Json], verb: str) -> Answer:
        if self.web.session is None or self.web.session.closed:
            self.web.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        body = {name: value for name, value in said.items() if value is not None}
        answer = await (self.web.api_call(method, json=body) if verb == "POST" else self.web.api_call(method, http_verb=verb, params=body))
        granted = str(answer.headers.get("x-oauth-scopes") or "")
        self.scopes = frozenset(scope.strip() for scope in granted.split(",") if scope.strip()) or self.scopes
        return answer.data if isinstance(answer.data, dict) else {}


async def _laid_out(message: Message, send: Callable[[Sequence[Block]], Awaitable[Answer]]) -> Answer:
    """Send with our layout; where the workspace refuses that, the text alone with its buttons."""
    try:
        return await send(message.blocks)
    except _LayoutRefused:
        return await send(message.simple)


class _LayoutRefused(Unusable):
    """Slack does not take these blocks."""


@contextmanager
def _our_errors() -> Iterator[None]:
    """What the SDK raises inside, as ours; without its context, which holds the whole request."""
    try:
        yield
    except SlackApiError as refused:
        raise _error(refused) from None
    except (aiohttp.ClientError, SlackClientError, TimeoutError) as silence:
        raise Unreachable(f"Slack did not answer ({type(silence).__name__}).", "Check slack-status.com and the network.") from None


def _error(refused: SlackApiError) -> RemediationError:
    """Our kind of error. The SDK's own sentence is left behind: it holds the whole answer."""
    said = _said(refused)
    word, status = str(said.get("error") or "an answer that is no JSON"), _status(refused)
    what, to_do = f"Slack refused: {word}.", _WHAT_TO_DO.get(word, "")
    if word in _BUSY or status >= 500 or status == 429:  # noqa: PLR2004 - HTTP
        return Unreachable(what, "It is asked again.")
    if word in _LAYOUT:
        reasons = "; ".join(str(reason) for reason in said.get("errors") or ())
        return _LayoutRefused(f"{what} {reasons}".strip(), "Send it without layout.")
    if word in _DELETED:
        return Gone(what, to_do)
    if word in _UNKNOWN:
        return NotFound(what, to_do)
    if word in ("msg_too_long", "invalid_arguments", "no_text"):
        return Unusable(what, to_do)
    return Forbidden(what, to_do or "Check SLACK_BOT_TOKEN (xoxb-…) and the app's scopes.")


def _said(refused: SlackApiError) -> Mapping[str, Json]:
    data = getattr(refused.response, "data", None)
    return data if isinstance(data, dict) else {}


def _status(refused: SlackApiError) -> int:
    return int(getattr(refused.response, "status_code", None) or getattr(refused.response, "status", 0) or 0)


def _retry_after(refused: SlackApiError) -> float:
    headers = getattr(refused.response, "headers", None) or {}
    try:
        return float(headers.get("Retry-After", 1))
    except ValueError:
        return 1.0
