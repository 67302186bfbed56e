"""The rulebook as actor: from a finding to plans, parameters drawn from evidence, and honest silence."""

from dataclasses import replace

import pytest
import yaml

from remediation.deliberation.rulebook import Rulebook
from remediation.policy import bound, load_policy
from remediation.remedies import Catalogue, catalogue
from remediation.terms import Target
from tests.remediation.deliberation.scenes import CATALOGUE, KILLED, a_case, bad_image, deployment, item, oom, pod, remembered, replica_set

RULEBOOK = Rulebook(CATALOGUE)


async def test_a_memory_kill_is_answered_by_more_memory_in_two_sizes():
    """Limit and request by the same factor, the larger first; every number comes from the evidence."""
    proposal = await RULEBOOK.propose(oom())

    first, second = proposal.plans
    assert first.parameters == {"container": "api", "memory_limit": "256Mi", "memory_request": "128Mi"}
    assert second.parameters == {"container": "api", "memory_limit": "192Mi", "memory_request": "96Mi"}
    assert (first.plan_id, first.priority, second.plan_id, second.priority) == ("P1", 1, "P2", 2)
    assert first.confidence > second.confidence
    assert first.target.path == "shop/Deployment/api"
    assert "256Mi is 2 times the 128Mi that stands there" in first.justification
    assert first.cites == proposal.plans[0].cites == ("E3",)
    assert first.risks
    assert first.rollback


async def test_the_proposal_says_cause_severity_impact_and_what_the_logs_say():
    """What a person reads first."""
    proposal = await RULEBOOK.propose(oom())

    assert (proposal.by, proposal.finding, proposal.for_a_person) == ("rulebook", "F1", "")
    assert "container api was OOMKilled" in proposal.cause
    assert proposal.analysis.severity == "high"
    assert proposal.analysis.affected_services == ("api", "checkout")
    assert proposal.analysis.estimated_impact == "1 of 2 pods are available; environment production."
    assert proposal.logs_summary == "3 lines of E4: 2× 12:00:02 error: cache grows without end"


async def test_the_same_case_gives_the_same_answer():
    """It is deterministic."""
    assert await RULEBOOK.propose(oom()) == await RULEBOOK.propose(oom())


async def test_a_request_that_is_absent_stays_absent():
    """What is not set is not changed."""
    proposal = await RULEBOOK.propose(oom(request=None))

    assert proposal.plans[0].parameters == {"container": "api", "memory_limit": "256Mi"}


@pytest.mark.parametrize(
    ("limit", "peak", "limits"),
    [
        ("100Mi", 0, ["200Mi", "150Mi"]),
        ("128Mi", 120 * 2**20, ["256Mi", "192Mi"]),
        ("128Mi", 230 * 2**20, ["320Mi"]),  # 1.25 × 230 = 287.5, up to a step of 64Mi; both sizes come out the same
        ("1Gi", 0, ["2Gi", "1536Mi"]),
        ("100M", 0, ["200M", "150M"]),  # written as its author wrote it
        ("333333333", 0, ["640Mi", "512Mi"]),  # odd sizes are rounded up to steps
        ("3Gi", 6 * 2**30, ["7680Mi"]),
    ],
)
async def test_headroom_lies_above_what_stands_there_and_above_what_was_used(limit, peak, limits):
    """Twice, or half as much again, and at least a quarter above the most that was seen; in sizes that people write."""
    proposal = await RULEBOOK.propose(oom(limit=limit, request=None, peak=peak))

    assert [plan.parameters["memory_limit"] for plan in proposal.plans] == limits


async def test_what_failed_before_is_outgrown():
    """256Mi did not do: twice that is tried, nothing up to it again."""
    proposal = await RULEBOOK.propose(oom(precedents=(remembered(),)))

    assert [plan.parameters["memory_limit"] for plan in proposal.plans] == ["512Mi", "384Mi"]
    assert "256Mi was tried before and did not do" in proposal.plans[0].justification


async def test_what_failed_far_above_is_handed_over():
    """More than four times what stands there is not for a machine to set."""
    proposal = await RULEBOOK.propose(oom(precedents=(remembered(memory_limit="512Mi"),)))

    assert proposal.plans == ()
    assert proposal.finding == "F1"
    assert "512Mi did not cure INC-0" in proposal.for_a_person


async def test_a_failure_elsewhere_and_a_success_do_not_stand_in_the_way():
    """Another workload's numbers say nothing here; what cured is named."""
    elsewhere = remembered(subject="Deployment/shop/other/api")
    cured = remembered(outcome="fixed")

    proposal = await RULEBOOK.propose(oom(precedents=(elsewhere, cured)))

    assert proposal.plans[0].parameters["memory_limit"] == "256Mi"
    assert "cured INC-0" in proposal.plans[0].justification


async def test_a_kill_without_a_limit_of_its_own_is_for_a_person():
    """The node ran out: there is nothing to raise."""
    proposal = await RULEBOOK.propose(oom(limit=None, request=None))

    assert proposal.plans == ()
    assert "look at its node" in proposal.for_a_person


async def test_a_limit_that_was_raised_since_is_not_raised_again():
    """The pod that was killed is of the revision before; the new one is on its way."""
    case = a_case(item(1, deployment(limit="1Gi"), replica_set()), item(2, pod(KILLED, limit="256Mi")))
    proposal = await RULEBOOK.propose(case)

    assert proposal.plans == ()
    assert "a change is on its way" in proposal.for_a_person


async def test_a_limit_of_nothing_is_no_limit():
    """Kubernetes takes `0` for none."""
    proposal = await RULEBOOK.propose(oom(limit="0", request=None))

    assert proposal.plans == ()
    assert "look at its node" in proposal.for_a_person


async def test_an_image_that_cannot_be_pulled_is_answered_by_the_one_that_ran():
    """The last that an older revision had."""
    proposal = await RULEBOOK.propose(bad_image())

    assert [plan.parameters for plan in proposal.plans] == [{"container": "api", "image": "shop/api:2.0"}]
    assert proposal.plans[0].remedy == "rollback_image"


async def test_an_image_that_never_ran_before_is_for_a_person():
    """Nothing is invented."""
    proposal = await RULEBOOK.propose(bad_image(before=None))

    assert proposal.plans == ()
    assert "Find the last good image of Deployment/shop/api/api" in proposal.for_a_person


async def test_an_image_that_did_not_cure_before_is_not_gone_back_to_again():
    """There is no larger one to try: a person looks for another cause."""
    failed = remembered(remedy="rollback_image", image="shop/api:2.0", memory_limit="", memory_request="")

    proposal = await RULEBOOK.propose(bad_image(precedents=(failed,)))

    assert proposal.plans == ()
    assert "did not cure INC-0" in proposal.for_a_person


async def test_without_the_live_object_nothing_is_proposed():
    """Parameters are drawn from it; a guess would be none."""
    case = oom()
    blind = a_case(*(replace(it, objects=tuple(t for t in it.objects if t["kind"] != "Deployment")) for it in case.evidence))

    proposal = await RULEBOOK.propose(blind)

    assert (proposal.finding, proposal.plans) == ("F1", ())
    assert "Give Suture read access" in proposal.for_a_person


CPU = {
    "title": "Raise the CPU limit", "headline": "Raise the CPU limit of {container} to {cpu_limit}", "fixes": "throttling",
    "fix_kind": "raise_cpu_limit", "executor": "git", "targets": ["Deployment"], "requires": ["oom_killed"], "renders": "pod_spec",
    "parameters": {
        "type": "object", "additionalProperties": False, "required": ["container", "cpu_limit"],
        "properties": {
            "container": {"type": "string", "format": "container", "description": "which", "x-fact": "container"},
            "cpu_limit": {"type": "string", "format": "cpu", "description": "how much"},
            "note": {"type": "string", "description": "why", "x-fact": "nowhere"},
        },
    },
    "bounds": [{"parameter": "cpu_limit", "field": "resources.limits.cpu", "grow_by": [3, 1.5], "when_lower": "refuse"}],
    "level": {"production": "N2", "other": "N2"}, "risks": [], "rollback": "r", "verification": "v", "expected_result": "e", "estimated_minutes": 1,
}  # fmt: skip


async def test_a_teams_own_remedy_needs_no_python(tmp_path):
    """Folder in, plans out: parameters from facts and from what stands there."""
    (tmp_path / "raise_cpu").mkdir()
    (tmp_path / "raise_cpu" / "remedy.yaml").write_text(yaml.safe_dump(CPU))
    (tmp_path / "raise_cpu" / "fragment.yaml.j2").write_text(
        "{{ container_list }}: [{name: {{ container }}, resources: {limits: {cpu: {{ cpu_limit }}}}}]"
    )
    own = catalogue(tmp_path)
    case = oom()
    case.evidence[1].objects[0]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] = "500m"

    plans = (await Rulebook(Catalogue({"raise_cpu": own["raise_cpu"]})).propose(case)).plans
    bounded, clamped = bound(
        replace(plans[0], parameters={"container": "api", "cpu_limit": "9"}), own["raise_cpu"], load_policy(), case.evidence[1].objects[0]
    )

    assert [(plan.title, plan.parameters["cpu_limit"]) for plan in plans] == [
        ("Raise the CPU limit of api to 1500m", "1500m"), ("Raise the CPU limit of api to 750m", "750m"),
    ]  # fmt: skip
    assert (bounded.parameters["cpu_limit"], clamped) == ("2", ("cpu_limit: 9 became 2, at most 4 times the 500m that stands there.",))


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("dial tcp: lookup registry.example.com: no such host", "name resolution"),
        ("dial tcp 10.0.0.1:443: i/o timeout", "Restore the registry"),
        ("401 Unauthorized", "pull secret of container api"),
        ("toomanyrequests: You have reached your pull rate limit", "Wait"),
        ("x509: certificate has expired", "Renew the registry's certificate"),
    ],
)
async def test_a_registry_that_fails_is_not_answered_by_another_image_of_it(message, advice):
    """No merge request where none is due: the person hears what to do instead."""
    proposal = await RULEBOOK.propose(bad_image(message))

    assert proposal.plans == ()
    assert advice in proposal.for_a_person


async def test_without_a_finding_it_is_inconclusive_and_says_what_is_missing():
    """An honest end, with what to look at."""
    proposal = await RULEBOOK.propose(a_case(item(1, kind="alert", text="slow"), item(2, kind="logs", text="", failed=True)))

    assert (proposal.finding, proposal.plans, proposal.confidence) == ("", (), 0.0)
    assert "E2 (item 2)" in proposal.for_a_person
    assert proposal.analysis.estimated_impact.endswith("not known.")


async def test_a_target_that_does_not_exist_is_why_it_is_handed_over():
    """The cluster answered: nobody is told to look at the events of what is not there."""
    gone = replace(item(2, text=""), title="There is no Deployment w7 in shop", absent=True)
    proposal = await RULEBOOK.propose(a_case(item(1, kind="alert", text="slow"), gone))

    assert proposal.for_a_person.startswith("There is no Deployment w7 in shop (E2): see whether somebody deleted it")
    assert "gave no answer" not in proposal.for_a_person


async def test_what_is_broken_beside_the_target_is_named_and_not_mended():
    """The alert may have another cause: a person decides whether the two belong together."""
    other = Target(kind="workload", place="sandbox", path="shop/Deployment/web")

    proposal = await RULEBOOK.propose(a_case(*oom().evidence, target=other))

    assert (proposal.finding, proposal.plans) == ("", ())
    assert "Beside it: E3: container api was OOMKilled" in proposal.for_a_person


async def test_without_a_remedy_the_finding_is_still_named():
    """A catalogue may be empty."""
    proposal = await Rulebook(Catalogue({})).propose(oom())

    assert proposal.finding == "F1"
    assert "No remedy of the catalogue fits" in proposal.for_a_person


def limits_of(most):
    """A LimitRange of shop."""
    return {
        "kind": "LimitRange",
        "metadata": {"name": "small", "namespace": "shop"},
        "spec": {"limits": [{"type": "Container", "max": {"memory": most}}]},
    }


def quota_of(hard, key="limits.memory"):
    """A ResourceQuota of shop, of which 384Mi are used."""
    status = {"hard": {key: hard}, "used": {key: "384Mi"}}
    return {"kind": "ResourceQuota", "metadata": {"name": "team", "namespace": "shop"}, "spec": {"hard": status["hard"]}, "status": status}


@pytest.mark.parametrize(
    ("surrounding", "limits"),
    [(limits_of("256Mi"), ["256Mi", "192Mi"]), (limits_of("200Mi"), ["192Mi"]), (quota_of("832Mi"), ["256Mi", "192Mi"])],
)
async def test_only_what_the_namespace_admits_is_proposed(surrounding, limits):
    """The larger size goes where a LimitRange or quota would refuse its pods."""
    proposal = await RULEBOOK.propose(oom(item(6, surrounding)))

    assert [plan.parameters["memory_limit"] for plan in proposal.plans] == limits


@pytest.mark.parametrize(("most", "limit"), [("176Mi", "176Mi"), ("190Mi", "176Mi"), ("160Mi", "160Mi")])
async def test_where_no_size_of_the_remedys_own_fits_what_fits_is_offered(most, limit):
    """One and a half times would be refused; a quarter more is a margin above what was used up. The plan says what keeps it small."""
    (plan,) = (await RULEBOOK.propose(oom(item(6, limits_of(most))))).plans

    assert plan.parameters["memory_limit"] == limit
    assert f"would not be admitted: LimitRange small: container api's memory limit 192Mi is above {most}" in plan.justification


async def test_a_quota_of_requests_alone_leaves_the_request_as_it_is():
    """The limit is what the container hits."""
    plan, *_ = (await RULEBOOK.propose(oom(item(6, quota_of("384Mi", "requests.memory"))))).plans

    assert plan.parameters["memory_limit"] == "256Mi"
    assert "memory_request" not in plan.parameters


@pytest.mark.parametrize(("surrounding", "name"), [(limits_of("159Mi"), "LimitRange small"), (limits_of("128Mi"), "LimitRange small"), (quota_of("512Mi"), "ResourceQuota team")])
async def test_what_no_size_passes_is_named(surrounding, name):
    """A person reads what to raise first."""
    proposal = await RULEBOOK.propose(oom(item(6, surrounding)))

    assert proposal.plans == ()
    assert name in proposal.for_a_person
