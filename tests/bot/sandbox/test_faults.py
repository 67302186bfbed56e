"""No flattery: a fault is a predicate over what is in the cluster, asked again after each sync."""


import pytest

from bot.sandbox import beginning
from bot.sandbox.faults import Demand, Nature, starved, unpullable
from bot.sandbox.stories import STORIES, oom
from bot.sandbox.stories.play import shop_file

API = "production/api/api.yaml"
WEB = "staging/web/web.yaml"


def transitions(world, name):
    """What Datadog sent about a story's monitor, oldest first."""
    monitor = STORIES[name].monitor.id
    return [d.about["transition"] for d in world.deliveries.log if d.system == "datadog" and d.about["monitor_id"] == monitor]


async def triggered(world, until, name):
    """Begin a story and wait for its alert."""
    await world.begin(name)
    await until(lambda: transitions(world, name)[-1:] == ["Triggered"])


async def looked_on(world, until, rounds=3):
    """The world turns on, and its monitors look so many times more: what did not happen by then does not happen."""
    enough = world.telemetry.samples + rounds
    await until(lambda: world.telemetry.samples >= enough)


def limited(world, limit):
    """Somebody pushes the api with this memory limit and request."""
    text = shop_file(API).replace(b'"256Mi"    #', b'"%d"    #' % limit).replace(b"memory: 256Mi  ", b"memory: %d  " % limit)
    world.developer_pushes("bob", f"api: {limit} bytes", {API: text})


def live_limit(world, name="api"):
    """A memory limit in the cluster."""
    return world.cluster.get("Deployment", "shop", name)["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]


def image_of(world, name):
    """What staging's cluster is to run."""
    return world.cluster.get("Deployment", "shop-staging", name)["spec"]["template"]["spec"]["containers"][0]["image"]


def rolled_out(world, name):
    """Every pod is of the newest template; they may be broken."""
    status = world.cluster.get("Deployment", "shop", name)["status"]
    return status["observedGeneration"] and status.get("updatedReplicas") == status.get("replicas")


@pytest.mark.parametrize(("limit", "needed", "kills"), [("256Mi", 2**28, False), ("268435455", 2**28, True), (None, 2**40, False)])
def test_a_process_is_killed_for_a_byte(limit, needed, kills):
    """Equal is enough; without a limit nothing is."""
    container = {"resources": {"limits": {"memory": limit}} if limit else {}}
    assert starved(container, needed) is kills


def test_an_image_exists_or_it_does_not():
    """Every image that the shop's tree names is in the registry, and one that nobody pushed is not."""
    assert not unpullable({"image": "registry.shop.example/web:2.4.0"}, beginning.images())
    assert unpullable({"image": "registry.shop.example/web:2.4.1"}, beginning.images())


def test_a_demand_holds_for_its_time_only():
    """Before and after it the process needs what it always needs."""
    nature = Nature(demands={"a": Demand(memory=2**40, since=10, until=20)})
    assert [nature.needed("a", at) > 2**30 for at in (9.9, 10, 19.9, 20)] == [False, True, True, False]


@pytest.mark.timeout(60)
async def test_one_byte_short_keeps_the_fault_and_one_just_enough_cures_it(world, until):
    """The story names no cure: only the predicate decides."""
    await triggered(world, until, "oom")
    limited(world, oom.NEEDED - 1)
    await until(lambda: live_limit(world) == str(oom.NEEDED - 1) and world.cluster.get("Deployment", "shop", "api")["status"].get("updatedReplicas"))
    await looked_on(world, until)
    assert transitions(world, "oom") == ["Triggered"]
    limited(world, oom.NEEDED)
    await until(lambda: transitions(world, "oom") == ["Triggered", "Recovered"])
    pods = [p for p in world.cluster.all("Pod", "shop") if p["metadata"]["labels"].get("app") == "api"]
    assert all(s["ready"] and not s["restartCount"] for p in pods for s in p["status"]["containerStatuses"])


async def test_the_killed_pod_shows_what_a_kubelet_shows(world, until):
    """Exit 137, OOMKilled, restarts, back-off, events, the deployment unavailable."""
    await triggered(world, until, "oom")
    await until(lambda: any(e["reason"] == "BackOff" for e in world.cluster.all("Event", "shop")))
    pod = next(p for p in world.cluster.all("Pod", "shop") if p["metadata"]["labels"].get("app") == "api")
    status = next(s for s in pod["status"]["containerStatuses"] if s["name"] == "api")
    assert status["lastState"]["terminated"] | {"reason": "OOMKilled", "exitCode": 137} == status["lastState"]["terminated"]
    assert status["restartCount"] >= 1
    conditions = {c["type"]: c["status"] for c in world.cluster.get("Deployment", "shop", "api")["status"]["conditions"]}
    assert conditions == {"Available": "False", "Progressing": "True"}


@pytest.mark.parametrize(("tag", "cured"), [(b"2.3.9", True), (b"2.4.2", False)])
async def test_only_a_tag_that_exists_brings_the_image_back(world, until, tag, cured):
    """Another wrong tag is another wrong tag; the former ReplicaSet keeps serving meanwhile."""
    await triggered(world, until, "bad-image")
    sets = [rs for rs in world.cluster.all("ReplicaSet", "shop-staging") if rs["metadata"]["labels"]["app"] == "web"]
    running = {rs["spec"]["template"]["spec"]["containers"][0]["image"]: rs["status"].get("readyReplicas", 0) for rs in sets}
    assert running["registry.shop.example/web:2.4.0"] == 2
    world.developer_pushes("carol", "another tag", {WEB: shop_file(WEB).replace(b"web:2.4.0", b"web:" + tag)})
    await until(lambda: image_of(world, "web").endswith(tag.decode()))
    await looked_on(world, until)
    assert (transitions(world, "bad-image")[-1] == "Recovered") is cured


async def test_a_spike_goes_away_by_itself(world, until):
    """Nobody touches anything."""
    await triggered(world, until, "self-heals")
    await until(lambda: transitions(world, "self-heals") == ["Triggered", "Recovered"])


async def test_no_allowed_limit_cures_the_search(world, until):
    """LimitRange allows 2Gi; even there it is killed. Above, no pod is made at all and the ReplicaSet says why."""
    await triggered(world, until, "not-cured")
    path = "production/search/search.yaml"
    for amount in (b"'1Gi'", b"'2Gi'", b"'8Gi'"):
        world.developer_pushes("bob", "search: more", {path: shop_file(path).replace(b"'512Mi'", amount)})
        await until(lambda amount=amount: live_limit(world, "search") == amount.decode().strip("'"))
        await looked_on(world, until)
        assert transitions(world, "not-cured") == ["Triggered"]
    events = [e["message"] for e in world.cluster.all("Event", "shop") if e["reason"] == "FailedCreate"]
    assert any("maximum memory usage per Container is 2Gi, but limit is 8Gi" in message for message in events)
    conditions = {c["type"]: c["reason"] for c in world.cluster.get("Deployment", "shop", "search")["status"]["conditions"]}
    assert conditions["ReplicaFailure"] == "FailedCreate"


async def test_a_live_edit_differs_from_git_and_its_manager_is_named(world, until):
    """Until the folder is synced again; pushes to other folders leave it."""
    await triggered(world, until, "drift")
    cart = world.cluster.get("Deployment", "shop", "cart")
    assert cart["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] == {"memory": "256Mi"}
    assert "kubectl-edit" in [entry["manager"] for entry in cart["metadata"]["managedFields"]]
    world.developer_pushes("bob", "elsewhere", {API: shop_file(API) + b"# a remark\n"})
    await looked_on(world, until)
    assert transitions(world, "drift") == ["Triggered"]
    world.sync_again("production/cart")
    world.touch()
    await until(lambda: transitions(world, "drift") == ["Triggered", "Recovered"])


@pytest.mark.parametrize("name", STORIES)
async def test_a_story_can_be_played_again(world, until, name):
    """What is left of it is taken away first; then the alert comes anew, with a new cycle."""
    await triggered(world, until, name)
    await world.begin(name)
    await until(lambda: transitions(world, name)[:3] == ["Triggered", "Recovered", "Triggered"])


async def test_a_broken_manifest_never_reaches_the_cluster(world, until):
    """What an apiserver refuses is refused to GitOps too, and said."""
    before = world.cluster.get("Deployment", "shop", "api")["spec"]
    world.developer_pushes("bob", "typo", {API: shop_file(API).replace(b"replicas: 2", b"replicaz: 2")})
    await until(lambda: "field not declared in schema" in world.gitops.errors.get("production/api", ""))
    world.developer_pushes("bob", "no yaml", {API: b"a: [\n"})
    await until(lambda: "ComparisonError" in world.gitops.errors.get("production/api", ""))
    assert world.cluster.get("Deployment", "shop", "api")["spec"] == before


async def test_what_git_no_longer_names_is_pruned(world, until):
    """And what was never in Git stays."""
    shop = shop_file(API).split(b"---\n")
    world.developer_pushes("bob", "no budget", {API: b"---\n".join(shop[:-1])})
    await until(lambda: world.cluster.get("PodDisruptionBudget", "shop", "api") is None)
    assert world.cluster.get("Secret", "shop", "postgres")
