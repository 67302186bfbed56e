"""What the sandbox's tests share: any ASGI app on a loopback port of its own, and one face's state with its address."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from socket import create_server

import pytest
import uvicorn
from starlette.types import ASGIApp

from bot.sandbox.app import serving
from bot.sandbox.environment import Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.world import World

Serve = Callable[[Callable[[str], ASGIApp]], Awaitable[str]]


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def _served(build: Callable[[str], ASGIApp]) -> AsyncIterator[str]:
    with create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(build(url), log_level="warning", access_log=False, lifespan="off", ws="none")
        server = _Server(config)
        task = asyncio.create_task(server.serve([listener]))
        await server.listening.wait()
        try:
            yield url
        finally:
            server.should_exit = server.force_exit = True
            await task


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """A function that serves what `build(url)` gives until the test ends, and returns the url."""
    async with AsyncExitStack() as stack:

        async def one(build: Callable[[str], ASGIApp]) -> str:
            return await stack.enter_async_context(_served(build))

        yield one


@pytest.fixture
def port() -> int:
    """A port that is free on loopback."""
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
async def world(port, tmp_path) -> AsyncIterator[World]:
    """The whole sandbox, fifty times as fast as for people, served on loopback."""
    made = World(origin=f"http://127.0.0.1:{port}", credentials=Credentials.of(port), pace=Pace.quick(), folder=tmp_path / "world")
    async with serving(made, port):
        yield made


@pytest.fixture
def until() -> Callable[..., Awaitable[object]]:
    """Waits until a claim holds and gives its value; fails after ten seconds."""

    async def waited(claim: Callable[[], object], seconds: float = 10) -> object:
        async with asyncio.timeout(seconds):
            while not (value := claim()):
                await asyncio.sleep(0.01)
        return value

    return waited
