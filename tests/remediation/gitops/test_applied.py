"""The tree at the applied revision: what was applied must be what the cluster says, and the branch may not have moved the same field."""

from dataclasses import replace

import pytest

from remediation.errors import Refused
from remediation.executors.git import GitExecutor
from remediation.gitops.owners.origins import applied_by, of_application
from remediation.gitops.projects import Project
from remediation.gitops.repository import Forge
from remediation.terms import FieldEdit
from tests.bot.test_located import (
    CHART,
    DEPLOYMENT,
    FLUX,
    HOST,
    application,
    files,
    flux,
    flux_source,
    live,
    locate,
    refused,
    settings,
    source,
    tracked,
)
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab
from tests.remediation.gitops.test_feasibility import API
from tests.remediation.gitops.test_tasks import needs
from tests.remediation.made import NOW, an_act
from tests.remediation.test_places import GitLabWithoutMergeRequests, RehearsingCluster

SHA = "0123456789012345678901234567890123456789"
AHEAD = DEPLOYMENT + "  paused: true\n"


def at(sha, replicas=2, **spec):
    """The cluster with an Application that was synced at this commit."""
    app = application(source=source(), **spec)
    app["status"]["sync"] = {"status": "Synced", "revision": sha}
    return MemoryCluster({**tracked(), "spec": {"replicas": replicas}}, app)


def gitlab(head, applied, kind=MemoryGitLab):
    """One project whose branch has moved since it was applied."""
    branches = {"main": head, SHA: applied}
    return kind(
        {"platform/shop": {name: {"deploy/api.yaml": text} for name, text in branches.items() if text}, "platform/other": {"main": {}}}
    )


async def test_the_branch_has_moved_the_very_field():
    """The change is there, and not applied: another one on top would be proposed against what nobody runs."""
    refusal = await refused(at(SHA), gitlab(DEPLOYMENT.replace("2", "3"), DEPLOYMENT))
    assert refusal.kind == "drift"
    assert "the branch says 3, which is not applied yet; what was applied says 2, as the cluster does" in refusal.what
    assert "applied 01234567" in refusal.what


async def test_the_branch_has_the_fix_already():
    """It waits for its sync."""
    refusal = await refused(at(SHA), gitlab(DEPLOYMENT.replace("2", "5"), DEPLOYMENT))
    assert refusal.kind == "drift"
    assert "not applied yet" in refusal.what


async def test_what_was_applied_is_compared_and_not_the_branch():
    """The cluster says what the branch says, but its owner never applied that: somebody did it by hand, or a sync is under way."""
    refusal = await refused(at(SHA, replicas=3), gitlab(DEPLOYMENT.replace("2", "3"), DEPLOYMENT))
    assert refusal.kind == "drift"
    assert "Git says 2, the cluster says 3" in refusal.what


async def test_other_changes_of_the_object_come_with_the_fix_and_are_said():
    """The edit stands on the branch's head; the next sync brings both."""
    solution = await locate(at(SHA), gitlab(AHEAD, DEPLOYMENT))
    assert files(solution) == {"deploy/api.yaml": AHEAD.replace("2", "5")}
    assert any("not applied yet and come with the fix: spec.paused" in each for each in solution.unknown)


async def test_changes_of_other_files_say_nothing_of_the_object():
    """A repository of many applications is nearly always ahead of what one of them applied."""
    other = gitlab(DEPLOYMENT, DEPLOYMENT)
    other.projects["platform/shop"]["main"]["web/web.yaml"] = DEPLOYMENT.replace("api", "web")
    solution = await locate(at(SHA), other)
    assert not any("applied" in each for each in solution.unknown)


async def test_an_object_that_was_not_applied_yet_is_not_gits():
    """The cluster has one of this name all the same."""
    refusal = await refused(at(SHA), gitlab(DEPLOYMENT, DEPLOYMENT.replace("api", "web")))
    assert refusal.kind == "drift"
    assert "not in the commit that its owner applied" in refusal.what


async def test_a_commit_that_is_gone_is_said_and_the_branch_compared():
    """Somebody pushed by force."""
    solution = await locate(at("f" * 40), gitlab(DEPLOYMENT, None))
    assert any("applied last was not read, the branch's head was compared" in each for each in solution.unknown)


async def test_a_chart_and_its_values_are_rendered_as_they_were_applied():
    """Two sources, two commits; the values have moved, and the field with them."""
    needs("helm")
    chart = source("platform/charts", "charts/api", helm={"valueFiles": ["$config/prod.yaml"]})
    app = application(sources=[chart, {"repoURL": f"{HOST}/platform/config", "targetRevision": "HEAD", "ref": "config"}])
    app["status"]["sync"] = {"status": "Synced", "revisions": ["", SHA]}
    moved = MemoryGitLab(
        {
            "platform/charts": {"main": CHART},
            "platform/config": {name: {"prod.yaml": f"replicas: {n}\n"} for name, n in (("main", 4), (SHA, 2))},
        }
    )
    known = settings({"project": "platform/charts"}, {"project": "platform/config"})
    refusal = await refused(MemoryCluster(tracked(), app), moved, known=known)
    assert (refusal.kind, "the branch says 4" in refusal.what) == ("drift", True)
    assert "main is at platform" in refusal.what


async def test_a_flux_kustomization_says_what_it_applied():
    """Not what its source has fetched by now."""
    tool = flux()
    tool["status"] |= {"lastAppliedRevision": f"main@sha1:{SHA}", "lastAttemptedRevision": f"main@sha1:{'f' * 40}"}
    fleet = flux_source(url=f"{HOST}/platform/shop", status={"artifact": {"revision": f"main@sha1:{'f' * 40}"}})
    cluster = MemoryCluster(live(labels=FLUX), tool, fleet)
    assert "the branch says 3" in (await refused(cluster, gitlab(DEPLOYMENT.replace("2", "3"), DEPLOYMENT))).what


async def test_a_rehearsal_compares_with_what_was_applied_too():
    """The bot refuses a pending change, and tells a person of what comes with the fix."""
    edit = FieldEdit(path="spec.replicas", op="replace", expect=2, value=5)

    def executor(head):
        cluster = RehearsingCluster(*at(SHA).objects)
        projects, forge = [Project(project="platform/shop")], Forge(url=HOST, projects=("platform/shop",))
        return GitExecutor(
            gitlab(head, DEPLOYMENT, GitLabWithoutMergeRequests), {"sandbox": cluster}, projects, now=lambda: NOW, forge=forge
        )

    with pytest.raises(Refused, match="not applied yet") as caught:
        await executor(DEPLOYMENT.replace("2", "3")).rehearse(replace(an_act(), edits=(edit,)))
    assert caught.value.kind == "drift"
    rehearsal = await executor(AHEAD).rehearse(replace(an_act(), edits=(edit,)))
    assert any("come with the fix: spec.paused" in each for each in rehearsal.unknown)


OLD, NEW = "a" * 40, "b" * 40
OWN = {"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "api"}


@pytest.mark.parametrize(
    ("status", "applied"),
    [
        ({"sync": {"status": "Synced", "revision": NEW}, "history": [{"revision": OLD}]}, NEW),
        ({"sync": {"status": "OutOfSync", "revision": NEW}, "history": [{"revision": OLD}]}, OLD),
        ({"sync": {"status": "OutOfSync", "revision": NEW}, "history": [{"revision": OLD}], "resources": [{**OWN, "status": "Synced"}]}, NEW),
        ({"sync": {"status": "OutOfSync", "revision": NEW}, "history": [{"revision": OLD}], "resources": [{**OWN, "name": "b", "status": "Synced"}]}, OLD),
        ({"operationState": {"phase": "Failed", "syncResult": {"revision": NEW}}, "history": [{"revision": OLD}]}, OLD),
        ({"operationState": {"operation": {"sync": {"resources": [OWN]}}, "syncResult": {"revision": NEW}}, "history": [{"revision": OLD}]}, OLD),
        ({"sourceHydrator": {"lastSuccessfulOperation": {"drySHA": OLD}}, "sync": {"status": "Synced", "revision": NEW}}, OLD),
        ({"sync": {"revision": NEW}}, NEW),
    ],
)  # fmt: skip
def test_what_an_application_applied_is_what_the_object_was_found_in_sync_with(status, applied):
    """A sync that failed, or of some objects alone, is not what the cluster is at."""
    app = {"spec": {"source": {"repoURL": "https://x/a/b", "path": "p"}}, "status": status}
    assert [origin.applied for origin in of_application(app, API)] == [applied]


@pytest.mark.parametrize(
    ("kind", "source_kind", "status", "applied"),
    [
        ("Kustomization", "GitRepository", {"lastAppliedRevision": f"main@sha1:{OLD}"}, OLD),
        ("Kustomization", "GitRepository", {}, ""),
        ("Kustomization", "OCIRepository", {"lastAppliedRevision": "v1@sha256:one"}, NEW),
        ("Kustomization", "OCIRepository", {"lastAppliedRevision": "v1@sha256:older"}, ""),
        (
            "Kustomization",
            "OCIRepository",
            {"lastAppliedRevision": "v1@sha256:older", "lastAppliedOriginRevision": f"main@sha1:{OLD}"},
            OLD,
        ),
        ("HelmRelease", "GitRepository", {"lastAppliedRevision": "0.1.0"}, ""),
    ],
)
def test_what_flux_applied_is_a_commit_only_where_it_says_so(kind, source_kind, status, applied):
    """An artifact's digest is none, nor is a chart's version."""
    origin = {"org.opencontainers.image.source": "https://x/a/b", "org.opencontainers.image.revision": f"main@sha1:{NEW}"}
    thing = {"kind": source_kind, "status": {"artifact": {"revision": "v1@sha256:one", "metadata": origin}}}
    assert applied_by({"kind": kind, "status": status}, thing) == applied
