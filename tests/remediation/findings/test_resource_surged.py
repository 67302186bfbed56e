"""A resource that one of many takes much more of than before."""

import pytest

from remediation.findings.resource_surged import resource_surged
from remediation.observed import Observed
from remediation.terms import Evidence, Series, Target
from tests.remediation.findings.made import NOW

TARGET = Target(kind="workload", place="", path="farm//")
CALM, SURGE, CLIMB = [1.0, 1.1] * 10, [1.0, 1.1] * 7 + [9.0] * 6, [1.0, 1.1] * 7 + [2.0] * 6


def _found(metric, label, **measured):
    series = tuple(Series(metric=metric, labels={label: name.replace("_", "-")}, points=tuple(enumerate(values)))
                   for name, values in measured.items())  # fmt: skip
    item = Evidence(kind="metrics", source="files", title="m", at=NOW, text="", item="E1", series=series)
    return [(one.subject, one.facts["cause"], one.facts["resource"]) for one in resource_surged(Observed([item]), TARGET)]


@pytest.mark.parametrize(
    ("metric", "label", "subject", "resource"),
    [
        ("cpu", "service", "Service//mill", "CPU"),
        ("container-memory-working-set-bytes", "service", "Service//mill", "memory"),
        ("system.load.1", "node", "Node//mill", "CPU"),
        ("disk_write_bytes", "pod", "Pod//mill", "disk"),
    ],
)
def test_the_one_that_grew_alone_is_named(metric, label, subject, resource):
    """By its node, its pod or its service, as its labels say."""
    assert [found[::2] for found in _found(metric, label, mill=SURGE, oven=CALM, shop=CALM)] == [(subject, resource)]


@pytest.mark.parametrize(
    ("metric", "measured"),
    [
        ("cpu", {"mill": SURGE, "oven": SURGE, "shop": SURGE}),
        ("cpu", {"mill": CLIMB, "oven": CALM, "shop": CALM}),
        ("cpu", {"mill": SURGE}),
        ("cpu_limit_cores", {"mill": SURGE, "oven": CALM, "shop": CALM}),
        ("latency", {"mill": SURGE, "oven": CALM, "shop": CALM}),
        ("cpu", {"mill": SURGE[::-1], "oven": CALM, "shop": CALM}),
    ],
)
def test_what_all_do_or_a_little_is_no_surge(metric, measured):
    """More load for all, a small climb, one alone, a limit, what is no resource, and what went down."""
    assert _found(metric, "service", **measured) == []
