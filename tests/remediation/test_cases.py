"""Whole folders of evidence with known answers: our own, and those of the shared corpus."""

from pathlib import Path

import pytest

from remediation.cases import Expected
from remediation.evaluation import cases_in, play, summary
from remediation.remedies import catalogue
from tests.shared import corpus

OWN = Path(__file__).resolve().parents[1] / "cases"


@pytest.mark.parametrize("case", cases_in(OWN), ids=lambda case: case.name)
async def test_the_cause_the_object_and_the_mend_are_right(case):
    """Each of our own cases, and its renamed twin: the answer follows the evidence, not a name."""
    judged = await play(case, catalogue())

    assert judged.missing == ()
    assert judged.object_right in (True, None)
    assert judged.fix_kind_right, judged.fix_kind
    assert not judged.wrong_merge_request


async def test_the_shared_incidents_are_read_as_well_as_is_asked():
    """Cause named in 31 of 34, fix kind right in 29, and never a merge request where none is due."""
    folder = corpus("incidents")

    totals = summary([await play(case, catalogue()) for case in cases_in(folder)])["totals"]

    assert totals["cause_named"] >= 31
    assert totals["fix_kind_right"] >= 29
    assert totals["wrong_merge_requests"] == 0


@pytest.mark.parametrize(
    ("word", "right", "wrong"),
    [
        ("fix_port_or_fix_selector", ("fix_port", "fix_selector"), ("none",)),
        ("none_or_clarify", ("none_or_clarify", "none"), ("fix_probe",)),
        ("fix_probe_or_none_or_clarify", ("fix_probe", "none_or_clarify", "none"), ("fix_port",)),
    ],
)
def test_either_of_two_words_is_right(word, right, wrong):
    """`none_or_clarify` is one of the words that we answer with."""
    expected = Expected(fix_kind=word)

    assert set(right) <= set(expected.fix_kinds)
    assert not set(wrong) & set(expected.fix_kinds)
