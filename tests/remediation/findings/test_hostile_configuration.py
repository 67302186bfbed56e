"""What strangers write into configuration is read as far as it has the shape, within bounded time."""

from time import process_time

import pytest

from remediation.findings import find
from remediation.reading.logs import title
from remediation.reading.shapes import shaped
from remediation.terms import Evidence
from tests.remediation.findings.made import NOW, TARGET, container, deployment, findings, items, oomed, pod, waiting


@pytest.mark.parametrize("odd", ["x", 5, [1], {"a": None}, [{"ip": 3, "hostnames": [None]}], [None]])
def test_odd_shapes_are_no_error(odd):
    """A field of the wrong shape says nothing, and keeps no finder from its work."""
    thing = deployment(containers=[{**container(), "env": [{"name": "DB_HOST", "value": 5}], "command": ["/bin/x"]}])
    thing["spec"]["template"]["spec"] |= {"hostAliases": odd, "dnsPolicy": "None", "dnsConfig": {"nameservers": odd}}
    config = {"kind": "ConfigMap", "metadata": {"name": "coredns", "namespace": "kube-system"}, "data": {"Corefile": "kubernetes", "x": 5}}
    webhook = {"kind": "MutatingWebhookConfiguration", "metadata": {"name": "w"}, "webhooks": odd}
    killed = pod("api-1-a", oomed(), containers=[container(limits={"memory": "1Mi"})])
    read = [shaped(thing) for thing in (thing, config, webhook, killed)]

    assert not [finding for finding in findings(*read) if finding.kind == "not_understood"]


def test_a_long_line_of_one_setting_costs_little():
    """Words that nearly say that something is empty, ten thousand times."""
    line = "database " * 10_000 + "hos"
    config = {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}, "data": {"a": "b"}}
    thing = deployment()
    thing["spec"]["template"]["spec"]["volumes"] = [{"name": "c", "configMap": {"name": "c"}}]
    log = Evidence(kind="logs", source="t", title=title("api", "api-1-a"), at=NOW, text=f"ERROR {line}\n" * 3, item="E9")
    began = process_time()
    find([*items(thing, config, pod("api-1-a", waiting("CrashLoopBackOff"))), log], TARGET)

    assert process_time() - began < 5
