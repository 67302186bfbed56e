"""A workload of a fixed number of pods, all of them held back: an autoscaler is made in Git, two people agree, and the load is spread."""

from datetime import timedelta

import pytest

from bot.sandbox import loads
from bot.sandbox.cluster import Cluster
from bot.sandbox.datadog_nouns import Monitor
from bot.sandbox.stories import STORIES
from bot.sandbox.stories.play import CLUSTER_TAGS, Merge, Press, Story, shop_file
from bot.sandbox.world import World
from remediation.quantities import parse_time
from tests.stage import staged
from tests.stories.checker import check

CART = "shop/Deployment/cart"
MANIFEST, BOUNDS = "production/cart/cart.yaml", "production/platform/namespace.yaml"
MEMORY = b"            limits:\n              memory: 512Mi\n"
_SAMPLED = timedelta(seconds=4)
SCOPE = "kube_namespace:shop,kube_deployment:cart"


def held_back(cluster: Cluster) -> float:
    """Whether the pods of the cart are asked for more than their limit lets them do, for so long that the agents have seen it."""
    cart = cluster.get("Deployment", "shop", "cart")
    asked = loads.wanted(cluster, cart) if cart is not None else None
    counted = loads.periods(cart["spec"]["template"]["spec"]["containers"][0], asked) if cart is not None and asked else None
    return float(counted is not None and counted[1] > counted[0] / 4 and _seen(cluster))


def _seen(cluster: Cluster) -> bool:
    pods = [pod for pod in cluster.all("Pod", "shop") if pod["metadata"].get("labels", {}).get("app") == "cart"]
    limited = [pod for pod in pods if "cpu" in pod["spec"]["containers"][0]["resources"]["limits"] and "startTime" in pod["status"]]
    youngest = max((parse_time(pod["status"]["startTime"]) for pod in limited), default=cluster.clock())
    return len(limited) == len(pods) and cluster.clock() - youngest > _SAMPLED


def begin(world: World) -> None:
    """A limit of one core, the most that the namespace lets a container have; and a sale."""
    limited = shop_file(MANIFEST).replace(MEMORY, MEMORY + b'              cpu: "1"\n')
    bounded = shop_file(BOUNDS).replace(b"max: {memory: 2Gi}", b'max: {memory: 2Gi, cpu: "1"}')
    world.developer_pushes("bob", "cart: one core at most", {MANIFEST: limited, BOUNDS: bounded})
    world.cluster.loads[CART] = 3.0


def calm(world: World) -> None:
    """The sale is over."""
    world.cluster.loads.pop(CART, None)


SALE = Story(
    name="sale", title="The cart is slow: its pods are throttled", target=CART,
    monitor=Monitor(
        id=70341, name="cart is throttled in shop", tags=[*CLUSTER_TAGS, "env:production", "team:shop", "service:cart"],
        query=f"max(last_5m):max:kubernetes.cpu.cfs.throttled.periods{{{SCOPE}}} by {{kube_namespace,kube_deployment}} >= 150",
        message="{{kube_deployment.name}} is throttled in namespace {{kube_namespace.name}}. @webhook-suture",
        thresholds={"critical": 150.0}, group=SCOPE, priority=3,
    ),
    measure=held_back, begin=begin, calm=calm,
    person=(Press(action="approve"), Press(action="approve", user="U_BOB"), Merge(which="fix")), outcome="fixed",
)  # fmt: skip


@pytest.fixture
async def stage(tmp_path, monkeypatch):
    """Sandbox and bot, with a story of our own."""
    monkeypatch.setitem(STORIES, SALE.name, SALE)
    async with staged(tmp_path, monkeypatch) as stage:
        yield stage
        await check(stage, tmp_path)


async def test_an_autoscaler_is_made_where_the_limit_may_not_be_raised(stage):
    """A file of its own beside the manifest, `replicas` gone from it; after the merge there are more pods, and none is held back."""
    document = await stage.played("sale")

    assert document["outcome"] == "fixed", document["outcome_reason"]
    (request,) = (await stage.state())["gitlab"]["merge_requests"]
    assert "production/cart/cart-hpa.yaml" in request["diff"]
    assert "-  replicas: 2" in request["diff"]
    scaler = stage.world.cluster.get("HorizontalPodAutoscaler", "shop", "cart")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 4)
    assert stage.world.cluster.get("Deployment", "shop", "cart")["spec"]["replicas"] == 4
    assert held_back(stage.world.cluster) == 0.0
