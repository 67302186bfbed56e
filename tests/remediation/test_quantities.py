"""Quantities, durations, ages and times: every form that Kubernetes and its tools write."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation import quantities


@pytest.mark.parametrize(
    ("text", "size"),
    [("512Mi", 512 * 2**20), ("1Gi", 2**30), ("1G", 10**9), ("128974848", 128974848), ("129e6", 129_000_000), ("1.5Gi", 3 * 2**29),
     ("100m", 1), ("0", 0), (64, 64), ("5E", 5 * 10**18), ("1Ki", 1024), (".5Mi", 2**19)],
)  # fmt: skip
def test_memory_is_read_in_bytes(text, size):
    """Binary, decimal and exponent suffixes; a part of a byte is rounded up."""
    assert quantities.parse_memory(text) == size


@pytest.mark.parametrize(("text", "cores"), [("250m", "0.25"), ("0.5", "0.5"), ("2", "2"), (1, "1"), ("1e3", "1000"), ("100u", "0.0001")])
def test_cpu_is_read_in_cores(text, cores):
    """Exactly, not as floats."""
    assert quantities.parse_cpu(text) == Decimal(cores)


@pytest.mark.parametrize("text", ["", "Mi", "512MB", "1 Gi", "0x10", "--1", "1e", "NaN", "1e9999", True, "9" * 5 + "q"])
def test_what_is_no_quantity_says_how_one_looks(text):
    """A wrong quantity names itself and a right one."""
    with pytest.raises(ValueError, match="write it like"):
        quantities.parse(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1Gi", "1024Mi", True), ("0.5", "500m", True), ("1", 1, True), ("1Gi", "1G", False), (None, None, True), (None, "1", False),
     ("abc", "abc", True), ("abc", "1", False), (True, 1, True), ({}, "1", False)],
)  # fmt: skip
def test_equal_compares_numbers_not_spelling(one, other, same):
    """Git and the API server may spell one quantity differently."""
    assert quantities.equal(one, other) is same


@pytest.mark.parametrize(
    ("size", "like", "text"),
    [(2**29, "", "512Mi"), (2**30, "", "1Gi"), (1500 * 2**20, "", "1500Mi"), (10**9, "512M", "1G"), (10**9, "", "1000000000"),
     (0, "", "0"), (1000, "1k", "1k"), (2**29, "1Gi", "512Mi")],
)  # fmt: skip
def test_memory_is_written_in_the_largest_suffix_that_loses_nothing(size, like, text):
    """And in the author's kind of suffix, where one is given."""
    assert quantities.format_memory(size, like) == text


@given(st.integers(min_value=0, max_value=2**62))
def test_writing_and_reading_memory_gives_the_same_bytes(size):
    """For any size."""
    assert quantities.parse_memory(quantities.format_memory(size)) == size


@given(st.integers(min_value=0, max_value=10**9))
def test_writing_and_reading_cpu_gives_the_same_cores(thousandths):
    """For any thousandth."""
    cores = Decimal(thousandths) / 1000
    assert quantities.parse_cpu(quantities.format_cpu(cores)) == cores


def test_sizes_for_people_have_three_figures():
    """A sentence needs no more."""
    assert quantities.about_memory(259_000_000) == "247Mi"
    assert quantities.about_memory(1.5 * 2**30) == "1.5Gi"
    assert quantities.about_memory(900) == "900 bytes"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("300ms", 0.3), ("5m", 300), ("1h2m3.5s", 3723.5), ("5d3h", 442800), ("2y", 63072000), ("90", 90), ("-5m", -300), ("10us", 1e-5)],
)
def test_durations_and_ages_are_read(text, seconds):
    """As Go, Prometheus and kubectl write them."""
    assert quantities.parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5 minutes", "m", "5x", "1h2", "<unknown>", "9" * 400 + "y"])
def test_what_is_no_duration_is_refused(text):
    """With a sentence, not with an overflow."""
    with pytest.raises(ValueError, match="duration"):
        quantities.parse_duration(text)


def test_ages_are_written_as_kubectl_does():
    """The two largest units."""
    assert quantities.format_duration(timedelta(days=5, hours=3, minutes=20)) == "5d3h"
    assert quantities.format_duration(timedelta(minutes=12)) == "12m"
    assert quantities.format_duration(timedelta()) == "0s"


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T15:04:05Z", "2026-01-31T15:04:05.000000000Z", "2026-01-31T16:04:05+01:00", "Sat, 31 Jan 2026 15:04:05 +0000",
     "2026-01-31 15:04:05", "1769871845", "1769871845000", 1769871845, 1769871845.0],
)  # fmt: skip
def test_times_are_aware_and_utc(text):
    """However they were written."""
    assert quantities.parse_time(text) == datetime(2026, 1, 31, 15, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "12:00", "99999999999999999999", 1e300])
def test_what_is_no_time_is_refused(text):
    """With a sentence."""
    with pytest.raises(ValueError, match="is not a"):
        quantities.parse_time(text)
