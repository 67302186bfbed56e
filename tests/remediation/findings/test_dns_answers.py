"""A Corefile is at fault only where it answers wrongly for a Service that is shown."""

import pytest

from tests.remediation.findings.made import findings

_PLAIN = "kubernetes cluster.local {\n}\nforward . /etc/resolv.conf\n"


def _told(corefile):
    config = {"kind": "ConfigMap", "metadata": {"name": "coredns", "namespace": "kube-system"}, "data": {"Corefile": corefile}}
    service = {"kind": "Service", "metadata": {"name": "api", "namespace": "shop"}, "spec": {"clusterIP": "10.96.1.1"}}
    return [finding.facts["said"] for finding in findings(config, service) if finding.facts.get("cause") == "answers_wrongly"]


@pytest.mark.parametrize(
    "wrong",
    [
        r'template ANY ANY svc.cluster.local { match ".*\.shop\.svc\.cluster\.local\.?$"' + "\n rcode NXDOMAIN\n}\n",
        'template IN A shop.svc.cluster.local {\n match "^api\\.shop\\.svc\\.cluster\\.local\\.$"\n rcode SERVFAIL\n}\n',
        "rewrite name api.shop.svc.cluster.local elsewhere.example.com\n",
        "hosts {\n 192.0.2.7 api.shop.svc.cluster.local\n fallthrough\n}\n",
    ],
)
def test_what_misleads_a_service_is_named(wrong):
    """Templates, rewrites and hosts, each in the words of its plugin."""
    assert _told("\n".join((wrong.replace("{ match", "{\n match"), _PLAIN))) == ["api.shop.svc.cluster.local"]


@pytest.mark.parametrize(
    "harmless",
    [
        "",
        "template ANY ANY lan.example {\n rcode NXDOMAIN\n}\n",
        r'template ANY A { match ".*\.com\.svc\.cluster\.local\.$"' + "\n rcode NXDOMAIN\n}\n",
        "template ANY AAAA {\n rcode NXDOMAIN\n}\n",
        "rewrite name shop.example.com api.shop.svc.cluster.local\n",
        "hosts {\n 10.96.1.1 api.shop.svc.cluster.local\n 192.0.2.7 db.example\n}\n",
    ],
)
def test_what_leads_no_service_astray_is_no_fault(harmless):
    """Names of others, types of no matter, and an alias of one's own."""
    assert _told("\n".join((harmless.replace("{ match", "{\n match"), _PLAIN))) == []


def test_a_corefile_that_knows_no_cluster_is_named():
    """Without its plugin no name of the cluster is found."""
    assert _told("forward . 1.1.1.1\n") == ["svc.cluster.local"]
