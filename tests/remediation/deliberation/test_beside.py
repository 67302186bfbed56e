"""An alert names a victim, the fault sits beside it: what is on the way is mended there, what is not is left alone."""

from dataclasses import replace

from remediation.deliberation.rulebook import Rulebook
from remediation.remedies import render_act
from remediation.terms import Target
from tests.remediation.deliberation.scenes import CATALOGUE, KILLED, PRODUCTION, a_case, deployment, item, pod, replica_set

RULEBOOK = Rulebook(CATALOGUE)


def labelled(**of):
    """The workload with a label that Services pick it by."""
    thing = deployment(**of)
    thing["spec"]["template"]["metadata"] = {"labels": {"app": "api"}}
    return thing


def service(name="api", namespace="shop", **selector):
    spec = {"selector": selector or {"app": "apj"}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


async def test_a_service_for_the_workload_that_the_alert_names_is_mended_where_it_is_wrong():
    """The Deployment is well; its Service picks nothing."""
    case = a_case(item(1, kind="alert", text="api unreachable"), item(2, labelled(), service()))
    proposal = await RULEBOOK.propose(case)

    (plan,) = proposal.plans
    act = render_act(plan, CATALOGUE[plan.remedy], service(), PRODUCTION)
    critique = await RULEBOOK.criticise(case, plan, act)
    assert (plan.remedy, plan.target.path) == ("fix_selector", "shop/Service/api")
    assert (str(act.object), critique.decision) == ("Service/shop/api", "APPROVED")


async def test_what_is_broken_and_not_on_the_way_is_not_mended():
    """Another's Service in the same namespace may be meant to be as it is."""
    other = labelled()
    other["metadata"] = {"name": "web", "namespace": "shop"}
    case = a_case(item(1, kind="alert", text="web slow"), item(2, other, labelled(), service()), target=Target(kind="workload", place="", path="shop/Deployment/web"))
    other["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}

    proposal = await RULEBOOK.propose(case)

    assert proposal.plans == ()
    assert "Beside it" in proposal.for_a_person


async def test_a_plan_for_what_is_not_on_the_way_is_rejected():
    """Whoever made it: the evidence shows the fault, and another incident's."""
    named = a_case(item(1, kind="alert", text="api unreachable"), item(2, labelled(), service()))
    (plan,) = (await RULEBOOK.propose(named)).plans
    stranger = deployment()
    stranger["metadata"] = {"name": "web", "namespace": "shop"}
    target = Target(kind="workload", place="sandbox", path="shop/Deployment/web")
    case = a_case(item(1, kind="alert", text="web slow"), item(2, labelled(), service(), stranger), target=target)

    critique = await RULEBOOK.criticise(case, replace(plan, cites=("E2",)), render_act(plan, CATALOGUE[plan.remedy], service(), PRODUCTION))

    assert (critique.decision, critique.checks["diagnostic_justified"]) == ("REJECTED", False)
    assert "Service/shop/api is not on the way from shop/Deployment/web" in critique.reason


async def test_what_stands_in_another_namespace_is_for_its_own_people():
    """Whoever approves here does not approve there."""
    away = deployment()
    away["metadata"] = {"name": "db", "namespace": "data"}
    away["spec"]["template"]["metadata"] = {"labels": {"app": "db"}}
    caller = labelled()
    caller["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_HOST", "value": "db.data:80"}]
    case = a_case(item(1, kind="alert", text="api fails"), item(2, caller, away, service("db", "data", app="dbb")))

    proposal = await RULEBOOK.propose(case)

    assert proposal.plans == ()
    assert "namespace data, whose own approvers decide" in proposal.for_a_person


async def test_the_workloads_own_trouble_comes_first():
    """A kill of its own is no fault of the Service beside it, unless that is graver."""
    case = a_case(item(1, kind="alert", text="api restarts"), item(2, labelled(), replica_set(), service(app="api")), item(3, pod(KILLED)))

    assert [plan.remedy for plan in (await RULEBOOK.propose(case)).plans] == ["raise_memory_limit", "raise_memory_limit"]
