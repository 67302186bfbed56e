"""Faults that no limit and no image mends, from the alert to what is remembered; each is a predicate over the cluster, and cured by what is merged."""

from dataclasses import replace

import pytest

from bot.sandbox.cluster import Cluster
from bot.sandbox.datadog_nouns import Monitor
from bot.sandbox.faults import Process, unheard, unknown_path
from bot.sandbox.stories import STORIES
from bot.sandbox.stories.play import CLUSTER_TAGS, Merge, Press, Story, shop_file
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
        tags=[*CLUSTER_TAGS, "env:staging" if namespace.endswith("-staging") else "env:production", "team:shop", f"service:{workload}"],
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


API = "shop/Deployment/api"
API_MANIFEST = "production/api/api.yaml"
ASKED, UNKNOWN = b"/healthz", b"/health/ready"


def asks_in_vain(cluster: Cluster) -> float:
    """How many pods of the api are asked for a path that it does not know."""
    pods = [pod for pod in cluster.all("Pod", "shop") if pod["metadata"].get("labels", {}).get("app") == "api"]
    knows = Process(paths=(ASKED.decode(),))
    return float(sum(bool(unknown_path(container, knows)) for pod in pods for container in pod["spec"]["containers"]))


def begin_probe(world: World) -> None:
    """The probe is written as the next release will answer it; the one that runs does not."""
    world.nature.processes[f"{API}/api"] = replace(world.nature.process(f"{API}/api"), paths=(ASKED.decode(),))
    world.developer_pushes("bob", "api: probe readiness", {API_MANIFEST: shop_file(API_MANIFEST).replace(ASKED, UNKNOWN)})


def calm_probe(world: World) -> None:
    """It is taken back."""
    world.developer_pushes("bob", "api: probe healthz", {API_MANIFEST: shop_file(API_MANIFEST)})


WRONG_PATH = Story(
    name="wrong-path",
    title="The api's new pods are never ready",
    target=API,
    monitor=monitor(70322, API, "api has pods that are not ready"),
    measure=asks_in_vain,
    begin=begin_probe,
    calm=calm_probe,
    person=(Press(action="approve"), Merge(which="fix")),
    outcome="fixed",
)
WRONG_PORT = Story(
    name="wrong-port", title="The storefront's Service leads nowhere", target=WEB, monitor=monitor(70321, WEB, "web refuses its callers"),
    measure=refused, begin=begin, calm=calm, person=(), outcome="fixed",
)  # fmt: skip


@pytest.fixture
async def stage(tmp_path, monkeypatch):
    """Sandbox and bot, with stories of our own."""
    for story in (WRONG_PORT, WRONG_PATH):
        monkeypatch.setitem(STORIES, story.name, story)
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


async def test_a_probe_that_asks_for_an_unknown_path_is_mended(stage):
    """As the revision that serves asks: the path alone, and no limit, no image, no revert."""
    document = await stage.played("wrong-path")

    assert document["outcome"] == "fixed", document["outcome_reason"]
    (request,) = (await stage.state())["gitlab"]["merge_requests"]
    lines = [line for line in request["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line.strip("+- ") for line in lines] == [f"httpGet: {{path: {path.decode()}, port: http}}" for path in (UNKNOWN, ASKED)]
