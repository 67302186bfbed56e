"""What `kubectl describe networkpolicy` prints is the specification that the server has."""

from remediation.reading.branches import tree
from remediation.reading.described_policies import policy

TEXT = """\
Name:         ring
Namespace:    bank
Created on:   2026-03-03 10:00:00 +0000 UTC
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     app=ledger,zone in (a,b),!old
  Allowing ingress traffic:
    To Port: <any> (traffic allowed to all ports)
    From:
      NamespaceSelector: team=shop
      PodSelector: role=till
    From:
      IPBlock:
        CIDR: 172.17.0.0/16
        Except: 172.17.1.0/24, 172.17.3.0/24
    ----------
    To Port: 80/TCP
    To Port: dns/UDP
    From: <any> (traffic not restricted by source)
  Allowing egress traffic:
    <none> (Selected pods are isolated for egress connectivity)
  Policy Types: Ingress, Egress"""


def test_each_rule_has_its_ports_and_peers():
    """A namespace and pods in one peer are one peer; `<any>` is none at all."""
    shop = {"namespaceSelector": {"matchLabels": {"team": "shop"}}, "podSelector": {"matchLabels": {"role": "till"}}}
    block = {"ipBlock": {"cidr": "172.17.0.0/16", "except": ["172.17.1.0/24", "172.17.3.0/24"]}}
    expressions = [{"key": "zone", "operator": "In", "values": ["a", "b"]}, {"key": "old", "operator": "DoesNotExist"}]

    assert policy(tree(TEXT.split("\n"))) == {
        "spec": {
            "podSelector": {"matchLabels": {"app": "ledger"}, "matchExpressions": expressions},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [shop, block]}, {"ports": [{"port": 80, "protocol": "TCP"}, {"port": "dns", "protocol": "UDP"}]}],
            "egress": [],
        }
    }


def test_a_side_that_is_not_affected_has_no_rules():
    """Neither none nor any."""
    text = """\
Spec:
  PodSelector:     <none> (Allowing the specific traffic to all pods in this namespace)
  Not affecting ingress traffic
  Allowing egress traffic:
    To Port: 53/UDP
    To: <any> (traffic not restricted by destination)
  Policy Types: Egress"""
    spec = policy(tree(text.split("\n")))["spec"]

    assert spec == {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}
