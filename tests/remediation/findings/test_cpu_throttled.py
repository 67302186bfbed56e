"""CPU throttling, from Datadog's and Prometheus' metrics."""

from tests.remediation.findings.made import container, findings, fine, pod, series

LIMITED = [container(limits={"cpu": "250m"}, requests={"cpu": "100m"})]


def throttling(throttled, periods, metric="kubernetes.cpu.cfs", name="api"):
    return [
        series(f"{metric}.throttled.periods", *throttled, kube_container_name=name),
        series(f"{metric}.periods", *periods, kube_container_name=name),
    ]


def test_a_throttled_container_is_found_with_its_limit_and_the_share():
    """Over the whole window."""
    (finding,) = findings(pod("api-1-x", fine(), owner="api-5d59d67564", containers=LIMITED), series=throttling([30, 50], [100, 100]))
    assert (finding.kind, finding.subject) == ("cpu_throttled", "Deployment/shop/api/api")
    assert finding.facts == {"container": "api", "cpu_limit": "250m", "cpu_request": "100m", "throttled": 0.4}
    assert finding.cites == ("E2", "E1")


def test_prometheus_counters_are_read_as_growth():
    """Their totals say nothing."""
    counters = [
        series("container_cpu_cfs_throttled_periods_total", 1000, 1090, container="api"),
        series("container_cpu_cfs_periods_total", 9000, 9100, container="api"),
    ]
    (finding,) = findings(pod("api-1-x", fine(), containers=LIMITED), series=counters)
    assert finding.facts["throttled"] == 0.9


def test_little_throttling_another_container_or_no_limit_is_no_finding():
    """Each is somebody else's story."""
    limited = pod("api-1-x", fine(), containers=LIMITED)
    assert findings(limited, series=throttling([10], [100])) == ()
    assert findings(limited, series=throttling([90], [100], name="proxy")) == ()
    assert findings(limited, series=throttling([90], [0])) == ()
    assert findings(pod("api-1-x", fine()), series=throttling([90], [100])) == ()
