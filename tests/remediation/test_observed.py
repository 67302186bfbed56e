"""The evidence as one picture: which events speak of what."""

from datetime import UTC, datetime

from remediation.observed import Observed
from remediation.terms import Evidence


def event(reason, kind, name):
    about = {"kind": kind, "namespace": "shop", "name": name}
    return {"kind": "Event", "metadata": {"name": f"{name}.{reason}", "namespace": "shop"}, "reason": reason, "involvedObject": about}


PULLED, BACK_OFF = event("Pulled", "Pod", "cart-7f8d9c6b5c-x2x4z"), event("BackOff", "Pod", "cart-7f8d9c6b5c-x2x4z")
SCALED, REBOOTED = event("ScalingReplicaSet", "Deployment", "cart"), event("Rebooted", "Node", "node-1")


def observed():
    things = (BACK_OFF, SCALED, PULLED, REBOOTED)
    return Observed(
        (Evidence(kind="events", source="files", title="events", at=datetime(2026, 3, 2, tzinfo=UTC), text="", objects=things),)
    )


def test_events_under_a_workload_are_its_own_and_those_of_pods_that_nothing_else_shows():
    """In the order of the evidence; under a pod stand its own alone."""
    assert observed().events_under(("Deployment", "shop", "cart")) == [BACK_OFF, SCALED, PULLED]
    assert observed().events_under(("Pod", "shop", "cart-7f8d9c6b5c-x2x4z")) == [BACK_OFF, PULLED]
    assert observed().events_under(("Deployment", "shop", "mail")) == ()


def test_events_of_several_reasons_keep_the_order_of_the_evidence():
    """Whichever reason is asked for first."""
    assert observed().events_with("Pulled", "BackOff", "Killing") == [BACK_OFF, PULLED]
    assert observed().events_with("Rebooted") == [REBOOTED]


def test_events_about_a_kind_are_found_without_the_others():
    """Of thousands those about nodes are few."""
    assert observed().events_about("Node") == [REBOOTED]
    assert observed().events_about("Job") == ()
