"""An autoscaler is offered where it would help, and the reason is said where it would not."""

import copy

import pytest

from remediation.drawing import Basis
from remediation.drawing.parameters import drawn
from remediation.errors import Refused
from remediation.findings import find
from remediation.observed import Observed
from remediation.terms import Series, Target
from tests.remediation.remedies.offering import CATALOGUE, a_pod, evidence, offer, thing, workload

AT = 1763640000.0
REMEDY = CATALOGUE["enable_autoscaler"]
BUSY = {"resources": {"requests": {"cpu": "250m"}, "limits": {"cpu": "500m"}}}
SERVED = thing(
    "APIService", "v1beta1.metrics.k8s.io", status={"conditions": [{"type": "Available", "status": "True"}]}, metadata={"namespace": ""}
)


def scaler(name="web", target="web", **status):
    metrics = [{"type": "Resource", "resource": {"name": "cpu"}}]
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}, "maxReplicas": 5, "metrics": metrics}
    return thing("HorizontalPodAutoscaler", name, spec, "autoscaling/v2", status=status)


def pods(of, count=2):
    made = []
    for number in range(count):
        pod = copy.deepcopy(a_pod(of, ready=True))
        pod["metadata"]["name"] = f"api-7c9d5b-x{number}"
        made.append(pod)
    return made


def using(*cores):
    return tuple(
        Series(metric="cpu_usage_cores", labels={"pod": f"api-7c9d5b-x{at}", "container": "api"}, points=((AT, used),))
        for at, used in enumerate(cores)
    )


def drawn_for(*objects, series=(), log=""):
    """The parameters for the throttled container of the first object."""
    shown = evidence(*objects, series=series, log=log)
    finding = next(f for f in find(shown, Target(kind="workload", place="", path="shop/Deployment/api")) if f.kind == "cpu_throttled")
    return drawn(REMEDY, Basis(finding=finding, live=objects[0], observed=Observed(shown)))


async def test_it_is_offered_after_the_limit_and_makes_one_object():
    """Two pods at their limit: between two and four, at the most that its bounds allow; and the number goes from the manifest."""
    live = workload(BUSY)
    found = await offer(live, *pods(live), SERVED, remedy="enable_autoscaler", series=using(0.5, 0.49))

    assert found.plan.parameters == {"minimum": 2, "maximum": 4, "utilization": 90}
    assert found.edits == [("spec.replicas", "remove", 2, None)]
    (new,) = found.act.creates
    assert (str(new.object), new.object.group) == ("HorizontalPodAutoscaler/shop/api", "autoscaling")
    assert new.value["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    assert (new.value["spec"]["minReplicas"], new.value["spec"]["maxReplicas"]) == (2, 4)
    assert (found.act.level, found.plan.priority) == ("N3", 3)
    assert "one pod" in found.plan.risks[0]


async def test_the_critic_agrees_and_rejects_other_numbers():
    """It draws them itself."""
    live = workload(BUSY)
    found = await offer(live, *pods(live), SERVED, remedy="enable_autoscaler", series=using(0.5, 0.49))

    assert (await found.critique()).decision == "APPROVED"
    assert (await found.critique(maximum=40)).decision == "REJECTED"


def test_the_quota_bounds_the_most():
    """Three pods of a quarter of a core fit into 900m, four do not."""
    live = workload(BUSY)
    quota = thing(
        "ResourceQuota",
        "shop",
        {"hard": {"requests.cpu": "1100m"}},
        status={"hard": {"requests.cpu": "1100m"}, "used": {"requests.cpu": "500m"}},
    )

    assert drawn_for(live, *pods(live), SERVED, quota, series=using(0.5, 0.5))["maximum"] == 3


@pytest.mark.parametrize(
    "shown", [SERVED, scaler(conditions=[{"type": "ScalingActive", "status": "True"}])], ids=["its own word", "another's metrics"]
)
def test_the_metrics_api_is_shown_by_more_than_one_thing(shown):
    """By the APIService, or by an autoscaler that reads from it."""
    live = workload(BUSY)

    assert drawn_for(live, *pods(live), shown, series=using(0.5, 0.5))["minimum"] == 2


def _without_requests(live):
    live["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "p:1"})


def _with_claim(live):
    live["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]


@pytest.mark.parametrize(
    ("more", "series", "why"),
    [
        ([scaler("api", "api")], using(0.5, 0.5), "HorizontalPodAutoscaler api scales it already"),
        ([thing("ScaledObject", "api", {"scaleTargetRef": {"name": "api"}}, "keda.sh/v1alpha1")], using(0.5, 0.5), "ScaledObject api"),
        ([], using(0.5), "The CPU of 1 of its 2 pods is known"),
        ([], using(0.5, 0.1), "not equally busy"),
    ],
)
def test_where_it_would_not_help_the_reason_is_said(more, series, why):
    """Never two that scale one workload; never for a load that more pods do not share."""
    live = workload(BUSY)

    with pytest.raises(Refused, match=why):
        drawn_for(live, *pods(live), SERVED, *more, series=series)


@pytest.mark.parametrize(
    ("change", "why"), [(_without_requests, "Container proxy requests no CPU"), (_with_claim, "share the volume data")]
)
def test_what_its_pods_lack_or_share_is_said(change, why):
    """An autoscaler measures use against requests."""
    live = workload(BUSY)
    change(live)

    with pytest.raises(Refused, match=why):
        drawn_for(live, *pods(live), SERVED, series=using(0.5, 0.5))


def test_one_pod_or_no_metrics_api_is_not_scaled():
    """Nothing shows that it may run twice, or that anything would act."""
    one, two = workload(BUSY, replicas=1), workload(BUSY)

    with pytest.raises(Refused, match="It runs one pod"):
        drawn_for(one, *pods(one, 1), SERVED, series=using(0.5))
    with pytest.raises(Refused, match="resource metrics API"):
        drawn_for(two, *pods(two), series=using(0.5, 0.5))


def test_pods_that_use_less_than_the_target_would_not_be_scaled():
    """Throttled in bursts, with a low average: an autoscaler would add none."""
    live = workload({"resources": {"requests": {"cpu": "900m"}, "limits": {"cpu": "500m"}}})
    counters = [
        Series(
            metric=f"container_cpu_cfs_{what}periods_total",
            labels={"pod": "api-7c9d5b-x0", "container": "api"},
            points=((AT, 0.0), (AT + 60, end)),
        )
        for what, end in (("throttled_", 90.0), ("", 100.0))
    ]

    with pytest.raises(Refused, match="would add none"):
        drawn_for(live, *pods(live), SERVED, series=(*using(0.3, 0.3), *counters))
