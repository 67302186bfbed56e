"""Sources, evidence and findings against a living cluster and a living Datadog, through the real SDKs over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Unreachable
from remediation.evidence import Limits, gather, resolve_target, window_of
from remediation.findings import find
from remediation.sources.datadog import DatadogSource
from remediation.sources.kubernetes import KubernetesSource
from remediation.terms import Target
from tests.remediation.made import an_alert, an_incident
from tests.remediation.sandboxed import killed, sandboxed, waits_for_image


@pytest.fixture
async def sandbox():
    async with sandboxed() as sandbox:
        yield sandbox


async def observed(sandbox, path, monitor="70301", sources=None):
    now = datetime.now(UTC)
    incident = replace(an_incident(alert=an_alert(at=now, monitor_id=monitor)), target=Target(kind="workload", place="sandbox", path=path))
    sources = sources or [KubernetesSource({"sandbox": sandbox.kubernetes}), DatadogSource(sandbox.datadog)]
    evidence = await gather(sources, incident, window_of(incident, 60, now), Limits())
    return evidence, resolve_target(incident.target, evidence)


async def test_an_oom_is_found_with_its_limit_and_what_was_used(sandbox):
    """From the pods, the logs, the monitor and the metrics; and no secret of the logs is left."""
    await sandbox.world.begin("oom")
    await sandbox.until_pods(killed, "shop", "api-")
    evidence, target = await observed(sandbox, "shop/Deployment/api")
    finding = find(evidence, target)[0]
    assert (finding.kind, finding.subject) == ("oom_killed", "Deployment/shop/api/api")
    assert {name: finding.facts[name] for name in ("container", "memory_limit", "exit_code")} == {
        "container": "api",
        "memory_limit": "256Mi",
        "exit_code": 137,
    }
    assert finding.facts["peak_bytes"] > 100 * 2**20
    assert {item.kind for item in evidence} >= {"alert", "objects", "events", "changes", "logs", "monitor", "metrics"}
    assert not any(item.failed for item in evidence)
    everything = repr(evidence)
    assert "tr0ub4dor" not in everything
    assert "AKIAZ7QSANDBOX4PLANT" not in everything
    assert "[masked:password]" in everything


async def test_a_bad_image_is_found_with_the_one_that_ran_before(sandbox):
    """The target is named by a pod that is gone: its name leads to the workload."""
    await sandbox.world.begin("bad-image")
    await sandbox.until_pods(waits_for_image, "shop-staging", "web-")
    evidence, target = await observed(sandbox, "shop-staging/Pod/web-5d59d67564-x7x7x", "70302")
    assert target.path == "shop-staging/Deployment/web"
    finding = find(evidence, target)[0]
    assert (finding.kind, finding.subject, finding.facts["cause"]) == (
        "image_pull_failed",
        "Deployment/shop-staging/web/web",
        "tag_missing",
    )
    assert finding.facts["image"] == "registry.shop.example/web:2.4.1"
    assert (finding.facts["last_good_image"], finding.facts["last_good_proof"]) == ("registry.shop.example/web:2.4.0", "ready_pods")


async def test_a_healthy_workload_has_no_findings(sandbox):
    """Nothing is made up."""
    evidence, target = await observed(sandbox, "shop/Deployment/api")
    assert find(evidence, target) == ()
    assert any(item.kind == "logs" and item.source == "kubernetes" for item in evidence)


async def test_a_cluster_that_is_down_is_an_item_and_nothing_more(sandbox, tmp_path):
    """The other source still answers."""
    config = tmp_path / "config"
    config.write_text(
        "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],"
        " clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}], users: [{name: u, user: {token: t}}]}"
    )
    gone = KubernetesClient(kubeconfig=str(config))
    evidence, target = await observed(
        sandbox, "shop/Deployment/api", sources=[KubernetesSource({"sandbox": gone}), DatadogSource(sandbox.datadog)]
    )
    failed = [item for item in evidence if item.failed]
    assert failed
    assert all("cannot be reached" in item.text for item in failed)
    assert any(item.kind == "monitor" and not item.failed for item in evidence)
    assert target.path == "shop/Deployment/api"
    with pytest.raises(Unreachable):
        await gone.version()
    await gone.close()


async def test_what_was_never_there_gives_no_objects(sandbox):
    """A workload that nobody knows: the cluster's answer says so, which is no failure, and nothing is guessed."""
    evidence, target = await observed(sandbox, "shop/Deployment/nothing", "1")
    assert target.path == "shop/Deployment/nothing"
    assert find(evidence, target) == ()
    assert [item.title for item in evidence if item.absent] == ["There is no Deployment nothing in shop"]
    assert [item.title for item in evidence if item.failed] == ["Monitor 1: not read"]
