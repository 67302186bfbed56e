"""deploy/kubernetes on a real server: the bot's account may read what the bot reads and rehearse, and can write nothing."""

from secrets import token_hex

import pytest

from bot.checks import kubernetes as check
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Forbidden
from remediation.kinds import KINDS, ref
from remediation.sources.customs import WATCHED
from remediation.sources.look import CONTROLLERS, NEEDED
from remediation.sources.surroundings import CLUSTER_WIDE, LISTED
from tests.contracts.objects import config_map, deployment, made
from tests.real.administrator import Administrator, Refusal

pytestmark = pytest.mark.real
NAMESPACE = f"suture-real-{token_hex(4)}"
ROOT = f"/api/v1/namespaces/{NAMESPACE}"


@pytest.fixture(scope="module")
def api(administrator, account):
    """A Deployment in a namespace of its own."""
    workload = deployment("api", NAMESPACE)
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    administrator.apply(space, workload, config_map("settings", NAMESPACE))
    yield workload
    administrator.delete([workload, space])


@pytest.fixture
async def suture(account):
    """The bot's client as its account."""
    client = KubernetesClient(kubeconfig=str(account))
    yield client
    await client.close()


@pytest.fixture
def raw(account):
    """The same account, asking for anything."""
    client = Administrator(account)
    yield client
    client.close()


async def test_suture_check_is_content(suture):
    """Reading, surroundings and rehearsal, all granted."""
    lines = list(await check.tried("", suture))
    assert {line.state for line in lines} == {"fine"}, lines


@pytest.mark.parametrize("kind", sorted({*NEEDED, *CONTROLLERS, *LISTED, *CLUSTER_WIDE, "APIService"}))
async def test_what_the_bot_lists_it_may_list(suture, api, kind):
    """Every kind that evidence comes from."""
    await suture.list(kind, NAMESPACE if KINDS[kind].namespaced else "", cap=5)


@pytest.mark.parametrize("kind", [*WATCHED, "Application", "GitRepository", "OCIRepository", "HelmRepository"])
async def test_who_applies_an_object_may_be_read(suture, kind):
    """Whether its definition is there or not."""
    assert await suture.may("get", kind)


async def test_a_rehearsal_passes_and_leaves_nothing(suture, api):
    """The server answers, and keeps what it had."""
    before = await suture.get(ref("Deployment", NAMESPACE, "api"))
    assert (await suture.dry_run({**api, "spec": {**api["spec"], "replicas": 5}})).state == "passed"
    assert await suture.get(ref("Deployment", NAMESPACE, "api")) == before


@pytest.mark.parametrize(("before", "state"), [({}, "passed"), ({"storageClassName": ""}, "refused"), ({"storageClassName": "fast"}, "refused")])
async def test_a_claim_gets_a_class_where_it_names_none_and_never_another(administrator, suture, api, before, state):
    """What change_storage_class goes by: an empty name is a name."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = made("v1", "PersistentVolumeClaim", f"data-{len(before)}-{token_hex(3)}", NAMESPACE, spec=spec | before)
    administrator.apply(claim)

    assert (await suture.dry_run({**claim, "spec": {**spec, "storageClassName": "standard"}})).state == state


@pytest.mark.parametrize("kind", check.MADE)
async def test_what_a_remedy_makes_is_rehearsed_before_it_is_there(suture, api, kind):
    """The server asks for the right to create, too."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    new = made(KINDS[kind].api_version, kind, "new", NAMESPACE, spec={"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 3})
    assert (await suture.dry_run(new)).state == "passed"
    assert await suture.list(kind, NAMESPACE) == []


@pytest.mark.parametrize("kind", ["Secret", "Role", "ClusterRole", "ControllerRevision"])
async def test_nothing_else_is_read(suture, api, kind):
    """Secrets least of all."""
    with pytest.raises(Forbidden, match="cannot list"):
        await suture.list(kind, NAMESPACE if KINDS[kind].namespaced else "")


def test_a_real_write_is_refused_by_the_policy(raw, api):
    """The role grants patch, which a dry run needs; the policy takes the rest of it away."""
    with pytest.raises(Refusal, match="may only rehearse") as refused:
        raw.ask("PATCH", raw.path(api), {**api, "spec": {**api["spec"], "replicas": 5}}, fieldManager="suture", force="true")
    assert refused.value.code == 422


WRITES = [
    ("POST", f"{ROOT}/configmaps", config_map("new", NAMESPACE)),
    ("DELETE", f"{ROOT}/configmaps/settings", None),
    ("DELETE", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/api", None),
    ("DELETE", f"/api/v1/namespaces/{NAMESPACE}", None),
    ("POST", f"{ROOT}/serviceaccounts/default/token", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
    ("POST", f"{ROOT}/pods/api-1/eviction", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "api-1", "namespace": NAMESPACE}}),
    ("POST", f"{ROOT}/pods/api-1/exec?command=sh", None),
    ("PUT", f"{ROOT}/configmaps/settings", config_map("settings", NAMESPACE, data={"a": "b"})),
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES, ids=[f"{method} {path.rpartition('/')[2]}" for method, path, _ in WRITES])
def test_other_writes_are_not_granted_at_all(raw, api, write):
    """By role."""
    with pytest.raises(Refusal, match="cannot ") as refused:
        raw.ask(*write)
    assert refused.value.code == 403


@pytest.mark.parametrize("write", WRITES, ids=[f"{method} {path.rpartition('/')[2]}" for method, path, _ in WRITES])
def test_the_policy_holds_though_somebody_grants_everything(administrator, raw, api, write):
    """Bound to cluster-admin by mistake, it still only rehearses."""
    administrator.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE}})
    mistake = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "suture-real-mistake"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "suture", "namespace": "suture"}],
    }  # fmt: skip
    administrator.apply(mistake)
    try:
        with pytest.raises(Refusal) as refused:
            raw.ask(*write)
    finally:
        administrator.delete([mistake])
    assert "may only rehearse" in refused.value.message or refused.value.code == 404, refused.value
