"""fix_selector and fix_port: a Service that leads nowhere, and whom it is surely for."""

from remediation.drawing.parameters import values_drawn
from remediation.observed import Observed
from tests.remediation.remedies.offering import CATALOGUE, a_pod, not_offered, offer, thing, workload

LABELS = {"app": "api", "tier": "web"}


def service(selector, name="api", **port):
    return thing(
        "Service", name, {"selector": selector, "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP", **port}]}
    )


async def test_a_wrong_value_of_a_selector_is_mended_and_nothing_else():
    """Exactly the label that differs, as the pods have it; the critic approves, and a plain manifest takes it."""
    offered = await offer(service({"app": "apj", "tier": "web"}), workload(labels=LABELS), remedy="fix_selector")

    assert offered.plan.target.path == "shop/Service/api"
    assert offered.edits == [("spec.selector.app", "replace", "apj", "api")]
    assert (await offered.critique()).decision == "APPROVED"
    assert offered.in_git()["spec"]["selector"] == LABELS


async def test_a_wrong_key_of_a_selector_is_replaced_by_the_one_of_the_same_value():
    """The value says which label is meant."""
    offered = await offer(service({"application": "api"}), workload(labels=LABELS), remedy="fix_selector")

    assert sorted(offered.edits) == [("spec.selector.app", "add", None, "api"), ("spec.selector.application", "remove", "api", None)]
    assert offered.in_git()["spec"]["selector"] == {"app": "api"}


async def test_a_label_that_the_evidence_does_not_show_is_rejected():
    """A model may not send the traffic elsewhere."""
    offered = await offer(service({"app": "apj"}), workload(labels=LABELS), remedy="fix_selector")

    critique = await offered.critique(labels={"app": "admin"})

    assert (critique.decision, critique.checks["action_coherent"]) == ("REJECTED", False)


async def test_a_selector_that_would_pick_a_stranger_too_is_for_a_person():
    """Traffic for one workload must not reach another."""
    other = workload(labels={"app": "api"})
    other["metadata"]["name"] = "jobs"

    why = await not_offered(service({"app": "apj"}), workload(labels={"app": "api"}), other)

    assert "would pick Deployment jobs, too" in why


async def test_a_service_that_fits_two_workloads_equally_is_for_a_person():
    """Neither is chosen by the order in which they came; both are named."""
    first, second = workload(labels={"app": "mart-red"}), workload(labels={"app": "mart-tan"})
    first["metadata"]["name"], second["metadata"]["name"] = "mart-red", "mart-tan"

    for pair in ((first, second), (second, first)):
        why = await not_offered(service({"app": "mart"}, name="mart"), *pair)

        assert "Deployment/mart-red" in why
        assert "Deployment/mart-tan" in why


async def test_the_likelier_of_two_workloads_is_meant():
    """The twin: a slip of the pen is nearer to one of them."""
    other = workload(labels={"app": "apricot"})
    other["metadata"]["name"] = "apricot"

    offered = await offer(service({"app": "apl"}), other, workload(labels={"app": "api"}), remedy="fix_selector")

    assert offered.edits == [("spec.selector.app", "replace", "apl", "api")]


async def test_a_service_that_may_be_for_anybody_is_for_a_person():
    """Neither its name nor a label says whom it is for."""
    await not_offered(service({"role": "gateway"}, name="front"), workload(labels=LABELS))


async def test_a_target_port_is_set_to_the_only_one_that_the_pods_declare():
    """By the place of the Service's port."""
    ports = {"ports": [{"containerPort": 9000}]}
    offered = await offer(service({"app": "api"}), workload(ports), remedy="fix_port")

    assert offered.edits == [("spec.ports[0].targetPort", "replace", 8080, 9000)]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(target_port=9001)).decision == "REJECTED"
    assert offered.in_git()["spec"]["ports"][0] == {"name": "http", "port": 80, "targetPort": 9000, "protocol": "TCP"}


async def test_of_several_ports_the_one_of_the_services_name_is_meant():
    """Its name, else its number, tells them apart."""
    ports = {"ports": [{"containerPort": 9000, "name": "metrics"}, {"containerPort": 9001, "name": "http"}]}

    assert (await offer(service({"app": "api"}), workload(ports), remedy="fix_port")).plan.parameters["target_port"] == 9001


async def test_a_port_that_only_the_log_shows_is_taken():
    """Where the containers declare none."""
    of = workload()
    offered = await offer(
        service({"app": "api"}), of, a_pod(of, ready=True), log="Server listening on http://0.0.0.0:3000", remedy="fix_port"
    )

    assert offered.edits == [("spec.ports[0].targetPort", "replace", 8080, 3000)]


async def test_of_several_ports_that_say_nothing_none_is_chosen():
    """Nothing is guessed."""
    await not_offered(service({"app": "api"}), workload({"ports": [{"containerPort": 9000}, {"containerPort": 9001}]}))


async def test_a_protocol_is_set_as_the_pods_speak():
    """UDP for a name server."""
    offered = await offer(service({"app": "api"}), workload({"ports": [{"containerPort": 8080, "protocol": "UDP"}]}), remedy="fix_port")

    assert offered.edits == [("spec.ports[0].protocol", "replace", "TCP", "UDP")]


async def test_a_plan_for_another_service_has_no_grounds():
    """What was found is on one Service alone."""
    offered = await offer(service({"app": "apj"}), workload(labels=LABELS), remedy="fix_selector")
    remedy, stranger = CATALOGUE["fix_selector"], offered.act.object.__class__(group="", kind="Service", namespace="shop", name="web")

    assert remedy.grounds(offered.case.findings, offered.act.object)
    assert remedy.grounds(offered.case.findings, stranger) == ()
    assert values_drawn(remedy, (), Observed(offered.case.evidence), offered.act.object) == {"labels": []}


async def test_a_label_that_controllers_set_is_not_written_into_git():
    """A progressive rollout moves it on its own."""
    labels = {**LABELS, "rollouts-pod-template-hash": "6d5b7c9f4d"}

    await not_offered(service({"app": "api", "rollouts-pod-template-hash": "1111"}), workload(labels=labels))
