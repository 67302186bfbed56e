"""A model as critic: it sees evidence and act, may only lower, and cites what it objects with."""

from dataclasses import replace
from typing import Any

import pytest

from remediation.deliberation.model_critic import ModelCritic
from remediation.deliberation.rulebook import Rulebook
from remediation.errors import Unreachable
from tests.remediation.deliberation.scenes import CATALOGUE, a_plan, act_of, bad_image, item, oom, remembered
from tests.remediation.deliberation.test_model_actor import Scripted

RULEBOOK = Rulebook(CATALOGUE)


def an_answer(decision="APPROVED", reason="E3 shows the kill.", **checks: bool) -> dict[str, Any]:
    """A critic's answer; all checks met but those given."""
    met = dict.fromkeys(("whitelist_valid", "diagnostic_justified", "no_collateral_risk", "action_coherent"), True) | checks
    return {"cause": "memory", "decision": decision, "checks": met, "confidence": 0.8, "reason": reason, "alternative": ""}


async def criticised(*says: Any, plan=None, case=None, act=None):
    """The critique, and the model that was asked."""
    model, plan, case = Scripted(*says), plan or a_plan(), case or oom()
    critic = ModelCritic(model, RULEBOOK, CATALOGUE)
    return await critic.criticise(case, plan, act or act_of(plan, case)), model


async def test_a_models_critique_is_kept_in_its_own_words():
    """With its cause, what it cites, and its call."""
    critique, _ = await criticised(an_answer())

    assert (critique.by, critique.decision, critique.cause, critique.cites, critique.plan_id) == ("ollama/test", "APPROVED", "memory", ("E3",), "P1")
    assert [call.role for call in critique.calls] == ["critic"]


async def test_it_does_not_see_the_actors_reasoning():
    """Evidence and the act as it stands; not title, justification or confidence."""
    plan = replace(a_plan(justification="E3: trust me, it is harmless."), title="A very safe thing")

    _, model = await criticised(an_answer(), plan=plan)

    assert "trust me" not in model.prompts[0]
    assert "A very safe thing" not in model.prompts[0]
    assert "resources.limits.memory: 128Mi → 256Mi" in model.prompts[0]
    assert "### E3" in model.prompts[0]


async def test_approval_needs_all_four_checks():
    """A model that approves what it finds wanting is taken at its lower word."""
    critique, _ = await criticised(an_answer(action_coherent=False))

    assert critique.decision == "REJECTED"
    assert "action_coherent does not hold" in critique.reason


async def test_whether_the_whitelist_holds_is_filled_in_by_code():
    """The model's word counts neither for nor against it."""
    critique, _ = await criticised(an_answer(whitelist_valid=False))
    assert (critique.decision, critique.checks["whitelist_valid"]) == ("APPROVED", True)

    image = a_plan(remedy="rollback_image", image="shop/api:1.0")
    critique, _ = await criticised(an_answer(), plan=image, case=oom())
    assert (critique.decision, critique.checks["whitelist_valid"]) == ("REJECTED", False)
    assert "rollback_image is for image_pull_failed" in critique.reason


QUOTA = {
    "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"},
    "status": {"hard": {"limits.memory": "300Mi"}, "used": {"limits.memory": "256Mi"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "case", "unmet", "told"),
    [
        (a_plan(), oom(item(6, QUOTA)), "no_collateral_risk", "ResourceQuota q"),
        (a_plan(container="proxy", memory_limit="128Mi"), oom(), "action_coherent", "container is proxy, the evidence says api"),
        (a_plan(), oom(precedents=(remembered(),)), "action_coherent", "did not cure"),
        (a_plan("rollback_image", justification="E3", container="api", image="evil.example/x:1"), bad_image(), "action_coherent", "evil.example"),
    ],
)
async def test_a_model_cannot_approve_what_code_objects_to(plan, case, unmet, told):
    """Over quota, the wrong container, what failed before, a foreign image: four times true does not make it so."""
    critique, _ = await criticised(an_answer(), plan=plan, case=case)

    assert (critique.decision, critique.checks[unmet]) == ("REJECTED", False)
    assert told in critique.reason


@pytest.mark.parametrize(
    "says",
    [
        (an_answer("REJECTED", reason="No."),) * 2,
        ("I would say: rejected.", "no"),
        (an_answer("ESCALATE", reason="Somebody should look."), Unreachable("Ollama did not answer.")),
    ],
)
async def test_a_no_that_does_not_fit_is_put_before_a_person(says):
    """The rulebook that stands in must not turn it into a yes."""
    critique, _ = await criticised(*says)

    assert (critique.by, critique.decision) == ("rulebook", "ESCALATE")
    assert "ollama/test seems to object" in critique.reason


async def test_a_rejection_stays_one_whatever_its_checks_say():
    """A critic may lower, never raise."""
    assert (await criticised(an_answer("REJECTED")))[0].decision == "REJECTED"
    assert (await criticised(an_answer("ESCALATE")))[0].decision == "ESCALATE"


@pytest.mark.parametrize(
    ("reason", "told"),
    [("I do not like it.", "it cites no evidence"), ("E55 shows a leak.", "E55 is no item"), ('E4 says "segfault".', "'segfault' stands in none of E4")],
)
async def test_an_objection_without_evidence_is_sent_back_once(reason, told):
    """Objections cite evidence that is there."""
    critique, model = await criticised(an_answer("REJECTED", reason=reason), an_answer())

    assert told in model.prompts[1]
    assert critique.decision == "APPROVED"


@pytest.mark.parametrize("says", [("no", "no"), (Unreachable("Ollama did not answer."),)])
async def test_a_model_without_a_usable_answer_is_replaced_by_the_rulebook(says):
    """And the thread says so."""
    critique, _ = await criticised(*says)

    assert (critique.by, critique.decision) == ("rulebook", "APPROVED")
    assert "ollama/test gave no usable answer, the rulebook answers instead" in critique.note
    assert len(critique.calls) == len(says)


@pytest.mark.parametrize("plan", [a_plan(cites=("E99",)), a_plan(remedy="reboot")])
async def test_a_plan_that_code_knows_to_be_wrong_is_not_put_to_the_model(plan):
    """Citations are checked before the critic is asked."""
    critique, model = await criticised(plan=plan, act=act_of(a_plan(), oom()))

    assert model.prompts == []
    assert (critique.by, critique.decision) == ("rulebook", "REJECTED")
    assert "was not asked" in critique.note


async def test_a_context_too_small_for_the_question_is_not_asked():
    """The rulebook answers instead."""
    model = Scripted(context_tokens=3200)
    plan, case = a_plan(remedy="rollback_image", image="shop/api:2.0"), bad_image()

    critique = await ModelCritic(model, RULEBOOK, CATALOGUE).criticise(case, replace(plan, justification="E3 shows it"), act_of(plan, case))

    assert (model.prompts, critique.by) == ([], "rulebook")
    assert "larger context" in critique.note
