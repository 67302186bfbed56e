"""A disk that is full: the claim's only where the evidence names its mount."""

import pytest

from remediation.findings import find
from remediation.terms import Evidence
from tests.remediation.findings.made import NOW, TARGET, container, deployment, findings, items, pod, replica_set

CLAIM = {
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "ledger", "namespace": "shop"},
    "spec": {},
    "status": {"capacity": {"storage": "8Gi"}},
}
VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "ledger"}}, {"name": "scratch", "emptyDir": {}}]
MOUNTS = [{"name": "data", "mountPath": "/srv"}, {"name": "scratch", "mountPath": "/srv/scratch"}]
ENDED = {"name": "api", "ready": False, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
         "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": "2026-11-21T02:55:00Z"}}}  # fmt: skip
DF = "$ kubectl exec api-1-x -n shop -- df -h\nFilesystem Size Used Avail Use% Mounted on\n/dev/vdb 8G {used} 1G {percent}% /srv\n"


def told(line, df=""):
    """What is found of a line in the log of api, by kind: the first finding of each."""
    mounted = {**container(), "volumeMounts": MOUNTS}
    thing, one = deployment(containers=[mounted]), pod("api-1-x", ENDED, containers=[mounted])
    thing["spec"]["template"]["spec"]["volumes"] = one["spec"]["volumes"] = VOLUMES
    evidence = items(thing, replica_set("api-1", 1, "r.example/api:1.1", replicas=1), one, CLAIM)
    evidence.append(Evidence(kind="logs", source="t", title="Previous log of api in api-1-x of shop", at=NOW, text=line, item="E9"))
    if df:
        evidence.append(Evidence(kind="text", source="t", title="df", at=NOW, text=df, item="E10"))
    found = {}
    for finding in find(evidence, TARGET):
        found.setdefault(finding.kind, finding)
    return found


def test_a_path_on_the_claim_says_that_the_claim_is_full():
    """The longest mount over it decides."""
    trouble = told("ERROR write /srv/blocks/7: no space left on device")["volume_trouble"]

    assert (trouble.facts["cause"], trouble.facts["claim"]) == ("full", "ledger")


@pytest.mark.parametrize("path", ["/srv/scratch/upload", "/tmp/upload", "/srvx/upload"])
def test_a_path_elsewhere_is_the_nodes_disk(path):
    """An emptyDir, though it lies below the claim's mount, and the root file system are no claim."""
    found = told(f"ERROR write {path}: no space left on device")

    assert "volume_trouble" not in found
    assert found["disk_full"].facts["cause"] == "elsewhere"


def test_without_a_path_the_only_claim_is_named_but_nothing_is_sure():
    """No volume is enlarged for what may be the root file system."""
    trouble = told("ERROR No space left on device")["volume_trouble"]

    assert (trouble.facts["cause"], trouble.facts["claim"]) == ("perhaps_full", "ledger")


def test_df_speaks_against_a_full_claim():
    """And for one."""
    assert "volume_trouble" not in told("ERROR No space left on device", DF.format(used="1G", percent=12))
    assert told("ERROR No space left on device", DF.format(used="8G", percent=100))["volume_trouble"].facts["cause"] == "full"


def test_the_claim_of_the_member_that_fails_is_named():
    """Each member of a StatefulSet has its own."""
    mounted = {**container("broker"), "volumeMounts": [{"name": "log", "mountPath": "/log"}]}
    thing = {**deployment("broker", containers=[mounted]), "kind": "StatefulSet"}
    thing["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "log"}, "spec": {}}]
    ended = pod("broker-2", {**ENDED, "name": "broker"}, owner="broker", owner_kind="StatefulSet", containers=[mounted])
    log = Evidence(
        kind="logs", source="t", title="Log of broker in broker-2 of shop", at=NOW, text="ERROR /log/7: no space left on device", item="E9"
    )

    trouble = next(each for each in find([*items(thing, ended), log], TARGET) if each.kind == "volume_trouble")

    assert trouble.facts["claim"] == "log-broker-2"


def test_nothing_is_full_where_nothing_says_so():
    """The twin."""
    assert findings(deployment(), CLAIM) == () or all(each.kind != "volume_trouble" for each in findings(deployment(), CLAIM))


@pytest.mark.parametrize(("percent", "cause"), [(99, "full"), (None, "alerted")])
def test_an_alert_alone_makes_no_volume_larger(percent, cause):
    """A volume cannot be made smaller again: the plan waits for what df, a metric or an event shows."""
    mounted = {**container(), "volumeMounts": MOUNTS}
    thing, one = deployment(containers=[mounted]), pod("api-1-x", None, containers=[mounted])
    thing["spec"]["template"]["spec"]["volumes"] = one["spec"]["volumes"] = VOLUMES
    evidence = items(thing, replica_set("api-1", 1, "r.example/api:1.1", replicas=1), one, CLAIM)
    said = "KubePersistentVolumeFillingUp: PVC ledger of api is filling up"
    evidence.append(Evidence(kind="alert", source="t", title=said, at=NOW, text=said, item="E8"))
    if percent:
        evidence.append(Evidence(kind="text", source="t", title="df", at=NOW, text=DF.format(used="7G", percent=percent), item="E9"))

    assert [finding.facts["cause"] for finding in find(evidence, TARGET) if finding.kind == "volume_trouble"] == [cause]
