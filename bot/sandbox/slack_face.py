"""Slack's Web API over HTTP: `/slack/api/METHOD`, the upload URL, and the response URLs of presses and commands."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router

from bot.sandbox import slack_methods, slack_posting
from bot.sandbox.slack import SlackState
from bot.sandbox.slack_calls import Call, Refusal
from bot.sandbox.slack_limits import RateLimit

Json = dict[str, Any]


def slack_face(state: SlackState, *, token: str, origin: str) -> Router:
    """The ASGI app to mount at /slack. origin: of the whole sandbox, e.g. http://127.0.0.1:8080."""
    limit = RateLimit(state.clock)

    async def method(request: Request) -> Response:
        name = request.path_params["method"]
        request.scope["call"] = name
        arguments = await _arguments(request)
        if name not in slack_methods.METHODS:
            return JSONResponse({"ok": False, "error": "unknown_method", "req_method": name})
        if refused := _refused_token(request, arguments, token):
            return JSONResponse({"ok": False, "error": refused})
        if wait := _wait(state, limit, name, arguments):
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
        return JSONResponse(_answered(state, name, arguments, origin), headers=_scopes(state, name))

    return Router(
        [
            Route("/api/{method}", method, methods=["GET", "POST"]),
            Route("/upload/v1/{file_id}", _upload(state), methods=["POST"]),
            Route("/actions/{team}/{key}", _response_url(state), methods=["POST"]),
        ]
    )


def _wait(state: SlackState, limit: RateLimit, name: str, arguments: Json) -> int:
    """Whole seconds until the channel takes another message; 0 for now, and for what posts none."""
    channel = state.channel(str(arguments.get("channel", "")))
    return limit.wait(channel.id, strict=state.rate_limited) if channel and name in slack_methods.POSTING else 0


def _answered(state: SlackState, name: str, arguments: Json, origin: str) -> Json:
    """What the method says; its no where the token was not granted what it needs."""
    needed = slack_methods.SCOPES.get(name, "")
    if needed and needed not in state.scopes:
        return {"ok": False, "error": "missing_scope", "needed": needed, "provided": ",".join(sorted(state.scopes))}
    try:
        return {"ok": True, **slack_methods.METHODS[name](Call(state=state, origin=origin, arguments=arguments))}
    except Refusal as refusal:
        return refusal.body


def _scopes(state: SlackState, name: str) -> dict[str, str]:
    """The headers by which Slack says what the token may, and what this method would take."""
    needed = slack_methods.SCOPES.get(name)
    return {"x-oauth-scopes": ",".join(sorted(state.scopes)), **({"x-accepted-oauth-scopes": needed} if needed else {})}


def _upload(state: SlackState) -> Callable[[Request], Awaitable[Response]]:
    async def upload(request: Request) -> Response:
        file = state.files.get(request.path_params["file_id"])
        if file is None:
            return PlainTextResponse("file_not_found", 404)
        content = await request.body()
        file["content"], file["uploaded"] = content.decode(errors="replace"), True
        return PlainTextResponse(f"OK - {len(content)}")

    return upload


def _response_url(state: SlackState) -> Callable[[Request], Awaitable[Response]]:
    """What a bot posts to a response_url: an ephemeral message to the presser, or a replacement of the original."""

    async def respond(request: Request) -> Response:
        about = state.response_urls.get(request.path_params["key"])
        if about is None or about["until"] < state.clock():
            return JSONResponse({"ok": False, "error": "expired_url"}, 404)
        if not about["left"]:
            return JSONResponse({"ok": False, "error": "used_url"}, 404)
        about["left"] -= 1
        try:
            slack_posting.respond(state, about, json.loads(await request.body()))
        except (Refusal, ValueError) as problem:
            error = problem.error if isinstance(problem, Refusal) else "invalid_payload"
            return PlainTextResponse(error, 400)
        return PlainTextResponse("ok")

    return respond


async def _arguments(request: Request) -> Json:
    """From query, form or JSON body, as Slack takes them; JSON inside form fields is decoded where Slack does."""
    arguments: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if request.method == "POST" and kind == "application/json":
        body = _decoded(await request.body())
        arguments |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        async with request.form() as form:
            arguments |= {name: value for name, value in form.items() if isinstance(value, str)}
    for name in ("blocks", "metadata", "view", "files", "attachments"):
        if isinstance(arguments.get(name), str):
            arguments[name] = _decoded(arguments[name])
    return arguments


def _decoded(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _refused_token(request: Request, arguments: Json, token: str) -> str | None:
    """The error of a missing or wrong token, None when it is right."""
    header = re.fullmatch(r"Bearer (\S+)", request.headers.get("authorization", ""))
    given = arguments.get("token") or (header and header[1])
    if not given:
        return "not_authed"
    return None if given == token else "invalid_auth"
