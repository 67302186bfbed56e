"""A server of scripted answers on a loopback port, for what a well-behaved system never says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.bot.sandbox.conftest import serve

__all__ = ["serve"]


@dataclass
class Scripted:
    """What the server answers next, the last answer for ever; and what it was asked: (method, path with query, headers, body).

    callers: the connections that it was asked over, by their other end.
    """

    answers: list[tuple[int, bytes]]
    url: str = ""
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    callers: set[object] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        self.callers.add(request.transport.get_extra_info("peername") if request.transport else None)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, body=body, content_type="application/json")


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[..., Awaitable[Scripted]]]:
    """Given answers (status, body), starts a server with these answers."""
    async with AsyncExitStack() as stack:

        async def start(*answers: tuple[int, bytes]) -> Scripted:
            script = Scripted(list(answers))
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", script.answer)
            server = await stack.enter_async_context(TestServer(app))
            script.url = str(server.make_url("")).rstrip("/")
            return script

        yield start
