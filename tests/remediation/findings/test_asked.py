"""A finder that evidence stops."""

from remediation.findings.asked import asked
from remediation.findings.finding import found
from remediation.findings.words_found import WordsFound
from remediation.observed import Observed
from remediation.terms import Target

TARGET = Target(kind="workload", place="", path="shop/Deployment/api")
FACTS = WordsFound(words="x", said="x", count=1)


def halting(_observed, _target):
    yield found("words_found", "Deployment/shop/api", FACTS, "something", ())
    raise TypeError("a list where an object should be")


def test_a_finder_that_gives_up_keeps_what_it_said_and_says_that_it_gave_up():
    """Nothing is lost silently: neither what it had found, nor that more may be missing."""
    said = list(asked(halting, Observed(()), TARGET))

    assert [finding.kind for finding in said] == ["words_found", "not_understood"]
    assert said[1].facts["finder"] == "halting"
    assert "a list where an object should be" in said[1].text
