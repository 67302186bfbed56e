"""What admission would say, computed from objects at hand."""

from decimal import Decimal
from typing import Any

import pytest

from remediation.admission import outside_limit_ranges, over_quota, requests_over_limits
from remediation.footprint import Rollout, asks, pod_total, rollout


def workload(*containers: dict[str, Any], kind: str = "Deployment", init: tuple[dict[str, Any], ...] = (), **spec: Any) -> dict[str, Any]:
    """A workload of these containers."""
    pod = {"containers": list(containers), "initContainers": list(init), **spec.pop("pod", {})}
    inner = {"template": {"spec": pod}}
    status = spec.pop("status", {})
    whole = {"jobTemplate": {"spec": {**inner, **spec}}} if kind == "CronJob" else {**inner, **spec}
    return {"kind": kind, "metadata": {"name": "api", "namespace": "shop"}, "spec": whole, "status": status}


def container(name: str = "api", limits: dict[str, str] | None = None, requests: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """One container with these amounts."""
    return {"name": name, "resources": {"limits": limits or {}, "requests": requests or {}}, **more}


def a_range(kind: str = "Container", name: str = "limits", **item: Any) -> dict[str, Any]:
    """A LimitRange of one item."""
    return {"kind": "LimitRange", "metadata": {"name": name}, "spec": {"limits": [{"type": kind, **item}]}}


def a_quota(hard: dict[str, str], used: dict[str, str], **spec: Any) -> dict[str, Any]:
    """A ResourceQuota as the server shows it."""
    return {"kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": {"hard": hard, **spec}, "status": {"hard": hard, "used": used}}


def test_a_request_that_is_missing_is_the_limit():
    """The server's own default, before any LimitRange."""
    (ask,) = asks(workload(container(limits={"memory": "1Gi"})), [a_range(defaultRequest={"memory": "1Mi", "cpu": "100m"}, default={"cpu": "1"})])

    assert ask.requests == {"memory": Decimal(2**30), "cpu": Decimal("0.1")}
    assert ask.limits == {"memory": Decimal(2**30), "cpu": Decimal(1)}


@pytest.mark.parametrize(
    ("item", "requests", "limits"),
    [
        ({"max": {"cpu": "2"}}, {"cpu": 2}, {"cpu": 2}),
        ({"max": {"cpu": "2"}, "default": {"cpu": "1"}}, {"cpu": 1}, {"cpu": 1}),
        ({"max": {"cpu": "2"}, "min": {"cpu": "1"}}, {"cpu": 2}, {"cpu": 2}),
        ({"min": {"cpu": "1"}}, {"cpu": 1}, {}),
        ({"default": {"cpu": "2"}, "defaultRequest": {"cpu": "1"}}, {"cpu": 1}, {"cpu": 2}),
    ],
)
def test_who_asks_for_nothing_is_given_what_the_server_would_give(item, requests, limits):
    """A LimitRange as somebody wrote it names less than the same one once it is stored: the server fills in defaults."""
    (ask,) = asks(workload(container()), [a_range(**item)])

    assert (ask.requests, ask.limits) == (requests, limits)


def test_init_containers_run_one_by_one_and_sidecars_beside_all_that_follows():
    """As the scheduler counts a pod; its overhead comes on top."""
    init = (
        container("first", requests={"memory": "900Mi"}),
        container("mesh", requests={"memory": "100Mi"}, restartPolicy="Always"),
        container("second", requests={"memory": "850Mi"}),
    )
    small = workload(container(requests={"memory": "200Mi"}), init=init, pod={"overhead": {"memory": "10Mi"}})
    large = workload(container(requests={"memory": "2Gi"}), init=init)

    assert pod_total(small, asks(small), "requests", "memory") == 960 * 2**20
    assert pod_total(large, asks(large), "requests", "memory") == (2048 + 100) * 2**20
    assert pod_total(large, asks(large), "limits", "memory") == 0


@pytest.mark.parametrize(
    ("live", "head", "pods"),
    [
        (workload(replicas=4, status={"replicas": 5}), {}, Rollout(running=5, wanted=4, surge=1)),
        (workload(replicas=4), workload(replicas=8), Rollout(running=4, wanted=8, surge=2)),
        (workload(replicas=4), workload(strategy={"type": "Recreate"}), Rollout(running=4, wanted=4, surge=0)),
        (workload(replicas=4), workload(strategy={"rollingUpdate": {"maxSurge": 3}}), Rollout(running=4, wanted=4, surge=3)),
        (workload(replicas=3), workload(strategy={"rollingUpdate": {"maxSurge": "34%"}}), Rollout(running=3, wanted=3, surge=2)),
        (workload(kind="Rollout", replicas=4, strategy={"canary": {"maxSurge": 2}}), workload(strategy={"canary": {"maxSurge": 2}}), Rollout(running=4, wanted=4, surge=2)),
        (workload(kind="Rollout", replicas=4), workload(strategy={"blueGreen": {}}), Rollout(running=4, wanted=4, surge=4)),
        (workload(kind="StatefulSet", replicas=4), {}, Rollout(running=4, wanted=4, surge=0)),
        (workload(), {}, Rollout(running=1, wanted=1, surge=1)),
        (workload(kind="DaemonSet", status={"desiredNumberScheduled": 7, "currentNumberScheduled": 6}), {}, Rollout(running=6, wanted=7, surge=0)),
        (workload(kind="DaemonSet", status={"desiredNumberScheduled": 7}), workload(updateStrategy={"rollingUpdate": {"maxSurge": 1}}), Rollout(running=7, wanted=7, surge=1)),
        (workload(kind="Job", parallelism=3, status={"active": 2}), {}, Rollout(running=2, wanted=3, surge=0)),
        (workload(kind="CronJob", parallelism=2), {}, Rollout(running=0, wanted=2, surge=0)),
    ],
)
def test_how_many_pods_a_rollout_needs(live, head, pods):
    """By kind and strategy; where Git leaves replicas to an autoscaler, the live number stands."""
    assert rollout(live, head) == pods


def test_a_request_above_its_limit_is_named():
    """CPU as well as memory, each container by itself."""
    over = workload(container(limits={"cpu": "1", "memory": "1Gi"}, requests={"cpu": "1500m", "memory": "1Gi"}), container("ok", limits={"cpu": "1"}))

    assert requests_over_limits(over) == ("container api: cpu request 1500m is above its limit 1",)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"max": {"memory": "512Mi"}}, "LimitRange limits: container api's memory limit 1Gi is above 512Mi"),
        ({"max": {"memory": "1Gi"}}, None),
        ({"max": {"cpu": "1"}}, None),
        ({"max": {"cpu": "1"}, "default": {"cpu": "2"}}, "LimitRange limits: container api's cpu limit 2 is above 1"),
        ({"kind": "Pod", "max": {"cpu": "1"}}, "LimitRange limits: a pod has no cpu limit, at most 1 is required"),
        ({"min": {"memory": "2Gi"}}, "LimitRange limits: container api's memory request 512Mi is below 2Gi"),
        ({"min": {"cpu": "1"}}, None),
        ({"maxLimitRequestRatio": {"memory": "1"}}, "LimitRange limits: container api's memory limit is more than 1 times its request"),
        ({"maxLimitRequestRatio": {"memory": "2", "cpu": "1"}}, None),
        ({"kind": "Pod", "max": {"memory": "1Gi"}}, "LimitRange limits: a pod's memory limit 1280Mi is above 1Gi"),
        ({"kind": "Pod", "max": {"memory": "2Gi"}}, None),
        ({"kind": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}, None),
    ],
)
def test_what_lies_outside_a_limit_range_is_named(item, sentence):
    """Per container, or summed over the pod."""
    thing = workload(container(limits={"memory": "1Gi"}, requests={"memory": "512Mi"}), container("side", limits={"memory": "256Mi"}, requests={"memory": "256Mi"}))
    item = dict(item)

    assert sentence in (outside_limit_ranges(thing, [a_range(item.pop("kind", "Container"), **item)]) or (None,))


def raised(**of: Any):
    """A workload before and after its memory limit went from 1Gi to 2Gi."""
    return (workload(container(limits={"memory": amount}, requests={"memory": amount}), replicas=2, **of) for amount in ("1Gi", "2Gi"))


def test_what_is_over_quota_already_is_not_held_against_a_change_that_asks_no_more():
    """Going back to another image must stay possible in a namespace that is full."""
    live, head = raised()
    full = [a_quota({"limits.memory": "2Gi"}, {"limits.memory": "2Gi"})]

    assert over_quota(live, live, full, []).refusals == ()
    assert over_quota(live, head, full, []).refusals == ("ResourceQuota team: limits.memory would reach 5Gi of 2Gi (2 pods and 1 more while rolling out)",)


def test_a_limit_ranges_defaults_are_counted_against_the_quota():
    """A container that states no CPU is given some by the namespace."""
    live, head = raised()
    quota = [a_quota({"limits.cpu": "3"}, {"limits.cpu": "2"})]

    assert "must state its limits.cpu" in over_quota(live, head, quota, []).refusals[0]
    assert over_quota(live, head, quota, [a_range(default={"cpu": "1"}, defaultRequest={"cpu": "1"})]).refusals == ()


PRIORITY = {"scopeName": "PriorityClass"}


@pytest.mark.parametrize(
    ("selector", "counts"),
    [
        ({**PRIORITY, "operator": "In", "values": ["high"]}, True),
        ({**PRIORITY, "operator": "In", "values": ["low"]}, False),
        ({**PRIORITY, "operator": "NotIn", "values": ["low"]}, True),
        ({**PRIORITY, "operator": "NotIn", "values": ["high"]}, False),
        ({**PRIORITY, "operator": "Exists"}, True),
        ({**PRIORITY, "operator": "DoesNotExist"}, False),
        ({**PRIORITY, "operator": "Resembles"}, None),
        ({"scopeName": "NotTerminating", "operator": "Exists"}, True),
        ({"scopeName": "BestEffort", "operator": "Exists"}, False),
        ({"scopeName": "Terminating", "operator": "Exists"}, False),
        ({"scopeName": "VolumeAttributesClass", "operator": "Exists"}, None),
    ],
)
def test_a_scoped_quota_counts_only_the_pods_of_its_scope(selector, counts):
    """What we cannot judge is unknown, which is not the same as fine."""
    live, head = raised(pod={"priorityClassName": "high"})
    quota = a_quota({"limits.memory": "1Gi"}, {"limits.memory": "0"}, scopeSelector={"matchExpressions": [selector]})

    opinion = over_quota(live, head, [quota], [])

    assert (bool(opinion.refusals), bool(opinion.unknown)) == {True: (True, False), False: (False, False), None: (False, True)}[counts]
