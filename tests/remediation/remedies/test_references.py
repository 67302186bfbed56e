"""fix_reference and set_environment: what a workload names, and what exists."""

import pytest

from tests.remediation.remedies.offering import a_pod, event, not_offered, offer, revisions, thing, workload

CONTAINER = "spec.template.spec.containers[name=api]"
WAITS = {"waiting": {"reason": "CreateContainerConfigError", "message": 'configmap "api-confg" not found'}}


def config(name="api-config", **data):
    return thing("ConfigMap", name, data=data or {"LEVEL": "info"})


async def test_every_place_that_names_what_is_not_there_gets_the_name_that_exists():
    """Environment and volume alike, in one plan."""
    of = workload(
        {"envFrom": [{"configMapRef": {"name": "api-confg"}}], "env": [{"name": "L", "valueFrom": {"configMapKeyRef": {"name": "api-confg", "key": "LEVEL"}}}]},
        volumes=[{"name": "conf", "configMap": {"name": "api-confg"}}],
    )  # fmt: skip
    offered = await offer(of, a_pod(of, WAITS), config(), remedy="fix_reference")

    assert offered.edits == [
        ("spec.template.spec.volumes[name=conf].configMap.name", "replace", "api-confg", "api-config"),
        (f"{CONTAINER}.envFrom[0].configMapRef.name", "replace", "api-confg", "api-config"),
        (f"{CONTAINER}.env[name=L].valueFrom.configMapKeyRef.name", "replace", "api-confg", "api-config"),
    ]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(fields={"serviceAccountName": "admin"})).decision == "REJECTED"
    assert "api-confg" not in str(offered.in_git())


async def test_a_key_is_mended_where_only_it_is_wrong():
    """The object exists, the key is called otherwise."""
    of = workload({"env": [{"name": "L", "valueFrom": {"configMapKeyRef": {"name": "api-config", "key": "LOG_LEVL"}}}]})
    offered = await offer(of, config(LOG_LEVEL="info", OTHER="x"), remedy="fix_reference")

    assert offered.edits == [(f"{CONTAINER}.env[name=L].valueFrom.configMapKeyRef.key", "replace", "LOG_LEVL", "LOG_LEVEL")]


async def test_a_service_account_is_named_as_it_exists():
    """From the words of the refusal."""
    of = workload(serviceAccountName="api-runer")
    said = event(
        of,
        "FailedCreate",
        'Error creating: pods "api-" is forbidden: error looking up service account shop/api-runer: serviceaccount "api-runer" not found',
    )
    offered = await offer(of, said, thing("ServiceAccount", "api-runner"), remedy="fix_reference")

    assert offered.edits == [("spec.template.spec.serviceAccountName", "replace", "api-runer", "api-runner")]
    assert (await offered.critique()).decision == "APPROVED"


@pytest.mark.parametrize("names", [(), ("web-settings",), ("api-config", "api-confs")])
async def test_a_name_that_nothing_or_more_than_one_is_near_is_for_a_person(names):
    """What only looks alike may hold something else."""
    of = workload({"envFrom": [{"configMapRef": {"name": "api-confg"}}]})

    await not_offered(of, a_pod(of, WAITS), *map(config, names))


async def test_a_name_that_the_workload_asks_for_already_is_another_thing():
    """Two names, two things."""
    of = workload({"envFrom": [{"configMapRef": {"name": "api-confg"}}, {"configMapRef": {"name": "api-config"}}]})

    await not_offered(of, a_pod(of, WAITS), config())


REFUSED = {"waiting": {"reason": "ImagePullBackOff", "message": "failed to pull: 401 Unauthorized"}}


def pull_secret(name="registry"):
    return thing("Secret", name, type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": "[masked:secret_data]"})


async def test_the_only_pull_secret_of_the_namespace_is_named():
    """Where the workload names none."""
    of = workload()
    offered = await offer(of, a_pod(of, REFUSED), pull_secret(), thing("Secret", "db", type="Opaque"), remedy="fix_reference")

    assert offered.edits == [("spec.template.spec.imagePullSecrets", "add", None, [{"name": "registry"}])]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(pull_secret="db")).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "registry"}]


async def test_a_pull_secret_that_is_named_already_or_is_one_of_two_is_for_a_person():
    """Its content is wrong then, and that is not in Git."""
    named, bare = workload(imagePullSecrets=[{"name": "registry"}]), workload()

    await not_offered(named, a_pod(named, REFUSED), pull_secret())
    await not_offered(bare, a_pod(bare, REFUSED), pull_secret(), pull_secret("other"))


async def test_a_pull_secret_that_does_not_exist_gets_the_name_of_the_one_that_does():
    """A slip of the pen, in the words of the kubelet or not."""
    of = workload(imagePullSecrets=[{"name": "registri"}])
    offered = await offer(of, a_pod(of, REFUSED), pull_secret(), thing("Secret", "registries", type="Opaque"), remedy="fix_reference")

    assert offered.edits == [("spec.template.spec.imagePullSecrets[0].name", "replace", "registri", "registry")]
    assert (await offered.critique()).decision == "APPROVED"
    assert offered.in_git()["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "registry"}]


CRASHED = {"waiting": {"reason": "CrashLoopBackOff"}}
UNSET = "Error: environment variable DB_POOL is not set"


def with_variable(*variables):
    return workload({"env": list(variables)})


async def test_a_variable_that_an_earlier_revision_had_comes_back_as_it_was():
    """Its value is drawn from the ReplicaSet."""
    now = with_variable({"name": "A", "value": "1"})
    sets = revisions(now, with_variable({"name": "A", "value": "1"}, {"name": "DB_POOL", "value": "20"}))
    offered = await offer(now, *sets, a_pod(now, CRASHED, restarts=4), log=UNSET, remedy="set_environment")

    assert offered.edits == [(f"{CONTAINER}.env[name=DB_POOL]", "add", None, {"name": "DB_POOL", "value": "20"})]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(value="2000")).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["spec"]["containers"][0]["env"][1] == {"name": "DB_POOL", "value": "20"}


async def test_a_variable_that_came_from_a_secret_comes_back_as_the_reference():
    """Never as its value."""
    now, reference = workload(), {"secretKeyRef": {"name": "db", "key": "pool"}}
    sets = revisions(now, with_variable({"name": "DB_POOL", "valueFrom": reference}))
    offered = await offer(now, *sets, a_pod(now, CRASHED, restarts=4), log=UNSET, remedy="set_environment")

    assert offered.edits == [(f"{CONTAINER}.env[name=DB_POOL]", "add", None, {"name": "DB_POOL", "valueFrom": reference})]


@pytest.mark.parametrize("before", [(), ({"name": "DB_POOL", "value": "[masked:password]"},)])
async def test_a_variable_whose_value_nobody_shows_is_for_a_person(before):
    """Neither invented nor written masked."""
    now = workload()

    await not_offered(now, *revisions(now, with_variable(*before)), a_pod(now, CRASHED, restarts=4), log=UNSET)


def called(name, port=6379):
    return thing("Service", name, {"selector": {"app": "cache"}, "ports": [{"port": port}]})


async def test_a_wrong_port_is_mended_where_it_stands():
    """Another variable may name the same host alone."""
    now = with_variable({"name": "CACHE_HOST", "value": "cache"}, {"name": "CACHE_URL", "value": "redis://cache:6380/0"})
    offered = await offer(
        now,
        called("cache"),
        a_pod(now, CRASHED, restarts=4),
        log="ERROR dial tcp: connection to cache:6380 refused",
        remedy="set_environment",
    )

    assert offered.edits == [(f"{CONTAINER}.env[name=CACHE_URL].value", "replace", "redis://cache:6380/0", "redis://cache:6379/0")]


async def test_an_address_is_written_as_the_service_is_called():
    """Scheme, port and path stay."""
    now = with_variable({"name": "CACHE_URL", "value": "redis://cach-master:6379/0"})
    offered = await offer(now, called("cache-master"), remedy="set_environment")

    assert offered.edits == [
        (f"{CONTAINER}.env[name=CACHE_URL].value", "replace", "redis://cach-master:6379/0", "redis://cache-master:6379/0")
    ]
    assert (await offered.critique()).decision == "APPROVED"


async def test_a_port_in_an_address_is_written_as_the_service_has_it():
    """Its only one."""
    now = with_variable({"name": "CACHE_URL", "value": "redis://cache:6380/0"})
    offered = await offer(now, called("cache"), remedy="set_environment")

    assert [edit[3] for edit in offered.edits] == ["redis://cache:6379/0"]


async def test_an_address_that_two_services_are_near_is_for_a_person():
    """Primary or replica: not for a machine to guess."""
    now = with_variable({"name": "CACHE_HOST", "value": "cache-mastr"})

    await not_offered(now, called("cache-master"), called("cache-mastro"))
