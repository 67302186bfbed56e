"""What changed lately in Git, from the sandbox's GitLab through the real SDK; and which files are a workload's."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.environment import environment
from remediation.clients.gitlab import GitLabClient
from remediation.errors import NotFound
from remediation.gitops.index import Index, blob_of
from remediation.gitops.projects import Project, Trees
from remediation.sources.commits import CommitsSource, files_of
from remediation.terms import Target, Window
from tests.bot.sandbox.conftest import port, world
from tests.remediation.made import an_incident

__all__ = ["port", "world"]
PROJECT = Project(project="platform/shop", path="production")


def target(path, place=""):
    return Target(kind="workload", place=place, path=path)


@pytest.fixture
async def gitlab(world, port):
    env = environment(port)
    client = GitLabClient(env["GITLAB_URL"], env["GITLAB_TOKEN"])
    yield client
    await client.close()


async def observed(gitlab, path, *projects):
    until = datetime.now(UTC) + timedelta(minutes=1)
    incident = replace(an_incident(), target=target(path))
    return await CommitsSource(gitlab, projects or [PROJECT], Trees(gitlab)).observe(
        incident, Window(since=until - timedelta(hours=1), until=until)
    )


async def test_the_commits_of_its_file_come_with_what_they_changed(world, gitlab):
    """By whom, when, and the lines; those of other files are not told."""
    await world.begin("oom")
    file = await gitlab.file("platform/shop", "production/api/api.yaml", "main")
    text = b64decode(file["content"]).decode()
    changed = text.replace("replicas: 2", "replicas: 3")
    assert changed != text
    await gitlab.commit("platform/shop", "suture-try", "Three of api", {"production/api/api.yaml": (changed.encode(), file["last_commit_id"])},
                        start_sha=await gitlab.head("platform/shop", "main"))  # fmt: skip
    (item,) = await observed(gitlab, "shop/Deployment/api", replace(PROJECT, branch="suture-try"))

    assert item.kind == "changes"
    assert item.title == "Commits in platform/shop that touched production/api/api.yaml"
    moved, first, *lines = item.text.splitlines()
    assert "was the last to move Deployment/shop/api" in moved
    assert "Three of api" in first
    assert "ago)" in first
    assert [line.strip() for line in lines[:2]] == ["-  replicas: 2", "+  replicas: 3"]


async def test_the_last_commit_that_moved_the_object_says_which_fields(world, gitlab):
    """As they are rendered, with the values before and after; a later commit of another file is not it."""
    file = await gitlab.file("platform/shop", "production/api/api.yaml", "main")
    text = b64decode(file["content"]).decode().replace("replicas: 2", "replicas: 3")
    await gitlab.commit("platform/shop", "suture-try", "Three of api", {"production/api/api.yaml": (text.encode(), file["last_commit_id"])},
                        start_sha=await gitlab.head("platform/shop", "main"))  # fmt: skip
    await gitlab.commit("platform/shop", "suture-try", "Words", {"WORDS.md": (b"Words\n", "")})
    (item,) = await observed(gitlab, "shop/Deployment/api", replace(PROJECT, branch="suture-try"))

    (commit,) = item.commits
    assert (commit.title, [(str(m.object), m.path, m.old, m.new) for m in commit.moves]) == (
        "Three of api", [("Deployment/shop/api", "spec.replicas", 2, 3)]
    )  # fmt: skip
    assert f"{commit.sha[:8]} was the last to move Deployment/shop/api" in item.text
    assert "spec.replicas: 2 → 3" in item.text


async def test_commits_that_moved_nothing_of_the_object_are_told_without_fields(world, gitlab):
    """A comment changes a file and no object."""
    file = await gitlab.file("platform/shop", "production/api/api.yaml", "main")
    text = "# why\n" + b64decode(file["content"]).decode()
    await gitlab.commit("platform/shop", "suture-try", "Say why", {"production/api/api.yaml": (text.encode(), file["last_commit_id"])},
                        start_sha=await gitlab.head("platform/shop", "main"))  # fmt: skip
    (item,) = await observed(gitlab, "shop/Deployment/api", replace(PROJECT, branch="suture-try"))

    assert "Say why" in item.text
    assert all(commit.title != "Say why" for commit in item.commits)


async def test_a_project_that_is_not_there_is_no_evidence_and_a_silent_gitlab_is_an_item(gitlab):
    """The incident goes on."""
    assert await observed(gitlab, "shop/Deployment/api", replace(PROJECT, project="platform/gone")) == []
    gone = GitLabClient("http://127.0.0.1:9", "token")
    (item,) = await observed(gone, "shop/Deployment/api")
    await gone.close()

    assert item.failed
    assert "cannot be reached" in item.text


def test_only_projects_of_its_cluster_are_asked():
    """And only about what has a name."""
    source = CommitsSource(None, [replace(PROJECT, cluster="main")], Trees(None))

    assert source.suits(target("shop/Deployment/api", "main"))
    assert not source.suits(target("shop/Deployment/api", "other"))
    assert not source.suits(target("shop//", "main"))
    assert not CommitsSource(None, [], Trees(None)).suits(target("shop/Deployment/api"))


class Heads:
    """A GitLab without projects, which remembers for whose heads it was asked."""

    def __init__(self):
        self.asked = []

    async def head(self, project, _branch):
        self.asked.append(project)
        raise NotFound("GitLab has no such thing.")


async def test_where_settings_name_the_project_of_a_target_no_other_is_asked():
    """The others hold nothing of it; where settings name none, any of them may."""
    elsewhere = replace(PROJECT, project="platform/payments")
    for targets, asked in (("shop/*", ["platform/shop"]), ("other/*", ["platform/payments", "platform/shop"])):
        heads = Heads()
        await observed(heads, "shop/Deployment/api", elsewhere, replace(PROJECT, targets=(targets,)))

        assert heads.asked == asked


def manifest(kind, name, namespace=""):
    where = f", namespace: {namespace}" if namespace else ""
    return blob_of(f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}{where}}}\n".encode())


TREE = {
    "base/api.yaml": manifest("Deployment", "api"),
    "overlays/eu/api-patch.yaml": manifest("Deployment", "api"),
    "base/api-cache.yaml": manifest("StatefulSet", "api-cache"),
    "other/api.yaml": manifest("Deployment", "api", "elsewhere"),
    "README.md": blob_of(b"api"),
}


@pytest.mark.parametrize(
    ("path", "under", "files"),
    [
        ("shop/Deployment/api", "", ["base/api.yaml", "overlays/eu/api-patch.yaml"]),
        ("shop/Deployment/api", "base", ["base/api.yaml"]),
        ("shop/Pod/api-7d9-x2", "", ["base/api.yaml", "overlays/eu/api-patch.yaml"]),
        ("shop/Pod/api-cache-0", "", ["base/api-cache.yaml"]),
        ("shop/Pod/nothing-0", "", []),
        ("shop/Banana/api", "", []),
    ],
)
def test_the_files_of_a_workload(path, under, files):
    """Every layer that speaks of it; of a pod, those of the workload whose name its own begins with."""
    assert files_of(target(path), Index(TREE), under) == files
