"""How long a program takes until it serves, as it says itself, or as the times of its log show."""

import re
from collections.abc import Iterable, Sequence

from remediation.observed import moment
from remediation.reading.logs import Line

_UNIT = r"(?P<unit>ms|msecs?|milliseconds?|s|secs?|seconds?)\b"
_AMOUNT = r"(?:(?P<minutes>\d{1,3}) ?m(?:in(?:utes?)?)? ?)?(?<![\d.])(?P<amount>\d{1,9}(?:\.\d{1,9})?)\]? ?" + _UNIT
_BEGUN = r"(?i:started|startup|ready|booted|boot|initiali[sz]ed|listening|up and running|serving)"
_SAID = (
    re.compile(rf"{_BEGUN}\b[^\n]{{0,120}}?\b(?:in|took|after|elapsed|duration|within)(?:_ms)?[\"':= \[]{{1,6}}{_AMOUNT}"),
    re.compile(rf"\b(?:[Tt]ook|[Aa]fter) {_AMOUNT}[^\n]{{0,40}}\b(?:to (?:start|boot|initiali[sz]e)|until ready)"),
    re.compile(rf"\b[Ss]tarted @{_AMOUNT}"),
)
_SERVES = re.compile(
    r"\b(?i:(?:server|application|service|history|frontend|matching|worker|broker|node|http)? ?started\b|startup complete|"
    r"listening (?:on|at)|now serving|ready to (?:accept|serve|handle)|accepting connections|startup in)"
)
_NOT_YET = re.compile(r"\b(?i:starting|not (?:yet )?(?:started|ready)|getting|will be)\b")


def start_seconds(logs: Iterable[Sequence[Line]]) -> float:
    """The longest start that these logs show, each of one container's run; 0 where none shows any."""
    return max((max(_said(lines), _timed(lines)) for lines in logs), default=0.0)


def _said(lines: Sequence[Line]) -> float:
    matches = (match for line in lines for pattern in _SAID if (match := pattern.search(line.text)))
    return max(map(_seconds, matches), default=0.0)


def _timed(lines: Sequence[Line]) -> float:
    """From the first line to the first that says that it serves."""
    times = [(at, line.text) for line in lines if (at := moment(line.at)) is not None]
    served = next((at for at, text in times if _SERVES.search(text) and not _NOT_YET.search(text)), None)
    return max(0.0, (served - times[0][0]).total_seconds()) if served is not None else 0.0


def _seconds(match: re.Match[str]) -> float:
    amount = float(match["amount"]) / (1000 if match["unit"].startswith("m") else 1)
    return amount + 60 * int(match["minutes"] or 0)
