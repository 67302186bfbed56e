"""Flags that make a part fail on purpose."""

import json

import pytest

from remediation.findings.flag_on import flag_on
from remediation.observed import Observed
from remediation.terms import Evidence, Target
from tests.remediation.findings.made import NOW

TARGET = Target(kind="workload", place="", path="farm//")


def _found(name, variant, state="ENABLED"):
    flags = {"flags": {name: {"state": state, "variants": {"on": True, "off": False}, "defaultVariant": variant}}}
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "flags", "namespace": "farm"},
        "data": {"f.json": json.dumps(flags)},
    }
    item = Evidence(kind="objects", source="files", title="f", at=NOW, text="", item="E1", objects=(config,))
    return [(one.subject, one.facts["how"]) for one in flag_on(Observed([item]), TARGET)]


@pytest.mark.parametrize("variant", ["on", "100%", "true"])
def test_a_flag_that_breaks_something_and_is_on_is_named(variant):
    """A variant may be a number."""
    assert _found("grindFailure", variant) == [("ConfigMap/farm/flags", f"flag grindFailure is {variant}")]


@pytest.mark.parametrize(
    ("name", "variant", "state"), [("grindFailure", "off", "ENABLED"), ("grindFailure", "on", "DISABLED"), ("newCheckout", "on", "ENABLED")]
)
def test_a_flag_that_is_off_or_breaks_nothing_is_none(name, variant, state):
    """Most flags are what a team wants."""
    assert _found(name, variant, state) == []
