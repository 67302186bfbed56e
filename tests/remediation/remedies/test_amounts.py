"""raise_quota, lower_requests, set_requests, expand_volume, adjust_autoscaler, scale_replicas: numbers that the evidence gives."""

import pytest

from remediation.terms import Series
from tests.remediation.remedies.offering import NOW, a_pod, event, not_offered, offer, pending, revisions, thing, workload

REQUESTS = "spec.template.spec.containers[name=api].resources.requests"


def requesting(request=None, limit=None, resource="memory", **more):
    sides = {side: {resource: amount} for side, amount in (("requests", request), ("limits", limit)) if amount}
    return workload({"resources": sides}, **more)


def measured(metric, value, pod="api-7c9d5b-x1"):
    return (Series(metric=metric, labels={"pod": pod, "container": "api"}, points=((NOW.timestamp(), value),)),)


# raise_quota


def quota(hard="8Gi", used="7Gi", key="requests.memory"):
    return thing("ResourceQuota", "team", {"hard": {key: hard}}, status={"hard": {key: hard}, "used": {key: used}})


def refused(of, requested="requests.memory=2Gi", used="requests.memory=7Gi", limited="requests.memory=8Gi"):
    said = f'pods "api-x" is forbidden: exceeded quota: team, requested: {requested}, used: {used}, limited: {limited}'
    return event(of, "FailedCreate", f"Error creating: {said}")


async def test_a_quota_is_raised_by_what_the_missing_pods_ask_for():
    """Two of four pods are missing, each asks for 2Gi, 7Gi are used."""
    of = requesting("2Gi", replicas=4, status={"replicas": 2})
    offered = await offer(of, refused(of), quota(), remedy="raise_quota")

    assert offered.plan.target.path == "shop/ResourceQuota/team"
    assert offered.edits == [(r"spec.hard.requests\.memory", "replace", "8Gi", "11Gi")]
    assert offered.act.level == "N2"
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(amounts={"requests.memory": "16Gi"})).decision == "REJECTED"
    assert offered.in_git()["spec"]["hard"] == {"requests.memory": "11Gi"}


async def test_a_quota_that_would_more_than_double_is_for_a_person():
    """Whoever shares a cluster decides."""
    of = requesting("2Gi", replicas=20, status={"replicas": 2})

    assert "More than 2 times the 8Gi" in await not_offered(of, refused(of), quota())


async def test_a_quota_that_was_raised_since_is_not_raised_again():
    """The refusal is of the quota before."""
    of = requesting("2Gi", replicas=4, status={"replicas": 2})

    assert "a change is on its way" in await not_offered(of, refused(of), quota(hard="12Gi"))


async def test_a_quota_that_is_short_of_two_things_is_raised_in_both():
    """As the server counts them."""
    of = requesting("2Gi", replicas=4, status={"replicas": 3})
    both = refused(of, "requests.memory=2Gi,pods=1", "requests.memory=7Gi,pods=4", "requests.memory=8Gi,pods=4")
    live = quota()
    live["spec"]["hard"]["pods"] = "4"
    offered = await offer(of, both, live, remedy="raise_quota")

    assert offered.plan.parameters == {"amounts": {"requests.memory": "9Gi", "pods": "5"}}


async def test_a_quota_that_is_not_shown_or_says_otherwise_is_for_a_person():
    """No amount without the object."""
    of = requesting("2Gi", replicas=4, status={"replicas": 2})

    await not_offered(of, refused(of))
    await not_offered(of, refused(of, "requests.memory=2Gi,pods=1", "requests.memory=7Gi,pods=4", "requests.memory=8Gi,pods=4"), quota())


async def test_an_amount_that_is_none_is_for_a_person():
    """A message may hold anything; it ends nothing."""
    of = requesting("2Gi", replicas=4, status={"replicas": 2})

    assert "is not a Kubernetes quantity" in await not_offered(
        of, refused(of, "requests.memory=lots", "requests.memory=7Gi", "requests.memory=8Gi"), quota()
    )


# lower_requests


NO_ROOM = "0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes are available."


def node(name="n1", labels=None, **allocatable):
    return thing("Node", name, {}, status={"allocatable": allocatable or {"cpu": "4", "memory": "8Gi"}}, metadata={"labels": labels or {}})


async def test_a_request_that_no_node_has_goes_back_to_what_ran():
    """As the revision that serves has it."""
    now, before = requesting("32Gi"), requesting("2Gi")
    offered = await offer(now, *revisions(now, before, ready=2), pending(now, NO_ROOM), node(), remedy="lower_requests")

    assert offered.edits == [(f"{REQUESTS}.memory", "replace", "32Gi", "2Gi")]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(memory_request="1Gi")).decision == "REJECTED"


async def test_a_request_goes_back_to_what_runs_though_no_node_is_shown():
    """Its pods have found their nodes."""
    before, now = requesting("450m", resource="cpu"), requesting("450", resource="cpu")
    said = NO_ROOM.replace("memory", "cpu")
    offered = await offer(now, *revisions(now, before, ready=2), pending(now, said), remedy="lower_requests")

    assert offered.plan.parameters["cpu_request"] == "450m"


async def test_a_request_without_anything_that_shows_a_smaller_need_is_for_a_person():
    """Half of it would be a guess."""
    now = requesting("32Gi")

    await not_offered(now, pending(now, NO_ROOM), node())


async def test_a_request_above_its_own_limit_is_lowered_to_it():
    """The server says that it must be at most the limit."""
    of = requesting("2Gi", "1Gi")
    said = event(
        of,
        "FailedCreate",
        'Error creating: Pod "api-x" is invalid: spec.containers[0].resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit',
    )
    offered = await offer(of, said, remedy="lower_requests")

    assert offered.edits == [(f"{REQUESTS}.memory", "replace", "2Gi", "1Gi")]


# set_requests


def scaler(of="api", maximum=4, minimum=2, **status):
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": of}, "minReplicas": minimum, "maxReplicas": maximum,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
    }  # fmt: skip
    return thing("HorizontalPodAutoscaler", "api", spec, "autoscaling/v2", status=status)


NO_REQUEST = {
    "type": "ScalingActive",
    "status": "False",
    "reason": "FailedGetResourceMetric",
    "message": "failed to get cpu utilization: missing request for cpu in container api of Pod api-7c9d5b-x1",
}


async def test_a_container_whose_autoscaler_cannot_compute_requests_what_it_uses():
    """A quarter above; the workload is changed, and not the autoscaler on which it was found."""
    of = workload()
    offered = await offer(
        of, a_pod(of, ready=True), scaler(conditions=[NO_REQUEST]), series=measured("cpu_usage_cores", 0.2), remedy="set_requests"
    )

    assert offered.plan.target.path == "shop/Deployment/api"
    assert offered.edits == [(f"{REQUESTS}.cpu", "add", None, "250m")]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(cpu_request="4")).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "250m"}}


async def test_a_request_that_the_revision_before_had_comes_back():
    """It ran, though it is scaled to none by now; without one nothing is known."""
    now = workload()
    had, never = revisions(now, requesting("350m", resource="cpu")), revisions(now, workload())
    offered = await offer(now, *had, a_pod(now, ready=True), scaler(conditions=[NO_REQUEST]), remedy="set_requests")

    assert offered.edits == [(f"{REQUESTS}.cpu", "add", None, "350m")]
    await not_offered(now, *never, a_pod(now, ready=True), scaler(conditions=[NO_REQUEST]))


async def test_a_request_that_nothing_measures_is_for_a_person():
    """How much it needs is not known; nor is it where another pod was measured."""
    of = workload()

    await not_offered(of, a_pod(of, ready=True), scaler(conditions=[NO_REQUEST]))
    await not_offered(of, a_pod(of, ready=True), scaler(conditions=[NO_REQUEST]), series=measured("cpu_usage_cores", 0.2, pod="web-1"))


async def test_an_evicted_container_requests_what_it_used():
    """As the kubelet says it."""
    of = workload()
    gone = a_pod(of)
    gone["status"] = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 900Mi. Container api was using 400Mi, request is 0, has larger consumption of ephemeral-storage. ",
    }
    offered = await offer(of, gone, remedy="set_requests")

    assert [edit[3] for edit in offered.edits] == ["500Mi"]
    assert (await offered.critique()).decision == "APPROVED"


MUST = 'Error creating: pods "api-x" is forbidden: failed quota: team: must specify '
WHOLE = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}


async def test_what_a_quota_asks_for_is_set_as_the_revision_that_runs_has_it():
    """Limits too, all of them at once, whatever the container is called."""
    now, before = workload({"resources": {"requests": {"cpu": "100m"}}}), workload({"resources": WHOLE})
    said = event(now, "FailedCreate", f"{MUST}limits.cpu for: api; limits.memory for: api; requests.memory for: api")
    offered = await offer(now, *revisions(now, before, ready=2), a_pod(before, ready=True, owner="api-1111aa"), said, remedy="set_requests")

    assert {edit[3] for edit in offered.edits[:1]} == {"128Mi"}
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(memory_limit="1Gi")).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["spec"]["containers"][0]["resources"] == WHOLE


async def test_a_limit_that_no_revision_has_is_for_a_person():
    """What was used is no limit, and half of what the quota asks for is refused as well."""
    now = workload()
    said = event(now, "FailedCreate", f"{MUST}limits.memory for: memory; requests.memory for: memory")

    await not_offered(now, a_pod(now, ready=True), said, series=measured("memory_working_set_bytes", 2**27))


# expand_volume and change_storage_class


FULL = (
    Series(
        metric="kubelet_volume_stats_available_bytes", labels={"namespace": "shop", "persistentvolumeclaim": "data"}, points=((0.0, 1.0),)
    ),
    Series(
        metric="kubelet_volume_stats_capacity_bytes", labels={"namespace": "shop", "persistentvolumeclaim": "data"}, points=((0.0, 2**33),)
    ),
)


def claim(name="data", storage_class="fast", phase="Bound", size="8Gi"):
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": storage_class, "resources": {"requests": {"storage": size}}}
    return thing("PersistentVolumeClaim", name, spec, status={"phase": phase, "capacity": {"storage": size}})


def storage_class(name="fast", expands=True, **annotations):
    return thing("StorageClass", name, api="storage.k8s.io/v1", allowVolumeExpansion=expands, metadata={"annotations": annotations})


async def test_a_full_volume_whose_class_lets_it_grow_is_doubled():
    """Always by a person, for it never shrinks again."""
    offered = await offer(claim(), storage_class(), series=FULL, target="shop/PersistentVolumeClaim/data", remedy="expand_volume")

    assert offered.edits == [("spec.resources.requests.storage", "replace", "8Gi", "16Gi")]
    assert offered.act.level == "N3"
    assert (await offered.critique()).decision == "APPROVED"
    assert offered.in_git()["spec"]["resources"]["requests"]["storage"] == "16Gi"


def storage_quota(hard, used="30Gi", key="requests.storage"):
    """A ResourceQuota of volumes, of which 30Gi are used."""
    return thing("ResourceQuota", "disks", {"hard": {key: hard}}, status={"hard": {key: hard}, "used": {key: used}})


def storage_range(most):
    """A LimitRange of claims."""
    return thing(
        "LimitRange",
        "sizes",
        {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": most}}, {"type": "Pod", "max": {"cpu": "1"}}]},
    )


@pytest.mark.parametrize(
    ("surrounding", "size"),
    [
        (storage_quota("38Gi"), "16Gi"), (storage_quota("34Gi"), "12Gi"), (storage_quota("33Gi"), "11Gi"), (storage_quota("32Gi"), "10Gi"),
        (storage_quota("32Gi", key="fast.storageclass.storage.k8s.io/requests.storage"), "10Gi"),
        (storage_range("10Gi"), "10Gi"), (storage_range("20Gi"), "16Gi"),
    ],
)  # fmt: skip
async def test_a_volume_grows_as_far_as_quota_and_limit_range_let_it(surrounding, size):
    """Of claims they count the storage, and of this class alone where they name one."""
    offered = await offer(
        claim(), storage_class(), surrounding, series=FULL, target="shop/PersistentVolumeClaim/data", remedy="expand_volume"
    )

    assert offered.plan.parameters["size"] == size
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(size="32Gi")).decision == "REJECTED"


async def test_a_quota_of_another_class_does_not_count_a_claim():
    """It names the class that it counts."""
    other = storage_quota("1Gi", key="slow.storageclass.storage.k8s.io/requests.storage")
    offered = await offer(claim(), storage_class(), other, series=FULL, target="shop/PersistentVolumeClaim/data", remedy="expand_volume")

    assert offered.plan.parameters["size"] == "16Gi"


@pytest.mark.parametrize(
    ("surrounding", "why"),
    [
        (storage_quota("31Gi"), "ResourceQuota disks: requests.storage would reach 32Gi of 31Gi"),
        (storage_range("9Gi"), "LimitRange sizes: a claim's storage 10Gi is above 9Gi"),
    ],
)
async def test_a_volume_that_may_not_grow_enough_is_for_a_person(surrounding, why):
    """Who reads what stops it."""
    assert why in await not_offered(claim(), storage_class(), surrounding, series=FULL, target="shop/PersistentVolumeClaim/data")


async def test_a_volume_whose_class_does_not_let_it_grow_or_is_not_known_is_for_a_person():
    """The server would refuse."""
    target = "shop/PersistentVolumeClaim/data"

    assert "does not allow expansion" in await not_offered(claim(), storage_class(expands=False), series=FULL, target=target)
    await not_offered(claim(), series=FULL, target=target)


async def test_a_claim_that_a_stateful_set_made_is_not_in_git_as_such():
    """Its template cannot be changed."""
    made = thing(
        "StatefulSet", "pg", {"volumeClaimTemplates": [{"metadata": {"name": "data"}}], "template": {"spec": {"containers": []}}}, "apps/v1"
    )
    series = tuple(Series(metric=s.metric, labels={**s.labels, "persistentvolumeclaim": "data-pg-0"}, points=s.points) for s in FULL)

    why = await not_offered(claim("data-pg-0"), storage_class(), made, series=series, target="shop/PersistentVolumeClaim/data-pg-0")

    assert "StatefulSet pg made the claim from its template" in why


async def test_the_class_of_a_claim_that_is_there_cannot_be_changed_and_a_person_hears_so():
    """Kubernetes refuses it: no merge request is offered that could not be applied."""
    why = await not_offered(claim(storage_class="fst", phase="Pending"), storage_class(), target="shop/PersistentVolumeClaim/data")

    assert "Kubernetes does not let the class of a claim change" in why
    assert "Name the class fast in Git, delete the claim data, which holds nothing yet" in why


async def test_the_class_in_a_template_of_a_stateful_set_is_for_a_person_too():
    """Neither of the two can be changed in place."""
    made = thing(
        "StatefulSet", "pg", {"volumeClaimTemplates": [{"metadata": {"name": "data"}}], "template": {"spec": {"containers": []}}}, "apps/v1"
    )
    pending = claim("data-pg-0", storage_class="fst", phase="Pending")

    why = await not_offered(pending, storage_class(), made, target="shop/PersistentVolumeClaim/data-pg-0")

    assert "the volumeClaimTemplates of StatefulSet pg, delete the StatefulSet with --cascade=orphan" in why


NO_CLASS = "no persistent volumes available for this claim and no storage class is set"


def classless():
    bare = claim(phase="Pending")
    del bare["spec"]["storageClassName"]
    said = {
        "involvedObject": {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data"},
        "reason": "FailedBinding",
        "message": NO_CLASS,
    }
    return bare, thing("Event", "data.1", **said, type="Normal")


async def test_a_claim_that_names_no_class_gets_the_only_one():
    """That is what the API server takes, while it is pending."""
    offered = await offer(*classless(), storage_class(), target="shop/PersistentVolumeClaim/data", remedy="change_storage_class")

    assert offered.edits == [("spec.storageClassName", "add", None, "fast")]
    assert offered.act.level == "N3"
    assert (await offered.critique()).decision == "APPROVED"
    assert offered.in_git()["spec"]["storageClassName"] == "fast"


async def test_a_claim_that_names_no_class_is_for_a_person_where_there_are_two_or_it_asks_for_none():
    """Nobody knows which is meant; and an empty name is a name."""
    target = "shop/PersistentVolumeClaim/data"
    bare, said = classless()

    await not_offered(bare, said, storage_class(), storage_class("slow"), target=target)
    bare["spec"]["storageClassName"] = ""
    assert "does not let the class" in await not_offered(bare, said, storage_class(), target=target)


# adjust_autoscaler


FULL_SCALE = {
    "currentReplicas": 4,
    "conditions": [{"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "more than the maximum"}],
}


async def test_an_autoscaler_at_its_maximum_may_go_half_as_far_again():
    """Where the quota has room for the pods."""
    of = requesting("500m", resource="cpu", replicas=4)
    room = quota("4", "2", "requests.cpu")
    offered = await offer(of, scaler(**FULL_SCALE), room, target="shop/HorizontalPodAutoscaler/api", remedy="adjust_autoscaler")

    assert offered.edits == [("spec.maxReplicas", "replace", 4, 6)]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(maximum=60)).decision == "REJECTED"


async def test_an_autoscaler_whose_pods_no_quota_has_room_for_is_for_a_person():
    """More pods would only be refused."""
    of = requesting("500m", resource="cpu", replicas=4)
    full = quota("2500m", "2", "requests.cpu")

    assert "ResourceQuota team" in await not_offered(of, scaler(**FULL_SCALE), full, target="shop/HorizontalPodAutoscaler/api")


async def test_an_autoscalers_target_is_named_as_it_is_called():
    """The only Deployment of nearly that name."""
    offered = await offer(workload(), scaler(of="apis"), target="shop/HorizontalPodAutoscaler/api", remedy="adjust_autoscaler")

    assert offered.edits == [("spec.scaleTargetRef.name", "replace", "apis", "api")]


# scale_replicas


def stopped():
    of = workload(replicas=0)
    of["metadata"]["uid"] = "u"
    return of, event(of, "ScalingReplicaSet", "Scaled down replica set api-7c9d5b to 0 from 3")


SERVICE = thing("Service", "api", {"selector": {"app": "api"}, "ports": [{"port": 80}]})


async def test_a_workload_that_a_service_misses_gets_its_replicas_back():
    """As many as an event says there were."""
    offered = await offer(*stopped(), SERVICE, remedy="scale_replicas")

    assert offered.edits == [("spec.replicas", "replace", 0, 3)]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(replicas=9)).decision == "REJECTED"
    assert offered.in_git()["spec"]["replicas"] == 3


async def test_a_workload_that_nobody_misses_stays_at_zero():
    """It may be meant."""
    assert "it may be meant" in await not_offered(*stopped())


@pytest.mark.parametrize("missing", ["event", "owner"])
async def test_replicas_that_nothing_tells_or_an_autoscaler_owns_are_for_a_person(missing):
    """Neither a guess, nor somebody else's field."""
    of, said = stopped()

    assert await not_offered(*((of, SERVICE) if missing == "event" else (of, said, SERVICE, scaler())))


async def test_replicas_that_no_quota_has_room_for_are_rejected():
    """The critic counts the pods."""
    of = requesting("4Gi", replicas=0)
    said = event(of, "ScalingReplicaSet", "Scaled down replica set api-7c9d5b to 0 from 3")
    offered = await offer(of, said, SERVICE, quota("8Gi", "0"), remedy="scale_replicas")

    critique = await offered.critique()

    assert (critique.decision, critique.checks["no_collateral_risk"]) == ("REJECTED", False)
