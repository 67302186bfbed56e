"""The world as a whole: it is kept, it goes on, and what it tells Datadog is what happened."""

import pytest

from bot.sandbox.environment import Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.stories import STORIES
from bot.sandbox.world import World
from tests.bot.sandbox.stories import needs

PLANTED = {
    "oom": ("tr0ub4dor-and-3", "AKIAZ7QSANDBOX4PLANT"),
    "bad-image": ("s3ss10n-Pl4nted",),
    "self-heals": ("c4rr0ts-Planted",),
    "not-cured": ("SRCH-PLANTED",),
    "drift": ("sk_live_PLANTED51",),
    "kustomize": ("b4sket-Pl4nted",),
    "helm": ("b00k-Planted",),
    "flux": ("p0st-Planted",),
}


@pytest.fixture
def build(tmp_path):
    """Builds a world that is kept in the test's folder."""

    def built(**more):
        return World.load(tmp_path / "kept", origin="http://127.0.0.1:9", credentials=Credentials.of(9), pace=Pace.quick(), **more)

    return built


def test_a_fresh_world_is_calm_and_has_a_past(build):
    """Days old, two releases, an hour of metrics, nothing firing."""
    world = build()
    assert all(not story.measure(world.cluster) for story in STORIES.values())
    assert world.gitops.errors == {}
    revisions = [rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for rs in world.cluster.all("ReplicaSet", "shop-staging")]
    assert sorted(revisions) == ["1", "1", "2"]
    assert all(pod["status"]["phase"] in ("Running", "Succeeded") for pod in world.cluster.all("Pod"))
    points = next(iter(world.datadog.series["kubernetes.memory.usage"].values()))
    assert len(points) == 60


async def test_a_world_goes_on_where_it_was(build, until):
    """Merge requests, objects, faults, alerts: all as before the restart, and time passes on."""
    world = build()
    async with world.running():
        await world.begin("oom")
        await until(lambda: world.datadog.overall_state(70301) == "Alert")
    again = build()
    assert again.cluster.objects() == world.cluster.objects()
    assert again.gitlab.projects == world.gitlab.projects
    assert again.datadog.overall_state(70301) == "Alert"
    async with again.running():
        again.nature.demands.clear()
        again.touch()
        await until(lambda: again.datadog.overall_state(70301) == "OK")


@pytest.mark.parametrize("name", STORIES)
async def test_each_story_plants_secrets_where_evidence_is_read(build, until, name):
    """In Datadog's logs, so that masking can be proven."""
    needs(name)
    world = build()
    async with world.running():
        await world.begin(name)
        await until(lambda: all(any(secret in log.message for log in world.datadog.logs) for secret in PLANTED[name]))


async def test_metrics_show_the_fault_before_and_after(build, until):
    """The monitor's own metric, and memory up to its limit and no further."""
    world = build()
    async with world.running():
        await world.begin("oom")
        series = world.datadog.series
        tags = {"kube_namespace:shop", "kube_deployment:api", "kube_container_name:api"}

        def values(metric):
            return [v for key, points in series[metric].items() if tags <= set(key) for _, v in points]

        await until(lambda: 1.0 in values("kubernetes.containers.state.terminated"))
        assert max(values("kubernetes.memory.usage_pct")) <= 1.0
        assert max(values("kubernetes.containers.restarts")) >= 1


async def test_an_unknown_story_is_refused(build):
    """By name."""
    with pytest.raises(KeyError):
        await build().begin("nothing")


def test_the_outcomes_are_those_of_the_issue():
    """And each story has a workload, a monitor and a number of its own."""
    assert {name: story.outcome for name, story in STORIES.items()} == {
        "oom": "fixed", "bad-image": "fixed", "self-heals": "self_healed", "not-cured": "rolled_back", "drift": "handed_over",
        "kustomize": "fixed", "helm": "fixed", "flux": "fixed",
    }  # fmt: skip
    assert len({story.target for story in STORIES.values()}) == len({story.monitor.id for story in STORIES.values()}) == len(STORIES)


def test_a_folder_that_holds_no_world_is_said_so(build, tmp_path):
    """With what to do."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "world.json").write_text('{"slack": 1')
    with pytest.raises(ValueError, match=r"Remove it, or begin with --fresh"):
        build()
