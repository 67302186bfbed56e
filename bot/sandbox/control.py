"""`/control`: what a program may ask of the sandbox. No token; it listens on loopback, and refuses other sites' pages."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import shown
from bot.sandbox.environment import SLACK_CHANNEL
from bot.sandbox.gitlab import GitLabRefusal
from bot.sandbox.outages import HOW
from bot.sandbox.renderers import MissingTool
from bot.sandbox.requests import FACES
from bot.sandbox.slack import Message
from bot.sandbox.slack_people import NothingToPress, Pressed, SlackPeople
from bot.sandbox.stories import STORIES

if TYPE_CHECKING:
    from bot.sandbox.world import World

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]

ACTIONS = ("approve", "reject", "escalate", "show_evidence", "close")
APPROVER = "U_ALICE"
"""An approver of every environment in the sandbox's settings."""
PATIENCE_SECONDS = 3.0
"""How long a press waits for its button: the bot's API may know of a card before Slack has it."""
PERSON = "alice"
"""Who merges and closes in the sandbox's GitLab when nobody is named."""


class BadRequest(Exception):
    """A body that the control cannot take; `field` is the one at fault, `body` for the whole."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def routes(world: "World", people: SlackPeople) -> list[BaseRoute]:
    """The routes under /control."""
    control = _Control(world, people)
    return [
        Route("/state", _guarded(world, control.state), methods=["GET"]),
        Route("/requests", _guarded(world, control.requests), methods=["GET"]),
        Route("/bot", _guarded(world, control.bot), methods=["POST"]),
        Route("/stories/{name}", _guarded(world, control.story), methods=["POST"]),
        Route("/press", _guarded(world, control.press), methods=["POST"]),
        Route("/command", _guarded(world, control.command), methods=["POST"]),
        Route("/merge", _guarded(world, control.merge), methods=["POST"]),
        Route("/close", _guarded(world, control.close), methods=["POST"]),
        Route("/outage", _guarded(world, control.outage), methods=["POST"]),
    ]


class _Control:
    """The endpoints; each answers JSON and lets its refusals rise to `_guarded`."""

    def __init__(self, world: "World", people: SlackPeople) -> None:
        self.world = world
        self.people = people

    async def state(self, _request: Request) -> Response:
        return JSONResponse(shown.state(self.world))

    async def requests(self, _request: Request) -> Response:
        return JSONResponse({"requests": shown.requests(self.world.requests)})

    async def bot(self, request: Request) -> Response:
        url = _text(await _body(request), "url")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise BadRequest("url", f"url must be the bot's address, such as http://127.0.0.1:8080, not {url!r}.")
        self.world.deliveries.bot_url = url
        return JSONResponse({"url": url})

    async def story(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STORIES:
            known = sorted(STORIES)
            error = f"There is no story {name!r}. Known: {', '.join(known)}."
            return JSONResponse({"error": error, "stories": known}, 404)
        await self.world.begin(name)
        return JSONResponse({"story": name})

    async def press(self, request: Request) -> Response:
        body = await _body(request)
        incident, action = _text(body, "incident"), _text(body, "action")
        if action not in ACTIONS:
            raise BadRequest("action", f"action must be one of {', '.join(ACTIONS)}, not {action!r}.")
        user, reason = _text(body, "user", APPROVER), _text(body, "reason", "No reason given.")
        message, button = await self._button(incident, action)
        if action == "reject":
            return _answered(await self.people.press_and_explain(message, button, user, reason))
        return _answered(await self.people.press(message, button, user))

    async def _button(self, incident: str, action: str) -> tuple[Message, Json]:
        """The button, waited for a moment, else one that stood there once: the bot answers that press, too. Raises NothingToPress."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                return self.people.button(incident, action)
            except NothingToPress:
                if asyncio.get_running_loop().time() > deadline:
                    return self.people.stale_button(incident, action)
            await asyncio.sleep(0.02)

    async def command(self, request: Request) -> Response:
        body = await _body(request)
        channel = self.world.slack.channels[SLACK_CHANNEL]
        text, user = _text(body, "text", "help"), _text(body, "user", APPROVER)
        return _answered(await self.people.command(channel, text, user))

    async def merge(self, request: Request) -> Response:
        body = await _body(request)
        iid = _number(body, "iid")
        await self.world.merge(iid, _text(body, "user", PERSON))
        now = shown.merge_request(self.world.gitlab, iid)
        waits = {"message": f"!{iid} merges when its pipeline succeeds."} if now["state"] == "opened" else {}
        return JSONResponse(now | waits)

    async def close(self, request: Request) -> Response:
        body = await _body(request)
        iid, note = _number(body, "iid"), _text(body, "note", "")
        await self.world.close(iid, note, _text(body, "user", PERSON))
        return JSONResponse(shown.merge_request(self.world.gitlab, iid))

    async def outage(self, request: Request) -> Response:
        body = await _body(request)
        face, how = _text(body, "system"), _text(body, "how", "")
        if face not in FACES:
            raise BadRequest("system", f"system must be one of {', '.join(FACES)}, not {face!r}.")
        if how in HOW:
            self.world.outages.begin(face, how)
        elif how:
            raise BadRequest("how", f"how must be {' or '.join(HOW)}, or empty for the end of it, not {how!r}.")
        else:
            self.world.outages.end(face)
        return JSONResponse({"outages": self.world.outages.now})


def foreign(request: Request, origin: str) -> bool:
    """A page of some other site sent this, by its own name or under a name of its own that leads to this machine.

    A browser on this machine must not lend strangers our buttons, nor show them what stands here.
    """
    ours = (origin, f"http://localhost:{urlsplit(origin).port}")
    sender = request.headers.get("origin")
    return request.url.hostname not in ("127.0.0.1", "localhost") or (sender is not None and sender not in ours)


def _guarded(world: "World", endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        if foreign(request, world.origin):
            return JSONResponse({"error": "Pages of other sites may not use the sandbox."}, 403)
        try:
            response = await endpoint(request)
        except BadRequest as problem:
            return JSONResponse({"error": str(problem), "field": problem.field}, 422)
        except (NothingToPress, MissingTool) as problem:
            return JSONResponse({"error": str(problem)}, 409)
        except GitLabRefusal as refusal:
            return JSONResponse({"error": next(iter(refusal.body.values()))}, refusal.status)
        if request.method == "POST":
            world.touch()
        return response

    return guarded


def _answered(pressed: Pressed) -> Response:
    """The bot's status; 502 when it did not answer."""
    if not pressed.status:
        return JSONResponse({"status": 0, "error": f"The bot did not answer. {pressed.error}"}, 502)
    body: Json = {"status": pressed.status}
    return JSONResponse(body | ({"errors": pressed.errors} if pressed.errors else {}))


async def _body(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise BadRequest("body", "The body must be JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("body", "The body must be a JSON object.")
    return body


def _text(body: Json, field: str, default: str | None = None) -> str:
    value = body.get(field)
    if value is None:
        value = default
    if value is None:
        raise BadRequest(field, f"{field} is required.")
    if not isinstance(value, str):
        raise BadRequest(field, f"{field} must be text.")
    return value


def _number(body: Json, field: str) -> int:
    value = body.get(field)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(field, f"{field} is required and must be a whole number.")
    return value
