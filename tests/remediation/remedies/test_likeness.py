"""Names that look alike, and which of them is surely meant."""

import pytest

from remediation.drawing.likeness import surely_meant


@pytest.mark.parametrize(
    ("wanted", "known", "meant"),
    [
        ("api-confg", ["api-config", "web"], "api-config"),
        ("app-config", ["app-configuration"], "app-configuration"),  # cut within a word
        ("cache-mastr", ["cache-master", "postgres"], "cache-master"),
        ("payments", ["payments-canary"], ""),  # another thing by its own name
        ("payments-v1", ["payments-v2"], ""),  # only a number tells them apart
        ("cache-mastr", ["cache-master", "cache-mastro"], ""),  # two are near
        ("queue-trigerer-sa", ["queue-triggerer-sa", "queue-worker-sa", "default"], "queue-triggerer-sa"),  # they share their words
        ("db", ["db-backup"], ""),
        ("api", [], ""),
        ("api", ["api"], ""),  # it exists
    ],
)
def test_a_name_is_meant_where_it_is_a_slip_of_the_pen(wanted, known, meant):
    """And where no other could be."""
    assert surely_meant(wanted, known) == meant
