"""The Cluster port's contract: what is read, what is refused, and what a dry run says, alike in memory, in the sandbox and on a real server."""

import pytest

from remediation.errors import Forbidden, NotFound, Unusable
from remediation.kinds import ref
from tests.contracts.clusters import in_memory, in_sandbox, on_a_real_server
from tests.contracts.objects import config_map, event, made, pod
from tests.contracts.refusals import cases

REAL = pytest.param("real", marks=pytest.mark.real)


@pytest.fixture(params=["memory", "sandbox", REAL])
async def world(request, tmp_path):
    """Each cluster in turn."""
    if request.param == "real":
        cluster = on_a_real_server(request.getfixturevalue("administrator"), tmp_path)
    else:
        cluster = in_memory() if request.param == "memory" else in_sandbox()
    async with cluster as ready:
        yield ready


served = pytest.mark.parametrize("world", ["sandbox", REAL], indirect=True)  # what a cluster in memory does not play


def names(objects):
    return [thing["metadata"]["name"] for thing in objects]


async def test_an_object_is_read_whole(world):
    """With its apiVersion and kind."""
    world.put(config_map("a", world.namespace, data={"key": "value"}))
    read = await world.ours.get(ref("ConfigMap", world.namespace, "a"))
    assert (read["apiVersion"], read["kind"], read["data"]) == ("v1", "ConfigMap", {"key": "value"})


async def test_what_is_not_there_is_not_found(world):
    """By name; of a namespace that is not there, too."""
    for namespace in (world.namespace, "nowhere-at-all"):
        with pytest.raises(NotFound, match="absent"):
            await world.ours.get(ref("Deployment", namespace, "absent"))
        assert await world.ours.list("Deployment", namespace) == []


@pytest.mark.parametrize(
    ("labels", "chosen"),
    [
        ("app=api", ["a", "b"]),
        ("app==api,tier=front", ["a"]),
        ("app!=api", ["c", "d"]),
        ("app in (api, web)", ["a", "b", "c"]),
        ("app notin (api)", ["c", "d"]),
        ("tier", ["a"]),
        ("!app", ["d"]),
        ("app=nobody", []),
    ],
)
async def test_labels_select(world, labels, chosen):
    """As kubectl writes them."""
    for name, own in {"a": {"app": "api", "tier": "front"}, "b": {"app": "api"}, "c": {"app": "web"}, "d": {}}.items():
        world.put(config_map(name, world.namespace, labels={**own, "set": "ours"}))
    assert names(await world.ours.list("ConfigMap", world.namespace, labels=f"set=ours,{labels}")) == chosen


async def test_fields_select(world):
    """By name, by a pod's state, by what an event is about."""
    world.put(
        pod("one", world.namespace), pod("two", world.namespace), event("e1", world.namespace, "one"), event("e2", world.namespace, "two")
    )
    assert names(await world.ours.list("Pod", world.namespace, fields="metadata.name=one")) == ["one"]
    assert names(await world.ours.list("Pod", world.namespace, fields="metadata.name!=one")) == ["two"]
    about = await world.ours.list("Event", world.namespace, fields="involvedObject.kind=Pod,involvedObject.name=two,reason=Tried")
    assert names(about) == ["e2"]


@served
async def test_a_field_that_nothing_is_selected_by_is_told(world):
    """And not read as no object."""
    with pytest.raises(Unusable, match=r"field label not supported: spec\.hostname"):
        await world.ours.list("Pod", world.namespace, fields="spec.hostname=x")


async def test_a_list_ends_at_its_cap_and_goes_on_past_a_page(world):
    """In the order of names, none twice, each with what it is."""
    every = [f"c{number:03}" for number in range(260)]
    world.put(*(config_map(name, world.namespace, labels={"set": "many"}) for name in every))
    assert names(await world.ours.list("ConfigMap", world.namespace, labels="set=many", cap=2)) == every[:2]
    assert names(await world.ours.list("ConfigMap", world.namespace, labels="set=many", cap=255)) == every[:255]
    whole = await world.ours.list("ConfigMap", labels="set=many", cap=1000)
    assert [name for thing, name in zip(whole, names(whole), strict=True) if thing["metadata"]["namespace"] == world.namespace] == every
    assert {(thing["apiVersion"], thing["kind"]) for thing in whole} == {("v1", "ConfigMap")}


async def test_what_our_user_may_not_read_is_forbidden(world):
    """Which is not the same as nothing there."""
    with pytest.raises(Forbidden, match="cannot list"):
        await world.stranger.list("Secret", world.namespace)
    with pytest.raises(Forbidden):
        await world.stranger.get(ref("Secret", world.namespace, "s"))


async def test_a_log_that_is_not_there_is_not_found(world):
    """No such pod."""
    with pytest.raises(NotFound):
        await world.ours.logs(world.namespace, "absent", "main")


@served
async def test_a_container_that_the_pod_has_not_is_told(world):
    """With the server's own words."""
    world.put(pod("one", world.namespace))
    with pytest.raises(Unusable, match="container other is not valid for pod one"):
        await world.ours.logs(world.namespace, "one", "other")


@served
async def test_a_kind_that_the_cluster_does_not_serve_is_not_found(world):
    """No definition of it was applied."""
    with pytest.raises(NotFound, match="404 page not found"):
        await world.ours.list("ClusterOperator")


@served
async def test_a_question_about_rights_is_answered(world):
    """Reading is ours; Secrets are not a stranger's."""
    assert await world.ours.may("list", "Pod")
    assert await world.ours.may("patch", "Deployment")
    assert not await world.stranger.may("get", "Secret")
    assert (await world.ours.version()).startswith("v1.")


@served
async def test_a_dry_run_is_answered_in_the_servers_own_words(world):
    """What passes passes, and what is refused is refused for the same reason; nothing of it stays."""
    wrong = {}
    for case in cases(world.namespace):
        world.put(*case.before)
        answer = await world.ours.dry_run(case.tried)
        if (answer.state, case.said in answer.reason) != ("refused" if case.said else "passed", True):
            wrong[case.name] = (answer.state, answer.reason)
    assert wrong == {}
    assert names(await world.ours.list("Deployment", world.namespace)) == ["api"]


@served
async def test_a_dry_run_that_our_user_may_not_ask_says_nothing_of_the_object(world):
    """Rights speak of us."""
    secret = made("v1", "Secret", "s", world.namespace, stringData={"key": "value"})
    assert (await world.stranger.dry_run(secret)).state == "not_rehearsed"
