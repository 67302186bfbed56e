"""What a log itself tells of a change of configuration between its good lines and its bad ones."""

import re

from remediation.needed import may_match
from remediation.observed import Observed
from remediation.reading.logs import Line, lines_of

_LONGEST = 300
_GOOD_BEFORE = 10  # lines without a bad one: it worked, and was not only just started
_WAS = re.compile(r"\bwas:? |\b(?:previous|old)(?:ly)?\b|\bchanged? from\b|->|=>|→", re.IGNORECASE)
_RECONFIGURED = re.compile(
    r"\b(?:config(?:uration)?|settings?|feature[ _-]?flags?|properties)\b[^\n]{0,60}\b(?:re-?load(?:ed|ing)?|changed?|updated?|applied|"
    r"switched|toggled|enabled|disabled)\b|\b(?:re-?loaded|re-?loading|applied new|updated) (?:the )?(?:config(?:uration)?|settings?)\b|"
    r"config(?:uration)?[_.-](?:re-?load|change|update)",
    re.IGNORECASE,
)


def address_before(host: str, line: Line, observed: Observed) -> str:
    """The line in which the same log tells that this host came in another's stead; empty where none does, or only after `line`."""
    bare = host.lower()
    for other in log_around(line, observed):
        if other.text == line.text:
            return ""
        if bare in other.text.lower() and not other.bad and _WAS.search(other.text):
            return other.text.strip()[:_LONGEST]
    return ""


def reconfigured(line: Line, observed: Observed) -> str:
    """The line that tells of a change of configuration, between many good lines and this bad one; empty where none does."""
    good = 0
    for at, other in enumerate(log_around(line, observed)):
        if other.text == line.text or (other.bad and not good):
            return ""
        if at >= _GOOD_BEFORE and may_match(_RECONFIGURED, other.text) and _RECONFIGURED.search(other.text):
            return other.text.strip()[:_LONGEST]
        good += not other.bad
    return ""


def log_around(line: Line, observed: Observed) -> list[Line]:
    """The lines of the container that wrote this one, in their order."""
    item = next((item for item in observed.evidence if item.item == line.item and item.kind == "logs"), None)
    every = lines_of(item) if item is not None else []
    return [other for other in every if (other.pod, other.container) == (line.pod, line.container)]
