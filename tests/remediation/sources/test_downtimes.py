"""Which downtimes hold for what an alert is about."""

import pytest

from remediation.sources.downtimes import downtime_holds, downtime_text

TAGS = ["kube_namespace:shop", "kube_deployment:api", "env:prod"]


@pytest.mark.parametrize(("scope", "holds"), [
    ("*", True),
    ("env:prod", True),
    ("env:staging", False),
    ("env:prod AND kube_deployment:web", False),
    ("env:staging OR kube_deployment:api", True),
    ("kube_namespace:(shop OR cart)", True),
    ("kube_namespace:(cart, billing)", False),
    ("kube_namespace:sh* AND NOT kube_deployment:web", True),
    ("kube_namespace:shop AND -env:prod", False),
    ("datacenter:eu", False),
    ("datacenter:eu AND env:prod", True),
])  # fmt: skip
def test_a_scope_holds_where_nothing_in_it_speaks_against_the_tags(scope, holds):
    """What the tags do not say is no objection; but something of it must be known."""
    assert downtime_holds({"scope": scope, "monitor_identifier": {"monitor_tags": ["*"]}}, TAGS, "42") is holds


@pytest.mark.parametrize(("asked", "holds"), [("42", True), ("43", False), ("", False)])
def test_a_downtime_of_one_monitor_holds_for_no_other(asked, holds):
    """Whatever its scope."""
    assert downtime_holds({"scope": "*", "monitor_identifier": {"monitor_id": 42}}, TAGS, asked) is holds


def test_a_recurring_downtime_is_told_with_its_present_span():
    """And with the tags of the monitors that it silences."""
    downtime = {
        "scope": "env:prod", "status": "active", "message": None, "monitor_identifier": {"monitor_tags": ["team:shop"]},
        "schedule": {"timezone": "UTC", "recurrences": [{"rrule": "FREQ=DAILY"}], "current_downtime": {"start": "2026-11-21T01:00:00Z", "end": "2026-11-21T03:00:00Z"}},
    }  # fmt: skip
    assert downtime_text(downtime) == "active downtime of env:prod for monitors tagged team:shop since 2026-11-21T01:00:00Z until 2026-11-21T03:00:00Z"
    assert downtime_text({}) == "active downtime of * until somebody ends it"
