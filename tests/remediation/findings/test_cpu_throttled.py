"""CPU throttling, from Datadog's and Prometheus' metrics."""

import pytest

from remediation.findings import find
from remediation.terms import Evidence
from tests.remediation.findings.made import NOW, TARGET, container, deployment, findings, fine, items, pod, replica_set, series

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
    assert finding.facts == {"container": "api", "cpu_limit": "250m", "cpu_request": "100m", "cause": "measured", "throttled": 0.4}
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


ALERT = "84.5% throttling of CPU in namespace shop for container api"
RATIO = "container_cpu_cfs_throttled_periods:ratio"
QUIET = series(RATIO, 0.4, 0.3, 0.0, pod="api-1-x", container="api")
LOW = series(RATIO, 0.01, pod="api-1-x", container="api")


def alerted(text, *metrics):
    """The findings about api, which an alert calls throttled, by kind and cause; and the leading one."""
    one = pod("api-1-x", fine(), owner="api-1", containers=LIMITED)
    evidence = items(deployment(containers=LIMITED), replica_set("api-1", 1, "r.example/api:1.1", replicas=1), one, series=metrics)
    evidence.append(Evidence(kind="alert", source="t", title="CPUThrottlingHigh", at=NOW, text=text, item="E9"))
    found = find(evidence, TARGET)
    return [(f.kind, f.facts.get("cause"), f.facts.get("throttled")) for f in found if f.kind in ("cpu_throttled", "not_broken")]


@pytest.mark.parametrize(
    ("text", "metrics", "expected"),
    [
        (ALERT, [], [("cpu_throttled", "alerted", 0.845)]),
        ("Processes of api wait.", [], [("cpu_throttled", "said", None)]),
        (ALERT, [series("cpu_usage_cores", 0.249, pod="api-1-x")], [("cpu_throttled", "at_limit", 0.845)]),
        (ALERT, [series("cpu_usage_cores", 0.012, pod="api-1-x")], []),
        (ALERT, [LOW], []),
        (ALERT, [QUIET], [("not_broken", "past", None)]),
    ],
)
def test_what_is_measured_goes_before_what_an_alert_says(text, metrics, expected):
    """Its name proves nothing, its figure is its own, and no figure is made up."""
    assert alerted(text, *metrics) == expected
