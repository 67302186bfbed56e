"""What `GET /control/state` shows of the world, in the shape that the documentation promises to programs."""

from typing import TYPE_CHECKING, Any

from starlette import status

from bot.sandbox.gitlab import GitLabRefusal, GitLabState, MergeRequest, Project
from bot.sandbox.requests import RequestLog
from bot.sandbox.slack import Message

if TYPE_CHECKING:
    from bot.sandbox.world import World

Json = dict[str, Any]


def state(world: "World") -> Json:
    """All of it, oldest first in every list."""
    calls = world.requests.calls
    return {
        "slack": {"messages": [message(one) for one in world.slack.messages], "calls": calls("slack")},
        "gitlab": {"merge_requests": merge_requests(world.gitlab), "calls": calls("gitlab")},
        "kubernetes": {"objects": world.cluster.objects(), "calls": calls("kubernetes")},
        "datadog": {"deliveries": world.datadog.deliveries(), "calls": calls("datadog")},
        "models": {"calls": world.models.calls},
    }


def message(one: Message) -> Json:
    """A Slack message; `metadata` and `ephemeral_to` only where they apply."""
    names = ("channel", "ts", "thread_ts", "user", "text", "blocks", "edited")
    body: Json = {name: getattr(one, name) for name in names}
    for name in ("metadata", "ephemeral_to"):
        if (value := getattr(one, name)) is not None:
            body[name] = value
    return body


def merge_requests(gitlab: GitLabState) -> list[Json]:
    """Every merge request of every project, in the order of their numbers."""
    pairs = [(project, one) for project in gitlab.projects.values() for one in project.merge_requests.values()]
    return [_merge_request(project, one) for project, one in pairs]


def merge_request(gitlab: GitLabState, iid: int) -> Json:
    """One merge request by its number. Raises GitLabRefusal (404)."""
    found = next((one for one in merge_requests(gitlab) if one["iid"] == iid), None)
    if found is None:
        raise GitLabRefusal(status.HTTP_404_NOT_FOUND, "404 Not found")
    return found


def requests(log: RequestLog) -> list[Json]:
    """Every request that this process received, in order."""
    return [{"n": one.n, "face": one.face, "call": one.call, "status": one.status} for one in log.received]


def diff_of(project: Project, one: MergeRequest) -> str:
    """The change as one unified diff over all its files."""
    repository = project.repository
    base, head = repository.commits[one.base_sha], repository.commits[one.sha]
    files = repository.diff(base.files, head.files)
    return "".join(f"--- a/{file.old_path}\n+++ b/{file.new_path}\n{file.text}" for file in files)


def _merge_request(project: Project, one: MergeRequest) -> Json:
    names = ("iid", "state", "title", "description", "labels", "source_branch", "target_branch")
    return {name: getattr(one, name) for name in names} | {"diff": diff_of(project, one), "sha": one.sha}
