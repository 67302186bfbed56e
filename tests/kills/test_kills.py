"""SIGKILL after the n-th request that the sandbox received, for every n of a story: nothing is lost and nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.sandbox import environment
from bot.sandbox.app import serving
from bot.sandbox.pace import Pace
from bot.sandbox.world import World
from tests.kills.bot_process import BotProcess
from tests.stage import Stage, free_port, surroundings
from tests.stories.checker import check

SOAK = "0.02"  # a bot that was away hears of the recovery late
STRANDS = 6  # so many tests share the n's, so that they can run beside each other
START_AGAIN = 0.05  # seconds between a death and the next life


class Stubborn(httpx.AsyncBaseTransport):
    """A client of a bot that dies now and then: asked again until it lives."""

    def __init__(self) -> None:
        self._through = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with asyncio.timeout(30):
            while True:
                try:
                    answer = await self._through.handle_async_request(request)
                    await answer.aread()  # here, for it may die in the middle of an answer
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                else:
                    return answer

    async def aclose(self) -> None:
        await self._through.aclose()


class StubbornPerson(Stage):
    """Presses again when Slack shows that the press failed."""

    async def press(self, incident_id: str, action: str, **body: str) -> int:
        async with asyncio.timeout(30):
            while (status := await super().press(incident_id, action, **body)) != 200:
                if await self._decided(incident_id):
                    return 200  # the row was written, only the answer was lost
                await asyncio.sleep(0.05)
        return status

    async def _decided(self, incident_id: str) -> bool:
        return (await self.incident(incident_id))["status"] not in ("awaiting_approval", "solution_proposed")


@asynccontextmanager
async def mortal_stage(
    folder, killed_after: int, moment: str, *, lose_engine: bool = False, **extra: str
) -> AsyncIterator[tuple[StubbornPerson, BotProcess]]:
    """A stage whose bot is killed once, when the sandbox has handled its n-th request; its engine's file may be lost with it.

    extra: settings of this stage alone.
    """
    sandbox_port, bot_port = free_port(), free_port()
    world = World.load(
        folder / "world",
        origin=f"http://127.0.0.1:{sandbox_port}",
        credentials=environment.Credentials.of(sandbox_port),
        pace=Pace.quick(),
        bot_url=f"http://127.0.0.1:{bot_port}",
    )
    bot = BotProcess(
        bot_port, surroundings(sandbox_port, folder, {"BOT_LOG": str(folder / "bot.log"), "SUTURE_SOAK_MINUTES": SOAK, **extra})
    )

    lives: list[asyncio.Task[None]] = []

    async def die_and_rise() -> None:
        await asyncio.to_thread(bot.kill)
        for file in folder.glob("suture.workflows.db*") if lose_engine else ():
            file.unlink()
        await asyncio.sleep(START_AGAIN)
        bot.start()

    async def kill(n: int) -> None:
        if n == killed_after:
            lives.append(asyncio.create_task(die_and_rise()))  # a task of its own: the request's is cancelled with its client
            await asyncio.shield(lives[0])

    async with serving(world, sandbox_port) as sandbox:
        world.requests.on_request(kill, after=moment)
        bot.start()
        stage = StubbornPerson(world, sandbox, f"http://127.0.0.1:{bot_port}", environment.environment(sandbox_port)["SUTURE_API_TOKEN"])
        await stage.bot.aclose()
        stage.bot = httpx.AsyncClient(base_url=f"http://127.0.0.1:{bot_port}", headers=stage.bot.headers, timeout=30, transport=Stubborn())
        try:
            yield stage, bot
        finally:
            await stage.sandbox.aclose()
            await stage.bot.aclose()
            bot.kill()


async def live_through(folder, n: int, moment: str = "handled", *, lose_engine: bool = False) -> bool:
    """Play `oom` with a death after the n-th request; whether the story has that many."""
    folder.mkdir()
    async with mortal_stage(folder, n, moment, lose_engine=lose_engine) as (stage, bot):
        document = await stage.played("oom")
        died = bot.deaths == 1
        state = await stage.state()
        assert document["outcome"] == "fixed", f"killed after request {n}"
        assert len(await stage.incidents()) == 1
        assert [m["state"] for m in state["gitlab"]["merge_requests"]] == ["merged"]
        assert state["gitlab"]["calls"]["POST /projects/{id}/merge_requests"] == 1
        assert state["gitlab"]["calls"]["POST /projects/{id}/repository/commits"] == 1
        await check(stage, folder)
    return died


@pytest.mark.timeout(900)
@pytest.mark.parametrize("strand", range(STRANDS))
async def test_a_death_after_any_request_changes_nothing(tmp_path, strand):
    """The answer is lost with the process: what was done is found again, what was not is done."""
    n = strand + 1
    while await live_through(tmp_path / str(n), n):
        n += STRANDS
    assert n > STRANDS, "the story ended before anything could be killed"


@pytest.mark.timeout(900)
async def test_a_death_that_takes_the_engine_with_it_changes_nothing(tmp_path):
    """An upgrade looks the same: no phase is replayed, each is begun anew from what the record holds."""
    n = 4
    while await live_through(tmp_path / str(n), n, lose_engine=True):
        n += 7
    assert n > 4


@pytest.mark.timeout(900)
async def test_a_death_after_an_answer_was_read_changes_nothing(tmp_path):
    """The answer arrived, and the process died before it could note it."""
    n = 5
    while await live_through(tmp_path / str(n), n, "answered"):
        n += 11
    assert n > 5
