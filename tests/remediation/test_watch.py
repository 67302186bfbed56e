"""The watcher in a living cluster: a change that has not come, that settles, that fails, and a dry run of each kind."""

import json
from dataclasses import replace

import pytest

from remediation.errors import Unreachable
from remediation.kinds import ref
from remediation.terms import Measured, Move, Series, Target, Window
from remediation.watch import ClusterWatcher
from tests.remediation.made import NOW, a_rehearsal, an_act, later
from tests.remediation.sandboxed import killed, sandboxed

API = ref("Deployment", "shop", "api")
MEMORY = "spec.template.spec.containers[name=api].resources.{}.memory"


@pytest.fixture
async def sandbox():
    async with sandboxed() as sandbox:
        yield sandbox


def raised(old, new):
    moves = tuple(Move(object=API, path=MEMORY.format(side), old=old, new=new) for side in ("limits", "requests"))
    act = replace(an_act(), target=Target(kind="workload", place="sandbox", path="shop/Deployment/api"), object=API)
    return a_rehearsal(act=act, moves=moves)


def edited(size):
    resources = {"limits": {"memory": size}, "requests": {"memory": size}}
    return {"spec": {"template": {"spec": {"containers": [{"name": "api", "resources": resources}]}}}}


def rolled_out(thing):
    status = thing["status"]
    return (
        status.get("observedGeneration") == thing["metadata"]["generation"]
        and status.get("availableReplicas") == status.get("replicas") == 2
    )


async def test_a_change_is_followed_from_git_to_a_whole_rollout(sandbox):
    """Not there; there and under way; whole."""
    watcher = ClusterWatcher({"sandbox": sandbox.kubernetes}, now=lambda: NOW)
    before = await watcher.health(raised("256Mi", "512Mi"))
    assert (before.applied, before.settled, before.failed) == (False, False, False)
    assert "not 512Mi in the cluster yet" in before.detail

    sandbox.world.edit_live("shop/Deployment/api", edited("512Mi"), manager="argocd-controller")
    under_way = await watcher.health(raised("256Mi", "512Mi"))
    assert (under_way.applied, under_way.settled, under_way.failed) == (True, False, False)

    await sandbox.until(rolled_out, "shop/Deployment/api")
    whole = await watcher.health(raised("256Mi", "0.5Gi"))
    assert (whole.applied, whole.settled, whole.failed) == (True, True, False)
    assert whole.detail == "Deployment/shop/api is rolled out and healthy."


async def test_new_pods_that_die_are_a_failure_at_once(sandbox):
    """A limit that is just short: the new pods are killed again."""
    await sandbox.world.begin("oom")
    await sandbox.until_pods(killed, "shop", "api-")
    old = {pod["metadata"]["name"] for pod in await sandbox.kubernetes.list("Pod", "shop")}
    sandbox.world.edit_live("shop/Deployment/api", edited("429Mi"), manager="argocd-controller")
    await sandbox.until_pods(lambda pods: killed([pod for pod in pods if pod["metadata"]["name"] not in old]), "shop", "api-")
    health = await ClusterWatcher({"sandbox": sandbox.kubernetes}, now=lambda: NOW).health(raised("256Mi", "429Mi"))
    assert (health.applied, health.settled, health.failed) == (True, False, True)
    assert "OOMKilled" in health.detail


async def test_an_object_that_is_gone_has_not_arrived(sandbox):
    """No error: somebody may still be creating it."""
    rehearsal = raised("256Mi", "512Mi")
    gone = replace(rehearsal, act=replace(rehearsal.act, object=ref("Deployment", "shop", "gone")))
    health = await ClusterWatcher({"sandbox": sandbox.kubernetes}, now=lambda: NOW).health(gone)
    assert health.detail == "Deployment/shop/gone is not in the cluster."


async def test_a_dry_run_hears_what_the_server_says_of_the_whole_object(sandbox):
    """Passed, unknown field, request over limit, too large for the namespace; and nothing has changed."""
    live = await sandbox.kubernetes.get(API)
    spec = json.dumps(live)
    better, unknown, over = (json.loads(spec) for _ in range(3))
    container = better["spec"]["template"]["spec"]["containers"][0]
    container["resources"] = {"limits": {"memory": "512Mi"}, "requests": {"memory": "512Mi", "cpu": "100m"}}
    assert (await sandbox.kubernetes.dry_run(better)).state == "passed"
    unknown["spec"]["replicaz"] = 3
    refused = await sandbox.kubernetes.dry_run(unknown)
    assert refused.state == "refused"
    assert "replicaz" in refused.reason
    over["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "64Mi"}, "requests": {"memory": "128Mi"}}
    assert "memory limit" in (await sandbox.kubernetes.dry_run(over)).reason
    assert (await sandbox.kubernetes.get(API))["spec"] == live["spec"]


class Metrics:
    """Datadog with these groups of points, (minutes after NOW, value); it knows what it was asked for."""

    def __init__(self, *groups):
        self.groups = [Series(metric="m", points=tuple(((later(at).timestamp()), value) for at, value in group)) for group in groups]
        self.asked = []

    def watched(self, query):
        return query.rpartition(":")[2]

    async def metric(self, _query, window):
        self.asked.append((window.since, window.until))
        inside = [tuple(p for p in one.points if p[0] <= window.until.timestamp()) for one in self.groups]
        return [replace(one, points=points) for one, points in zip(self.groups, inside, strict=True)]


@pytest.mark.parametrize(
    ("compared", "before", "after"),
    [(">= 90", 97.3, 41.2), ("< 10", 40.0, 12.0)],
)
async def test_the_metric_is_told_at_its_worst_and_as_it_is_now(compared, before, after):
    """Of several groups the worst; what was reported before the rollout was whole says nothing of now."""
    metrics = Metrics([(-4, 97.31), (-1, 50), (16, 41.2)], [(-3, 40), (17, 12)], [(-2, 60), (4, 99)])
    watcher = ClusterWatcher({}, datadog=metrics, now=lambda: later(20))
    measured = await watcher.measured(f"avg(last_5m):m {compared}", Window(since=later(-5), until=later(2)), later(10))

    assert (measured.before, measured.after) == (before, after)
    assert metrics.asked == [(later(-5), later(2)), (later(15), later(20))]


async def test_a_metric_that_is_not_reported_is_not_guessed():
    """No Datadog, no query, no points."""
    window = Window(since=later(-5), until=NOW)

    for datadog, query in ((None, "m > 1"), (Metrics(), "m > 1"), (Metrics([(-1, 1)]), "")):
        measured = await ClusterWatcher({}, datadog=datadog, now=lambda: later(1)).measured(query, window, NOW)
        assert measured == Measured()


async def test_a_cluster_that_is_not_configured_cannot_be_looked_at():
    """A setup that rehearsal allows: an answer in words, and none that speaks against the fix."""
    with pytest.raises(Unreachable, match="The cluster sandbox cannot be looked at: it is not configured"):
        await ClusterWatcher({}, now=lambda: NOW).health(raised("256Mi", "512Mi"))


async def test_a_list_that_is_cut_decides_nothing_and_is_said(sandbox):
    """A workload of more pods than one list holds: that none of those seen dies does not make it healthy; the controller counts them."""
    sandbox.world.edit_live("shop/Deployment/api", edited("512Mi"), manager="argocd-controller")
    await sandbox.until(rolled_out, "shop/Deployment/api")

    class OfManyPods(type(sandbox.kubernetes)):
        """It gives the first pod of a list."""

        async def list(self, kind, namespace="", **how):
            """As many as a list holds."""
            return await super().list(kind, namespace, **{**how, "cap": 1})

    sandbox.kubernetes.__class__ = OfManyPods
    health = await ClusterWatcher({"sandbox": sandbox.kubernetes}, now=lambda: NOW).health(raised("256Mi", "512Mi"))

    assert (health.applied, health.settled, health.failed) == (True, True, False)
    assert health.detail == "Deployment/shop/api is rolled out. Only the first 1 Pod objects were read: there are more."
