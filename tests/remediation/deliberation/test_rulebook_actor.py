"""The rulebook as actor: from a finding to plans, parameters drawn from evidence, and honest silence."""

import pytest

from remediation.deliberation.rulebook import Rulebook
from remediation.remedies import Catalogue
from tests.remediation.deliberation.scenes import CATALOGUE, a_case, bad_image, item, oom, remembered

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


async def test_without_a_remedy_the_finding_is_still_named():
    """A catalogue may be empty."""
    proposal = await Rulebook(Catalogue({})).propose(oom())

    assert proposal.finding == "F1"
    assert "No remedy of the catalogue fits" in proposal.for_a_person
