"""GitLab's webhook bodies beside real ones: nothing that a real body has is missing."""

import json

import pytest

from bot.sandbox import gitlab_hooks
from bot.sandbox.environment import Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.world import World
from tests.shared import corpus

GONE = {"deleted_at", "st_diff", "position", "locked_at", "assignee", "changes", "bridge", "commit_id"}
"""Keys of older GitLabs, and `changes`, which names only what changed."""
REAL = {
    "gp_merge_request_event.json": "open", "atl_merge_request_event_update_new_commit.json": "update", "mm_mr_close.json": "close",
    "scm_mr_merge.json": "merge", "gp_pipeline_event.json": "pipeline", "mm_pipeline_failed.json": "pipeline",
    "gp_comment_merge_request_event.json": "note",
}  # fmt: skip


@pytest.fixture(scope="module")
def events():
    """One event of each kind, about one merge request."""
    world = World(origin="http://127.0.0.1:9", credentials=Credentials.of(9), pace=Pace.quick())
    project, user = world.gitlab.projects[1], world.gitlab.users["suture"]
    repository, head = project.repository, project.repository.branches["main"]
    files = repository.contents(repository.commits[head]) | {"a.yaml": b"1\n"}
    repository.commit("fix", files, "m", author=user.author, parents=(head,), at=world.now())
    request = world.gitlab.open_merge_request(project, user, {"source_branch": "fix", "target_branch": "main", "title": "t"})
    world.gitlab.branch_moved(project, "fix", user)
    told = {action: ("merge_request", project, request, {"action": action, "user": user}) for action in ("open", "close", "merge")}
    told["update"] = ("merge_request", project, request, {"action": "update", "user": user, "oldrev": head})
    told["note"] = ("note", project, request, {"note": world.gitlab.note(project, request, user, "hi"), "user": user})
    told["pipeline"] = ("pipeline", project, request, {"pipeline": project.pipelines[-1], "status": "success"})
    return {name: gitlab_hooks.body_of(event, world.gitlab, "http://gitlab.example") for name, event in told.items()}


def missing(real, ours, path=""):
    """Paths of the real body that ours has not."""
    for key, value in real.items():
        if key in GONE:
            continue
        if key not in ours:
            yield f"{path}{key}"
        elif isinstance(value, dict) and isinstance(ours[key], dict):
            yield from missing(value, ours[key], f"{path}{key}.")


@pytest.mark.parametrize("name", REAL)
def test_a_hook_has_every_key_of_a_real_one(events, name):
    """Whatever field the bot reads, it reads it here as there."""
    real = json.loads((corpus("gitlab_webhooks") / name).read_text())
    assert list(missing(real, events[REAL[name]])) == []
