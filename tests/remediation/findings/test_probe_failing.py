"""Probes: which ask wrongly, which are asked too early, and which only tell that the application fails."""

from tests.remediation.findings.made import container, event, findings, fine, pod

PROBE = {"httpGet": {"port": 8080, "path": "/live"}, "initialDelaySeconds": 5}
PROBED = [container() | {"livenessProbe": PROBE, "ports": [{"containerPort": 8080}]}]
REFUSED = 'Liveness probe failed: Get "http://10.0.0.7:8080/live": dial tcp 10.0.0.7:8080: connect: connection refused'


def restarted(code=137):
    return {"name": "api", "ready": False, "restartCount": 4, "state": {"running": {}},
            "lastState": {"terminated": {"exitCode": code, "reason": "Error"}}}  # fmt: skip


def probed(status, message=REFUSED, **more):
    return [f for f in findings(pod("api-1-x", status, containers=PROBED, **more), event("api-1-x", "Unhealthy", message))
            if f.kind == "probe_failing"]  # fmt: skip


def test_what_is_killed_before_it_listens_is_slow_to_start():
    """It needs time, not another port."""
    (finding,) = probed(restarted())

    assert (finding.facts["cause"], finding.facts["slow_start"]) == ("refused", True)
    assert "killed before it has started" in finding.text


def test_what_ends_by_itself_is_not_slow_to_start():
    """An exit code of its own is the application's."""
    (finding,) = probed(restarted(code=1))

    assert finding.facts["slow_start"] is False


def test_a_plain_request_to_a_port_of_tls_is_the_wrong_protocol():
    """Go answers it with 400."""
    tls = [container() | {"readinessProbe": {"httpGet": {"port": 8443, "path": "/"}}}]
    said = event("api-1-x", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 400")
    (finding,) = (f for f in findings(pod("api-1-x", restarted(), containers=tls), said) if f.kind == "probe_failing")

    assert finding.facts["cause"] == "wrong_protocol"


def test_what_a_ready_pod_failed_long_ago_is_past():
    """It was starting."""
    old = event("api-1-x", "Unhealthy", REFUSED, at="2026-11-21T02:00:00Z")

    (finding,) = findings(pod("api-1-x", fine(), containers=PROBED, ready=True), old)

    assert (finding.kind, finding.facts["cause"], finding.facts["was"]) == ("not_broken", "past", "Unhealthy")
