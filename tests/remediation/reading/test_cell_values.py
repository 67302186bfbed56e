"""What cells of exports hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.reading.cell_values import amount_of, seconds_of, stamp_of, structure_of

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="ascii", categories=("Ll",))), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.text(st.characters(codec="ascii", categories=("Ll",))), _VALUES))
def test_what_python_prints_is_read_again(value):
    """Notebooks write dictionaries so into a table's cells."""
    assert structure_of(repr(value)) == value


def test_json_whose_backslashes_were_escaped_is_read():
    """As ClickHouse writes text between tabs."""
    assert structure_of(r'{"a":"say \\"yes\\"\\n"}') == {"a": 'say "yes"\n'}


@given(st.text())
def test_no_cell_stops_the_reading(cell):
    """A cell is a stranger's."""
    structure_of("{" + cell + "}")
    seconds_of(cell)
    amount_of(cell)


@pytest.mark.parametrize(
    "cell",
    ["2026-03-01T10:00:00Z", "2026-03-01 10:00:00.000000000", "1772359200", "1772359200000", "1772359200000000000", "1772359200000000",
     "3/1/2026, 10:00:00.000 AM", "Mar 1, 2026 @ 10:00:00.000", "03/01/2026 10:00", "2026-03-01 10:00:00 UTC"],
)  # fmt: skip
def test_a_moment_is_read_in_each_form(cell):
    """Databases, dashboards and spreadsheets each have one."""
    assert stamp_of(cell) == "2026-03-01T10:00:00.000Z"


@pytest.mark.parametrize(("cell", "amount"), [("12.5", 12.5), ("1.5 MiB", 1572864.0), ("35%", 35.0), ("120 ms", 0.12), ("1,024", 1024.0),
                                              ("up", None), ("NaN", None), ("", None), ("3 apples", None)])  # fmt: skip
def test_an_amount_is_read_with_its_unit(cell, amount):
    """Dashboards write units into the cells of what they export."""
    assert amount_of(cell) == amount
