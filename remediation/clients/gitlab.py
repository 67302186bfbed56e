"""GitLab through python-gitlab, as raw JSON: trees, commits, merge requests.

The SDK is synchronous: it runs in threads, a few at a time, and is imported at the first call.
"""

import asyncio
import io
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote

from remediation.clients import proxies
from remediation.clients.lazily import imported
from remediation.errors import Conflict, Forbidden, Late, NotFound, Refused, RemediationError, Unreachable, Unusable
from remediation.masking import mask
from remediation.terms import Json

_PAGE = 100
_WAIT = 429
_SERVER = 500
_STALE = "has changed since you started editing it"
LARGEST_ARCHIVE = 64_000_000  # bytes; with its files it fits the memory that deploy/ gives the bot
_AT_ONCE: Mapping[str, Json] = {"obey_rate_limit": False}  # the SDK would sleep in its thread; who asks decides when to ask again

Answer = TypeVar("Answer")
Body = Mapping[str, Json]


class GitLabClient:
    """One GitLab. token: scope api, Developer.  merge_token: may merge to protected branches; empty where policy never merges.

    seconds: how long one answer may take.  parallel: how many questions at once. Every method raises Unreachable, Forbidden, NotFound,
    Conflict (it changed meanwhile) or Unusable; no error ever holds a token. `project` is a path such as `platform/shop`, or an id.
    """

    def __init__(self, url: str, token: str, *, merge_token: str = "", seconds: float = 10.0, parallel: int = 4) -> None:
        self._url = url.rstrip("/")
        self._tokens = {False: token, True: merge_token}
        self._seconds = seconds
        self._limiter = asyncio.Semaphore(parallel)
        self._connecting = Lock()
        self._connections: dict[bool, Any] = {}
        self._users: dict[bool, Body] = {}
        self._ids: dict[str, int] = {}

    @property
    def may_merge(self) -> bool:
        """Whether there is a token that merges by policy."""
        return bool(self._tokens[True])

    async def me(self, *, merging: bool = False) -> str:
        """The user name of our token."""
        return str((await self._user(merging=merging))["username"])

    async def mail_addresses(self) -> frozenset[str]:
        """The addresses that GitLab writes into our token's commits."""
        user = await self._user()
        return frozenset(str(user[name]) for name in ("email", "commit_email", "public_email") if user.get(name))

    async def version(self) -> str:
        """GitLab's version, such as `18.5.0-ee`."""
        return str((await self._get("/version")).get("version", "unknown"))

    async def user_id(self, name: str) -> int | None:
        """The id of a user name, asked once; None where there is no such user."""
        if name not in self._ids and (found := await self._list("/users", username=name)):
            self._ids[name] = int(found[0]["id"])
        return self._ids.get(name)

    async def token(self, *, merging: bool = False) -> Body:
        """What our token says of itself: scopes, active, expires_at. Raises NotFound before GitLab 15.5."""
        return await self._get("/personal_access_tokens/self", merging=merging)

    async def project(self, project: str, *, merging: bool = False) -> Body:
        """The project with our permissions in it. Raises NotFound."""
        return await self._get(f"/projects/{_part(project)}", merging=merging)

    async def close(self) -> None:
        """Close its connections."""
        for connection in self._connections.values():
            connection.session.close()
        self._connections.clear()

    # the repository

    async def branch(self, project: str, branch: str, *, merging: bool = False) -> Body | None:
        """The branch with its commit, its protection and what our token may do; None when there is no such branch."""
        try:
            return await self._get(f"{_repository(project)}/branches/{_part(branch)}", merging=merging)
        except NotFound:
            return None

    async def head(self, project: str, branch: str) -> str | None:
        """The branch's commit; None when there is no such branch. Raises NotFound when there is no such project."""
        try:
            found = await self._get(f"{_repository(project)}/branches/{_part(branch)}")
        except NotFound:
            await self._get(f"/projects/{_part(project)}")
            return None
        return str(found["commit"]["id"])

    async def archive(self, project: str, sha: str) -> bytes:
        """The tree of a commit as tar.gz, in one folder. Raises Refused when it is larger than 64 MB."""
        path = f"{_repository(project)}/archive.tar.gz"
        return await self._run(lambda sdk: _download(sdk.http_get(path, {"sha": sha}, streamed=True, **_AT_ONCE)))

    async def file(self, project: str, path: str, ref: str) -> Body:
        """One file at a commit or branch: content in base64, blob_id, last_commit_id. Raises NotFound."""
        return await self._get(f"{_repository(project)}/files/{_part(path)}", query={"ref": ref})

    async def commits(
        self, project: str, branch: str, path: str, since: datetime, limit: int, *, first_parent: bool = False
    ) -> Sequence[Body]:
        """Commits of a branch that touched a file or folder (empty for all), newest first, at most `limit`.

        first_parent: as they reached the branch: a merge in place of what it brought.
        """
        query: dict[str, Json] = {"ref_name": branch, "since": since.isoformat(), "per_page": limit, **({"path": path} if path else {})}
        query |= {"first_parent": "true"} if first_parent else {}
        found = await self._run(lambda sdk: sdk.http_list(f"{_repository(project)}/commits", query, get_all=False, **_AT_ONCE))
        return tuple(found)[:limit]

    async def changes(self, project: str, sha: str) -> Sequence[Body]:
        """What one commit changed against its first parent: new_path, old_path, diff; one a file, at most a hundred."""
        path = f"{_repository(project)}/commits/{_part(sha)}/diff"
        return tuple(await self._run(lambda sdk: sdk.http_list(path, {"per_page": _PAGE}, get_all=False, **_AT_ONCE)))

    async def compare(self, project: str, target: str, head: str) -> Body:
        """What a commit or branch has over the target since their merge base: commits (oldest first) and diffs (one a file)."""
        compared = await self._get(f"{_repository(project)}/compare", query={"from": target, "to": head})
        if compared.get("compare_timeout"):
            raise Unreachable("GitLab did not finish comparing two branches.", "Compare them in GitLab.")
        return compared

    async def commit(
        self, project: str, branch: str, message: str, files: Mapping[str, tuple[bytes | None, str | None]], *, start_sha: str = ""
    ) -> str:
        """One commit of whole files (bytes, None to take it away, and the last commit that we know of it, empty for a new one); its id.

        A file of which None is known is changed whatever it was: where `start_sha` says that.
        start_sha: the branch is made there; empty to commit on top of it. Raises Conflict when a file changed since that commit, or the
        branch that is to be made is there.
        """
        actions = [_action(path, content, last) for path, (content, last) in files.items()]
        body = {"branch": branch, "commit_message": message, "actions": actions, **({"start_sha": start_sha} if start_sha else {})}
        return str((await self._post(f"{_repository(project)}/commits", body))["id"])

    async def delete_branch(self, project: str, branch: str) -> None:
        """Remove a branch; one that is not there is gone already."""
        path = f"{_repository(project)}/branches/{_part(branch)}"
        try:
            await self._run(lambda sdk: sdk.http_delete(path, **_AT_ONCE))
        except NotFound:
            return

    # merge requests

    async def merge_requests(self, project: str, source_branch: str, target_branch: str) -> Sequence[Body]:
        """All of this source branch into this target branch, newest first, whatever their state; those of forks are left out."""
        found = await self._list(
            f"/projects/{_part(project)}/merge_requests",
            source_branch=source_branch,
            target_branch=target_branch,
            state="all",
            order_by="created_at",
            sort="desc",
        )
        return tuple(each for each in found if each.get("source_project_id") == each.get("target_project_id"))

    async def merge_request(self, project: str, iid: int) -> Body:
        """One, as it is now. Raises NotFound."""
        return await self._get(_merge_request(project, iid))

    async def open_merge_request(self, project: str, fields: Body) -> Body:
        """Open one. Raises Conflict when its source branch has an open one already."""
        return await self._post(f"/projects/{_part(project)}/merge_requests", fields)

    async def update_merge_request(self, project: str, iid: int, fields: Body) -> Body:
        """Change fields, or close it (`state_event`)."""
        path = _merge_request(project, iid)
        return dict(await self._run(lambda sdk: sdk.http_put(path, post_data=dict(fields), **_AT_ONCE)))

    async def merge(self, project: str, iid: int, sha: str) -> Body:
        """Merge at exactly this commit, now or when its pipeline succeeds.

        Raises Conflict when the head is another, Refused without a token. python-gitlab's own merge() knows neither sha nor auto_merge.
        """
        path = f"{_merge_request(project, iid)}/merge"
        fields = {"sha": sha, "auto_merge": True, "should_remove_source_branch": True}
        return dict(await self._run(lambda sdk: sdk.http_put(path, post_data=fields, **_AT_ONCE), merging=True))

    async def approved_by(self, project: str, iid: int) -> tuple[str, ...]:
        """User names of who approved."""
        body = await self._get(f"{_merge_request(project, iid)}/approvals")
        return tuple(str(each["user"]["username"]) for each in body.get("approved_by") or ())

    async def notes(self, project: str, iid: int) -> Sequence[Body]:
        """Everything that was said, oldest first, system notes included."""
        return await self._list(f"{_merge_request(project, iid)}/notes", sort="asc", order_by="created_at")

    async def note(self, project: str, iid: int, text: str) -> None:
        """Say something."""
        await self._post(f"{_merge_request(project, iid)}/notes", {"body": text})

    # how

    async def _user(self, *, merging: bool = False) -> Body:
        if merging not in self._users:
            self._users[merging] = await self._get("/user", merging=merging)
        return self._users[merging]

    async def _get(self, path: str, *, query: Body | None = None, merging: bool = False) -> Body:
        answer = await self._run(lambda sdk: sdk.http_get(path, dict(query or {}), **_AT_ONCE), merging=merging)
        if not isinstance(answer, dict):
            raise Unusable("GitLab answered with something that is no JSON object.", "Check GITLAB_URL.")
        return answer

    async def _list(self, path: str, **query: Json) -> Sequence[Body]:
        return tuple(await self._run(lambda sdk: sdk.http_list(path, {"per_page": _PAGE, **query}, get_all=True, **_AT_ONCE)))

    async def _post(self, path: str, body: Body) -> Body:
        return dict(await self._run(lambda sdk: sdk.http_post(path, post_data=dict(body), **_AT_ONCE)))

    async def _run(self, ask: Callable[[Any], Answer], *, merging: bool = False) -> Answer:
        """Whoever stops waiting stops no thread: its turn ends when it does, so that there are never more than a few."""
        await self._limiter.acquire()
        asking = asyncio.ensure_future(asyncio.to_thread(self._ask, ask, merging))
        asking.add_done_callback(self._asked)
        return await asyncio.shield(asking)

    def _asked(self, asking: "asyncio.Task[Any]") -> None:
        self._limiter.release()
        if not asking.cancelled():
            asking.exception()  # looked at, though nobody may be waiting for it any more

    def _ask(self, ask: Callable[[Any], Answer], merging: bool) -> Answer:
        connection = self._connection(merging)
        sdk, http = imported("gitlab.exceptions"), imported("requests.exceptions")
        try:
            return ask(connection)
        except sdk.GitlabParsingError as error:
            what = "GitLab answered with a page that is no JSON, as a proxy or a maintenance page does."
            raise Unreachable(what, "Wait until it is back; check GITLAB_URL if it never is.") from error
        except sdk.GitlabError as error:
            # `from None`: the SDK's error holds the response, and that the request with its token.
            raise _error(error.response_code or 0, _said(error), token="GITLAB_MERGE_TOKEN" if merging else "GITLAB_TOKEN") from None
        except http.Timeout:
            raise Late.of("GitLab", self._seconds, "Check GITLAB_URL and the network to it.") from None
        except (http.RequestException, OSError):
            raise Unreachable("GitLab cannot be reached.", "Check GITLAB_URL and the network to it.") from None

    def _connection(self, merging: bool) -> Any:
        if not self._tokens[merging]:
            raise Refused("Suture has no token that may merge.", "Set GITLAB_MERGE_TOKEN, or merge by hand.")
        with self._connecting:
            if merging not in self._connections:
                sdk = imported("gitlab")
                straight = {} if proxies.in_environment() else {"backend": imported("remediation.clients.gitlab_backend").StraightBackend}
                self._connections[merging] = sdk.Gitlab(
                    self._url, private_token=self._tokens[merging], timeout=self._seconds, keep_base_url=True, **straight
                )
            return self._connections[merging]


def _part(text: str) -> str:
    return quote(str(text), safe="")


def _repository(project: str) -> str:
    return f"/projects/{_part(project)}/repository"


def _merge_request(project: str, iid: int) -> str:
    return f"/projects/{_part(project)}/merge_requests/{iid}"


def _action(path: str, content: bytes | None, last_commit: str | None) -> dict[str, Json]:
    known = {"last_commit_id": last_commit} if last_commit else {}
    if content is None:
        return {"action": "delete", "file_path": path, **known}
    how = "create" if last_commit == "" else "update"
    return {"action": how, "file_path": path, "content": b64encode(content).decode(), "encoding": "base64", **known}


def _download(response: Any) -> bytes:
    """The body of a streamed answer, up to a cap."""
    content = io.BytesIO()  # gives its bytes without a copy
    with response:
        for chunk in response.iter_content(1 << 16):
            if content.write(chunk) and content.tell() > LARGEST_ARCHIVE:
                what = f"The project's archive is larger than {LARGEST_ARCHIVE // 1_000_000} MB."
                raise Refused(what, "Move the manifests to a project of their own.")
    return content.getvalue()


def _said(error: Any) -> str:
    """GitLab's sentence, masked: a hook's output may quote what was pushed."""
    message = error.error_message
    text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
    return " ".join(mask(text).split())[:300] or "no message"


def _error(status: int, said: str, *, token: str) -> RemediationError:
    errors: Mapping[int, RemediationError] = {
        401: Forbidden(f"GitLab refused {token}: {said}", f"Check that {token} is valid, has scope api, and may do this."),
        403: Forbidden(f"GitLab refused: {said}", "Give Suture's user the role Developer in the project."),
        404: NotFound(f"GitLab has no such thing: {said}", "Check the project's path, and that Suture's user is a member."),
        409: Conflict(f"GitLab saw a conflict: {said}", "Read it again."),
    }
    if status in errors:
        return errors[status]
    if status == _WAIT or status >= _SERVER or not status:
        return Unreachable(f"GitLab answered {status or 'nothing'}: {said}", "Check GitLab's own status.")
    if _STALE in said or "already exists" in said:
        return Conflict(f"GitLab saw a conflict: {said}", "Read it again.")
    if status in (405, 406, 422):
        return Refused(f"GitLab does not merge it: {said}", "Open the merge request to see what it waits for.")
    return Unusable(f"GitLab did not take the request ({status}): {said}", "Compare GitLab's version with what Suture supports.")
