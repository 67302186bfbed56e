"""The Kubernetes client through the real SDK, against a server whose answers a test writes: paths, pages, and what each status means."""

import json
import time

import pytest
import yaml

from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Conflict, Forbidden, NotFound, RemediationError, Unreachable, Unusable
from remediation.kinds import KINDS, kind_called, ref
from remediation.listing import is_cut

TOKEN = "tok-0123456789abcdef"
API = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop", "managedFields": [], "resourceVersion": "1"},
       "spec": {"replicas": 1}, "status": {"replicas": 1}}  # fmt: skip


def kubeconfig(path, url, context="sandbox"):
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": context,
        "clusters": [{"name": "c", "cluster": {"server": url}}], "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(config))
    return str(path)


@pytest.fixture
async def cluster(scripted, tmp_path):
    """Given answers (status, body): gives a client and the server that it asks."""
    clients = []

    async def start(*answers, seconds=5.0):
        server = await scripted(*((status, json.dumps(body).encode() if not isinstance(body, bytes) else body) for status, body in answers))
        clients.append(KubernetesClient(kubeconfig=kubeconfig(tmp_path / "config", server.url), context="sandbox", seconds=seconds))
        return clients[-1], server

    yield start
    for client in clients:
        await client.close()


def status(message, reason="Forbidden"):
    return {"kind": "Status", "status": "Failure", "message": message, "reason": reason}


async def test_an_object_is_read_by_its_reference(cluster):
    """With the token of the context."""
    client, server = await cluster((200, API))
    assert await client.get(ref("Deployment", "shop", "api")) == API
    method, path, headers, body = server.asked[0]
    assert (method, path, body) == ("GET", "/apis/apps/v1/namespaces/shop/deployments/api", b"")
    assert headers["Authorization"] == f"Bearer {TOKEN}"


async def test_a_list_is_read_page_by_page_up_to_its_cap(cluster):
    """Items say what they are, which the server leaves out."""
    first = {"metadata": {"continue": "next"}, "items": [{"metadata": {"name": "a"}}]}
    second = {"metadata": {}, "items": [{"metadata": {"name": "b"}}, {"metadata": {"name": "c"}}]}
    client, server = await cluster((200, first), (200, second))
    pods = await client.list("Pod", "shop", labels="app=api", fields="status.phase=Running", cap=2)
    assert pods == [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}} for name in "ab"]
    assert server.asked[0][1] == "/api/v1/namespaces/shop/pods?limit=2&labelSelector=app%3Dapi&fieldSelector=status.phase%3DRunning"
    assert server.asked[1][1].endswith("&continue=next")


@pytest.mark.parametrize(("proceed", "cut"), [("", False), ("next", True)])
async def test_a_list_tells_whether_the_cluster_has_more(cluster, proceed, cut):
    """As many as the cap are all of them, unless the server says that it goes on."""
    client, _ = await cluster((200, {"metadata": {"continue": proceed}, "items": [{"metadata": {"name": "a"}}]}))
    assert is_cut(await client.list("Node", cap=1)) is cut


async def test_what_the_server_serves_is_asked_once(cluster):
    """Of a group that it does not have, nothing more is asked."""
    groups = {"groups": [{"name": "apps"}, {"name": "argoproj.io"}]}
    client, server = await cluster((200, groups), (200, {"resources": [{"name": "rollouts", "kind": "Rollout"}, {"name": "rollouts/status", "kind": "Rollout"}]}))

    assert [await client.serves(kind) for kind in ("HelmRelease", "Rollout", "Application", "Rollout")] == [False, True, False, True]
    assert [path for _, path, *_ in server.asked] == ["/apis", "/apis/argoproj.io/v1alpha1"]


async def test_a_list_of_a_moment_ago_is_read_again_only_where_it_decides(cluster):
    """Whoever may take it gets objects of his own; whoever asks gets what is so now, and that stands from then on."""
    pods = [{"metadata": {}, "items": [{"metadata": {"name": name}}]} for name in "ab"]
    client, server = await cluster((200, pods[0]), (200, pods[1]))
    first = await client.list("Pod", "shop", lately=True)
    first[0]["metadata"]["name"] = "mine"
    assert [pod["metadata"]["name"] for pod in await client.list("Pod", "shop", lately=True)] == ["a"]
    assert [pod["metadata"]["name"] for pod in await client.list("Pod", "shop")] == ["b"]
    assert [pod["metadata"]["name"] for pod in await client.list("Pod", "shop", lately=True)] == ["b"]
    assert len(server.asked) == 2


async def test_another_selection_is_another_list(cluster):
    """Nothing is answered with what was asked of something else."""
    client, server = await cluster((200, {"items": []}))
    for how in ({}, {"labels": "app=api"}, {"fields": "status.phase=Running"}, {"cap": 5}):
        await client.list("Pod", "shop", lately=True, **how)
    await client.list("Pod", lately=True)
    assert len(server.asked) == 5


async def test_a_kind_that_is_not_served_is_not_asked_for_at_once_again(cluster):
    """In the same words; what our user may not read, and an object that is not there, are asked for each time."""
    client, server = await cluster((404, b"404 page not found\n"), (200, {"groups": [{"name": "apps"}]}))
    for _ in range(2):
        with pytest.raises(NotFound, match="404 page not found"):
            await client.list("VerticalPodAutoscaler", "shop")
    assert [path.partition("?")[0].rpartition("/")[2] for _, path, *_ in server.asked] == ["verticalpodautoscalers", "apis"]

    client, server = await cluster((403, status("it says why")), (404, status("not found", "NotFound")), (200, {"items": []}))
    with pytest.raises(Forbidden):
        await client.list("Pod", "shop")
    with pytest.raises(NotFound):
        await client.list("Pod", "shop")
    assert await client.list("Pod", "shop") == []


@pytest.mark.parametrize("after", [[], [(404, b"404 page not found\n")]])
async def test_what_stands_before_a_server_that_is_away_is_not_believed(cluster, after):
    """A proxy knows no path then, not even the core's; the next question is asked again."""
    kind = "VerticalPodAutoscaler" if after else "Pod"
    client, _ = await cluster((404, b"404 page not found\n"), *after, (200, {"items": []}))
    with pytest.raises(Unreachable, match="What stands at"):
        await client.list(kind, "shop")
    assert await client.list(kind, "shop") == []


async def test_a_kind_that_is_installed_later_is_noticed(cluster, monkeypatch):
    """Within minutes."""
    client, _ = await cluster((404, b"404 page not found\n"), (200, {"groups": []}), (200, {"items": []}))
    with pytest.raises(NotFound):
        await client.list("VerticalPodAutoscaler", "shop")
    later = time.monotonic() + 121
    monkeypatch.setattr("remediation.lately.time.monotonic", lambda: later)
    assert await client.list("VerticalPodAutoscaler", "shop") == []


async def test_a_log_is_read_with_times(cluster):
    """And the run before, when it is asked for."""
    client, server = await cluster((200, b"2026-01-31T15:04:05Z out of memory\n"))
    assert "out of memory" in await client.logs("shop", "api-1", "api", previous=True, tail=5)
    assert server.asked[0][1].startswith("/api/v1/namespaces/shop/pods/api-1/log?container=api&tailLines=5")
    assert "previous=true" in server.asked[0][1]


async def test_a_run_that_never_was_is_not_found(cluster):
    """The server answers 400 for it."""
    client, _ = await cluster((400, status('previous terminated container "api" in pod "api-1" not found', "BadRequest")))
    with pytest.raises(NotFound):
        await client.logs("shop", "api-1", "api", previous=True)


async def test_a_dry_run_applies_the_whole_object_without_what_the_server_sets(cluster):
    """By server-side apply, with force, as suture."""
    client, server = await cluster((200, API))
    assert (await client.dry_run(API)).state == "passed"
    method, path, headers, body = server.asked[0]
    assert method == "PATCH"
    assert path == "/apis/apps/v1/namespaces/shop/deployments/api?dryRun=All&fieldManager=suture&force=true&fieldValidation=Strict"
    assert headers["Content-Type"] == "application/apply-patch+yaml"
    assert json.loads(body) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "shop"},
        "spec": {"replicas": 1},
    }


@pytest.mark.parametrize(
    ("code", "message", "state"),
    [
        (
            403,
            'deployments.apps "api" is forbidden: User "u" cannot patch resource "deployments" in API group "apps" in the namespace "shop"',
            "not_rehearsed",
        ),
        (401, "Unauthorized", "not_rehearsed"),
        (403, 'pods "api" is forbidden: exceeded quota: q, requested: limits.memory=2Gi, used: 0, limited: limits.memory=1Gi', "refused"),
        (403, "maximum memory usage per Container is 256Mi, but limit is 512Mi", "refused"),
        (422, "spec.selector: Invalid value: field is immutable", "refused"),
        (400, 'strict decoding error: unknown field "spec.replica"', "refused"),
        (500, "failed to create typed patch object (shop/api; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema", "refused"),
        (500, "failed to convert new object (shop/api; apps/v1, Kind=Deployment) to proper version: quantities must match", "refused"),
    ],
)
async def test_a_dry_run_tells_a_refusal_of_the_object_from_one_of_ours(cluster, code, message, state):
    """Quota and limits speak of the object; rights speak of us."""
    client, _ = await cluster((code, status(message)))
    answer = await client.dry_run(API)
    assert answer.state == state
    assert message in answer.reason


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (401, Forbidden),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, Unusable),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_each_status_has_a_kind_and_no_token_in_it(cluster, code, kind):
    """And only trouble on their side is tried again."""
    client, server = await cluster((code, status("it says why")))
    with pytest.raises(kind) as raised:
        await client.get(ref("Pod", "shop", "api-1"))
    assert TOKEN not in f"{raised.value} {raised.value!r}"
    assert len(server.asked) == (2 if code >= 500 else 1)


@pytest.mark.parametrize("body", [b"<html>", b"[1]"])
async def test_an_answer_that_is_no_object_is_unusable(cluster, body):
    """A proxy's login page, for example."""
    client, _ = await cluster((200, body))
    with pytest.raises(Unusable, match="API server"):
        await client.version()


async def test_a_server_that_is_not_there_is_unreachable(tmp_path):
    """At once."""
    client = KubernetesClient(kubeconfig=kubeconfig(tmp_path / "config", "http://127.0.0.1:9"))
    with pytest.raises(Unreachable, match="kubeconfig"):
        await client.version()
    await client.close()


async def test_a_wrong_kubeconfig_is_told(tmp_path):
    """A missing file, a missing context, and no cluster around us."""
    for client in (
        KubernetesClient(kubeconfig=str(tmp_path / "none")),
        KubernetesClient(kubeconfig=kubeconfig(tmp_path / "config", "http://127.0.0.1:9"), context="other"),
        KubernetesClient(),
    ):
        with pytest.raises(Unusable, match="KUBECONFIG"):
            await client.version()


async def test_a_kind_that_is_not_read_says_where_to_add_it(cluster):
    """Before anything is asked."""
    client, server = await cluster((200, {}))
    with pytest.raises(Unusable, match=r"kinds\.py"):
        await client.list("Widget")
    assert server.asked == []


def test_kinds_are_called_by_any_of_their_names():
    """As people type them."""
    assert {kind_called(word).name for word in ("deploy", "Deployment", "deployments", "deployments.apps")} == {"Deployment"}
    assert kind_called("po") is KINDS["Pod"]
    assert kind_called("widget") is None
    assert KINDS["Node"].path("ignored", "n1") == "/api/v1/nodes/n1"
    assert ref("Node", "shop", "n1").namespace == ""


@pytest.mark.parametrize("code", [403, 404, 422, 500])
async def test_what_the_server_says_is_masked(cluster, code):
    """A webhook's refusal quotes the object that it refuses, in errors and dry runs alike."""
    said = 'admission webhook "policy" denied the request: env DB_PASSWORD=hunter2-and-more is not allowed'
    client, _ = await cluster((code, status(said)))
    with pytest.raises(RemediationError) as caught:
        await client.get(ref("Pod", "shop", "api-1"))
    assert "hunter2" not in repr(caught.value)
    if code < 500:
        answer = await client.dry_run(API)
        assert "[masked:password]" in answer.reason
        assert "hunter2" not in answer.reason


@pytest.mark.parametrize("name", [".", "..", "../../../api/v1/secrets", "x/log", "%2e%2e"])
async def test_a_name_that_leads_elsewhere_is_not_asked_for(cluster, name):
    """Names come out of alerts, and anybody may write one."""
    client, _ = await cluster()
    with pytest.raises(Unusable, match="no name"):
        await client.list("Pod", name)
    with pytest.raises(Unusable, match="no name"):
        await client.logs("shop", name, "api")


def test_a_name_adds_nothing_to_the_query():
    """What a path does not take literally is quoted."""
    assert KINDS["Pod"].path("shop?watch=true&x=", "a#b") == "/api/v1/namespaces/shop%3Fwatch%3Dtrue%26x%3D/pods/a%23b"
    assert KINDS["ClusterRole"].path(name="system:node") == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node"
