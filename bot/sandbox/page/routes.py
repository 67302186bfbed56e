"""The page's routes: the page, its assets, what it polls, and what its buttons do."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.control import foreign
from bot.sandbox.environment import SLACK_CHANNEL
from bot.sandbox.page import rendering
from bot.sandbox.slack import BOT_USER, PEOPLE, Json, Message
from bot.sandbox.slack_people import NothingToPress, Pressed, SlackPeople
from bot.sandbox.stories import STORIES

if TYPE_CHECKING:
    from bot.sandbox.world import World

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
VIEWER = "U_ALICE"
STRANGER = "Pages of other sites may not use the sandbox."
HEADS = 50
"""So many of the newest heads are shown; Slack, too, shows the end of a channel first."""


def routes(world: "World", people: SlackPeople) -> list[BaseRoute]:
    """Everything under / that is not a face or the control."""
    page = _Page(world, people)
    return [
        Route("/", page.whole, methods=["GET"]),
        Route("/page/state", page.state, methods=["GET"]),
        Route("/page/press", page.guarded(page.press), methods=["POST"]),
        Route("/page/submit", page.guarded(page.submit), methods=["POST"]),
        Route("/page/dismiss", page.guarded(page.dismiss), methods=["POST"]),
        Route("/page/command", page.guarded(page.command), methods=["POST"]),
        Mount("/static", app=StaticFiles(directory=STATIC)),
    ]


class _Page:
    """What the browser asks. errors: beside the inputs of the views that a bot did not accept, by view id."""

    def __init__(self, world: "World", people: SlackPeople) -> None:
        self.world = world
        self.people = people
        self.errors: dict[str, dict[str, str]] = {}

    async def whole(self, _request: Request) -> Response:
        viewers = {user: name.title() for user, name in PEOPLE.items() if user != BOT_USER}
        html = rendering.page(viewers=viewers, viewer=VIEWER, stories=STORIES, channel=SLACK_CHANNEL)
        return HTMLResponse(html, headers=HEADERS)

    async def state(self, request: Request) -> Response:
        if foreign(request, self.world.origin):
            return JSONResponse({"error": STRANGER}, 403)
        viewer = request.query_params.get("user", VIEWER)
        thread = request.query_params.get("thread", "")
        slack = self.world.slack
        heads = [one for one in slack.messages if one.channel == SLACK_CHANNEL and not one.is_reply and _visible(one, viewer)]
        below = [one for one in slack.messages if thread in (one.ts, one.thread_ts) and _visible(one, viewer)] if thread else []
        view = slack.view_of(viewer)
        body = {
            "channel": [rendering.head(slack, one) for one in sorted(heads, key=_order)[-HEADS:]],
            "thread": [rendering.reply(one) for one in sorted(below, key=_order)],
            "merge_requests": self._merge_requests(),
            "modal": rendering.modal(view, self.errors.get(view["id"], {})) if view else None,
            "bot": self.world.deliveries.bot_url,
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def press(self, body: Json) -> Pressed:
        user = str(body.get("user", VIEWER))
        for one in reversed(self.world.slack.messages):
            if one.ts == body.get("ts") and _visible(one, user):
                return await self.people.press(one, self.people.button_of(one, body.get("block_id"), body.get("action_id")), user)
        raise NothingToPress("This message is gone.")

    async def submit(self, body: Json) -> Pressed:
        view_id, values = str(body.get("view_id")), body.get("values")
        pressed = await self.people.submit(view_id, values if isinstance(values, dict) else {}, str(body.get("user", VIEWER)))
        self.errors = {view_id: pressed.errors} if pressed.errors else {}
        return pressed

    async def dismiss(self, body: Json) -> Pressed:
        return await self.people.close(str(body.get("view_id")), str(body.get("user", VIEWER)))

    async def command(self, body: Json) -> Pressed:
        channel = self.world.slack.channels[SLACK_CHANNEL]
        return await self.people.command(channel, str(body.get("text", "")), str(body.get("user", VIEWER)))

    def guarded(self, act: Callable[[Json], Awaitable[Pressed]]) -> Callable[[Request], Awaitable[Response]]:
        """JSON in, the bot's status out; other sites' pages are refused."""

        async def endpoint(request: Request) -> Response:
            if foreign(request, self.world.origin):
                return JSONResponse({"error": STRANGER}, 403)
            try:
                pressed = await act(_object(await request.body()))
            except NothingToPress as problem:
                return JSONResponse({"error": str(problem)}, 409)
            self.world.touch()
            return JSONResponse({"status": pressed.status, "error": pressed.error, "errors": pressed.errors})

        return endpoint

    def _merge_requests(self) -> list[Json]:
        gitlab = self.world.gitlab
        pairs = [(project, one) for project in gitlab.projects.values() for one in project.merge_requests.values()]
        return [rendering.merge_request(project, one) for project, one in sorted(pairs, key=lambda pair: -pair[1].iid)]


def _visible(one: Message, viewer: str) -> bool:
    return one.ephemeral_to in (None, viewer)


def _order(one: Message) -> str:
    return one.ts


def _object(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
