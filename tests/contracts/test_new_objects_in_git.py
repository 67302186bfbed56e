"""An act that makes an object beside the one that it edits, as the executor really does it: rehearsed, merged, in force, and taken back."""

import pytest

from bot.sandbox.environment import environment, write_files
from bot.sandbox.repositories import KUSTOMIZE_SHOP
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Refused
from remediation.kinds import ref
from remediation.remedies import catalogue, render_act
from remediation.terms import Plan, Standing, Target
from remediation.watch import ClusterWatcher
from tests.bot.sandbox.conftest import port, until, world
from tests.bot.sandbox.stories import needs
from tests.contracts.test_executor_contract import delivered, gitlab, ready
from tests.contracts.test_executor_rendered import executor, tree_of
from tests.remediation.made import NOW

__all__ = ["executor", "gitlab", "port", "until", "world"]
REMEDY = catalogue()["enable_autoscaler"]
NUMBERS = {"minimum": 2, "maximum": 4, "utilization": 80}


@pytest.fixture
async def cluster(world, port):
    write_files(port)
    client = KubernetesClient(kubeconfig=environment(port)["KUBECONFIG"])
    yield client
    await client.close()


async def act_of(cluster, path):
    namespace, name = path.split("/")
    target = Target(kind="workload", place="sandbox", path=f"{namespace}/Deployment/{name}")
    plan = Plan(
        plan_id="P1",
        title="t",
        priority=1,
        remedy=REMEDY.name,
        target=target,
        parameters=NUMBERS,
        justification="",
        cites=(),
        confidence=0.5,
    )
    return render_act(
        plan, REMEDY, await cluster.get(ref("Deployment", namespace, name)), Standing(environment="production", production=True)
    )


def scaler_of(world, namespace, name):
    return world.cluster.get("HorizontalPodAutoscaler", namespace, name)


@pytest.mark.parametrize(
    ("story", "path", "files"),
    [
        ("", "shop/api", {"production/api/api.yaml", "production/api/api-hpa.yaml"}),
        ("kustomize", "storefront/checkout", {f"overlays/production/{name}" for name in (
            "kustomization.yaml", "checkout-hpa.yaml")}),
    ],
)  # fmt: skip
async def test_it_is_rehearsed_merged_in_force_and_taken_back(executor, cluster, world, until, story, path, files):  # noqa: PLR0917 - fixtures, and one row of the table
    """Exactly one new object, and the number gone; the server takes both; the undo leaves the repository as it was."""
    if story:
        needs(story)
        await world.begin(story)
        world.nature.demands.clear()
    project = KUSTOMIZE_SHOP if story else next(iter(world.gitlab.projects.values()))
    before = tree_of(world, project)
    namespace, name = path.split("/")
    act = await act_of(cluster, path)
    rehearsal = await executor.rehearse(act)

    assert {file.path for file in rehearsal.files} >= files
    assert rehearsal.dry_run.state == "passed", rehearsal.dry_run.reason
    assert {str(move.object).partition("/")[0] for move in rehearsal.moves} == {"Deployment", "HorizontalPodAutoscaler"}
    assert [(m.old, m.new) for m in rehearsal.moves if m.object == act.object] == [(act.edits[0].expect, None)]

    watcher = ClusterWatcher({"sandbox": cluster}, now=lambda: NOW)
    assert "replicas" not in (await watcher.health(rehearsal)).detail
    assert not (await watcher.health(rehearsal)).applied
    receipt = await delivered(executor, rehearsal)
    await ready(executor, receipt)
    await executor.finish(receipt, "by policy")
    await until(lambda: scaler_of(world, namespace, name) is not None)
    assert (await watcher.health(rehearsal)).applied
    with pytest.raises(Refused):
        await executor.rehearse(act)

    undo = await executor.undo(rehearsal, receipt)
    revert = await executor.rehearse(undo)
    assert [str(gone) for gone in undo.removes] == [f"HorizontalPodAutoscaler/{namespace}/{name}"]
    second = await delivered(executor, revert, key="INC-1/2")
    await ready(executor, second)
    await executor.finish(second, "by policy")
    await until(lambda: scaler_of(world, namespace, name) is None)
    assert tree_of(world, project) == before
