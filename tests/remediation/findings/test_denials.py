"""Which NetworkPolicy denies a call: all that pick an end add up, and one rule that lets through is enough."""

from datetime import UTC, datetime

import pytest

from remediation.findings.denials import Call, denial
from remediation.findings.ends import End
from remediation.observed import Observed
from remediation.terms import Evidence

NOW = datetime(2026, 2, 3, tzinfo=UTC)
CALLER = End(name="till", namespace="shop", labels={"app": "till"}, addresses=["10.1.0.7"])
CALLEE = End(name="ledger", namespace="bank", labels={"app": "ledger"}, addresses=["10.2.0.9"], ports={"5432": 5432, "sql": 5432})
CALL = Call(caller=CALLER, callee=CALLEE, ports=[5432])
OUTSIDE = End(name="203.0.113.9", inside=False, addresses=["203.0.113.9"])


def policy(name="one", namespace="bank", side="ingress", rules=(), picked=None):
    """One policy of one side."""
    spec = {"podSelector": picked or {}, "policyTypes": [side.title()], side: list(rules)}
    return {"kind": "NetworkPolicy", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def denied(*policies, call=CALL, labels=None, doubts=False):
    """The name of the policy that denies, None for none. labels: of the caller's namespace, which is not shown without them."""
    space = {"kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}
    things = (*policies, *([space] if labels else ()))
    shown = Observed([Evidence(kind="objects", source="t", title="t", at=NOW, text="", objects=things, item="E1")])
    by = denial(call, shown, doubts=doubts)
    return by and by.policy["metadata"]["name"]


PODS = {"podSelector": {"matchLabels": {"app": "till"}}}
SPACE = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}


@pytest.mark.parametrize(
    ("rules", "passes"),
    [
        ([], False),
        ([{}], True),
        ([{"from": [PODS]}], False),  # of the policy's own namespace
        ([{"from": [{**PODS, **SPACE}]}], True),
        ([{"from": [PODS, SPACE]}], True),  # two peers, either is enough
        ([{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "desk"}}}]}], False),
        ([{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "mall"}}}]}], False),
        ([{"from": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}], True),
        ([{"from": [{"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.0.0/24"]}}]}], False),
        ([{"from": [SPACE], "ports": [{"port": 5432}]}], True),
        ([{"from": [SPACE], "ports": [{"port": "sql"}]}], True),
        ([{"from": [SPACE], "ports": [{"port": "web"}]}], False),
        ([{"from": [SPACE], "ports": [{"port": 5432, "protocol": "UDP"}]}], False),
        ([{"from": [SPACE], "ports": [{"port": 5000, "endPort": 6000}]}], True),
        ([{"from": [SPACE], "ports": [{"port": 5000, "endPort": 5400}]}], False),
        ([{"ports": [{"port": 80}]}, {"from": [SPACE]}], True),
    ],
)
def test_a_rule_lets_in_whom_it_means(rules, passes):
    """Peers by pods, namespaces and blocks; ports by number, name, range and protocol."""
    assert denied(policy(rules=rules)) == (None if passes else "one")


def test_policies_add_up():
    """What one shuts another opens; none that picks other pods matters."""
    opened = policy("opened", rules=[{"from": [SPACE]}])
    others = policy("others", picked={"matchLabels": {"app": "vault"}})

    assert denied(policy("shut")) == "shut"
    assert denied(policy("shut"), opened) is None
    assert denied(others) is None


def test_the_policy_that_is_nearest_to_letting_through_is_named():
    """A label with another value before one that shuts everything, a port before a label."""
    label = policy("label", rules=[{"from": [{**SPACE, "podSelector": {"matchLabels": {"app": "tills"}}}]}])
    port = policy("port", rules=[{"from": [SPACE], "ports": [{"port": 5433}]}])

    assert denied(policy("shut"), label) == "label"
    assert denied(label, port, policy("shut")) == "port"


@pytest.mark.parametrize(("labels", "doubts", "passes"), [(None, False, True), (None, True, False), ({"team": "shop"}, False, False)])
def test_what_is_not_known_denies_only_where_doubts_count(labels, doubts, passes):
    """The labels of a namespace that nothing shows."""
    rule = {"from": [{"namespaceSelector": {"matchLabels": {"team": "audit"}}}]}

    assert denied(policy(rules=[rule]), labels=labels, doubts=doubts) == (None if passes else "one")


@pytest.mark.parametrize(
    ("rules", "passes"),
    [
        ([], False),
        ([{"to": [{"podSelector": {}}]}], False),
        ([{"to": [{"namespaceSelector": {}}]}], False),
        ([{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}], True),
        ([{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["203.0.113.0/24"]}}]}], False),
        ([{"ports": [{"port": 443}]}], True),
        ([{"ports": [{"port": 53, "protocol": "UDP"}]}], False),
    ],
)
def test_a_rule_lets_out_to_places_outside(rules, passes):
    """Selectors of pods and namespaces never mean what is outside the cluster."""
    call = Call(caller=CALLER, callee=OUTSIDE, ports=[443])

    assert denied(policy(namespace="shop", side="egress", rules=rules), call=call) == (None if passes else "one")


def test_a_policy_printed_without_its_rules_denies_nothing():
    """A row of a table says whom it picks, not what it lets in."""
    row = {"kind": "NetworkPolicy", "metadata": {"name": "row", "namespace": "bank"}, "spec": {"podSelector": {}}}

    assert denied(row) is None
    assert denied(row, policy("shut")) is None
