"""What parts of the cluster, kubelets and drains say in their logs alone."""

import time
from datetime import UTC, datetime

import pytest

from remediation.findings import find
from remediation.terms import Evidence, Target

NOBODY = Target(kind="workload", place="", path="//")


def said(text, title="Log of - in part.log"):
    """The findings off one log."""
    return find([Evidence(kind="logs", source="files", title=title, at=datetime(2026, 3, 1, tzinfo=UTC), text=text, item="E1")], NOBODY)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('E0 status.go:71] rpctypes.EtcdError{desc:"etcdserver: mvcc: database space exceeded"}', "store_full"),
        ('[FATAL] plugin/loop: Loop (127.0.0.1:43522 -> :53) detected for zone "."', "dns_loop"),
        ("I0 scale_up.go:116] Skipping node group reef - max size reached", "scale_limit"),
        ('E0 network.go:102] failed to acquire lease: node "reef-2" pod cidr not assigned', "no_pod_range"),
    ],
)
def test_a_part_tells_itself_why_it_does_not_work(line, cause):
    """Nothing but its log need be shown."""
    first = said(line)[0]

    assert (first.kind, first.facts["cause"], first.cites) == ("component_down", cause, ("E1",))


def test_an_alarm_that_was_disarmed_is_over():
    """The store has room again."""
    assert not [f for f in said('alarm:NOSPACE raised\n{"level":"info","msg":"alarm disarmed"}') if f.facts.get("cause") == "store_full"]


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ('Cannot evict pod as it would violate the pod\'s disruption budget. pod="bay/tide-0"', "Pod/bay/tide-0"),
        ("The disruption budget tide needs 2 healthy pods and has 2 currently, pods/tide-0 -n bay", "PodDisruptionBudget/bay/tide"),
        ('Cannot disrupt Node: pdb "bay/tide" prevents pod evictions', "PodDisruptionBudget/bay/tide"),
    ],
)
def test_a_refused_eviction_is_of_the_budget_or_pod_that_it_names(line, subject):
    """Whatever tool says it."""
    assert [f.subject for f in said(line) if f.kind == "disruption_blocked"] == [subject]


def test_a_kubelet_that_ends_is_its_nodes_trouble():
    """The host stands before every line of a journal."""
    (first, *_) = said("Mar 02 09:33:50 reef-7 kubelet[991]: F0302 09:33:50.511159 991 server.go:274] failed to run Kubelet: bad thing")

    assert (first.kind, first.subject, first.facts["cause"]) == ("node_trouble", "Node//reef-7", "not_ready")


@pytest.mark.parametrize(
    "text",
    [
        "plugin/loop: " * 4000,
        "https://1.1.1.1:443/api " * 2500,
        "PodEvictionFailure " * 3000,
        'pod="' + "a" * 50_000 + " disruption budget",
    ],
)
def test_hostile_logs_take_no_longer_than_their_length(text):
    """Evidence comes from strangers."""
    began = time.process_time()
    said(text)

    assert time.process_time() - began < 3
