"""adjust_node_placement, relax_anti_affinity, fix_image_reference, restart_rollout, revert_change: where pods run, and what ran before."""

from datetime import timedelta

import pytest

from remediation.kinds import ref
from remediation.terms import Commit, Move
from tests.remediation.remedies.offering import NOW, a_pod, not_offered, offer, pending, revisions, thing, workload

POD = "spec.template.spec"


# adjust_node_placement


NO_NODE = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available."


def node(name, taints=(), **labels):
    return thing("Node", name, {"taints": list(taints)}, metadata={"labels": {"zone": "a", **labels}}, status={"allocatable": {"cpu": "4"}})


async def test_a_selector_gets_the_one_value_that_nodes_have():
    """What nodes have already stays."""
    of = workload(nodeSelector={"zone": "a", "disk": "sdd"})
    offered = await offer(of, pending(of, NO_NODE), node("n1", disk="ssd"), node("n2", disk="ssd"), remedy="adjust_node_placement")

    assert offered.edits == [(f"{POD}.nodeSelector.disk", "replace", "sdd", "ssd")]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(labels={"disk": "nvme"})).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["spec"]["nodeSelector"] == {"zone": "a", "disk": "ssd"}


@pytest.mark.parametrize("nodes", [
    (node("n1", disk="ssd"), node("n2", disk="hdd")),
    (node("n1"), node("n2")),
    (node("n1", disk="ssd", taints=[{"key": "dedicated", "effect": "NoSchedule"}]),),
])  # fmt: skip
async def test_a_label_of_two_values_of_none_or_of_nodes_that_take_no_pods_is_for_a_person(nodes):
    """Which nodes are meant is not for a machine to guess."""
    of = workload(nodeSelector={"disk": "sdd"})

    await not_offered(of, pending(of, NO_NODE), *nodes)


async def test_a_machine_is_no_label_like_others():
    """Another host, or another architecture, is another thing altogether."""
    of = workload(nodeSelector={"kubernetes.io/arch": "arm64"})

    await not_offered(of, pending(of, NO_NODE), node("n1", **{"kubernetes.io/arch": "amd64"}))


# relax_anti_affinity


APART = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are available."
RULE = {"labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}, "topologyKey": "kubernetes.io/hostname"}


def apart(*terms, **rules):
    return workload(affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": list(terms), **rules}})


async def test_a_required_anti_affinity_becomes_the_same_preference():
    """By the same key, from the same pods."""
    of = apart(RULE)
    offered = await offer(of, pending(of, APART), remedy="relax_anti_affinity")

    rules = offered.in_git()["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"]
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "api"}}}
    assert rules == {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}
    assert [edit[:2] for edit in offered.edits] == [
        (f"{POD}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", "remove"),
        (f"{POD}.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]", "add"),
    ]
    assert (await offered.critique()).decision == "APPROVED"


@pytest.mark.parametrize("of", [
    apart(RULE, {**RULE, "topologyKey": "zone"}),
    apart({**RULE, "namespaceSelector": {}}),
    apart(RULE, preferredDuringSchedulingIgnoredDuringExecution=[{"weight": 1, "podAffinityTerm": RULE}]),
    apart({**RULE, "labelSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}),
])  # fmt: skip
async def test_a_rule_that_cannot_be_said_again_as_it_is_is_for_a_person(of):
    """More than one, or more in it."""
    await not_offered(of, pending(of, APART))


# fix_image_reference


def unpulled(image, said):
    of = workload({"image": image})
    return of, a_pod(of, {"waiting": {"reason": "ImagePullBackOff", "message": f'Failed to pull image "{image}": {said}'}})


GONE = "repository does not exist or may require authorization"


async def test_an_image_of_a_repository_that_does_not_exist_goes_back_to_the_one_that_ran():
    """As the ReplicaSet before has it."""
    of, failing = unpulled("shop/apj:2.1", GONE)
    offered = await offer(of, failing, *revisions(of, workload(), ready=1), remedy="fix_image_reference")

    assert offered.edits == [(f"{POD}.containers[name=api].image", "replace", "shop/apj:2.1", "shop/api:2.0")]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(image="shop/evil:1")).decision == "REJECTED"


async def test_another_tag_of_the_same_repository_would_fail_again():
    """What is not there, or hidden, has no older tag either."""
    of, failing = unpulled("shop/api:2.1", GONE)

    await not_offered(of, failing, *revisions(of, workload(), ready=1))


# restart_rollout


REFUSED = 'FATAL: password authentication failed for user "api"'


def reading(changed, name="db"):
    of = workload({"envFrom": [{"secretRef": {"name": name}}]})
    secret = thing("Secret", "db", type="Opaque", metadata={"creationTimestamp": "2026-11-01T00:00:00Z", "managedFields": [{"manager": "vault", "time": changed}]})
    return of, a_pod(of, {"running": {"startedAt": "2026-11-20T11:00:00Z"}}, restarts=1), secret


async def test_pods_that_are_older_than_their_secret_are_started_anew():
    """By an annotation that says what for."""
    offered = await offer(*reading("2026-11-20T11:30:00Z"), log=REFUSED, remedy="restart_rollout")

    assert offered.edits == [(r"spec.template.metadata.annotations.kubectl\.kubernetes\.io/restartedAt", "add", None, "2026-11-20T11:30:00Z")]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(changed_at="2026-11-20T11:31:00Z")).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["metadata"]["annotations"] == {"kubectl.kubernetes.io/restartedAt": "2026-11-20T11:30:00Z"}


@pytest.mark.parametrize(("changed", "name"), [("2026-11-20T10:00:00Z", "db"), ("2026-11-20T11:30:00Z", "other")])
async def test_pods_that_know_the_newest_secret_already_are_not_started_anew(changed, name):
    """A restart would cure nothing; nor does one for a Secret that they do not read."""
    await not_offered(*reading(changed, name), log=REFUSED)


# revert_change


def stuck(now, before, ready=1, **newest):
    said = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": 'ReplicaSet "api-7c9d5b" has timed out progressing.'}
    now["status"] = {"replicas": 3, "availableReplicas": ready, "conditions": [said]}
    return now, *revisions(now, before, ready=ready), a_pod(now, {"running": {"startedAt": "2026-11-20T11:00:00Z"}}, **newest)


BEFORE = {"env": [{"name": "MODE", "value": "safe"}, {"name": "POOL", "value": "20"}], "args": ["--fast"]}
AFTER = {"env": [{"name": "MODE", "value": "new"}, {"name": "TRACE", "value": "1"}], "args": ["--slow"]}


async def test_what_the_newest_revision_changed_goes_back_field_by_field():
    """Changed, taken away and added, as the revision that serves has them."""
    offered = await offer(*stuck(workload(AFTER), workload(BEFORE)), remedy="revert_change")

    head = offered.in_git()["spec"]["template"]["spec"]["containers"][0]
    assert (head["args"], sorted(head["env"], key=lambda v: v["name"])) == (BEFORE["args"], BEFORE["env"])
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(fields={"hostNetwork": True})).decision == "REJECTED"


@pytest.mark.parametrize(("before", "changes"), [
    (BEFORE, {"ready": 0}),
    ({"env": [{"name": "TOKEN", "value": "[masked:token]"}]}, {}),
    ({"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}, {}),
])  # fmt: skip
async def test_a_revision_that_does_not_run_or_cannot_be_read_is_for_a_person(before, changes):
    """There must be something to go back to, and all of it must be known."""
    await not_offered(*stuck(workload(AFTER), workload(before), **changes))


def commit(*moves, minutes=5, kind="Deployment"):
    """One that reached the branch so long before now."""
    moved = tuple(Move(object=ref(kind, "shop", "api"), path=path, old=old, new=new) for path, old, new in moves)
    return Commit(project="platform/shop", sha="c0ffee" * 6 + "abcd", title="Quicker", at=NOW - timedelta(minutes=minutes), moves=moved)


COMMAND = f"{POD}.containers[name=api].command[0]"
NO_FILE = {"waiting": {"reason": "RunContainerError", "message": 'exec: "/app/serv": stat /app/serv: no such file or directory'}}


def crashing(minutes=4, kind="Deployment", **container):
    """A workload whose pods were made so long before now, and crash."""
    of = workload({"command": ["/app/serv"], **container}) | {"kind": kind}
    pod = a_pod(of, {"waiting": {"reason": "CrashLoopBackOff"}}, restarts=3, owner="api")
    made = f"{NOW - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    pod["metadata"] |= {"creationTimestamp": made, "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": "api", "controller": True}]}
    return of, pod


CRASH = "panic: cannot listen"


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
async def test_the_last_commit_before_the_fault_is_taken_back(kind):
    """Whatever keeps the cluster's own revisions; with the commit cited, and its other fields too."""
    moved = commit((COMMAND, "/app/serve", "/app/serv"), (f"{POD}.containers[name=api].image", "shop/api:1.9", "shop/api:2.0"), ("spec.replicas", 2, 3), kind=kind)
    offered = await offer(*crashing(kind=kind), log=CRASH, commit=moved, remedy="revert_change", target=f"shop/{kind}/api")

    assert offered.edits == [(COMMAND, "replace", "/app/serv", "/app/serve"), (f"{POD}.containers[name=api].image", "replace", "shop/api:2.0", "shop/api:1.9")]
    assert "E3" in offered.plan.cites
    assert offered.plan.parameters["commit"] == moved.sha
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(fields={"hostNetwork": True})).decision == "REJECTED"
    assert (await offered.critique(commit="deadbeef")).decision == "REJECTED"


@pytest.mark.parametrize(("minutes", "moves"), [
    (3, [(COMMAND, "/app/serve", "/app/serv")]),  # the pods are older than the commit
    (90, [(COMMAND, "/app/serve", "/app/serv")]),  # they came long after it
    (5, [(COMMAND, "/app/serve", "/app/server")]),  # the cluster has something else
    (5, [("spec.replicas", 2, 3)]),  # nothing of the pods
    (5, [(COMMAND, "[masked:token]", "/app/serv")]),  # what stood there is hidden
])  # fmt: skip
async def test_a_commit_that_is_not_what_changed_just_before_is_not_taken_back(minutes, moves):
    """Neither guessed nor in part."""
    await not_offered(*crashing(), log=CRASH, commit=commit(*moves, minutes=minutes))


async def test_what_only_crashes_is_not_taken_back_by_the_clusters_own_revisions():
    """A program that ends by itself need not be cured by its last revision; a commit must say that it changed just then."""
    now, before = workload(AFTER), workload(BEFORE)

    await not_offered(now, *revisions(now, before, ready=1), a_pod(now, {"waiting": {"reason": "CrashLoopBackOff"}}, restarts=3), log=CRASH)
