"""Which incident an alert belongs to."""

from dataclasses import replace

import pytest

from remediation.correlate import Correlator, belongs, incident_id_of, target_of
from remediation.entries import AlertJoined, Closed, Ended, Opened
from remediation.terms import Outcome
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, an_alert, an_incident, later

__all__ = ["memory"]


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
        ({"namespace": "ops", "pod": "backup-28912345-x7kzl"}, "workload", "ops/CronJob/backup"),
        ({"namespace": "..", "deployment": "web", "service": "web"}, "service", "web"),
        ({"namespace": "shop?watch=true&x=", "deployment": "web", "host": "web-3"}, "host", "web-3"),
        ({"namespace": "shop", "deployment": "../../../api/v1/secrets", "pod": "postgres-0"}, "workload", "shop/StatefulSet/postgres"),
        ({"namespace": "shop", "pod": "$POD_NAME", "service": "api"}, "service", "api"),
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
    return an_incident(Ended(outcome=Outcome(name=name, reason="")), *entries)


CLOSED = Closed(by="U_ALICE", reason="")
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
        (an_alert(at=later(9)), _ended("handed_over", CLOSED), "open"),
        (replace(an_alert(at=later(9)), transition="Renotify"), _ended("handed_over", CLOSED), "ignore"),
        (replace(an_alert(cycle="c2"), transition="Renotify"), _ended("handed_over", CLOSED), "open"),
        (an_alert("recovered", at=later(9)), _ended("handed_over", CLOSED), "join"),
    ],
)
def test_an_alert_joins_opens_or_is_left(alert, newest, answer):
    """One open incident a target; what was handed over and fires on is no news; a recovery of nothing is nothing."""
    assert belongs(alert, newest) == answer


def test_the_same_alert_opens_the_same_incident():
    """A placing that is done twice names the same incident."""
    assert incident_id_of(an_alert()) == incident_id_of(an_alert())
    assert incident_id_of(an_alert()) != incident_id_of(an_alert(cycle="c2"))


@pytest.fixture
def correlator(memory):
    return Correlator(memory.inbox, "sandbox", lambda _target, _labels: STANDING)


async def placed(memory, correlator, *alerts):
    """Store and place each, one after the other; the ids of the incidents that heard of it."""
    touched = []
    for alert in alerts:
        memory.clock.move(seconds=1)
        await memory.inbox.store([alert])
        touched += (await correlator.place_some())[0]
    return touched


async def ended(memory, incident_id, name):
    """As the incident itself writes it."""
    await memory.record.write(incident_id, "ended", Ended(outcome=Outcome(name=name, reason="")))


async def test_a_recovery_without_tags_joins_by_its_cycle(memory, correlator):
    """Its labels name nothing, so its target is another one: the cycle says what recovered."""
    opens, joins = await placed(memory, correlator, an_alert(), an_alert("recovered", at=later(5), labels={}))

    assert joins == opens
    assert not (await memory.record.incident(opens)).firing


async def test_a_renotification_without_tags_opens_nothing(memory, correlator):
    """The same cycle, firing on, and nothing that names another workload."""
    opens, joins = await placed(memory, correlator, an_alert(), an_alert(at=later(5), labels={"service": "checkout"}))

    assert joins == opens


async def test_another_workload_of_one_key_has_its_own_incident(memory, correlator):
    """An aggregation key may be coarser than a workload: each recovery goes where its target burns."""
    cart = {"namespace": "shop", "deployment": "cart"}
    api_recovers = an_alert("recovered", at=later(2))
    of_api, of_cart, joined = await placed(memory, correlator, an_alert(), an_alert(at=later(1), labels=cart), api_recovers)

    assert of_cart != of_api
    assert joined == of_api


async def test_a_recovery_finds_the_incident_that_burns_behind_a_newer_one(memory, correlator):
    """Handed over, then another monitor opened a new incident of the same target: the recovery is the older one's."""
    (older,) = await placed(memory, correlator, an_alert())
    await ended(memory, older, "handed_over")
    newer, joined = await placed(memory, correlator, an_alert(cycle="c2"), an_alert("recovered", at=later(9)))

    assert (newer != older, joined) == (True, older)


async def test_a_recovery_of_a_cycle_that_is_over_is_left(memory, correlator):
    """It recovered before, or its incident was never there."""
    (opens,) = await placed(memory, correlator, an_alert())
    await placed(memory, correlator, an_alert("recovered", at=later(1), labels={}))
    await ended(memory, opens, "self_healed")

    assert await placed(memory, correlator, an_alert("recovered", at=later(2), labels={}), an_alert("recovered", cycle="c9")) == []


async def test_an_alert_whose_incident_ends_meanwhile_is_decided_again(memory, correlator, monkeypatch):
    """Read as open, ended before the alert is placed: it opens an incident of its own and is not lost in the ended one."""
    (older,) = await placed(memory, correlator, an_alert())
    newest_of = memory.inbox.newest_incident_of

    async def ending_behind_it(target):
        newest = await newest_of(target)
        await ended(memory, older, "fixed")
        return newest

    monkeypatch.setattr(memory.inbox, "newest_incident_of", ending_behind_it)
    (newer,) = await placed(memory, correlator, an_alert(cycle="c2"))

    assert newer != older
    assert [one.cycle for one in (await memory.record.incident(newer)).alerts] == ["c2"]
    assert len((await memory.record.incident(older)).alerts) == 1


async def test_an_id_that_is_taken_is_made_longer(memory, correlator):
    """Eight letters may be another incident's; the alert is not appended to that one."""
    alert = an_alert()
    await memory.record.write(incident_id_of(alert), "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert(cycle="c0")))
    await ended(memory, incident_id_of(alert), "fixed")
    (opens,) = await placed(memory, correlator, alert)

    assert opens.startswith(incident_id_of(alert))
    assert len(opens) > len(incident_id_of(alert))
    assert (await memory.record.incident(opens)).alerts == (alert,)


async def test_a_recovery_that_arrives_before_its_trigger_ends_with_it(memory, correlator):
    """Senders promise no order: what is recorded is the same as if the two had come in theirs."""
    recovery = an_alert("recovered", at=later(5))
    assert await placed(memory, correlator, recovery) == []
    (opens,) = await placed(memory, correlator, an_alert())

    incident = await memory.record.incident(opens)
    assert [alert.state for alert in incident.alerts] == ["firing", "recovered"]
    assert not incident.firing
    assert (await memory.signals.after(opens, 0)).body["alert_id"] == recovery.alert_id
    assert await placed(memory, correlator, an_alert(cycle="c2", at=later(6))) == [opens]


async def test_a_recovery_that_arrives_before_a_trigger_that_joins_is_heard_there(memory, correlator):
    """The second monitor's recovery came before anything was open; its trigger joins the first one's incident."""
    await placed(memory, correlator, an_alert("recovered", cycle="c2", at=later(5)))
    opens, joins = await placed(memory, correlator, an_alert(at=later(6)), an_alert(cycle="c2", at=later(4)))

    assert joins == opens
    assert [alert.state for alert in (await memory.record.incident(opens)).alerts] == ["firing", "firing", "recovered"]


async def test_a_recovery_of_an_earlier_time_says_nothing_of_a_new_alert(memory, correlator):
    """An aggregation key comes again: what recovered yesterday fires today."""
    await placed(memory, correlator, an_alert("recovered"))
    (opens,) = await placed(memory, correlator, an_alert(at=later(60)))

    assert (await memory.record.incident(opens)).firing


async def test_a_trigger_that_is_delivered_late_does_not_open_what_is_over(memory, correlator):
    """A retry of the sender arrives after its incident ended."""
    (opens,) = await placed(memory, correlator, an_alert(at=later(1)))
    await placed(memory, correlator, an_alert("recovered", at=later(5)))
    await ended(memory, opens, "self_healed")

    assert await placed(memory, correlator, an_alert(at=later(3))) == []
    assert await placed(memory, correlator, an_alert(at=later(6))) != []


async def test_a_storm_is_placed_a_beat_at_a_time(memory, correlator):
    """Whoever begins incidents gets a turn after each beat, and is told whether to come again."""
    await memory.inbox.store([an_alert(cycle=f"c{n}", labels={"host": f"h{n}"}) for n in range(150)])

    first, more = await correlator.place_some()
    assert (len(first), more) == (100, True)
    rest, more = await correlator.place_some()
    assert (len(rest), more) == (50, False)
