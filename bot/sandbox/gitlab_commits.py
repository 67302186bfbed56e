"""Commits through the API: several actions on files, refused as GitLab refuses them."""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bot.sandbox.git import Author, Commit, Conflict
from bot.sandbox.gitlab import GitLabRefusal, Project

if TYPE_CHECKING:
    from bot.sandbox.gitlab_calls import Call

_ID = re.compile(r"\A[0-9a-f]{40}\Z")
_BRANCH = re.compile(r"\A(?!-|/|refs/)(?!.*(\.\.|//|@\{|\\))[^\s~^:?*\[\x00-\x1f]+(?<!\.lock)(?<!/)(?<!\.)\Z")
_CHANGED = "The file has changed since you started editing it: {}"


def create_commit(call: Call) -> Commit:
    """`POST repository/commits`: check, apply every action or none, move the branch."""
    call.required("branch", "commit_message", "actions")
    if missing := [number for number, action in enumerate(call.fields["actions"]) if _lacks_content(action)]:
        raise _refused(", ".join(f"actions[{number}][content] is missing" for number in missing), key="error")
    project, branch = call.project, str(call.fields["branch"])
    call.may_push(branch)
    start = _start(project, branch, call.fields)
    files = project.repository.contents(start)
    for action in call.fields["actions"]:
        _check_unchanged(project, start, action)
        _apply(files, action)
    return _write(call, project, branch, start, files)


def revert_commit(call: Call) -> Commit:
    """`POST repository/commits/:sha/revert`. Raises GitLabRefusal when it does not apply any more."""
    call.required("branch")
    project, branch, commit = call.project, str(call.fields["branch"]), call.commit(call.path("sha"))
    if branch not in project.repository.branches:
        raise _refused("404 Branch Not Found", HTTPStatus.NOT_FOUND)
    call.may_push(branch)
    message = f'Revert "{commit.title}"\n\nThis reverts commit {commit.id}'
    try:
        made = project.repository.revert(branch, commit, message, call.user.author, call.state.clock())
    except (Conflict, IndexError) as error:
        text = "Sorry, we cannot revert this commit automatically. This commit may already have been reverted"
        raise _refused(f"{text}, or a more recent commit may have updated some of its content.") from error
    call.state.branch_moved(project, branch, call.user)
    return made


def check_branch_name(name: str) -> None:
    """Raise GitLabRefusal (400) for a name that Git does not take."""
    if not _BRANCH.match(name):
        raise _refused("Branch name is invalid")


def _start(project: Project, branch: str, fields: dict[str, Any]) -> Commit:
    """The commit on which the new one stands."""
    repository, start_sha, start_branch = project.repository, fields.get("start_sha"), fields.get("start_branch")
    if start_sha and start_branch:
        raise _refused("start_branch, start_sha are mutually exclusive", key="error")
    if start_sha and not _ID.match(str(start_sha)):
        raise _refused(f"Invalid start_sha '{start_sha}'")
    if start_sha and start_sha not in repository.commits:
        raise _refused(f"Cannot find start_sha '{start_sha}'")
    start_branch = start_branch or branch
    if not start_sha and start_branch not in repository.branches:
        raise _refused("You can only create or edit files when you are on a branch")
    elsewhere = bool(start_sha) or start_branch != branch
    if elsewhere and branch in repository.branches and not fields.get("force"):
        raise _refused(f"A branch called '{branch}' already exists. Switch to that branch in order to make changes")
    if elsewhere:
        check_branch_name(branch)
    return repository.commits[str(start_sha) if start_sha else repository.branches[start_branch]]


def _check_unchanged(project: Project, start: Commit, action: dict[str, Any]) -> None:
    """An action may name the last commit of the file that it was written against."""
    known, path = action.get("last_commit_id"), action.get("previous_path") or action.get("file_path")
    if not known or action.get("action") == "create":
        return
    last = project.repository.last_commit_of(str(path), start)
    if last is None or last.id != known:
        raise _refused(_CHANGED.format(path))


def _lacks_content(action: dict[str, Any]) -> bool:
    """Whether an update says nothing to write: the only action that must; an empty file is `content: ""`."""
    return action.get("action") == "update" and "content" not in action


def _apply(files: dict[str, bytes], action: dict[str, Any]) -> None:
    """One action on the tree, in place."""
    kind, path = action.get("action"), str(action.get("file_path") or "")
    if not path or ".." in path.split("/") or path.startswith("/"):
        raise _refused("Path cannot include directory traversal" if path else "actions[0][file_path] is missing")
    if kind in ("update", "delete", "move", "chmod"):
        origin = str(action.get("previous_path") or path) if kind == "move" else path
        if origin not in files:
            raise _refused("A file with this name doesn't exist")
    match kind:
        case "create" if path in files:
            raise _refused("A file with this name already exists")
        case "create" | "update":
            files[path] = _content(action)
        case "delete":
            del files[path]
        case "move":
            before = files.pop(str(action.get("previous_path") or path))
            files[path] = _content(action) if action.get("content") is not None else before
        case "chmod":
            pass
        case _:
            raise _refused("actions[0][action] does not have a valid value", key="error")


def _content(action: dict[str, Any]) -> bytes:
    content = str(action.get("content") or "")
    if action.get("encoding") != "base64":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise _refused("invalid base64") from error


def _write(call: Call, project: Project, branch: str, start: Commit, files: dict[str, bytes]) -> Commit:
    mine = call.user.author
    author = Author(
        name=call.fields.get("author_name") or mine.name, email=call.fields.get("author_email") or mine.email
    )
    message = str(call.fields["commit_message"])
    commit = project.repository.commit(branch, files, message, author=author, parents=(start.id,), at=call.state.clock())
    call.state.branch_moved(project, branch, call.user)
    return commit


def _refused(message: str, status: int = HTTPStatus.BAD_REQUEST, key: str = "message") -> GitLabRefusal:
    return GitLabRefusal(status, message, key)
