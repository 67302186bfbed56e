"""A namesake in another namespace, played against each finder: its fault, its metric and its objects are not those of what is asked about."""

import pytest

from remediation.drawing.basis import Basis
from remediation.drawing.claims import expandable_class
from remediation.errors import Refused
from remediation.findings import find
from remediation.observed import Observed
from remediation.reading.logs import title
from remediation.terms import Evidence, Target
from tests.remediation.findings.made import NOW, TARGET, container, deployment, event, findings, fine, items, pod, series

DB = Target(kind="workload", place="", path="shop/StatefulSet/db")
MOUNTED = container("db") | {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
ENDED = {"name": "db", "ready": False, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
         "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": "2026-11-21T02:55:00Z"}}}  # fmt: skip
FULL = 'FATAL: could not extend file "/data/base/1": No space left on device'


def stated(kind, name, namespace, api_version="v1", **more):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **more}


def of_kind(kind, things, target=TARGET, **more):
    return [finding for finding in findings(*things, target=target, **more) if finding.kind == kind]


def elsewhere(one, namespace="staging"):
    """An event about a pod of another namespace."""
    one["metadata"] = one["metadata"] | {"namespace": namespace}
    one["involvedObject"] = one["involvedObject"] | {"namespace": namespace}
    return one


def database(*more, metrics=()):
    """What is found of a database in shop whose log says that its disk is full."""
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [MOUNTED]}}
    claims = [{"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}]
    thing = stated("StatefulSet", "db", "shop", "apps/v1", spec={"volumeClaimTemplates": claims, "template": template})
    one = pod("db-0", ENDED, owner="db", owner_kind="StatefulSet", containers=[MOUNTED])
    one["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    log = Evidence(kind="logs", source="t", title=title("db", "db-0", "shop"), at=NOW, text=FULL, item="E99")
    return [f for f in find((*items(thing, one, *more, series=metrics), log), DB) if f.kind == "volume_trouble"]


@pytest.mark.parametrize(("namespace", "causes"), [("staging", ["full"]), ("shop", [])])
def test_room_on_a_namesakes_claim_is_no_room_here(namespace, causes):
    """Every database calls its claims alike."""
    where = {"namespace": namespace, "persistentvolumeclaim": "data-db-0"}
    half = [series("kubelet_volume_stats_capacity_bytes", 100, **where), series("kubelet_volume_stats_available_bytes", 50, **where)]

    assert [finding.facts["cause"] for finding in database(metrics=half)] == causes


def test_a_full_claim_of_a_namesake_hides_none_here():
    """Two claims are full, and both are told."""
    where = {"namespace": "staging", "persistentvolumeclaim": "data-db-0"}
    full = [series("kubelet_volume_stats_capacity_bytes", 100, **where), series("kubelet_volume_stats_available_bytes", 0, **where)]
    found = sorted(finding.subject for finding in database(metrics=full))

    assert found == ["PersistentVolumeClaim/staging/data-db-0", "StatefulSet/shop/db"]


@pytest.mark.parametrize(("grows_in", "cause"), [("staging", "not_expandable"), ("shop", "full")])
def test_a_claim_may_grow_as_its_own_class_says(grows_in, cause):
    """Not as that of the claim of the same name elsewhere."""
    classes = [{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": where}, "allowVolumeExpansion": where == grows_in}
               for where in ("staging", "shop")]  # fmt: skip
    claims = [stated("PersistentVolumeClaim", "data-db-0", where, spec={"storageClassName": where}) for where in ("staging", "shop")]

    assert [finding.facts["cause"] for finding in database(*classes, *claims)] == [cause]


def test_a_budget_of_a_namesake_is_told_beside_its_own():
    """Each that can never allow a disruption."""
    spec = {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "api"}}}
    budgets = [
        stated("PodDisruptionBudget", "api", where, "policy/v1", spec=spec, status={"disruptionsAllowed": 0}) for where in ("shop", "x")
    ]
    asked = Evidence(kind="alert", source="t", title="the drain of a node does not end", at=NOW, text="", item="E0")

    found = [finding.subject for finding in find((*items(*budgets), asked), TARGET) if finding.kind == "disruption_blocked"]

    assert sorted(found) == ["PodDisruptionBudget/shop/api", "PodDisruptionBudget/x/api"]


@pytest.mark.parametrize(("writer", "blocked"), [("api", True), ("api-gateway", False)])
def test_a_policy_blocks_whom_it_picks(writer, blocked):
    """What `api-gateway` cannot reach is no matter of the policy for `api`."""
    things = []
    for name in ("api", "api-gateway"):
        thing, one = deployment(name), pod(f"{name}-5f6d7c8b9f-zzzzz", fine(name), owner=f"{name}-5f6d7c8b9f", ready=True)
        thing["spec"]["template"]["metadata"] = one["metadata"]["labels"] = {"labels": {"app": name}, "app": name}
        things += [thing, one]
    rules = {"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Egress"], "egress": []}
    policy = stated("NetworkPolicy", "closed", "shop", "networking.k8s.io/v1", spec=rules)
    late = "ERROR dial tcp: connect to payments.example.com:443: i/o timeout"
    log = Evidence(kind="logs", source="t", title=title("", f"{writer}-5f6d7c8b9f-zzzzz", "shop"), at=NOW, text=late, item="E99")
    target = Target(kind="workload", place="", path="shop/Deployment/api-gateway")

    found = find((*items(policy, *things), log), target)

    assert ("network_blocked" in {finding.kind for finding in found}) is blocked


@pytest.mark.parametrize(("namespace", "blocked"), [("shop", True), ("staging", False)])
def test_a_policy_that_shuts_a_namesake_in_shuts_nobody_here(namespace, blocked):
    """Nothing complains; only the policies are shown."""
    things = [deployment(namespace=where) for where in ("shop", "staging")]
    policy = stated("NetworkPolicy", "closed", namespace, "networking.k8s.io/v1", spec={"podSelector": {}, "policyTypes": ["Egress"]})

    assert bool(of_kind("network_blocked", (policy, *things))) is blocked


@pytest.mark.parametrize(("namespace", "stuck"), [("shop", True), ("staging", False)])
def test_no_node_for_a_namesakes_pod_holds_no_rollout_here(namespace, stuck):
    """The event is about a pod of the same name in another namespace."""
    thing = deployment()
    thing["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    thing["status"] = {"replicas": 1, "availableReplicas": 1}
    refused = "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."
    pending = elsewhere(event("api-5f6d7c8b9f-zzzzz", "FailedScheduling", refused), namespace)

    assert bool(of_kind("rollout_stuck", (thing, pending))) is stuck


@pytest.mark.parametrize(
    ("namespace", "spec", "victim"),
    [("shop", {}, "Deployment/shop/api"), ("staging", {}, ""), ("staging", {"target": {"namespace": "shop"}}, "Deployment/shop/api")],
)
def test_what_is_lacking_is_made_in_its_own_namespace(namespace, spec, victim):
    """Or in one that the resource names itself."""
    ready = [{"type": "Ready", "status": "False", "reason": "DoesNotExist", "message": "issuer not there"}]
    made = stated("Certificate", "tls", namespace, "cert-manager.io/v1", spec={"secretName": "db", **spec}, status={"conditions": ready})
    waits = {"name": "api", "ready": False, "restartCount": 0,
             "state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "db" not found'}}}  # fmt: skip

    (found,) = of_kind("resource_not_ready", (deployment(), pod("api-5f6d7c8b9f-zzzzz", waits, owner="api-5f6d7c8b9f"), made))

    assert found.facts["victim"] == victim


def test_a_row_is_told_beside_an_object_of_its_name_elsewhere():
    """A printed row says less than its object, but this is another object."""
    well = stated("Foo", "main", "a", "x.io/v1", status={"conditions": [{"type": "Ready", "status": "True"}]})
    row = {"kind": "Foo.x.io", "metadata": {"name": "main", "namespace": "b"}, "status": {"phase": "Failed", "message": "it failed badly"}}

    assert [finding.subject for finding in of_kind("resource_not_ready", (well, row))] == ["Foo/b/main"]


def test_a_refusal_without_a_place_is_the_symptoms_whatever_quotas_there_are():
    """Its own fault is not a namesake's, because a quota of another namespace is shown."""
    quota = stated("ResourceQuota", "infra", "infra", spec={"hard": {"pods": "9"}})
    printed = (
        'The Deployment "api" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "2Gi": must be less than '
    )
    said = Evidence(kind="text", source="t", title="kubectl apply", at=NOW, text=f"{printed}or equal to memory limit of 1Gi", item="E9")

    found = {finding.kind: finding.subject for finding in find((*items(quota), said), TARGET)}

    assert found["creation_refused"] == "Deployment/shop/api"
    assert "namesake" not in found


@pytest.mark.parametrize(
    ("process", "before", "subject"),
    [("postgres", "", "Pod//unnamed"), ("api", "", "Deployment/shop/api"),
     ("postgres", "task_memcg=/kubepods/burstable/pod11111111_2222_3333_4444_555555555555/9\n", "StatefulSet/staging/db")],
)  # fmt: skip
def test_a_kill_by_the_kernel_is_of_whom_its_lines_name(process, before, subject):
    """Else of nobody: the symptom's limit is not raised for another's process."""
    other = pod("db-0", fine("db"), owner="db", owner_kind="StatefulSet", namespace="staging", ready=True)
    other["metadata"]["uid"] = "11111111-2222-3333-4444-555555555555"
    line = f"Memory cgroup out of memory: Killed process 4242 ({process}) total-vm:1kB, anon-rss:900kB, file-rss:0kB"
    kernel = Evidence(kind="text", source="t", title="dmesg", at=NOW, text=f"{before}{line}", item="E9")

    (found,) = (f for f in find((*items(deployment(), other), kernel), TARGET) if f.kind == "oom_killed")

    assert found.subject == subject


@pytest.mark.parametrize(("beside", "down"), [((), False), (("kube-apiserver-cp1",), True)])
def test_somebodys_own_etcd_is_no_part_of_the_cluster(beside, down):
    """In namespace default it is one only where the control plane was printed without its namespace."""
    ended = {"name": "etcd", "ready": False, "restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    own = pod("etcd-0", ended, owner="etcd", owner_kind="StatefulSet", namespace="default")
    parts = [pod(name, fine(name), owner="", namespace="default", ready=True) for name in beside]

    assert bool(of_kind("component_down", (own, *parts))) is down


def test_a_part_ended_of_what_its_own_log_says():
    """Not of what the log of another part says."""
    listed = "\n".join(f"3f1e2d4c5b6a7 abc 2 hours ago Exited {part} 5 9a8b7c6d5e4f3 {part}-cp1" for part in ("kube-scheduler", "etcd"))
    said = 'E1122 01:00:00.000000 1 run.go:74] "command failed" err="unknown flag: --bogus"'
    shown = [Evidence(kind="text", source="t", title="crictl ps -a", at=NOW, text=listed, item="E1"),
             Evidence(kind="logs", source="t", title=title("etcd", "etcd-cp1"), at=NOW, text=said, item="E2")]  # fmt: skip

    found = {f.facts["part"]: f.facts["said"] for f in find(shown, Target(kind="agent", place="", path="")) if f.kind == "component_down"}

    assert found == {"kube-scheduler": "", "etcd": "unknown flag: --bogus"}


@pytest.mark.parametrize(
    ("variable", "value", "host"),
    [("DB_HOST", "postgres", "postgres"), ("DB_SERVER_USERNAME", "postgres", None), ("DB_SERVICE_ROLE", "postgresq", None),
     ("DB_URL", "postgresql://postgres:secret@postgresql:5432/app", None),
     ("DB_DSN", "host=postgresql.shop user=postgres.tenant password=a.b dbname=postgres.main", None)],
)  # fmt: skip
def test_a_user_is_no_host_and_a_host_may_be_called_as_a_user(variable, value, host):
    """The parser cuts users and passwords; no list of words does."""
    service = stated("Service", "postgresql", "shop", spec={"ports": [{"port": 5432}]})
    tenant = stated("Service", "mainframe", "tenant", spec={"ports": [{"port": 5432}]})
    thing = deployment(containers=[container() | {"env": [{"name": variable, "value": value}]}])

    found = of_kind("address_wrong", (thing, service, tenant))

    assert [finding.facts["host"] for finding in found] == [host] * (host is not None)


@pytest.mark.parametrize(("member", "subject"), [("api-5f6d7c8b9f-zzzzz", "api"), ("api-gateway-5f6d7c8b9f-zzzzz", None)])
def test_df_in_a_pod_speaks_of_the_claims_of_its_own_workload(member, subject):
    """A disk that is full in `api-gateway` is no disk of `api`."""
    thing = deployment(containers=[container() | {"volumeMounts": [{"name": "data", "mountPath": "/srv"}]}])
    thing["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "ledger"}}]
    rows = "Filesystem Size Used Avail Use% Mounted on\n/dev/vdb 8G 8G 0G 100% /srv\n"
    df = Evidence(kind="text", source="t", title="df", at=NOW, text=f"$ kubectl exec {member} -n shop -- df -h\n{rows}", item="E9")

    found = [f.subject for f in find((*items(thing), df), TARGET) if f.kind == "volume_trouble" and f.facts["claim"] == "ledger"]

    assert found == [f"Deployment/shop/{subject}"] * (subject is not None)


@pytest.mark.parametrize(
    ("holder", "cause"), [("api-6c8d7b9f54-abcde", "rolled_over"), ("api-gateway-6c8d7b9f54-abcde", "attached_elsewhere")]
)
def test_a_volume_that_another_holds_was_not_rolled_over(holder, cause):
    """Only its own old pod makes way when the strategy is changed."""
    thing = deployment()
    thing["spec"]["strategy"] = {"type": "RollingUpdate"}
    said = f'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) {holder}'

    (found,) = of_kind("volume_trouble", (thing, event("api-5f6d7c8b9f-zzzzz", "FailedAttachVolume", said)))

    assert found.facts["cause"] == cause


def test_a_stateful_sets_claim_bears_its_whole_name():
    """`data-api-gateway-0` is not a claim of `api`."""
    claim = stated("PersistentVolumeClaim", "data-api-gateway-0", "shop", spec={"storageClassName": "fast"})
    grows = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"}, "allowVolumeExpansion": True}
    sets = [stated("StatefulSet", name, "shop", "apps/v1", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
            for name in ("api", "api-gateway")]  # fmt: skip

    (full,) = database()
    alone, beside = (Basis(finding=full, live=claim, observed=Observed(items(grows, *shown))) for shown in (sets[:1], sets))

    assert expandable_class(alone) == "fast"
    with pytest.raises(Refused, match="StatefulSet api-gateway made the claim"):
        expandable_class(beside)


@pytest.mark.parametrize("namespace", ["shop", "staging"])
def test_an_alert_of_throttling_is_of_the_symptoms_namespace(namespace):
    """The limit of its namesake is none of its matters."""
    limited = [container() | {"resources": {"limits": {"cpu": "100m"}}}]
    things = [deployment(namespace=where, containers=limited) for where in ("shop", "staging")]
    pods = [pod("api-5f6d7c8b9f-zzzzz", fine(), owner="api-5f6d7c8b9f", namespace=where, containers=limited, ready=True)
            for where in ("shop", "staging")]  # fmt: skip
    alert = Evidence(kind="alert", source="t", title="CPUThrottlingHigh", at=NOW, text="80% throttling of CPU for container api", item="E0")
    target = Target(kind="workload", place="", path=f"{namespace}/Deployment/api")

    found = [f.subject for f in find((*items(*things, *pods), alert), target) if f.kind == "cpu_throttled"]

    assert found == [f"Deployment/{namespace}/api/api"]
