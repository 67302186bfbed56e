"""One call of GitLab's API on its way in, and the answers it may get."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.git import Commit
from bot.sandbox.gitlab import GitLabRefusal, GitLabState, MergeRequest, Project, User
from bot.sandbox.gitlab_bodies import Body

PER_PAGE, PER_PAGE_LIMIT = 20, 100
Answer = Body | list[Body] | Response


@dataclass(frozen=True, kw_only=True)
class Call:
    """One authenticated call. `fields` are the query's and the body's parameters; `origin` is GitLab's own address."""

    state: GitLabState
    user: User
    request: Request
    fields: dict[str, Any]
    origin: str

    @property
    def repository_head(self) -> Commit:
        """The commit that the parameter `ref` (or `ref_name`, `sha`; default: the default branch) names."""
        project = self.project
        ref = self.fields.get("ref") or self.fields.get("ref_name") or self.fields.get("sha") or project.default_branch
        return self.commit(str(ref))

    @property
    def project(self) -> Project:
        """The project that the path names by number or by its whole path."""
        wanted = self.path("id")
        for project in self.state.projects.values():
            if wanted in (str(project.id), project.path):
                return project
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Project Not Found")

    @property
    def merge_request(self) -> MergeRequest:
        """The merge request that the path names by its iid."""
        iid = self.path("iid")
        found = self.project.merge_requests.get(int(iid)) if iid.isdigit() else None
        if found is None:
            raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Not found")
        return found

    def path(self, name: str) -> str:
        """One decoded part of the path."""
        return unquote(self.request.path_params[name])

    def commit(self, ref: str, missing: str = "404 Commit Not Found") -> Commit:
        """The commit that `ref` names. Raises GitLabRefusal (404)."""
        commit = self.project.repository.resolve(ref)
        if commit is None:
            raise GitLabRefusal(HTTPStatus.NOT_FOUND, missing)
        return commit

    def required(self, *names: str) -> None:
        """Raise GitLabRefusal (400) naming the required parameters that are not there."""
        if missing := [f"{name} is missing" for name in names if self.fields.get(name) in (None, "")]:
            raise GitLabRefusal(HTTPStatus.BAD_REQUEST, ", ".join(missing), key="error")

    def asks(self, name: str) -> bool:
        """Whether a boolean parameter is true."""
        return str(self.fields.get(name, "")).lower() in ("1", "true", "yes")

    def may_push(self, branch: str) -> None:
        """Raise GitLabRefusal (403) unless the user may push to `branch`."""
        if not self.state.may_push(self.project, branch, self.user):
            raise GitLabRefusal(HTTPStatus.FORBIDDEN, "403 Forbidden - You are not allowed to push into this branch")


async def fields_of(request: Request) -> dict[str, Any]:
    """The parameters of a call, from its query and its JSON or form body. Raises GitLabRefusal (400) for broken JSON."""
    fields: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name.endswith("[]"):
            fields.setdefault(name.removesuffix("[]"), []).append(value)
        else:
            fields[name] = value
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        fields |= _json(await request.body())
    elif kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        fields |= {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return fields


def respond(answer: Answer, request: Request) -> Response:
    """An HTTP response: 201 for what was created, lists a page at a time."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, list):
        return page(answer, request)
    created = request.method == "POST"
    return JSONResponse(answer, status_code=HTTPStatus.CREATED if created else HTTPStatus.OK)


def page(items: list[Body], request: Request) -> JSONResponse:
    """One page of a list, with GitLab's headers."""
    query = request.query_params
    size = min(int(query.get("per_page") or PER_PAGE), PER_PAGE_LIMIT)
    number = max(int(query.get("page") or 1), 1)
    pages = max(ceil(len(items) / size), 1)
    links = {"prev": number - 1, "next": number + 1, "first": 1, "last": pages}
    shown = {name: n for name, n in links.items() if 1 <= n <= pages}
    headers = {
        "x-page": str(number),
        "x-per-page": str(size),
        "x-total": str(len(items)),
        "x-total-pages": str(pages),
        "x-next-page": str(shown.get("next", "")),
        "x-prev-page": str(shown.get("prev", "")),
        "link": ", ".join(f'<{_page_url(request, n, size)}>; rel="{name}"' for name, n in shown.items()),
    }
    return JSONResponse(items[(number - 1) * size : number * size], headers=headers)


def _page_url(request: Request, number: int, size: int) -> str:
    query = {**dict(request.query_params), "page": str(number), "per_page": str(size)}
    return str(request.url.replace(query=urlencode(query)))


def _json(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        decoded = json.loads(body)
    except ValueError as error:
        raise GitLabRefusal(HTTPStatus.BAD_REQUEST, "Problems parsing JSON", key="error") from error
    if not isinstance(decoded, dict):
        raise GitLabRefusal(HTTPStatus.BAD_REQUEST, "The request body must be an object", key="error")
    return decoded
