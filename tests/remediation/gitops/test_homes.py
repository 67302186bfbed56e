"""Where manifests are: what could not be asked, or not to its end, is said; a project that is gone hides no other."""

from dataclasses import replace

import pytest

from remediation.errors import Forbidden, NotFound, Refused, Unusable
from remediation.executors.git import GitExecutor
from remediation.gitops.fetching import Fetched
from remediation.gitops.homes import Homes
from remediation.gitops.owners.claims import Tracking
from remediation.gitops.owners.live import Clusters
from remediation.gitops.projects import Project, Trees
from remediation.gitops.repository import Forge
from remediation.terms import FieldEdit
from tests.bot.test_located import DEPLOYMENT, HOST, TWO, application, source, tracked
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab, archive_of
from tests.remediation.gitops.test_feasibility import API
from tests.remediation.gitops.test_fetching import BASE, SHA, MemoryRemote, overlay
from tests.remediation.gitops.test_tasks import needs
from tests.remediation.made import NOW, an_act
from tests.remediation.test_places import GitLabWithoutMergeRequests, RehearsingCluster


async def homes_of(cluster, gitlab, live, fetched=None, names=("platform/shop", "platform/other")):
    """The homes, and what is unknown of them."""
    homes = Homes(Trees(gitlab), [Project(project=name) for name in names], Forge(url=HOST, projects=names), fetched)
    asking = Clusters(asked=[cluster], tracking=Tracking())
    return await homes.of(API, live, asking), asking.unknown


@pytest.mark.parametrize(("cap", "unknown"), [(3, []), (2, ["Only the first 2 Application objects were read: there are more."])])
async def test_other_applications_beyond_those_that_a_list_gives_are_said_to_be_unread(cap, unknown):
    """They may use the same files: without them the proof is not whole, and a person looks at it."""
    others = [application(name, source=source(path="web")) for name in ("web", "worker")]
    cluster = MemoryCluster(tracked(), application(source=source()), *others, cap=cap)
    assert (await homes_of(cluster, MemoryGitLab(TWO), tracked()))[1] == unknown


async def test_an_owner_that_was_not_among_the_first_is_not_called_absent():
    """An Application of another namespace is looked for by its name, in all of them."""
    others = [application(name, "team-a", source=source(path="web")) for name in ("web", "worker")]
    cluster = MemoryCluster(tracked(), *others, application("shop", "team-b", source=source()), cap=2)
    _, unknown = await homes_of(cluster, MemoryGitLab(TWO), tracked())
    assert "looked for in every namespace. Only the first 2 Application objects" in unknown[0]


async def test_limits_beyond_those_that_a_list_gives_are_said_to_be_unread():
    """Policy takes what is unknown as needing a person."""
    ranges = [{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": f"l{n}", "namespace": "shop"}, "spec": {}} for n in range(3)]
    gitlab = GitLabWithoutMergeRequests({"platform/shop": {"main": {"deploy/api.yaml": DEPLOYMENT}}})
    live = tracked() | {"metadata": {"name": "api", "namespace": "shop"}}
    executor = GitExecutor(
        gitlab, {"sandbox": RehearsingCluster(live, *ranges, cap=2)}, [Project(project="platform/shop")], now=lambda: NOW
    )
    edit = FieldEdit(path="spec.replicas", op="replace", expect=2, value=5)
    rehearsal = await executor.rehearse(replace(an_act(), edits=(edit,)))
    assert rehearsal.unknown == ("Only the first 2 LimitRange objects were read: there are more.",)


BASE_TREE = {f"https://github.com/acme/bases/archive/{SHA}.tar.gz": archive_of(BASE)}


async def test_what_was_fetched_at_last_makes_another_tree():
    """The host was down; what was rendered without the base is not served once it is there."""
    remote = MemoryRemote({})
    fetched = Fetched(remote)
    cluster, names = MemoryCluster(tracked(), application(source=source())), ("platform/shop",)
    ((without,), unknown), again = [await homes_of(cluster, overlay(SHA), tracked(), fetched, names) for _ in range(2)]
    assert (without.key, unknown) == (again[0][0].key, again[1])
    remote.answers |= BASE_TREE
    ((whole,), unknown) = await homes_of(cluster, overlay(SHA), tracked(), fetched, names)
    assert unknown == []
    assert whole.key != without.key


async def test_an_executor_renders_with_what_was_fetched_at_last():
    """First it is refused as unpinned; once the host answers, the same executor rehearses."""
    needs("kustomize")
    remote = MemoryRemote({})
    gitlab = GitLabWithoutMergeRequests(overlay(SHA).projects)
    cluster = RehearsingCluster(tracked(), application(source=source()))
    forge = Forge(url=HOST, projects=("platform/shop",))
    shop = [Project(project="platform/shop")]
    executor = GitExecutor(gitlab, {"sandbox": cluster}, shop, now=lambda: NOW, forge=forge, fetched=Fetched(remote))
    act = replace(an_act(), edits=(FieldEdit(path="spec.replicas", op="replace", expect=2, value=5),))
    with pytest.raises(Refused):
        await executor.rehearse(act)
    remote.answers |= BASE_TREE
    assert (await executor.rehearse(act)).files[0].path.startswith("deploy/")


class GitLabThatFails(MemoryGitLab):
    """Of one project nothing can be had."""

    def __init__(self, projects, error):
        super().__init__(projects)
        self.error = error

    async def head(self, project, branch):
        if project not in self.projects:
            raise self.error
        return await super().head(project, branch)


@pytest.mark.parametrize("error", [NotFound("GitLab has no such project."), Forbidden("GitLab says no."), Unusable("An answer without shape.")])
async def test_a_project_that_was_renamed_or_closed_hides_no_other_and_is_said(error):
    """Nobody is known to own the object: every configured project is searched."""
    gitlab = GitLabThatFails({"platform/shop": TWO["platform/shop"]}, error)
    homes, unknown = await homes_of(MemoryCluster(), gitlab, {})
    assert [home.project.project for home in homes] == ["platform/shop"]
    assert unknown == [f"platform/other was not searched: {error.what}"]


async def test_where_no_project_can_be_had_that_is_the_refusal():
    """It names the project and where it stands in settings."""
    with pytest.raises(Refused, match=r"platform/shop was not searched: GitLab says no\. .*settings \(gitops\)"):
        await homes_of(MemoryCluster(), GitLabThatFails({}, Forbidden("GitLab says no.")), {})


async def test_a_tree_that_is_not_kept_any_more_is_still_whole_for_who_looks_at_it():
    """Of many projects that are searched, the first has the object."""
    needs("kustomize")
    names = [f"platform/p{number}" for number in range(4)]
    trees = {name: {"main": {"README.md": name}} for name in names}
    trees[names[0]]["main"] |= {"deploy/kustomization.yaml": "namePrefix: ''\nresources: [api.yaml]\n", "deploy/api.yaml": DEPLOYMENT}
    live = tracked() | {"metadata": {"name": "api", "namespace": "shop"}}
    executor = GitExecutor(
        GitLabWithoutMergeRequests(trees), {"sandbox": RehearsingCluster(live)}, [Project(project=name) for name in names], now=lambda: NOW
    )
    edit = FieldEdit(path="spec.replicas", op="replace", expect=2, value=5)
    rehearsal = await executor.rehearse(replace(an_act(), edits=(edit,)))
    assert [file.path for file in rehearsal.files] == ["deploy/api.yaml"]
