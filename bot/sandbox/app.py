"""The sandbox as one ASGI app, all faces under their prefixes, and as a server on loopback."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_server, socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from bot.sandbox import control, gitlab_face, kubernetes_face, page
from bot.sandbox.datadog_face import datadog_face
from bot.sandbox.environment import Credentials, write_files
from bot.sandbox.ollama_face import ollama_face
from bot.sandbox.requests import RequestCounter
from bot.sandbox.slack_face import slack_face
from bot.sandbox.slack_people import SlackPeople
from bot.sandbox.whole_answers import STAYS_SECONDS, WholeAnswers
from bot.sandbox.world import World

LOOPBACK = "127.0.0.1"


def build(world: World) -> ASGIApp:
    """Every face of this world, its page and its control."""
    secrets = world.credentials
    people = SlackPeople(world.slack, world.deliveries, signing_secret=secrets.slack_signing_secret, origin=world.origin)
    world.requests.on_request(lambda _n: world.touch(), after="handled")
    app = Starlette(
        routes=[
            Route("/gitlab/{project:path}/-/merge_requests/{iid:int}", _shown_on_the_page),
            Mount("/slack", app=slack_face(world.slack, token=secrets.slack_bot_token, origin=world.origin)),
            Mount("/gitlab", routes=gitlab_face.routes(world)),
            Mount("/kubernetes", routes=kubernetes_face.routes(world)),
            Mount("/datadog", app=datadog_face(world.datadog, api_key=secrets.dd_api_key, app_key=secrets.dd_app_key)),
            Mount("/ollama", app=ollama_face(world.models)),
            Mount("/control", routes=control.routes(world, people)),
            *page.routes(world, people),
        ]
    )
    return RequestCounter(app, world.requests, world.outages)


async def _shown_on_the_page(_request: Request) -> RedirectResponse:
    """Where a link to a merge request leads a person: GitLab's own pages are not here, but ours shows it."""
    return RedirectResponse("/")


class _Server(uvicorn.Server):
    """A server that says when it listens, and leaves the process's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(world: World, port: int) -> AsyncIterator[str]:
    """The world, alive and served on loopback while the block runs; gives the address of the whole.

    Raises OSError when the port is taken.
    """
    listener = create_server((LOOPBACK, port))
    listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)  # else the body of an answer waits 40 ms for the acknowledgement of its head
    config = uvicorn.Config(
        build(world), http=WholeAnswers, timeout_keep_alive=STAYS_SECONDS, log_level="warning", access_log=False, lifespan="off", ws="none"
    )
    server = _Server(config)
    with listener:
        async with world.running():
            task = asyncio.create_task(server.serve([listener]))
            await server.listening.wait()
            try:
                yield f"http://{LOOPBACK}:{port}"
            finally:
                server.should_exit = server.force_exit = True
                await task


async def serve(port: int, folder: Path | None, bot_url: str | None, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` hears the address once it listens.

    folder: where the world is kept, nowhere when None; bot_url: where presses go.
    """
    write_files(port)
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suture-world-")))
        world = World.load(home, origin=f"http://{LOOPBACK}:{port}", credentials=Credentials.of(port), bot_url=bot_url)
        async with serving(world, port) as address:
            ready(address)
            await _asked_to_stop()


async def _asked_to_stop() -> None:
    """Ctrl-C or SIGTERM, after which the world is still saved."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
