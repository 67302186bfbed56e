"""`suture explain` on a living cluster: the sandbox's, over HTTP, by settings."""

import asyncio

import pytest
import typer
from typer.testing import CliRunner

from bot.commands.explain import explain
from bot.live import explained_live
from bot.sandbox.environment import environment, write_files
from remediation.errors import Forbidden, NotFound, Refused, Unreachable, Unusable
from tests.bot.sandbox.conftest import port, world

__all__ = ["port", "world"]


@pytest.fixture
def by_settings(world, port, monkeypatch, tmp_path):
    """The environment of a bot of this sandbox, without Slack: nothing of it is needed."""
    write_files(port)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in environment(port).items():
        if name in ("KUBECONFIG", "DD_API_KEY", "DD_APP_KEY", "DD_API_URL"):
            monkeypatch.setenv(name, value)
    return world


async def begun(world):
    await world.begin("oom")
    async with asyncio.timeout(20):
        while not any("OOMKilled" in repr(pod) for pod in world.cluster.all("Pod", "shop")):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("named", ["deployment/api", "deploy/api", ""])
async def test_a_live_object_is_explained_as_files_are(by_settings, named):
    """The same document: cause, plan with parameters from the cluster; and from Datadog, which settings name too."""
    await begun(by_settings)
    said = await explained_live(named, "shop", "", "why does api restart?")
    document = said.document()

    assert list(document) == ["findings", "cause", "confidence", "other_causes", "plans", "fix_kind", "fix_in_git", "for_a_person"]
    assert (document["cause"]["kind"], document["cause"]["subject"]) == ("oom_killed", "Deployment/shop/api/api")
    assert document["plans"][0]["target"] == "shop/Deployment/api"
    assert {item.source for item in said.evidence} >= {"kubernetes"}
    assert said.unread == ()


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (("deployment/nothing", "shop", ""), NotFound, "nothing"),
        (("deployment/api", "nowhere", ""), NotFound, "api"),
        (("", "nowhere", ""), NotFound, "There is no namespace nowhere"),
        (("secret/api", "shop", ""), Forbidden, "secrets"),
        (("banana/api", "shop", ""), Refused, "kind/name"),
        (("deployment/api", "shop", "another"), Unusable, "another"),
    ],
)
async def test_what_is_wrong_is_said(by_settings, asked, error, said):
    """One sentence, and what to do."""
    with pytest.raises(error, match=said):
        await explained_live(*asked, "")


async def test_a_cluster_that_is_down_is_unreachable(monkeypatch, tmp_path):
    """Not an empty namespace."""
    config = tmp_path / "config"
    config.write_text(
        "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],"
        " clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}], users: [{name: u, user: {token: t}}]}"
    )
    monkeypatch.setenv("KUBECONFIG", str(config))
    with pytest.raises(Unreachable, match="cannot be reached"):
        await explained_live("deployment/api", "shop", "", "")


def run(*arguments):
    app = typer.Typer()
    app.command()(explain)
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("arguments", [("deployment/api",), ("deployment/api", "-n", "shop"), ("-n", "shop"), ("pod/api-1", "--context", "c")])
def test_without_a_cluster_it_says_where_one_comes_from(arguments, monkeypatch, tmp_path):
    """Neither KUBECONFIG nor kubectl's own file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    failure = run(*arguments).exception

    assert isinstance(failure, Unusable)
    assert "Set KUBECONFIG" in str(failure)


def test_two_objects_or_nothing_at_all_are_wrong_usage():
    """Exit 2, as for every wrong usage."""
    assert run().exit_code == 2
    assert run("deployment/api", "deployment/web").exit_code == 2


def test_a_file_that_is_there_is_read_though_it_is_written_like_an_object(tmp_path, monkeypatch):
    """What lies here comes first."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pod").mkdir()
    (tmp_path / "pod" / "api").write_text("all is well")

    assert run("pod/api").exit_code == 0
