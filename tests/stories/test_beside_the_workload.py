"""Faults that no limit and no image mends, from the alert to what is remembered; each is a predicate over the cluster, and cured by what is merged."""

import pytest

from bot.sandbox.cluster import Cluster
from bot.sandbox.datadog import Monitor
from bot.sandbox.faults import unheard
from bot.sandbox.stories import STORIES
from bot.sandbox.stories.play import CLUSTER_TAGS, Story, shop_file
from bot.sandbox.world import World
from tests.stage import staged
from tests.stories.checker import check

WEB = "shop-staging/Deployment/web"
MANIFEST = "staging/web/web.yaml"
RIGHT, WRONG = b"ports: [{port: 80, targetPort: http}]", b"ports: [{port: 80, targetPort: 3001}]"


def monitor(number: int, target: str, name: str) -> Monitor:
    """A synthetic test that asks one workload."""
    namespace, _, workload = target.split("/")
    scope = f"kube_namespace:{namespace},kube_deployment:{workload}"
    return Monitor(
        id=number,
        name=name,
        query=f"max(last_5m):max:synthetics.http.failed{{{scope}}} by {{kube_namespace,kube_deployment}} >= 1",
        message="{{kube_deployment.name}} does not answer in namespace {{kube_namespace.name}}. @webhook-suture",
        tags=[*CLUSTER_TAGS, "env:staging", "team:shop", f"service:{workload}"],
        thresholds={"critical": 1.0},
        group=scope,
        priority=3,
    )


def refused(cluster: Cluster) -> float:
    """Whether a call of the Service meets a port on which nobody listens."""
    service = cluster.get("Service", "shop-staging", "web")
    pods = [pod for pod in cluster.all("Pod", "shop-staging") if pod["metadata"].get("labels", {}).get("app") == "web"]
    return float(service is not None and bool(pods) and unheard(service, pods))


def begin(world: World) -> None:
    """Somebody writes the port of a release that never came."""
    world.developer_pushes("carol", "web: listen on 3001", {MANIFEST: shop_file(MANIFEST).replace(RIGHT, WRONG)})


def calm(world: World) -> None:
    """It is taken back."""
    world.developer_pushes("carol", "web: back to http", {MANIFEST: shop_file(MANIFEST)})


WRONG_PORT = Story(
    name="wrong-port", title="The storefront's Service leads nowhere", target=WEB, monitor=monitor(70321, WEB, "web refuses its callers"),
    measure=refused, begin=begin, calm=calm, person=(), outcome="fixed",
)  # fmt: skip


@pytest.fixture
async def stage(tmp_path, monkeypatch):
    """Sandbox and bot, with stories of our own."""
    monkeypatch.setitem(STORIES, WRONG_PORT.name, WRONG_PORT)
    async with staged(tmp_path, monkeypatch) as stage:
        yield stage
        await check(stage, tmp_path)


async def test_a_service_that_leads_to_no_port_is_mended(stage):
    """The alert names the Deployment, which is well; the fix is one line of the Service beside it."""
    document = await stage.played("wrong-port")

    assert document["outcome"] == "fixed", document["outcome_reason"]
    (request,) = (await stage.state())["gitlab"]["merge_requests"]
    lines = [line for line in request["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line.strip("+- ") for line in lines] == [WRONG.decode(), lines[1].strip("+- ")]
    assert "targetPort: 3000" in lines[1] or "targetPort: http" in lines[1]
