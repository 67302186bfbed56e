"""One rule, one table of cases: whether it passes, what gate it asks for, and the reason that a person reads."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from remediation.policy.judging import judge
from remediation.policy.rules import (
    allowed_remedies,
    autoscaler,
    bounds,
    change_window,
    critic,
    drawn_from_evidence,
    dry_run,
    gate,
    limit_range,
    nothing_else_moves,
    quota,
    recurrence,
    repeated_fix,
    request_within_limit,
    required_finding,
    unknowns,
)
from remediation.policy.setting import ChangeWindow, Gates
from remediation.terms import Closed, DryRun, Evidence, FieldEdit, History, Move, ObjectRef, PastFix, Standing
from tests.remediation.policy.court import NOON, PRODUCTION, STAGING, a_hearing, critique, deployment, finding

REVERT = {"undoes": "INC-1/1"}
LIMIT = "spec.template.spec.containers[name=api].resources.limits.memory"


def answer(rule, passed: bool, tightens: str, words: str, **changes: Any):
    """Ask one rule and compare all that it says."""
    ruling = rule(a_hearing(**changes))

    assert words in ruling.reason
    assert (ruling.passed, ruling.gate) == (passed, tightens)
    assert ruling.rule == rule.__name__


@pytest.mark.parametrize(
    ("changes", "tightens", "words"),
    [
        ({}, "automatic", "staging, level N2: automatic"),
        ({"act": {"level": "N3"}}, "one_person", "level N3: one person"),
        ({"standing": PRODUCTION}, "one_person", "production, level N2: one person"),
        ({"standing": PRODUCTION, "act": {"level": "N3"}}, "two_people", "two people"),
        ({"standing": Standing()}, "one_person", "unknown, level N2: one person"),
        ({"standing": Standing(environment="live", production=True)}, "one_person", "live, level N2: one person"),
        ({"act": REVERT}, "one_person", "a revert needs a person"),
        ({"policy": {"gates": {"production": Gates(N1="automatic", N2="agreed", N3="agreed")}}, "standing": PRODUCTION}, "one_person", "production needs a person"),
        ({"policy": {"gates": {"staging": Gates(N1="agreed", N2="agreed", N3="agreed")}}}, "agreed", "staging, level N2: agreed"),
        ({"standing": Standing(environment="dev", production=False)}, "automatic", "dev, level N2: automatic"),
    ],
)
def test_the_gate_is_what_the_level_needs_here(changes, tightens, words):
    """Production and reverts never go without a person, whatever policy.yaml says."""
    answer(gate, True, tightens, words, **changes)


@pytest.mark.parametrize(
    ("remedies", "passed", "words"),
    [
        ({"production": "all", "other": "all"}, True, "other allows every remedy; this is raise_memory_limit"),
        ({"production": "all", "other": ("rollback_image",)}, False, "other allows rollback_image; this is raise_memory_limit"),
        ({"production": "all", "other": ()}, False, "allows no remedy"),
        ({"production": (), "other": ("raise_memory_limit",)}, True, "other allows raise_memory_limit"),
    ],
)
def test_only_the_remedies_of_the_environments_list_are_used(remedies, passed, words):
    """The list is the team's."""
    answer(allowed_remedies, passed, "automatic", words, policy={"remedies": remedies})


@pytest.mark.parametrize(
    ("changes", "passed", "words"),
    [
        ({}, True, "F1: Container api was OOMKilled."),
        ({"findings": ()}, False, "no oom_killed was found on Deployment/shop-staging/api"),
        ({"findings": (finding(kind="cpu_throttled"),)}, False, "no oom_killed was found"),
        ({"findings": (finding(subject="Deployment/shop-staging/api-gateway/api"),)}, False, "no oom_killed was found"),
        ({"findings": (finding(subject="Deployment/shop/api/api"),)}, False, "no oom_killed was found"),
        ({"findings": (finding(subject="Deployment/shop-staging/api/proxy"),)}, False, "no oom_killed was found"),
        ({"findings": (finding(subject="Deployment/shop-staging/api"),)}, True, "F1"),
        ({"findings": (), "act": REVERT}, True, "a revert needs none"),
    ],
)
def test_a_remedy_needs_the_finding_that_it_requires_on_this_very_container(changes, passed, words):
    """What was guessed is not enough."""
    answer(required_finding, passed, "automatic", words, **changes)


def owned(kind: str, revision: int, image: str = "shop/api:1.9", *, name="api", container="api", namespace="shop-staging"):
    """A ReplicaSet of the Deployment `name`, or a pod of such a ReplicaSet, whose container asks for the image."""
    spec = {"containers": [{"name": container, "image": image}, {"name": "proxy", "image": "proxy:0"}]}
    above = ("Deployment", name) if kind == "ReplicaSet" else ("ReplicaSet", f"{name}-6c5d4b{revision}")
    metadata = {
        "name": f"{name}-6c5d4b{revision}" + ("-x1" if kind == "Pod" else ""),
        "namespace": namespace,
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": above[0], "name": above[1], "controller": True}],
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
    }
    status = {"readyReplicas": 1} if kind == "ReplicaSet" else {"containerStatuses": [{"name": container, "ready": True}]}
    whole = {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "status": status}
    return whole | {"spec": {"template": {"spec": spec}} if kind == "ReplicaSet" else spec}


NEWEST = owned("ReplicaSet", 2, "shop/api:2.0")
ASKED = {"remedy": "rollback_image", "parameters": {"container": "api", "image": "shop/api:1.9"}}


@pytest.mark.parametrize("thing", [owned("ReplicaSet", 1), owned("Pod", 1)])
def test_an_image_that_this_container_ran_before_needs_nobody(thing):
    """An older ReplicaSet of the workload names it, a pod of it, or the finding."""
    pull = finding(kind="image_pull_failed", cause="tag_missing", last_good_image="shop/api:1.9", last_good_proof="ready_pods")
    shown = Evidence(kind="objects", source="k", title="o", at=NOON, text="", item="E2", objects=(NEWEST, thing))

    answer(drawn_from_evidence, True, "automatic", "no parameter needs a source")
    answer(drawn_from_evidence, True, "automatic", "goes back", act={"remedy": "gone", **REVERT})
    answer(drawn_from_evidence, True, "automatic", "ran in this container", **ASKED, findings=(pull,))
    answer(drawn_from_evidence, True, "automatic", "ran in this container", **ASKED, findings=(), evidence=(shown,))


@pytest.mark.parametrize(
    "thing",
    [
        owned("ReplicaSet", 1, name="web"),
        owned("ReplicaSet", 1, namespace="other"),
        owned("ReplicaSet", 1, container="worker"),
        owned("ReplicaSet", 3),
        {**owned("ReplicaSet", 1), "status": {"replicas": 0}},
        {**owned("Pod", 1), "status": {"containerStatuses": [{"name": "api", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}},
        owned("Pod", 1, name="web"),
        {**deployment(), "metadata": {"name": "api", "namespace": "shop-staging", "annotations": {"note": "shop/api:1.9"}}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop-staging"}, "data": {"image": "shop/api:1.9"}},
        {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop-staging"}, "message": "shop/api:1.9"},
    ],
)  # fmt: skip
def test_an_image_that_something_else_names_needs_a_person(thing):
    """Another workload or container, the newest revision, one that nothing shows running, an annotation, a ConfigMap, an event, a log."""
    shown = Evidence(kind="objects", source="k", title="o", at=NOON, text="run shop/api:1.9", item="E2", objects=(NEWEST, thing))
    pull = finding(kind="image_pull_failed", cause="tag_missing", image="shop/api:1.9", message="shop/api:1.9")

    answer(drawn_from_evidence, True, "one_person", "shows that this container ran shop/api:1.9", **ASKED, findings=(pull,), evidence=(shown,))


def test_an_image_that_an_earlier_revision_only_names_needs_a_person():
    """The finding says that nothing shows it running: it may never have."""
    pull = finding(kind="image_pull_failed", cause="tag_missing", last_good_image="shop/api:1.9", last_good_proof="earlier_revision")

    answer(drawn_from_evidence, True, "one_person", "no evidence shows that this container ran shop/api:1.9", **ASKED, findings=(pull,))


SERVICE = {
    "apiVersion": "v1", "kind": "Service", "metadata": {"name": "api", "namespace": "shop-staging"},
    "spec": {"selector": {"app": "apj"}, "ports": [{"port": 80}]},
}  # fmt: skip
LABELLED = deployment(selector={"matchLabels": {"app": "api"}})
BROKEN = finding("service_broken", "Service/shop-staging/api", cause="selector", workload="Deployment/api")
PICKS = {
    "remedy": "fix_selector", "live": SERVICE, "findings": (BROKEN,),
    "evidence": (Evidence(kind="objects", source="k", title="o", at=NOON, text="", item="E2", objects=(SERVICE, LABELLED)),),
}  # fmt: skip


def test_a_value_that_code_draws_from_the_evidence_stands_as_drawn():
    """Another one is denied, whoever asks: a selector decides where traffic goes."""
    answer(drawn_from_evidence, True, "automatic", "labels as the evidence shows", **PICKS, parameters={"labels": {"app": "api"}})
    answer(drawn_from_evidence, False, "automatic", "does not show labels", **PICKS, parameters={"labels": {"app": "admin"}})
    answer(drawn_from_evidence, False, "automatic", "does not show labels", **PICKS | {"evidence": ()}, parameters={"labels": {"app": "api"}})


@pytest.mark.parametrize(
    ("subject", "passed"), [("Service/shop-staging/api", True), ("Service/shop-staging/web", False), ("Service/shop/api", False)]
)
def test_a_remedy_of_another_object_needs_its_finding_there(subject, passed):
    """What was found on one Service says nothing of the next."""
    found = finding("service_broken", subject, cause="selector", workload="Deployment/api")

    answer(required_finding, passed, "automatic", "", **PICKS | {"findings": (found,)}, parameters={"labels": {"app": "api"}})


def of_kind(kind, spec, api="v1", **status):
    """An object of the namespace that makes no pods itself."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "it", "namespace": "shop-staging"}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("remedy", "parameters", "live", "denied"),
    [
        ("raise_quota", {"amounts": {"pods": "12"}}, of_kind("ResourceQuota", {"hard": {"pods": "10"}}, used={"pods": "10"}), "drawn_from_evidence"),
        ("adjust_autoscaler", {"maximum": 9}, of_kind("HorizontalPodAutoscaler", {"maxReplicas": 6}, "autoscaling/v2"), "drawn_from_evidence"),
        (
            "expand_volume", {"storage_class": "fast", "size": "40Gi"},
            of_kind("PersistentVolumeClaim", {"resources": {"requests": {"storage": "8Gi"}}}), "bounds, drawn_from_evidence",
        ),
    ],
)  # fmt: skip
def test_objects_that_make_no_pods_are_judged_like_any_other(remedy, parameters, live, denied):
    """Every rule answers; what nothing shows is denied by the rules that it breaks, and by no other."""
    hearing = a_hearing(remedy=remedy, parameters=parameters, live=live, findings=(finding("x", f"{live['kind']}/shop-staging/it"),))
    ruled = judge(hearing.rehearsal, hearing.incident, hearing.plan, hearing.setting).rulings

    assert {ruling.rule for ruling in ruled if not ruling.passed} == {"required_finding", *denied.split(", ")}


@pytest.mark.parametrize(
    ("critiques", "tightens", "words"),
    [
        ((critique(),), "automatic", "rulebook: APPROVED, because"),
        ((critique("REJECTED"),), "one_person", "REJECTED"),
        ((critique("ESCALATE"),), "one_person", "ESCALATE"),
        ((critique(action_coherent=False),), "one_person", "APPROVED"),
        ((critique("REJECTED"), critique()), "automatic", "APPROVED"),
        ((), "automatic", "no critic was asked"),
    ],
)
def test_the_critic_may_tighten_the_gate_and_never_loosens_it(critiques, tightens, words):
    """Only approval with all four checks leaves the gate as it is."""
    answer(critic, True, tightens, words, critiques=critiques)


def test_where_agreement_is_asked_an_absent_critic_has_not_agreed():
    """And a revert is not debated at all."""
    agreed = {"other": Gates(N1="agreed", N2="agreed", N3="agreed")}

    answer(critic, True, "one_person", "no critic was asked", critiques=(), policy={"gates": agreed})
    answer(critic, True, "automatic", "not debated", critiques=(), act=REVERT)


@pytest.mark.parametrize(
    ("edit", "passed", "words"),
    [
        (None, True, "128Mi → 256Mi memory"),
        (FieldEdit(path=LIMIT, op="replace", expect="128Mi", value="513Mi"), False, "4.01 times the 128Mi that stands there"),
        (FieldEdit(path=LIMIT, op="replace", expect="20Gi", value="33Gi"), False, "would be 33Gi, at most 32Gi"),
        (FieldEdit(path=LIMIT, op="add", expect=None, value="1Gi"), True, "nothing → 1Gi memory"),
        (FieldEdit(path=LIMIT, op="replace", expect="what", value="1Gi"), True, "what → 1Gi"),
        (FieldEdit(path=LIMIT, op="remove", expect="1Gi", value=None), True, "1Gi → None"),
        (FieldEdit(path="spec.template.spec.containers[name=api].image", op="replace", expect="a", value="b"), True, "no amount is changed"),
    ],
)
def test_amounts_stay_within_growth_and_maximum(edit, passed, words):
    """Measured on what would change, not on what the plan says."""
    answer(bounds, passed, "automatic", words, act={"edits": (edit,)} if edit else {})


def test_parameters_that_do_not_fit_are_out_of_bounds_and_a_revert_is_not_bounded():
    """A revert goes back to what stood there, which may be any number of times less."""
    answer(bounds, False, "automatic", "memory_limit: 'lots'", act={"parameters": {"container": "api", "memory_limit": "lots"}})
    answer(bounds, True, "automatic", "goes back", act={"parameters": {}, **REVERT})


def test_a_request_above_its_limit_is_refused():
    """As the API server would."""
    over = deployment()
    over["spec"]["template"]["spec"]["containers"][1]["resources"]["requests"]["memory"] = "1Gi"

    answer(request_within_limit, True, "automatic", "at most its limit")
    answer(request_within_limit, False, "automatic", "container proxy: memory request 1Gi is above its limit 64Mi", head=over)


def a_quota(used: dict[str, str] | None = None, scopes: tuple[str, ...] = (), **hard: str):
    """A ResourceQuota: `memory_limits="1Gi"` stands for limits.memory."""
    key = {"memory_limits": "limits.memory", "memory": "memory", "pods": "pods", "requests": "requests.memory", "configmaps": "configmaps", "storage": "limits.ephemeral-storage"}
    named = {key[name]: most for name, most in hard.items()}
    return {
        "kind": "ResourceQuota", "metadata": {"name": "team", "namespace": "shop-staging"}, "spec": {"hard": named, "scopes": list(scopes)},
        "status": {"hard": named, "used": used} if used is not None else {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("quotas", "passed", "tightens", "words"),
    [
        ([], True, "automatic", "no quota counts these pods"),
        # two pods of 128+64 now, two of 256+64 and one old one beside them then: 640+192
        ([a_quota({"limits.memory": "384Mi"}, memory_limits="832Mi")], True, "automatic", "limits.memory would reach 832Mi of 832Mi (2 pods and 1 more while rolling out)"),
        ([a_quota({"limits.memory": "384Mi"}, memory_limits="831Mi")], False, "automatic", "would reach 832Mi of 831Mi"),
        ([a_quota({"limits.memory": "484Mi"}, memory_limits="900Mi")], False, "automatic", "would reach 932Mi of 900Mi"),
        ([a_quota({"memory": "256Mi"}, memory="512Mi")], True, "automatic", "memory would reach 512Mi of 512Mi"),
        ([a_quota({"pods": "2"}, pods="2")], True, "automatic", "pods would reach 3 of 2"),
        ([a_quota(None, memory_limits="1Gi")], True, "one_person", "how much of limits.memory is used is not known"),
        ([a_quota({"limits.ephemeral-storage": "0"}, storage="1Gi")], False, "automatic", "container api must state its limits.ephemeral-storage"),
        ([a_quota({"configmaps": "5"}, configmaps="5")], True, "automatic", "no quota counts"),
        ([a_quota({"limits.memory": "384Mi"}, scopes=("BestEffort",), memory_limits="1Mi")], True, "automatic", "no quota counts"),
        ([a_quota({"limits.memory": "384Mi"}, scopes=("NotBestEffort", "NotTerminating"), memory_limits="400Mi")], False, "automatic", "400Mi"),
        ([a_quota({"limits.memory": "384Mi"}, scopes=("CrossNamespacePodAffinity",), memory_limits="1Mi")], True, "one_person", "scope could not be judged"),
    ],
)
def test_the_resulting_pods_fit_the_namespaces_quota(quotas, passed, tightens, words):
    """× replicas, and those beside them while rolling out; a dry-run of a Deployment does not reach this."""
    answer(quota, passed, tightens, words, surroundings=tuple(quotas))


def test_pods_outside_a_limit_range_are_refused():
    """Per container and per pod, as admission would."""
    container = {"type": "Container", "max": {"memory": "200Mi"}}
    ranges = {"kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [container]}}

    answer(limit_range, True, "automatic", "within every LimitRange")
    answer(limit_range, False, "automatic", "LimitRange small: container api's memory limit 256Mi is above 200Mi", surroundings=(ranges,))


def test_replicas_that_an_autoscaler_owns_are_not_changed():
    """The two would fight for ever."""
    hpa = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api"}}}
    other = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "hpa"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
    thing = ObjectRef(group="apps", kind="Deployment", namespace="shop-staging", name="api")
    scaled = (Move(object=thing, path="spec.replicas", old=2, new=3),)

    answer(autoscaler, True, "automatic", "replicas are not changed", surroundings=(hpa,))
    answer(autoscaler, False, "automatic", "HorizontalPodAutoscaler hpa owns the replicas", surroundings=(hpa,), moves=scaled)
    answer(autoscaler, True, "automatic", "no autoscaler owns", surroundings=(other,), moves=scaled)


def test_nothing_beside_the_intended_fields_moves():
    """Neither another object nor another field of this one."""
    thing = ObjectRef(group="apps", kind="Deployment", namespace="shop-staging", name="api")
    field = Move(object=thing, path="spec.replicas", old=2, new=3)
    stranger = Move(object=ObjectRef(group="", kind="Service", namespace="shop-staging", name="api"), path=LIMIT, old=1, new=2)

    answer(nothing_else_moves, True, "automatic", "2 of Deployment/shop-staging/api's fields, nothing else")
    answer(nothing_else_moves, False, "automatic", "would move, too: Deployment/shop-staging/api spec.replicas", moves=(field,))
    answer(nothing_else_moves, False, "automatic", "Service/shop-staging/api", moves=(stranger,))


def test_what_appears_as_a_whole_is_compared_field_by_field():
    """A diff names the highest field that is new; the intended one may stand inside."""
    thing = ObjectRef(group="apps", kind="Deployment", namespace="shop-staging", name="api")
    meant = {"edits": (FieldEdit(path=LIMIT, op="add", expect=None, value="256Mi"),)}
    resources = LIMIT.removesuffix(".limits.memory")

    only = Move(object=thing, path=resources, old=None, new={"limits": {"memory": "256Mi"}})
    more = Move(object=thing, path=resources, old=None, new={"limits": {"memory": "256Mi", "cpu": "1"}})
    answer(nothing_else_moves, True, "automatic", "1 of Deployment", act=meant, moves=(only,))
    answer(nothing_else_moves, False, "automatic", "limits.cpu", act=meant, moves=(more,))


@pytest.mark.parametrize(
    ("state", "passed", "tightens", "words"),
    [
        (DryRun(state="passed"), True, "automatic", "takes the resulting object"),
        (DryRun(state="refused", reason="spec.selector: immutable"), False, "automatic", "refuses it: spec.selector: immutable"),
        (DryRun(state="not_rehearsed", reason="403"), True, "one_person", "not rehearsed on the server: 403"),
        (DryRun(state="not_rehearsed"), True, "one_person", "no reason was given"),
    ],
)
def test_what_the_server_refuses_is_refused_and_what_it_was_not_asked_needs_a_person(state, passed, tightens, words):
    """Not rehearsed is not passed."""
    answer(dry_run, passed, tightens, words, dry_run=state)


def past(result: str = "failed", days: float = 1, remedy: str = "raise_memory_limit", **parameters: str) -> PastFix:
    """A fix of the same container, some days ago."""
    asked = {"container": "api", "memory_limit": "256Mi", "memory_request": "128Mi"} | parameters
    return PastFix(
        incident_id="INC-0", remedy=remedy, subject="s", fingerprint="f", parameters=asked, result=result, reason="still killed",
        at=NOON - timedelta(days=days),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fix", "passed", "words"),
    [
        (None, True, "not failed or refused in 90 days"),
        (past(), False, "the same fix did not cure INC-0: still killed"),
        (past(memory_limit="0.25Gi"), False, "did not cure INC-0"),
        (past(memory_limit="512Mi"), False, "did not cure INC-0"),
        (past(memory_limit="200Mi"), True, "not failed"),
        (past(container="proxy"), True, "not failed"),
        (past("rejected"), False, "was rejected in INC-0: still killed"),
        (past("rejected", memory_limit="512Mi"), True, "not failed"),
        (past("closed"), False, "was closed in INC-0"),
        (past("merged"), True, "not failed"),
        (past(days=91), True, "not failed"),
        (past(remedy="rollback_image"), True, "not failed"),
    ],
)
def test_the_same_fix_is_not_tried_again(fix, passed, words):
    """More of what failed is another fix, the same or less is not; a person's no holds for exactly what was refused."""
    answer(repeated_fix, passed, "automatic", words, history=History(fixes=(fix,) if fix else ()))


@pytest.mark.parametrize(
    ("days_ago", "act", "passed", "words"),
    [
        (1, {}, False, "alice closed this fix on 2026-11-19 (http://git/7): not before the sale; that is a no for 90 days"),
        (89, {}, False, "that is a no for 90 days"),
        (91, {}, True, "not failed or refused in 90 days"),
        (1, REVERT, False, "alice closed this fix"),
    ],
)
def test_a_merge_request_that_a_person_closed_is_a_no_for_a_while(days_ago, act, passed, words):
    """As GitLab tells it, whatever the record knows; as long as any other no, and for a revert, too."""
    closed = Closed(url="http://git/7", by="alice", reason="alice: not before the sale", at=NOON - timedelta(days=days_ago))
    answer(repeated_fix, passed, "automatic", words, closed=closed, act=act)


def test_a_revert_repeats_nothing():
    """Whatever failed before."""
    answer(repeated_fix, True, "automatic", "a revert repeats nothing", history=History(fixes=(past(),)), act=REVERT)


@pytest.mark.parametrize(
    ("changes", "passed", "tightens", "words"),
    [
        ({"history": History(incidents_last_hour=4, fixes=(past(),))}, True, "automatic", "4 incidents of this target in the last hour, 5 are too many"),
        ({"history": History(incidents_last_hour=5)}, True, "one_person", "5 incidents"),
        ({"history": History(incidents_last_hour=5, fixes=(past("rejected"),))}, True, "one_person", "5 incidents"),
        ({"history": History(incidents_last_hour=5, fixes=(past("merged"),))}, False, "automatic", "in spite of raise_memory_limit in INC-0"),
        ({"history": History(incidents_last_hour=9, fixes=(past("merged"),)), "act": REVERT}, True, "automatic", "9 incidents"),
    ],
)
def test_five_incidents_in_an_hour_are_for_a_person(changes, passed, tightens, words):
    """In spite of a fix, they are not tried again at all."""
    answer(recurrence, passed, tightens, words, **changes)


@pytest.mark.parametrize(
    ("changes", "tightens", "words"),
    [
        ({}, "automatic", "nothing is unknown"),
        ({"unknown": ("the quotas could not be read",)}, "one_person", "the quotas could not be read"),
        ({"standing": Standing(environment="unknown", production=True)}, "one_person", "environment is not known"),
        ({"standing": Standing(environment="", production=False)}, "one_person", "environment is not known"),
        ({"live": None, "head": {}}, "one_person", "could not be read"),
    ],
)
def test_nothing_goes_without_a_person_while_something_is_unknown(changes, tightens, words):
    """Not knowing is not a reason to hurry."""
    answer(unknowns, True, tightens, words, **changes)


WEEKDAYS = {"change_window": ChangeWindow(from_hour=9, until_hour=17, days=("mon", "tue", "wed", "thu", "fri"))}


@pytest.mark.parametrize(
    ("at", "changes", "passed", "words"),
    [
        (NOON, {"policy": {}}, True, "none is configured"),
        (NOON, {}, True, "fri 12:00, window is 9:00 to 17:00 on mon, tue, wed, thu, fri"),
        (NOON.replace(hour=0), {}, False, "fri 00:00, window is 9:00 to 17:00"),
        (NOON.replace(hour=17), {}, False, "fri 17:00"),
        (NOON.replace(hour=9), {}, True, "fri 09:00"),
        (NOON + timedelta(days=1), {}, False, "sat 12:00"),
        (NOON.replace(hour=0), {"standing": STAGING}, True, "only fixes to production"),
        (NOON.replace(hour=0), {"act": REVERT}, True, "only fixes to production"),
    ],
)
def test_production_is_changed_while_people_are_at_their_desks(at: datetime, changes, passed, words):
    """A revert may go at any time."""
    answer(change_window, passed, "automatic", words, **({"now": at, "policy": WEEKDAYS, "standing": PRODUCTION} | changes))
