"""Which incident an alert belongs to."""

import pytest

from remediation.correlate import belongs, incident_id_of, target_of
from remediation.entries import AlertJoined, Ended
from remediation.terms import Outcome
from tests.remediation.made import an_alert, an_incident, later


@pytest.mark.parametrize(
    ("labels", "kind", "path"),
    [
        ({"namespace": "shop", "deployment": "api", "pod": "api-1"}, "workload", "shop/Deployment/api"),
        ({"namespace": "payments", "pod": "payment-api-6d5f7c9b8-xk2vq"}, "workload", "payments/Deployment/payment-api"),
        ({"namespace": "db", "pod": "postgres-0"}, "workload", "db/StatefulSet/postgres"),
        ({"namespace": "kube-system", "pod": "fluentd-x7k2p"}, "workload", "kube-system/DaemonSet/fluentd"),
        ({"namespace": "shop", "pod": "lonely"}, "workload", "shop/Pod/lonely"),
        ({"namespace": "shop", "statefulset": "cart"}, "workload", "shop/StatefulSet/cart"),
        ({"namespace": "shop", "cronjob": "bill", "job": "bill-1"}, "workload", "shop/CronJob/bill"),
        ({"host": "web-3"}, "host", "web-3"),
        ({"namespace": "shop", "service": "checkout"}, "service", "checkout"),
        ({}, "service", "OOM in api"),
    ],
)
def test_the_target_is_what_the_labels_name(labels, kind, path):
    """The most certain label wins; a pod stands for its workload."""
    target = target_of(an_alert(labels=labels), "here")

    assert (target.kind, target.path, target.place) == (kind, path, "here")


def test_a_pod_and_its_deployment_are_one_target():
    """Two monitors of one workload must not open two incidents."""
    by_pod = target_of(an_alert(labels={"namespace": "shop", "pod": "api-6d5f7c9b8-xk2vq"}), "")
    by_name = target_of(an_alert(labels={"namespace": "shop", "deployment": "api"}), "")

    assert by_pod == by_name


def test_the_alerts_cluster_wins_over_the_default_place():
    """Two clusters may run the same workload."""
    assert target_of(an_alert(labels={"cluster": "eu", "namespace": "shop", "deployment": "api"}), "us").place == "eu"


def _ended(name, *entries):
    return an_incident(*entries, Ended(outcome=Outcome(name=name, reason="")))


RECOVERED = AlertJoined(alert=an_alert("recovered", at=later(5)))


@pytest.mark.parametrize(
    ("alert", "newest", "answer"),
    [
        (an_alert(), None, "open"),
        (an_alert("ignored"), None, "ignore"),
        (an_alert("recovered"), None, "ignore"),
        (an_alert(at=later(1)), an_incident(), "join"),
        (an_alert("recovered", at=later(1)), an_incident(), "join"),
        (an_alert(cycle="c2"), an_incident(), "join"),
        (an_alert(cycle="c2"), _ended("fixed"), "open"),
        (an_alert(at=later(9)), _ended("fixed", RECOVERED), "open"),
        (an_alert(at=later(1)), _ended("handed_over"), "join"),
        (an_alert(cycle="c2"), _ended("handed_over"), "open"),
        (an_alert(at=later(9)), _ended("handed_over", RECOVERED), "open"),
        (an_alert("recovered", at=later(1)), _ended("handed_over"), "join"),
        (an_alert("recovered", at=later(1)), _ended("self_healed", RECOVERED), "ignore"),
    ],
)
def test_an_alert_joins_opens_or_is_left(alert, newest, answer):
    """One open incident a target; what was handed over and fires on is no news; a recovery of nothing is nothing."""
    assert belongs(alert, newest) == answer


def test_the_same_alert_opens_the_same_incident():
    """A placing that is done twice names the same incident."""
    assert incident_id_of(an_alert()) == incident_id_of(an_alert())
    assert incident_id_of(an_alert()) != incident_id_of(an_alert(cycle="c2"))
