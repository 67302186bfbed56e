"""Whose field it is, in whole incidents: a HelmRelease's values in an overlay of its Kustomization; replicas that an autoscaler owns."""

import pytest

from bot.sandbox.cluster import Cluster
from bot.sandbox.faults import MIB, Demand, Process
from bot.sandbox.repositories import FLUX_FLEET
from bot.sandbox.stories import PROCESSES, STORIES
from bot.sandbox.stories.play import Merge, Press, Story, killed, oom_monitor, shop_file
from bot.sandbox.world import World
from tests.bot.sandbox.stories import needs
from tests.stage import staged
from tests.stories.checker import check
from tests.stories.test_beside_the_workload import monitor

SMS, CART = "notifications/Deployment/sms-worker", "shop/Deployment/cart"
MANIFEST = "production/cart/cart.yaml"
SCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: cart, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cart}
  minReplicas: 2
  maxReplicas: 6
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
"""


def begin_sms(world: World) -> None:
    """A campaign goes out by text message; the chart's release has 160Mi for it."""
    world.nature.demands[f"{SMS}/worker"] = Demand(memory=210 * MIB, since=world.time())


def calm_sms(world: World) -> None:
    """It is sent."""
    world.nature.demands.pop(f"{SMS}/worker", None)


RELEASE = Story(
    name="helm-release", title="A Flux HelmRelease's worker is killed by a campaign", target=SMS, monitor=oom_monitor(70331, SMS),
    measure=killed(SMS), begin=begin_sms, calm=calm_sms, person=(Press(action="approve"), Merge(which="fix")), outcome="fixed",
    project=FLUX_FLEET.id,
)  # fmt: skip


def without_pods(cluster: Cluster) -> float:
    """Whether the cart's Service has nobody behind it."""
    return float(not [pod for pod in cluster.all("Pod", "shop") if pod["metadata"].get("labels", {}).get("app") == "cart"])


def begin_cart(world: World) -> None:
    """Somebody takes the cart to zero in Git, and an autoscaler is there for it."""
    content = shop_file(MANIFEST).replace(b"replicas: 2", b"replicas: 0") + SCALER.encode()
    world.developer_pushes("carol", "cart: autoscaled, and off for the migration", {MANIFEST: content})


def calm_cart(world: World) -> None:
    """It is taken back."""
    world.developer_pushes("carol", "cart: on again", {MANIFEST: shop_file(MANIFEST)})


AUTOSCALED = Story(
    name="autoscaled", title="The cart has no pods, and an autoscaler", target=CART, monitor=monitor(70332, CART, "cart does not answer"),
    measure=without_pods, begin=begin_cart, calm=calm_cart, person=(), outcome="handed_over",
)  # fmt: skip


@pytest.fixture
async def stage(tmp_path, monkeypatch):
    """Sandbox and bot, with stories of our own."""
    monkeypatch.setitem(PROCESSES, f"{SMS}/worker", Process(memory=120 * MIB, works=("INFO 40 messages sent",)))
    for story in (RELEASE, AUTOSCALED):
        monkeypatch.setitem(STORIES, story.name, story)
    async with staged(tmp_path, monkeypatch) as stage:
        yield stage
        await check(stage, tmp_path)


async def test_a_helm_release_is_mended_in_the_overlay_that_patches_its_values(stage):
    """Two steps: the chart says the key, the cluster's Kustomization keeps the value."""
    needs("helm-release")
    document = await stage.played("helm-release")

    assert document["outcome"] == "fixed", document["outcome_reason"]
    (request,) = (await stage.state())["gitlab"]["merge_requests"]
    overlay = request["diff"].partition("+++ b/apps/production/sms-values.yaml")[2].partition("\n--- ")[0]
    assert [line.strip() for line in overlay.splitlines() if line[:1] in ("-", "+")] == ["-    memory: 160Mi", "+    memory: 320Mi"]
    lines = [line.split(":")[0].strip("+- ") for line in request["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert set(lines) == {"memory"}


async def test_the_replicas_of_an_autoscaler_are_not_changed(stage):
    """Whatever was written for the number of pods would be the autoscaler's again: nothing is opened, and it is named."""
    document = await stage.played("autoscaled")

    assert document["outcome"] == "handed_over"
    assert "HorizontalPodAutoscaler cart" in str(document)
    assert "owns the replicas" in str(document)
    assert (await stage.state())["gitlab"]["merge_requests"] == []
