"""Every remedy, as the executor really does it: on the sandbox's objects, in its repository, tried on its server, over HTTP."""

import pytest

from bot.sandbox.environment import Credentials, environment, write_files
from remediation.clients.gitlab import GitLabClient
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Refused
from remediation.executors.git import GitExecutor
from remediation.gitops.projects import Project
from remediation.kinds import ref
from remediation.remedies import catalogue, render_act
from remediation.terms import Plan, Standing, Target
from tests.bot.sandbox.conftest import port, until, world
from tests.remediation.made import NOW

__all__ = ["port", "until", "world"]
REMEDIES = catalogue()
PRODUCTION = Standing(environment="production", production=True)
API = "shop/Deployment/api"
LINES = {  # remedy and object: parameters, and the lines that go and come
    ("fix_selector", "shop/Service/api"): ({"labels": {"app": "api-v2"}}, ["-    app: api", "+    app: api-v2"]),
    ("fix_port", "shop/Service/api"): (
        {"place": "spec.ports[0]", "target_port": 8080},
        ["-    - {name: http, port: 80, targetPort: http}", "+    - {name: http, port: 80, targetPort: 8080}"],
    ),
    ("raise_quota", "shop/ResourceQuota/shop"): (
        {"amounts": {"requests.cpu": "14", "pods": "70"}},
        ['-    requests.cpu: "12"', '+    requests.cpu: "14"', '-    pods: "60"', '+    pods: "70"'],
    ),
    ("adjust_probe", API): (
        {"container": "api", "probe": "readiness", "handler": "httpGet", "path": "/ready", "timeout_seconds": 3},
        ["-            httpGet: {path: /healthz, port: http}", "+            httpGet: {path: /ready, port: http}", "+            timeoutSeconds: 3"],
    ),
    ("set_environment", API): (
        {"container": "api", "variable": "POOL", "value": "20"},
        ["+            - name: POOL", '+              value: "20"'],
    ),
    ("fix_reference", API): (
        {"fields": {"containers[name=api].env[name=CATALOGUE_CACHE].valueFrom.configMapKeyRef.key": "limits.txt"}},
        ["-                configMapKeyRef: {name: api, key: catalogue-cache}", "+                configMapKeyRef: {name: api, key: limits.txt}"],
    ),
    ("adjust_node_placement", API): ({"labels": {"zone": "a"}}, ["+      nodeSelector:", "+        zone: a"]),
    ("lower_requests", API): ({"container": "api", "cpu_request": "50m"}, ["-              cpu: 100m", "+              cpu: 50m"]),
    ("restart_rollout", API): (
        {"changed_at": "2026-11-20T11:30:00Z"},
        ['+        kubectl.kubernetes.io/restartedAt: "2026-11-20T11:30:00Z"'],
    ),
    ("revert_change", API): (
        {"fields": {"containers[name=api].env[name=LOG_LEVEL].value": "debug", "containers[name=metrics].args[0]": "--quiet"}},
        ['-              value: "info"', '+              value: "debug"', '-          args: ["--statsd.listen-udp=:9125"]', '+          args: ["--quiet"]'],
    ),
    ("scale_replicas", API): ({"replicas": 3}, ["-  replicas: 2", "+  replicas: 3"]),
}  # fmt: skip


@pytest.fixture
async def cluster(world, port):
    write_files(port)
    client = KubernetesClient(kubeconfig=environment(port)["KUBECONFIG"])
    yield client
    await client.close()


@pytest.fixture
async def executor(world, port, cluster):
    secrets = Credentials.of(port)
    gitlab = GitLabClient(f"{world.origin}/gitlab", secrets.gitlab_token, merge_token=secrets.gitlab_merge_token)
    projects = [Project(project="platform/shop", branch="main", cluster="sandbox")]
    yield GitExecutor(gitlab, {"sandbox": cluster}, projects, now=lambda: NOW)
    await gitlab.close()


async def act_of(cluster, remedy, path, parameters):
    """The remedy with these parameters as an act on the living object."""
    namespace, kind, name = path.split("/")
    target = Target(kind="workload", place="sandbox", path=path)
    plan = Plan(plan_id="P1", title="t", priority=1, remedy=remedy, target=target, parameters=parameters, justification="", cites=(), confidence=0.5)
    return render_act(plan, REMEDIES[remedy], await cluster.get(ref(kind, namespace, name)), PRODUCTION)


@pytest.mark.parametrize(("remedy", "path"), LINES, ids=lambda each: str(each))
async def test_a_remedy_changes_its_lines_and_the_server_takes_the_object(remedy, path, executor, cluster):
    """Services, quotas and workloads alike: the same lines that a person would change, and nothing else moves."""
    parameters, lines = LINES[remedy, path]
    rehearsal = await executor.rehearse(await act_of(cluster, remedy, path, parameters))

    assert [line for line in rehearsal.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")] == lines
    assert {str(move.object) for move in rehearsal.moves} == {"{1}/{0}/{2}".format(*path.split("/"))}
    assert rehearsal.dry_run.state == "passed", rehearsal.dry_run.reason


async def test_a_remedy_may_change_one_of_two_things(executor, cluster):
    """A reference is mended where it stands, or made where there is none."""
    rehearsal = await executor.rehearse(await act_of(cluster, "fix_reference", API, {"pull_secret": "registry"}))

    changed = [line for line in rehearsal.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["+      imagePullSecrets:", "+        - name: registry"]
    assert rehearsal.dry_run.state == "passed", rehearsal.dry_run.reason


async def test_an_autoscaler_and_a_claim_are_changed_where_they_stand(executor, cluster):
    """Objects that make no pods, too."""
    scaler = await executor.rehearse(await act_of(cluster, "adjust_autoscaler", "shop/HorizontalPodAutoscaler/frontend", {"maximum": 9}))
    claim = {"storage_class": "standard", "size": "40Gi"}
    volume = await executor.rehearse(await act_of(cluster, "expand_volume", "shop/PersistentVolumeClaim/postgres-data", claim))

    assert [(move.path, move.old, move.new) for move in scaler.moves] == [("spec.maxReplicas", 6, 9)]
    assert "+  resources: {requests: {storage: 40Gi}}" in volume.diff
    assert (scaler.act.level, volume.act.level) == ("N2", "N3")


async def test_the_class_of_a_claim_is_refused_as_immutable(executor, cluster):
    """As the server would; a person makes it anew."""
    act = await act_of(cluster, "change_storage_class", "shop/PersistentVolumeClaim/postgres-data", {"storage_class": "fast"})

    with pytest.raises(Refused, match="cannot be changed once it is there"):
        await executor.rehearse(act)


async def test_replicas_that_an_autoscaler_owns_are_refused(executor, cluster):
    """Git does not say how many."""
    with pytest.raises(Refused):
        await executor.rehearse(await act_of(cluster, "scale_replicas", "shop/Deployment/frontend", {"replicas": 4}))
