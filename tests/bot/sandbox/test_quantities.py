"""Quantities, exact and canonical."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.quantities import binary, canonical, parse


@pytest.mark.parametrize(("written", "shown"), [
    ("1024Mi", "1Gi"), ("256Mi", "256Mi"), ("1.5Gi", "1536Mi"), ("0.5", "500m"), ("1000m", "1"), ("100m", "100m"), ("2", "2"),
    ("128974848", "128974848"), ("1e3", "1k"), ("1000Ki", "1000Ki"), ("0", "0"), (1, "1"), (0.25, "250m"),
])  # fmt: skip
def test_an_apiserver_writes_it_so(written, shown):
    """`Git equals live` must compare numbers, not text: the sandbox makes the trap that the real one is."""
    assert canonical(written) == shown
    assert parse(canonical(written)) == parse(written)


@pytest.mark.parametrize("text", ["", "Mi", "12XB", "1 Gi", "1,5Gi", True, "--1", "0x10"])
def test_what_is_no_quantity_is_refused(text):
    """With the apiserver's own sentence."""
    with pytest.raises(ValueError, match="quantities must match the regular expression"):
        parse(text)


@given(st.integers(min_value=0, max_value=2**62))
def test_bytes_keep_their_number(amount):
    """Whatever suffix fits."""
    assert parse(binary(amount)) == amount
