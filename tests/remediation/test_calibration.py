"""From weights to confidences: as measured, never less for a heavier one, and published as it is used."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

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


async def test_the_published_table_is_what_its_cases_say():
    """The file, the page and the cases agree; and in each bin the fraction that is right is what was said."""
    folder = ROOT / table().measured_on
    judged = [await play(case, catalogue()) for case in cases_in(folder)]
    made = fit(Table, measured([(one.weight, one.fix_kind_right) for one in judged if one.kind], table().measured_on), "made")

    assert table() == made
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    for row in table().rows:
        assert f"| {row.at_most:g} | {row.cases} | {row.right} | {row.confidence:.2f} |" in page
    for one in bins([each for each in judged if each.kind]):
        if one["cases"] >= FEWEST:
            said = [each.confidence for each in judged if each.kind and one["from"] <= each.confidence <= one["to"]]
            assert 0 <= one["right"] - sum(said) / len(said) < 0.25  # it is said to be at least so, and few cases vouch for less
