"""What a text must hold for a pattern to match it."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remediation.findings.said import meaning
from remediation.findings.wordings import WORDINGS
from remediation.needed import holding, needed

NAMES = re.compile(r"\(\?P<\w+>")


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"[Cc]onnection refused", {"connection refused"}),
        (r"(?:refused|lost): \d+", {"refused", "lost"}),
        (r"lookup (\w+)(?: failed)?", {"lookup "}),
        (r"(?:a very long word)?short", {"short"}),
        (r"\bpanic\b: ", {"panic: "}),
        (r"(?:timeout )+", {"timeout "}),
        (r"(?<!not )found", {"found"}),
    ],
)
def test_the_most_telling_literals_are_named(pattern, literals):
    """Lower case, whatever the pattern's; of a choice one of each way."""
    assert needed(pattern) == literals


@pytest.mark.parametrize("pattern", [r"\d+", r"(?:timeout)?", r"timeout|\d+", r"ab"])
def test_a_pattern_that_may_match_without_a_literal_names_none(pattern):
    """Then it must always be tried."""
    assert needed(pattern) is None


LITERALS = ("key", "@(", "a.b", "_pat", "identified by", "gr\u00fc\u00dfe", 'x"y')


@given(st.text(alphabet='keyKEY@(a.b_patidenfby\u00dfr\u00fcxX"\u212a\u0130\ud800\n ', max_size=30))
@example("\ud800key")
@example("of the \u212aey")
def test_many_literals_are_found_as_one_by_one(text):
    """Half a character, which Rust reads no text with, hides nothing."""
    assert holding(LITERALS)(text) == any(literal in text.lower() for literal in LITERALS)


def test_literals_of_other_scripts_are_in_no_plain_text():
    """Of these there is nothing to look for in it."""
    assert not holding(("gr\u00fc\u00dfe",))("any text")


def test_every_wording_names_literals():
    """One that names none would be tried on every line of every log."""
    patterns = [pattern for patterns in WORDINGS.values() for pattern in patterns]

    assert [pattern for pattern in patterns if needed(NAMES.sub("(?:", pattern)) is None] == []


def test_of_two_wordings_of_a_kind_the_one_that_begins_first_counts():
    """As though all of a kind were one pattern."""
    said = meaning("dial tcp: lookup db.shop.svc on 10.0.0.10:53: no such host")

    assert said is not None
    assert (said.kind, said.groups["host"], said.at) == ("dns_failure", "db.shop.svc", len("dial tcp: "))
