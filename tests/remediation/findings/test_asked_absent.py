"""A workload that somebody asks about and that is not there."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from remediation.findings.asked_absent import asked_absent
from remediation.observed import Object, Observed
from remediation.terms import Evidence, Target

_AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
_NOBODY = Target(kind="workload", place="", path="dock//")


def _observed(question: str, things: Sequence[Object], text: str = "") -> Observed:
    alert = Evidence(item="E1", kind="alert", source="files", title=question, at=_AT, text=question)
    return Observed([alert, Evidence(item="E2", kind="objects", source="files", title="", at=_AT, text=text, objects=tuple(things))])


def _row(name: str) -> Object:
    return {"kind": "Deployment", "metadata": {"name": name, "namespace": "dock"}, "spec": {"replicas": 1}}


@pytest.mark.parametrize("question", ["Why is tide-table-printer down?", "deployment tide-table-printer is slow"])
def test_who_is_asked_about_and_not_listed_is_said_to_be_absent(question: str) -> None:
    """The fault of another workload would be no answer."""
    (finding,) = asked_absent(_observed(question, [_row("oar-smith"), _row("keel-yard")]), _NOBODY)
    assert finding.facts["name"] == "tide-table-printer"
    assert finding.facts["listed"] == "oar-smith, keel-yard"


@pytest.mark.parametrize(
    ("question", "things", "text"),
    [
        ("Why is tide-table-printer down?", [_row("tide-printer")], ""),  # half of its parts: a nickname
        ("Why is tide-table-printer down?", [_row("oar-smith")], "app=tide-table-printer"),  # said elsewhere
        ("Why is the front-end slow?", [_row("oar-smith")], ""),  # no name
        ("Why is tide-table-printer down?", [], ""),  # nothing is listed
    ],
)
def test_a_nickname_or_want_of_lists_is_no_absence(question: str, things: Sequence[Object], text: str) -> None:
    """People shorten names, and evidence may show but a part of the cluster."""
    assert not list(asked_absent(_observed(question, things, text), _NOBODY))


def test_a_described_workload_is_no_list() -> None:
    """Who was described alone does not show that nobody else is there."""
    thing = {**_row("oar-smith"), "spec": {"template": {"spec": {"containers": [{"name": "oar", "image": "oar:1"}]}}}}
    assert not list(asked_absent(_observed("Why is tide-table-printer down?", [thing]), _NOBODY))
