"""From weights to confidences: as measured, never less for a heavier one, and published as it is used."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bench.calibration import at_first_sight
from remediation.calibration import FEWEST, Table, confidence_at, measured, table
from remediation.evaluation import bins, cases_in, play
from remediation.remedies import catalogue
from remediation.written import fit

ROOT = Path(__file__).resolve().parents[2]
PLAYS = st.lists(st.tuples(st.sampled_from([0.15, 0.3, 0.45, 0.55, 0.7, 0.8, 0.9]), st.booleans()), min_size=1, max_size=80)


@given(PLAYS)
def test_a_heavier_cause_is_never_said_to_be_less_sure(plays):
    """No case is lost, and no row stands on fewer cases than say something."""
    made = fit(Table, measured(plays, "somewhere"), "made")
    confidences = [row.confidence for row in made.rows]

    assert confidences == sorted(confidences)
    assert sum(row.cases for row in made.rows) == len(plays)
    assert sum(row.right for row in made.rows) == sum(right for _, right in plays)
    assert len(made.rows) == 1 or min(row.cases for row in made.rows) >= FEWEST
    assert all(0 < one < 1 for one in confidences)


def test_every_weight_has_a_confidence():
    """Lighter than all and heavier than all, too."""
    first, last = table().rows[0], table().rows[-1]

    assert confidence_at(0.0) == first.confidence
    assert confidence_at(1.0) == last.confidence


def test_the_published_table_is_what_the_first_answers_say():
    """The file, the page and the record of first answers agree."""
    made = fit(Table, measured(at_first_sight(), "tests/first_sight.yaml"), "made")

    assert table() == made
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    for row in table().rows:
        assert f"| {row.at_most:g} | {row.cases} | {row.right} | {row.confidence:.2f} |" in page


async def test_of_cases_that_nobody_read_no_fewer_are_right_than_is_said():
    """In each bin of the folder, whose weak families were mended in general words since."""
    judged = [await play(case, catalogue()) for case in cases_in(ROOT / "tests" / "cases_unread")]
    for one in bins([each for each in judged if each.kind]):
        if one["cases"] >= FEWEST:
            said = [each.confidence for each in judged if each.kind and one["from"] <= each.confidence <= one["to"]]
            assert one["right"] >= sum(said) / len(said)
