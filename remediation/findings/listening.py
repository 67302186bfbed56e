"""The port that a program says in its log that it listens on."""

import re
from collections.abc import Iterable

from remediation.needed import may_match

_LISTENS = re.compile(
    r"(?:listen(?:ing|s)?|running|started|serving|bound|server|http)\b[^\n]{0,60}?"
    r"(?:port(?:\(s\))?[ :=]+|https?://[\w.\[\]*]+:|0\.0\.0\.0:|\[::\]:|\*:|127\.0\.0\.1:|localhost:| :)(?P<port>\d{2,5})\b|"
    r"\(HTTP: (?P<own>\d{2,5})\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"upstream|\bdial\b|connect(?:ing|ed) to|\b(?:GET|POST|PUT) |\bfail|\berror\b|refused|timed out", re.IGNORECASE)
_LEAST_PORT = 80


def port_said(log: Iterable[str]) -> str:
    """The first port that these lines say is listened on, empty where none does."""
    for line in (line for line in log if may_match(_LISTENS, line)):
        match = _LISTENS.search(line)
        port = (match["port"] or match["own"]) if match is not None else "0"
        if int(port) >= _LEAST_PORT and not _ELSEWHERE.search(line):
            return port
    return ""
