"""The rulebook as critic: it finds the cause itself, and is not flattered by a plan."""

from dataclasses import replace

import pytest

from remediation.deliberation.rulebook import Rulebook
from remediation.terms import FieldEdit, ObjectRef, Target
from tests.remediation.deliberation.scenes import CATALOGUE, a_case, a_plan, act_of, bad_image, item, oom, remembered

RULEBOOK = Rulebook(CATALOGUE)
ALL = ("whitelist_valid", "diagnostic_justified", "no_collateral_risk", "action_coherent")


async def judged(plan, case, act=None):
    return await RULEBOOK.criticise(case, plan, act or act_of(plan, case))


def unmet(critique):
    return [check for check in ALL if not critique.checks[check]]


async def test_it_approves_what_the_rulebook_proposes():
    """The right plan, for the right container, with its evidence."""
    for case in (oom(), bad_image()):
        for plan in (await RULEBOOK.propose(case)).plans:
            critique = await judged(plan, case)

            assert critique.decision == "APPROVED", critique.reason
            assert unmet(critique) == []
            assert "E3" in critique.cites


async def test_its_cause_is_its_own():
    """Whatever findings the case came with: it reads the evidence itself."""
    case = replace(oom(), findings=())

    assert "container api was OOMKilled" in (await judged(a_plan(), case)).cause


async def test_it_rejects_the_wrong_container():
    """The proxy was not killed."""
    plan = a_plan(container="proxy", memory_limit="128Mi")

    critique = await judged(plan, oom())

    assert critique.decision == "REJECTED"
    assert unmet(critique) == ["action_coherent"]
    assert "container is proxy, the evidence says api" in critique.reason
    assert "container api, memory limit 256Mi" in critique.alternative


def a_quota(hard: str, used: str = "384Mi"):
    """limits.memory of the namespace."""
    status = {"hard": {"limits.memory": hard}, "used": {"limits.memory": used}}
    return {"kind": "ResourceQuota", "metadata": {"name": "team", "namespace": "shop"}, "spec": {"hard": status["hard"]}, "status": status}


async def test_it_rejects_what_goes_over_quota():
    """2 × (256 + 64), and 192 while rolling out: 832Mi."""
    enough, short = (oom(item(6, a_quota(hard))) for hard in ("832Mi", "831Mi"))

    assert (await judged(a_plan(), enough)).decision == "APPROVED"
    critique = await judged(a_plan(), short)
    assert unmet(critique) == ["no_collateral_risk"]
    assert "limits.memory would reach 832Mi of 831Mi" in critique.reason


async def test_it_rejects_what_a_limit_range_forbids():
    """Pods of the new revision would not be made."""
    limits = {"kind": "LimitRange", "metadata": {"name": "small", "namespace": "shop"}, "spec": {"limits": [{"type": "Container", "max": {"memory": "200Mi"}}]}}

    critique = await judged(a_plan(), oom(item(6, limits)))

    assert unmet(critique) == ["no_collateral_risk"]


@pytest.mark.parametrize(
    ("cites", "justification", "why"),
    [
        (("E9",), "it says so", "E9 is no item of the evidence"),
        (("E3", "E9"), "it says so", "E9 is no item of the evidence"),
        (("E3",), "E12 says so", "E12 is no item of the evidence"),
        (("E3",), 'E3 says "memory leak detected"', "'memory leak detected' stands in none of E3"),
        ((), "it is so", "it cites no evidence"),
        (("E4",), "the log says so", "does not show the cause; E3 would"),
    ],
)
async def test_it_rejects_a_citation_that_is_not_there_or_does_not_show_it(cites, justification, why):
    """Every item exists, every quote stands in it, and together they show the cause."""
    critique = await judged(a_plan(cites=cites, justification=justification), oom())

    assert critique.decision == "REJECTED"
    assert unmet(critique) == ["diagnostic_justified"]
    assert why in critique.reason


async def test_it_takes_a_quote_that_stands_there():
    """From the text or from the object itself, white space aside."""
    plan = a_plan(cites=("E3", "E4"), justification='E3 shows "reason": "OOMKilled" and E4 “cache grows  without end”.')

    assert (await judged(plan, oom())).decision == "APPROVED"


@pytest.mark.parametrize(
    ("precedent", "decision"),
    [
        (remembered(), "REJECTED"),
        (remembered(outcome="rolled_back", memory_limit="512Mi"), "REJECTED"),
        (remembered(memory_limit="200Mi"), "APPROVED"),
        (remembered(outcome="handed_over", reason="we must not", refused=True), "REJECTED"),
        (remembered(outcome="handed_over", memory_limit="1Gi", reason="too much", refused=True), "APPROVED"),
        (remembered(outcome="handed_over", reason="live differs from Git"), "APPROVED"),
        (remembered(outcome="fixed"), "APPROVED"),
        (remembered(container="proxy", subject="Deployment/shop/api/proxy"), "APPROVED"),
        (remembered(subject="Deployment/shop/other/api"), "APPROVED"),
    ],
)
async def test_it_rejects_what_failed_or_was_refused_before(precedent, decision):
    """The same or less than what failed; exactly what people refused."""
    critique = await judged(a_plan(), oom(precedents=(precedent,)))

    assert critique.decision == decision
    assert unmet(critique) == ([] if decision == "APPROVED" else ["action_coherent"])


LIMIT = "spec.template.spec.containers[name=api].resources.limits.memory"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (FieldEdit(path="spec.replicas", op="replace", expect=2, value=5), "it would also change spec.replicas from 2 to 5"),
        (FieldEdit(path="spec.template.spec.containers[name=proxy].image", op="replace", expect="proxy:1", value="evil:1"), "proxy"),
        (FieldEdit(path="spec.template.spec.containers[name=api].command", op="remove", expect=["x"], value=None), "command"),
    ],
)
async def test_it_rejects_collateral(more, why):
    """An act that does more than its plan says."""
    case = oom()
    act = act_of(a_plan(), case)

    critique = await judged(a_plan(), case, replace(act, edits=(*act.edits, more)))

    assert unmet(critique) == ["no_collateral_risk"]
    assert why in critique.reason


async def test_it_rejects_an_act_that_does_less_or_something_else_than_its_plan():
    """Another value, a field left out, another object."""
    case, plan = oom(), a_plan()
    act = act_of(plan, case)
    more = (replace(act.edits[0], value="4Gi"), act.edits[1])
    other = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="web")

    for changed in (replace(act, edits=act.edits[:1]), replace(act, edits=more), replace(act, object=other)):
        assert "no_collateral_risk" in unmet(await judged(plan, case, changed))


async def test_it_rejects_replicas_that_an_autoscaler_owns():
    """Whatever the plan is called."""
    hpa = {
        "kind": "HorizontalPodAutoscaler", "metadata": {"name": "hpa", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api"}},
    }  # fmt: skip
    case = oom(item(6, hpa))
    act = act_of(a_plan(), case)
    edits = (*act.edits, FieldEdit(path="spec.replicas", op="replace", expect=2, value=5))

    assert "HorizontalPodAutoscaler hpa owns the replicas" in (await judged(a_plan(), case, replace(act, edits=edits))).reason


async def test_it_rejects_too_little():
    """Not above what was seen in use; the request above the limit."""
    case = oom(peak=300 * 2**20)
    critique = await judged(a_plan(), case)
    assert unmet(critique) == ["action_coherent"]
    assert "memory_limit 256Mi is not above the 300Mi that was seen in use" in critique.reason

    greedy = a_plan(memory_limit="256Mi", memory_request="300Mi")
    assert unmet(await judged(greedy, oom())) == ["no_collateral_risk"]


async def test_it_rejects_a_limit_that_is_not_raised():
    """Less is no remedy for too little."""
    case = oom()

    critique = await judged(a_plan(memory_limit="100Mi"), case, act_of(a_plan(), case))

    assert "action_coherent" in unmet(critique)
    assert "not above what stands there" in critique.reason


async def test_it_rejects_an_image_that_the_evidence_does_not_name():
    """Only what ran before."""
    plan = a_plan(remedy="rollback_image", image="shop/api:1.0")

    critique = await judged(plan, bad_image())

    assert unmet(critique) == ["action_coherent"]
    assert "image is shop/api:1.0, the evidence says shop/api:2.0" in critique.reason


async def test_it_rejects_a_remedy_for_something_else():
    """The evidence shows a kill, not an image."""
    critique = await judged(a_plan(remedy="rollback_image", image="shop/api:1.9"), oom())

    assert unmet(critique) == ["whitelist_valid", "diagnostic_justified"]
    assert "the evidence says something else" in critique.reason


async def test_it_rejects_a_remedy_that_does_not_exist_and_parameters_that_do_not_fit():
    """Before anything else is looked at."""
    case = oom()
    act = act_of(a_plan(), case)

    unknown = await judged(a_plan(remedy="delete_namespace"), case, act)
    assert unmet(unknown) == ["whitelist_valid"]
    wrong = await judged(a_plan(memory_limit="lots"), case, act)
    assert "whitelist_valid" in unmet(wrong)
    assert "memory_limit: 'lots'" in wrong.reason
    other = await judged(a_plan(), case, replace(act, remedy="rollback_image"))
    assert "the act is a rollback_image" in other.reason


async def test_it_rejects_a_kind_that_the_remedy_is_not_for():
    """A Job's pods are not changed in place."""
    case = oom()
    act = act_of(a_plan(), case, object=ObjectRef(group="batch", kind="Job", namespace="shop", name="api"))

    assert "raise_memory_limit is not for a Job" in (await judged(a_plan(), case, act)).reason


async def test_what_it_cannot_see_it_escalates():
    """A finding without the live object: no objection, and no approval either."""
    case = oom()
    plan = a_plan()
    act = act_of(plan, case)
    blind = a_case(*(replace(it, objects=tuple(t for t in it.objects if t["kind"] != "Deployment")) for it in case.evidence))

    critique = await judged(plan, blind, act)

    assert critique.decision == "ESCALATE"
    assert "not among the evidence" in critique.reason


async def test_without_a_finding_of_its_own_it_approves_nothing():
    """The evidence decides, not the plan."""
    case = a_case(*oom().evidence[:2], target=Target(kind="workload", place="", path="shop/Deployment/api"))

    critique = await judged(a_plan(cites=("E2",), justification="E2 shows it"), case)

    assert critique.decision == "REJECTED"
    assert critique.cause == "The evidence shows no cause that I know."
