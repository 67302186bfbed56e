"""adjust_node_placement, relax_anti_affinity, fix_image_reference, restart_rollout, revert_change: where pods run, and what ran before."""

import pytest

from tests.remediation.remedies.offering import a_pod, not_offered, offer, pending, revisions, thing, workload

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
