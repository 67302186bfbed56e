"""What the sandbox's systems send to the bot, each with its own patience, and a log of how the bot answered."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

TIMEOUT_SECONDS = {"datadog": 15.0, "gitlab": 10.0, "slack": 3.0}
RETRY_SECONDS: dict[str, tuple[float, ...]] = {"datadog": (1, 2, 4, 8, 16)}
"""Datadog tries five times more on a 5xx or no answer; Slack and GitLab hooks are sent once."""
SERVER_ERROR = 500
REMEMBERED = 2_000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the bot said. status: 0 when it did not answer, then `error` says why."""

    status: int
    body: str = ""
    content_type: str = ""
    error: str = ""


@dataclass(kw_only=True)
class Delivery:
    """One thing that a system sends. status: the bot's last HTTP status, None until it answered at all."""

    system: str
    path: str
    body: str
    headers: dict[str, str]
    at: str
    attempts: int = 0
    status: int | None = None
    error: str = ""
    ended: bool = False
    about: dict[str, Any] = field(default_factory=dict)


class Deliveries:
    """Sends to the bot from tasks of its own, so that no face ever waits for the bot."""

    def __init__(self, bot_url: str | None = None, *, retry_seconds: Mapping[str, tuple[float, ...]] = RETRY_SECONDS) -> None:
        self.bot_url = bot_url
        self.log: list[Delivery] = []
        self._retry_seconds = retry_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def post(self, system: str, path: str, body: bytes, headers: Mapping[str, str], about: dict[str, Any] | None = None) -> Delivery:
        """Begin to deliver `body` to the bot's `path` and return at once; `about` goes into the log."""
        delivery = Delivery(
            system=system,
            path=path,
            body=body.decode(),
            headers=dict(headers),
            at=datetime.now(UTC).isoformat(),
            about=about or {},
        )
        self.log = [*self.log[-REMEMBERED:], delivery]
        self._begin(delivery)
        return delivery

    async def send(self, system: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send once and wait for the answer, at most as long as this system waits. Nothing is logged."""
        if self.bot_url is None:
            return Answer(status=0, error="No bot is known: start with --bot URL, or POST /control/bot.")
        limit = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS[system])
        try:
            async with self._client().post(
                self.bot_url.rstrip("/") + path, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                text = await response.text(errors="replace")
                return Answer(status=response.status, body=text, content_type=response.content_type)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            return Answer(status=0, error=f"{type(problem).__name__}: {problem}".rstrip(": "))

    def resume(self) -> None:
        """Go on with what a stopped sandbox had not finished delivering."""
        for delivery in self.log:
            if not delivery.ended:
                self._begin(delivery)

    async def aclose(self) -> None:
        """Stop delivering; what is unfinished stays so in the snapshot."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def snapshot(self) -> dict[str, Any]:
        """What a restart needs, as JSON."""
        return {"bot_url": self.bot_url, "log": [asdict(delivery) for delivery in self.log]}

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on where `snapshot` was taken; a bot's address given on the command line stays."""
        self.bot_url = self.bot_url or saved["bot_url"]
        self.log = [Delivery(**delivery) for delivery in saved["log"]]

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        for pause in (0.0, *self._retry_seconds.get(delivery.system, ())):
            await asyncio.sleep(pause)
            delivery.attempts += 1
            answer = await self.send(delivery.system, delivery.path, delivery.body.encode(), delivery.headers)
            delivery.status, delivery.error = answer.status or delivery.status, answer.error
            if 0 < answer.status < SERVER_ERROR:
                break
        delivery.ended = True

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session
