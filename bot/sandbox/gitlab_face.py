"""GitLab's REST API v4 over the sandbox's GitLab: routes, tokens, errors."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from bot.sandbox import gitlab_merge_requests as requests
from bot.sandbox import gitlab_repository as repository
from bot.sandbox.gitlab import GitLabRefusal, User
from bot.sandbox.gitlab_bodies import current_user, project_body, user_body
from bot.sandbox.gitlab_calls import Answer, Call, fields_of, respond

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bot.sandbox.world import World

VERSION = {"version": "18.5.1-ee", "revision": "e1d3c9a1f2b"}
Action = Callable[[Call], Answer]
_P, _R, _M = "/projects/{id}", "/projects/{id}/repository", "/projects/{id}/merge_requests"


def version(_call: Call) -> Answer:
    """`GET /version` and `/metadata`."""
    return dict(VERSION)


def user(call: Call) -> Answer:
    """`GET /user`."""
    return current_user(call.user, call.origin)


def users(call: Call) -> Answer:
    """`GET /users`, exactly one with `username`."""
    name = call.fields.get("username")
    return [user_body(u, call.origin) for u in call.state.users.values() if name in (None, u.username)]


def token(call: Call) -> Answer:
    """`GET /personal_access_tokens/self`."""
    about = {"id": call.user.id, "name": call.user.username, "user_id": call.user.id, "scopes": ["api"]}
    return {**about, "active": True, "revoked": False, "expires_at": "2027-06-30", "created_at": "2026-01-05T09:00:00.000Z"}


def projects(call: Call) -> Answer:
    """`GET /projects`."""
    search = str(call.fields.get("search") or "")
    found = [p for p in call.state.projects.values() if search in p.path]
    return [project_body(p, call.user, call.origin) for p in found]


def project(call: Call) -> Answer:
    """`GET /projects/:id`."""
    return project_body(call.project, call.user, call.origin)


ROUTES: list[tuple[str, str, Action]] = [
    ("GET", "/version", version),
    ("GET", "/metadata", version),
    ("GET", "/user", user),
    ("GET", "/users", users),
    ("GET", "/personal_access_tokens/self", token),
    ("GET", "/projects", projects),
    ("GET", _P, project),
    ("GET", f"{_R}/tree", repository.tree),
    ("GET", f"{_R}/files/{{path}}", repository.file),
    ("GET", f"{_R}/files/{{path}}/raw", repository.raw_file),
    ("GET", f"{_R}/blobs/{{sha}}", repository.blob),
    ("GET", f"{_R}/blobs/{{sha}}/raw", repository.raw_blob),
    ("GET", f"{_R}/archive", repository.archive),
    ("GET", f"{_R}/archive.tar.gz", repository.archive),
    ("GET", f"{_R}/commits", repository.commits),
    ("POST", f"{_R}/commits", repository.new_commit),
    ("GET", f"{_R}/commits/{{sha}}", repository.commit),
    ("GET", f"{_R}/commits/{{sha}}/diff", repository.commit_diff),
    ("POST", f"{_R}/commits/{{sha}}/revert", repository.revert),
    ("GET", f"{_R}/branches", repository.branches),
    ("POST", f"{_R}/branches", repository.new_branch),
    ("GET", f"{_R}/branches/{{branch}}", repository.branch),
    ("DELETE", f"{_R}/branches/{{branch}}", repository.delete_branch),
    ("GET", f"{_R}/compare", repository.compare),
    ("GET", f"{_R}/merge_base", repository.merge_base),
    ("GET", _M, requests.listing),
    ("POST", _M, requests.create),
    ("GET", f"{_M}/{{iid}}", requests.read),
    ("PUT", f"{_M}/{{iid}}", requests.update),
    ("PUT", f"{_M}/{{iid}}/merge", requests.merge),
    ("POST", f"{_M}/{{iid}}/cancel_merge_when_pipeline_succeeds", requests.cancel_auto_merge),
    ("GET", f"{_M}/{{iid}}/commits", requests.commits),
    ("GET", f"{_M}/{{iid}}/changes", requests.changes),
    ("GET", f"{_M}/{{iid}}/diffs", requests.diffs),
    ("GET", f"{_M}/{{iid}}/pipelines", requests.pipelines),
    ("GET", f"{_M}/{{iid}}/approvals", requests.approvals),
    ("POST", f"{_M}/{{iid}}/approve", requests.approve),
    ("POST", f"{_M}/{{iid}}/unapprove", requests.unapprove),
    ("GET", f"{_M}/{{iid}}/notes", requests.notes),
    ("POST", f"{_M}/{{iid}}/notes", requests.create_note),
    ("GET", f"{_M}/{{iid}}/notes/{{note}}", requests.read_note),
    ("GET", f"{_M}/{{iid}}/discussions", requests.discussions),
    ("POST", f"{_M}/{{iid}}/discussions", requests.create_discussion),
    ("GET", f"{_P}/pipelines", requests.project_pipelines),
    ("GET", f"{_P}/pipelines/{{pipeline}}", requests.pipeline),
    ("GET", f"{_P}/pipelines/{{pipeline}}/jobs", requests.jobs),
]


def routes(world: World) -> list[BaseRoute]:
    """GitLab's API, to be mounted where GitLab's address points."""
    inner = Router([Route(path, _endpoint(world, path, act), methods=[verb]) for verb, path, act in ROUTES], default=_nowhere)
    return [Mount("/api/v4", app=_encoded(inner))]


def _endpoint(world: World, path: str, act: Action) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        request.scope["call"] = f"{request.method} {path}"
        try:
            call = Call(
                state=world.gitlab,
                user=_authenticated(world, request),
                request=request,
                fields=await fields_of(request),
                origin=f"{world.origin}/gitlab",
            )
            return respond(act(call), request)
        except GitLabRefusal as refusal:
            return JSONResponse(refusal.body, status_code=refusal.status)
        finally:
            if request.method != "GET":
                world.touch()

    return endpoint


def _authenticated(world: World, request: Request) -> User:
    given = request.headers.get("private-token") or request.headers.get("authorization", "").removeprefix("Bearer ")
    name = world.gitlab.tokens.get(given)
    if name is None:
        raise GitLabRefusal(HTTPStatus.UNAUTHORIZED, "401 Unauthorized")
    return world.gitlab.users[name]


def _encoded(app: ASGIApp) -> ASGIApp:
    """Route on the path as it came: `platform%2Fshop` is one part of it."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = scope["raw_path"].decode("ascii", "replace").split("?", 1)[0]
        await app(scope, receive, send)

    return wrapped


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    scope["call"] = f"{scope['method']} {scope['path'].removeprefix('/gitlab/api/v4')}"
    await JSONResponse({"error": "404 Not Found"}, status_code=HTTPStatus.NOT_FOUND)(scope, receive, send)
