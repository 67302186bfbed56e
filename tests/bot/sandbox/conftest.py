"""What the sandbox's tests share: any ASGI app on a loopback port of its own, and one face's state with its address."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from socket import create_server

import pytest
import uvicorn
from starlette.types import ASGIApp

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
