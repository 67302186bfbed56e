"""A whole stage in one process: the sandbox's world over HTTP, and the bot as `suture serve` builds it, with every wait made short."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot import settings, wiring
from bot.sandbox import environment
from bot.sandbox.app import serving
from bot.sandbox.pace import Pace
from bot.sandbox.stories import STORIES, Merge, Press
from bot.sandbox.world import World

Json = dict[str, Any]

QUICK = {
    "SUTURE_POLL_SECONDS": "0.1",
    "SUTURE_SOAK_MINUTES": "0.005",
    "SUTURE_APPLY_MINUTES": "0.3",
    "SUTURE_ANSWER_MINUTES": "5",
    "SUTURE_SILENCE_MINUTES": "0.001",
    "SUTURE_SLACK_PER_SECOND": "1000",
}
LONGEST = 90.0  # seconds that a test waits for anything


def free_port() -> int:
    """A port that no connection of ours can take meanwhile: below those that the system gives away by itself."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Stage:
    """What a test does and sees: the buttons of the sandbox's page, the bot's API, and the world itself."""

    def __init__(self, world: World, sandbox: str, bot: str, token: str) -> None:
        self.world = world
        self.sandbox = httpx.AsyncClient(base_url=sandbox, timeout=30, trust_env=False)
        self.bot = httpx.AsyncClient(base_url=bot, timeout=30, trust_env=False, headers={"Authorization": f"Bearer {token}"})

    async def play(self, story: str) -> None:
        (await self.sandbox.post(f"/control/stories/{story}")).raise_for_status()

    async def press(self, incident_id: str, action: str, **body: str) -> int:
        answer = await self.sandbox.post("/control/press", json={"incident": incident_id, "action": action, **body})
        return answer.json().get("status", answer.status_code)

    async def merge(self, iid: int) -> None:
        (await self.sandbox.post("/control/merge", json={"iid": iid})).raise_for_status()

    async def close(self, iid: int, note: str) -> None:
        (await self.sandbox.post("/control/close", json={"iid": iid, "note": note})).raise_for_status()

    async def state(self) -> Json:
        return (await self.sandbox.get("/control/state")).json()

    async def incidents(self) -> list[Json]:
        return (await self.bot.get("/api/incidents")).json()["incidents"]

    async def incident(self, incident_id: str) -> Json:
        return (await self.bot.get(f"/api/incidents/{incident_id}")).json()

    async def opened(self, known: int = 0) -> str:
        """The newest incident, once there are more than `known`."""
        async with asyncio.timeout(LONGEST):
            while len(found := await self.incidents()) <= known:
                await asyncio.sleep(0.02)
        return found[0]["incident_id"]

    async def until(self, incident_id: str, holds: Callable[[Json], object]) -> Json:
        """The incident's document once it holds."""
        document: Json = {}
        try:
            async with asyncio.timeout(LONGEST):
                while not holds(document := await self.incident(incident_id)):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            lines = "\n".join(f"{line['at']} {line['what']}" for line in document.get("timeline", ()))
            raise AssertionError(f"{incident_id} is {document.get('status')}/{document.get('outcome')}:\n{lines}") from None
        return document

    async def sandbox_until(self, holds: Callable[[Json], object]) -> Json:
        """The sandbox's state once it holds."""
        async with asyncio.timeout(LONGEST):
            while not holds(state := await self.state()):
                await asyncio.sleep(0.02)
        return state

    async def ended(self, incident_id: str) -> Json:
        return await self.until(incident_id, lambda d: d["outcome"] and d["phase"] in ("close", "done"))

    async def played(self, story: str) -> Json:
        """The story as the person in it plays it, to its end."""
        known = len(await self.incidents())
        await self.play(story)
        incident_id = await self.opened(known)
        for step in STORIES[story].person:
            await self.take(step, incident_id)
        return await self.ended(incident_id)

    async def take(self, step: Press | Merge, incident_id: str) -> None:
        if isinstance(step, Press):
            await self.until(incident_id, lambda d: d["status"] == "awaiting_approval")
            assert await self.press(incident_id, step.action, user=step.user, reason=step.reason) == 200
            return
        reverts = step.which == "revert"
        document = await self.until(incident_id, lambda d: any(one["reverts"] is reverts for one in d["gitlab_mrs"]))
        await self.merge(next(one["iid"] for one in document["gitlab_mrs"] if one["reverts"] is reverts))

    async def thread(self, document: Json) -> list[Json]:
        """The incident's messages in Slack, the head first."""
        head = document["slack_notification"]["message_ts"]
        return [m for m in (await self.state())["slack"]["messages"] if m["ts"] == head or m["thread_ts"] == head]


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def bot_running(port: int) -> AsyncIterator[str]:
    """The bot of this process's environment, served on loopback."""
    app = wiring.assemble(settings.read(settings.SERVE_NEEDS))
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="on"))
    task = asyncio.create_task(server.serve())
    waiting = asyncio.create_task(server.listening.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        await task
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def surroundings(sandbox_port: int, folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a bot that plays in the sandbox on this port."""
    environment.write_files(sandbox_port)
    return {**environment.environment(sandbox_port), "DATABASE_URL": f"sqlite:///{folder / 'suture.db'}", **QUICK, **extra}


@asynccontextmanager
async def staged(folder: Path, monkeypatch, *, pace: Pace | None = None, **extra: str) -> AsyncIterator[Stage]:
    """Sandbox and bot, both running in this process. extra: settings of this test alone."""
    sandbox_port, bot_port = free_port(), free_port()
    for name in [name for name in os.environ if name.startswith(("SUTURE_", "SLACK_", "GITLAB_", "DD_", "DATADOG_"))]:
        monkeypatch.delenv(name)
    for name, value in surroundings(sandbox_port, folder, extra).items():
        monkeypatch.setenv(name, value)
    world = World.load(
        folder / "world",
        origin=f"http://127.0.0.1:{sandbox_port}",
        credentials=environment.Credentials.of(sandbox_port),
        pace=pace or Pace.quick(),
        bot_url=f"http://127.0.0.1:{bot_port}",
    )
    async with serving(world, sandbox_port) as sandbox, bot_running(bot_port) as bot:
        stage = Stage(world, sandbox, bot, os.environ["SUTURE_API_TOKEN"])
        try:
            yield stage
        finally:
            await stage.sandbox.aclose()
            await stage.bot.aclose()
