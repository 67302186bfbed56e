"""The Kubernetes API through the official client: what it answers, and what it refuses as a real one does."""

import asyncio
import json

import pytest
from kubernetes import client, watch
from kubernetes.aio import client as aio

from bot.sandbox.kinds import kind_named
from bot.sandbox.rights import BOT, DEVELOPER
from bot.sandbox.schema import problems
from bot.sandbox.stories import STORIES
from tests.bot.sandbox.stories import needs

APPLY = "application/apply-patch+yaml"
OOM_SECRET = "tr0ub4dor"


@pytest.fixture
def api(world):
    """The synchronous client, with a developer's token."""
    with _client(world, world.credentials.kubernetes_developer_token) as made:
        yield made


@pytest.fixture
def bots(world):
    """The same with the bot's token."""
    with _client(world, world.credentials.kubernetes_token) as made:
        yield made


@pytest.fixture
def apps(api):
    return client.AppsV1Api(api)


@pytest.fixture
def core(api):
    return client.CoreV1Api(api)


def _client(world, token):
    settings = client.Configuration()
    settings.host, settings.api_key = f"{world.origin}/kubernetes", {"authorization": f"Bearer {token}"}
    return client.ApiClient(settings)


async def refused(call, *arguments, **options):
    """The Status that a call ends with."""
    with pytest.raises(client.ApiException) as refusal:
        await asyncio.to_thread(call, *arguments, **options)
    status = json.loads(refusal.value.body)
    assert (status["kind"], status["code"]) == ("Status", refusal.value.status)
    return status


def memory(limit, request=None, **spec):
    """An apply patch of the api's memory."""
    resources = {"limits": {"memory": limit}} | ({"requests": {"memory": request}} if request else {})
    containers = [{"name": "api", "resources": resources}]
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}}
    return {**body, "spec": {"template": {"spec": {"containers": containers}}, **spec}}


def apply(apps, body, **options):
    """A rehearsed server-side apply."""
    options = {"field_manager": "suture", "dry_run": "All", "force": True} | options
    return apps.patch_namespaced_deployment("api", "shop", body, _content_type=APPLY, **options)


@pytest.mark.parametrize(
    ("metadata", "field", "said"),
    [
        ({"labels": {"a b": "x"}}, "metadata.labels", 'Invalid value: "a b": name part must consist of alphanumeric characters'),
        ({"labels": {"a/b/c": "x"}}, "metadata.labels", 'Invalid value: "a/b/c": a qualified name must consist of'),
        ({"labels": {"/b": "x"}}, "metadata.labels", 'Invalid value: "/b": prefix part must be non-empty'),
        ({"labels": {"A.io/b": "x"}}, "metadata.labels", 'Invalid value: "A.io/b": prefix part a lowercase RFC 1123 subdomain'),
        ({"labels": {"a/": "x"}}, "metadata.labels", 'Invalid value: "a/": name part must be non-empty'),
        ({"labels": {"a" * 64: "x"}}, "metadata.labels", "name part must be no more than 63 bytes"),
        ({"labels": {"a": "x y"}}, "metadata.labels", 'Invalid value: "x y": a valid label must be an empty string or consist of'),
        ({"labels": {"a": "x" * 64}}, "metadata.labels", "must be no more than 63 bytes"),
        ({"annotations": {"a b": "any thing"}}, "metadata.annotations", 'Invalid value: "a b": name part must consist of'),
    ],
)
async def test_labels_that_are_none_are_refused_by_name(apps, metadata, field, said):
    """In the API server's words, on a rehearsal, too."""
    patch = apps.patch_namespaced_deployment
    status = await refused(patch, "api", "shop", {"metadata": metadata}, dry_run="All")

    assert (status["code"], status["reason"]) == (422, "Invalid")
    assert any(cause["field"] == field and said in cause["message"] for cause in status["details"]["causes"])


async def test_what_is_applied_may_not_say_who_owns_it(apps):
    """Whoever applies what was read, as it was read, is told."""
    body = memory("300Mi")
    body["metadata"]["managedFields"] = [{"manager": "me", "operation": "Apply"}]
    status = await refused(apply, apps, body)

    assert (status["code"], status["reason"], status["message"]) == (400, "BadRequest", "metadata.managedFields must be nil")


async def test_every_kind_that_an_investigation_reads_is_there(world, api, apps, core):
    """Through typed calls, whose models refuse what does not fit."""
    reads = [
        (core.list_namespaced_pod, 11), (core.list_namespaced_service, 5), (core.list_namespaced_endpoints, 5),
        (core.list_namespaced_config_map, 1), (core.list_namespaced_resource_quota, 1), (core.list_namespaced_limit_range, 1),
        (core.list_namespaced_persistent_volume_claim, 1), (core.list_namespaced_service_account, 2),
        (apps.list_namespaced_deployment, 5), (apps.list_namespaced_replica_set, 6), (apps.list_namespaced_stateful_set, 1),
        (apps.list_namespaced_daemon_set, 1), (client.BatchV1Api(api).list_namespaced_cron_job, 1),
        (client.AutoscalingV2Api(api).list_namespaced_horizontal_pod_autoscaler, 1), (client.DiscoveryV1Api(api).list_namespaced_endpoint_slice, 5),
        (client.NetworkingV1Api(api).list_namespaced_network_policy, 1), (client.NetworkingV1Api(api).list_namespaced_ingress, 1),
        (client.PolicyV1Api(api).list_namespaced_pod_disruption_budget, 1),
    ]  # fmt: skip
    for read, least in reads:
        assert len((await asyncio.to_thread(read, "shop")).items) >= least, read.__name__
    assert len((await asyncio.to_thread(core.list_node)).items) == 3
    assert {n.metadata.name for n in (await asyncio.to_thread(core.list_namespace)).items} >= {"shop", "shop-staging"}
    version = await asyncio.to_thread(client.VersionApi(api).get_code)
    assert (version.major, version.minor) == ("1", "35")
    assert (await asyncio.to_thread(client.ApisApi(api).get_api_versions)).groups


async def test_the_asynchronous_client_reads_the_same(world):
    """Pod, owner and status of a workload that is well."""
    settings = aio.Configuration(
        host=f"{world.origin}/kubernetes", api_key={"BearerToken": f"Bearer {world.credentials.kubernetes_developer_token}"}
    )
    async with aio.ApiClient(settings) as made:
        deployment = await aio.AppsV1Api(made).read_namespaced_deployment("api", "shop")
        pods = await aio.CoreV1Api(made).list_namespaced_pod("shop", label_selector="app=api")
    assert (deployment.status.updated_replicas, deployment.status.available_replicas) == (2, 2)
    assert deployment.status.observed_generation == deployment.metadata.generation
    assert [pod.metadata.owner_references[0].kind for pod in pods.items] == ["ReplicaSet"] * 2
    assert all(status.ready for pod in pods.items for status in pod.status.container_statuses)


async def test_selectors_and_pages_choose_as_an_apiserver_does(world, core):
    """Labels by sets, fields by name, lists a page at a time, and a field that cannot be selected by."""
    names = [
        p.metadata.name for p in (await asyncio.to_thread(core.list_namespaced_pod, "shop", label_selector="app in (api, cart)")).items
    ]
    assert len(names) == 4
    one = await asyncio.to_thread(core.list_namespaced_pod, "shop", field_selector=f"metadata.name={names[0]}")
    assert [p.metadata.name for p in one.items] == names[:1]
    page = await asyncio.to_thread(core.list_namespaced_pod, "shop", limit=3)
    rest = await asyncio.to_thread(core.list_namespaced_pod, "shop", limit=100, _continue=page.metadata._continue)
    assert page.metadata.remaining_item_count == len(rest.items)
    assert not {p.metadata.name for p in page.items} & {p.metadata.name for p in rest.items}
    status = await refused(core.list_namespaced_pod, "shop", field_selector="spec.hostname=x")
    assert "field label not supported: spec.hostname" in status["message"]


async def test_a_wrong_token_is_unauthorized_and_secrets_are_forbidden(world, bots):
    """401 and 403 with the messages that people search the web for."""
    with _client(world, "wrong") as stranger:
        status = await refused(client.CoreV1Api(stranger).list_namespaced_pod, "shop")
    assert (status["code"], status["reason"], status["message"]) == (401, "Unauthorized", "Unauthorized")
    core, user = client.CoreV1Api(bots), "system:serviceaccount:suture:suture"
    status = await refused(core.list_namespaced_secret, "shop")
    assert (
        status["message"] == f'secrets is forbidden: User "{user}" cannot list resource "secrets" in API group "" in the namespace "shop"'
    )
    assert (await refused(core.read_namespaced_secret, "postgres", "shop"))["code"] == 403


async def test_what_is_not_there_is_not_found(world, apps, api):
    """By name, and by a path that no apiserver has."""
    status = await refused(apps.read_namespaced_deployment, "nothing", "shop")
    assert (status["message"], status["details"]["group"]) == ('deployments.apps "nothing" not found', "apps")
    status = await refused(client.CustomObjectsApi(api).list_cluster_custom_object, "argoproj.io", "v1alpha1", "rollouts")
    assert status["message"] == "the server could not find the requested resource"


async def test_a_rehearsal_shows_the_object_and_changes_nothing(world, apps):
    """Server-side apply, merge patch and strategic merge patch, all with dryRun=All."""
    before = world.cluster.get("Deployment", "shop", "api")
    done = await asyncio.to_thread(apply, apps, memory("512Mi", "512Mi"))
    container = done.spec.template.spec.containers[0]
    assert (container.resources.limits["memory"], container.resources.requests) == ("512Mi", {"cpu": "100m", "memory": "512Mi"})
    assert done.metadata.generation == before["metadata"]["generation"] + 1
    assert [c.name for c in done.spec.template.spec.containers] == ["api", "metrics"]
    assert "suture" in [entry.manager for entry in done.metadata.managed_fields]
    for kind in ("application/strategic-merge-patch+json", "application/merge-patch+json"):
        patch = {"spec": {"replicas": 3}}
        done = await asyncio.to_thread(apps.patch_namespaced_deployment, "api", "shop", patch, dry_run="All", _content_type=kind)
        assert done.spec.replicas == 3
    assert world.cluster.get("Deployment", "shop", "api") is before


async def test_writing_is_refused_unless_it_is_a_rehearsal(world, apps):
    """By the admission policy that the documentation tells people to install."""
    status = await refused(apply, apps, memory("512Mi"), dry_run=None)
    assert (status["code"], status["message"].endswith("denied request: may only rehearse")) == (422, True)
    body = await asyncio.to_thread(apps.read_namespaced_deployment, "api", "shop")
    assert (await refused(apps.replace_namespaced_deployment, "api", "shop", body))["code"] == 403
    assert (await refused(apps.delete_namespaced_deployment, "api", "shop"))["code"] == 403
    assert (await refused(apps.create_namespaced_deployment, "shop", body))["code"] == 403
    await asyncio.to_thread(apps.replace_namespaced_deployment, "api", "shop", body, dry_run="All")
    await asyncio.to_thread(apps.delete_namespaced_deployment, "api", "shop", dry_run="All")
    assert world.cluster.get("Deployment", "shop", "api") is not None


async def test_unknown_fields_are_refused_by_apply_and_by_strict_validation(world, apps):
    """Without strict validation the apiserver warns and drops them: so does this one."""
    wrong = memory("512Mi")
    wrong["spec"]["template"]["spec"]["containers"][0]["resources"]["limit"] = {"memory": "1Gi"}
    status = await refused(apply, apps, wrong)
    assert (status["code"], status["reason"]) == (500, "")
    assert "resources.limit: field not declared in schema" in status["message"]
    options = {"dry_run": "All", "_content_type": "application/strategic-merge-patch+json"}
    status = await refused(apps.patch_namespaced_deployment, "api", "shop", wrong, field_validation="Strict", **options)
    assert 'strict decoding error: unknown field "spec.template.spec.containers[0].resources.limit"' in status["message"]
    done, _, headers = await asyncio.to_thread(apps.patch_namespaced_deployment_with_http_info, "api", "shop", wrong, **options)
    assert "unknown field" in headers["warning"]
    assert done.spec.template.spec.containers[0].resources.limits["memory"] == "512Mi"


CASES = [
    (memory("512Mi", "1Gi"), 422, 'requests: Invalid value: "1Gi": must be less than or equal to memory limit of 512Mi'),
    (memory("lots"), 500, "quantities must match the regular expression"),
    (memory("512Mi", selector={"matchLabels": {"app": "other"}}), 422, "spec.selector: Invalid value: {"),
    (memory("512Mi", replicas=-1), 422, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
    (memory("512Mi", replicas="three"), 500, ".spec.replicas: expected numeric (int or float), got string"),
]


@pytest.mark.parametrize(("body", "code", "words"), CASES, ids=[case[2][:24] for case in CASES])
async def test_a_wrong_object_is_refused_with_its_field(world, apps, body, code, words):
    """422 Invalid names the field among its causes; 500, as a real server has it, what apply cannot read."""
    status = await refused(apply, apps, body)
    assert status["code"] == code
    assert words in status["message"]
    assert code == 500 or all(cause["field"] for cause in status["details"]["causes"])


async def test_a_stale_version_and_a_foreign_field_are_conflicts(world, apps):
    """409, each in its own words."""
    body = memory("512Mi")
    body["metadata"]["resourceVersion"] = "17"
    assert "the object has been modified; please apply your changes" in (await refused(apply, apps, body))["message"]
    status = await refused(apply, apps, memory("512Mi", replicas=3), force=False)
    assert status["message"].startswith('Apply failed with 2 conflicts: conflicts with "argocd-controller":')
    assert {cause["field"] for cause in status["details"]["causes"]} >= {".spec.replicas"}


async def test_limit_ranges_and_quotas_are_asked_when_a_pod_would_be_made(world, apps, core):
    """A Deployment over its quota passes the rehearsal, as on a real cluster; a pod, or its resize, does not."""
    assert await asyncio.to_thread(apply, apps, memory("3Gi", "3Gi", replicas=9))
    resources = {"requests": {"cpu": "1", "memory": "3Gi"}, "limits": {"memory": "3Gi"}}
    pod = {"metadata": {"name": "big"}, "spec": {"containers": [{"name": "a", "image": "x:1", "resources": resources}]}}
    status = await refused(core.create_namespaced_pod, "shop", pod, dry_run="All")
    assert (status["code"], status["message"]) == (
        403,
        'pods "big" is forbidden: maximum memory usage per Container is 2Gi, but limit is 3Gi',
    )
    containers = [
        {**pod["spec"]["containers"][0], "name": f"c{n}", "resources": {k: {**v, "memory": "2Gi"} for k, v in resources.items()}}
        for n in range(9)
    ]
    pod["spec"]["containers"] = containers
    status = await refused(core.create_namespaced_pod, "shop", pod, dry_run="All")
    assert status["message"].startswith(
        'pods "big" is forbidden: exceeded quota: shop, requested: limits.memory=18Gi,requests.memory=18Gi, used: '
    )
    name = (await asyncio.to_thread(core.list_namespaced_pod, "shop", label_selector="app=api")).items[0].metadata.name
    patch = {"spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": "3Gi"}, "requests": {"memory": "3Gi"}}}]}}
    status = await refused(core.patch_namespaced_pod_resize, name, "shop", patch, dry_run="All")
    assert "maximum memory usage per Container is 2Gi" in status["message"]


async def test_the_log_of_now_and_of_before_the_kill_can_be_read(world, core, until):
    """And what is not there is refused as a kubelet refuses it."""
    pods = await asyncio.to_thread(core.list_namespaced_pod, "shop", label_selector="app=api")
    name = pods.items[0].metadata.name
    assert "choose one of: [api metrics]" in (await refused(core.read_namespaced_pod_log, name, "shop"))["message"]
    assert (
        f"container nope is not valid for pod {name}"
        in (await refused(core.read_namespaced_pod_log, name, "shop", container="nope"))["message"]
    )
    missing = await refused(core.read_namespaced_pod_log, name, "shop", container="api", previous=True)
    assert missing["message"] == f'previous terminated container "api" in pod "{name}" not found'
    await world.begin("oom")
    await until(lambda: world.cluster.previous_logs)
    log = await asyncio.to_thread(core.read_namespaced_pod_log, name, "shop", container="api", previous=True, timestamps=True, tail_lines=3)
    assert len(log.splitlines()) == 3
    assert log.startswith("20")
    whole = await asyncio.to_thread(core.read_namespaced_pod_log, name, "shop", container="api", previous=True)
    assert OOM_SECRET in whole


async def test_events_tell_what_happened_to_a_pod(world, api, core, until):
    """In both API groups, selected by what they are about."""
    await world.begin("bad-image")
    await until(lambda: any(e["reason"] == "Failed" for e in world.cluster.all("Event")))
    events = (
        await asyncio.to_thread(core.list_namespaced_event, "shop-staging", field_selector="involvedObject.kind=Pod,type=Warning")
    ).items
    assert any("failed to resolve reference" in event.message and "not found" in event.message for event in events)
    # raw: the client's model does not take the null eventTime that a real apiserver sends as well
    raw = await asyncio.to_thread(client.EventsV1Api(api).list_namespaced_event, "shop-staging", _preload_content=False)
    newer = json.loads(raw.data)["items"]
    assert {event["regarding"]["kind"] for event in newer} >= {"Pod", "Deployment", "ReplicaSet"}


async def test_a_watch_sees_a_rollout_come_and_end(world, apps, until):
    """Until the status says what `kubectl rollout status` waits for."""
    seen = []

    def look():
        for event in watch.Watch().stream(
            apps.list_namespaced_deployment, "shop-staging", field_selector="metadata.name=web", timeout_seconds=4
        ):
            status, generation = event["object"].status, event["object"].metadata.generation
            seen.append((event["type"], status.updated_replicas, status.available_replicas, status.unavailable_replicas))
            rolled_out = (status.updated_replicas, status.replicas, status.unavailable_replicas) == (2, 2, None)
            if rolled_out and status.observed_generation == generation > 2:
                return

    looking = asyncio.create_task(asyncio.to_thread(look))
    await until(lambda: seen)
    world.nature.images.add("registry.shop.example/web:2.4.1")
    await world.begin("bad-image")
    await looking
    assert seen[0] == ("ADDED", 2, 2, None)
    assert seen[-1] == ("MODIFIED", 2, 2, None)
    assert any(status[1] == 1 for status in seen)


async def test_who_may_do_what_can_be_asked(api, bots):
    """As `kubectl auth can-i` and `whoami` ask it."""
    asked = [
        ("list", "", "pods"),
        ("patch", "apps", "deployments"),
        ("get", "", "secrets"),
        ("delete", "", "nodes"),
        ("create", "", "pods"),
    ]
    for asker, name, allowed in ((bots, BOT, [True, True, False, False, False]), (api, DEVELOPER, [True, True, False, False, True])):
        review = client.AuthorizationV1Api(asker).create_self_subject_access_review
        bodies = [{"spec": {"resourceAttributes": {"verb": v, "group": g, "resource": r, "namespace": "shop"}}} for v, g, r in asked]
        assert [(await asyncio.to_thread(review, body)).status.allowed for body in bodies] == allowed
        me = await asyncio.to_thread(client.AuthenticationV1Api(asker).create_self_subject_review, {})
        assert me.status.user_info.username == name


async def test_the_bot_is_refused_what_its_roles_do_not_grant(bots):
    """What a real cluster would refuse must not work here: a list of namespaces, a rehearsed delete, an apply that makes an object."""
    core, apps = client.CoreV1Api(bots), client.AppsV1Api(bots)
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "new"}, "spec": {"hard": {"pods": "3"}}}
    how = {"dry_run": "All", "field_manager": "suture", "_content_type": "application/apply-patch+yaml"}
    for call, arguments, options in (
        (core.list_namespace, (), {}),
        (core.delete_namespaced_pod, ("api-1", "shop"), {"dry_run": "All"}),
        (apps.delete_namespaced_deployment, ("api", "shop"), {"dry_run": "All"}),
        (core.patch_namespaced_resource_quota, ("new", "shop", body), how),
    ):
        status = await refused(call, *arguments, **options)
        assert (status["code"], status["reason"]) == (403, "Forbidden")
        assert f'User "{BOT}" cannot ' in status["message"]


async def test_calls_are_counted_by_their_template(world, apps):
    """What the tests judge the bot by."""
    await asyncio.to_thread(apps.read_namespaced_deployment, "api", "shop")
    await asyncio.to_thread(apply, apps, memory("512Mi"))
    template = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    assert world.requests.calls("kubernetes") == {f"GET {template}": 1, f"PATCH {template}": 1}


async def test_every_object_fits_the_published_schema_whatever_happened(world, until):
    """The official models read all of it, while every story runs."""
    needs("flux")
    for story in STORIES:
        await world.begin(story)
    await until(lambda: sum(delivery.system == "datadog" for delivery in world.deliveries.log) >= len(STORIES))
    for obj in world.cluster.objects():
        kind = kind_named(obj["kind"])
        if kind.custom:
            continue
        getattr(client, kind.model).from_dict(obj)
        assert problems(obj, kind.model) == ([], []), obj
