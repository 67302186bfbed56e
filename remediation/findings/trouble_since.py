"""Whether a workload still fails since its last change: errors in its log or in its callers', or an alert of errors that fires."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from remediation.findings.writers import written
from remediation.observed import Observed, moment
from remediation.reading.logs import Line
from remediation.terms import ObjectRef, Target

_SETTLES = timedelta(minutes=1)  # after a change, in which callers meet the old pods going and the new ones coming
_STILL = timedelta(minutes=20)  # before the end of what is known: an older error may be over
_MOST = 200  # failures of one log that are looked at, the last ones
_MILD = ("warning", "info", "debug")
_FAILED = re.compile(
    r'HTTP/[\d.]{1,4}"? 5\d\d\b|\b\w{0,60}(?:Error|Exception)\b|\berror\b|\bpanic\b|\bfatal\b|refused|timed? ?out|DeadlineExceeded',
    re.IGNORECASE,
)
_PASSING = re.compile(r"SIGTERM|shutting down|shutdown|graceful|context canceled|broken pipe|client disconnected|deprecat", re.IGNORECASE)
_FIRES = re.compile(
    r"error[ _-]?(?:rate|ratio|budget)|(?:request|http|grpc|rpc)\w{0,40}[ _-]?errors?|\b5xx\b|\b5\d\d (?:errors|responses|s)\b|latency|"
    r"\bslow\b|\bp9\d\b|burn[ _-]?rate|fail(?:ed|ing) requests|requests? fail|success[ _-]?rate",
    re.IGNORECASE,
)
_OVER = re.compile(r"\bresolved\b|\brecovered\b|\[OK\]", re.IGNORECASE)


def trouble_since(root: ObjectRef, since: datetime | None, observed: Observed, target: Target) -> str:
    """The line or alert that tells of trouble of a workload after this moment (of any time where it is None); empty where nothing does."""
    lines = _lines_since(root, since, observed, target)
    return next(lines, "") or _alert(root, observed, target)


def _lines_since(root: ObjectRef, since: datetime | None, observed: Observed, target: Target) -> Iterator[str]:
    """Its own bad lines first, then those of others that name it."""
    ours = re.compile(rf"(?<![\w-]){re.escape(root.name)}(?![\w-])")
    others: list[str] = []
    for writer, line, at in _failures(observed, target):
        if at is None or since is None or at - since > _SETTLES:
            if (writer.namespace, writer.name) == (root.namespace, root.name):
                yield line.text
            elif root.name in line.text and ours.search(line.text):
                others.append(line.text)
    yield from others


@lru_cache(maxsize=2)
def _failures(observed: Observed, target: Target) -> Sequence[tuple[ObjectRef, Line, datetime | None]]:
    """The failures at the end of each log, the oldest first, with who wrote them and when. Asked once for each workload."""
    found: list[tuple[ObjectRef, Line, datetime | None]] = []
    for log in written(observed, target):
        end = next((at for line in reversed(log.lines) if (at := moment(line.at)) is not None), None)
        kept: list[tuple[ObjectRef, Line, datetime | None]] = []
        for line in filter(is_failure, reversed(log.lines)):
            at = moment(line.at)
            if len(kept) == _MOST or (at is not None and end is not None and end - at > _STILL):
                break
            kept.append((log.workload, line, at))
        found += reversed(kept)
    return found


def is_failure(line: Line) -> bool:
    """Whether a line tells of something that failed, not only of what is odd or passes."""
    return line.bad and line.level not in _MILD and _FAILED.search(line.text) is not None and not _PASSING.search(line.text)


def _alert(root: ObjectRef, observed: Observed, target: Target) -> str:
    """An alert that fires of errors or delays, and is the workload's by its words or as the symptom's."""
    for item in observed.evidence:
        words = f"{item.title}\n{item.text}"
        ours = root.name in words or target.name == root.name
        if item.kind == "alert" and ours and (told := _FIRES.search(words)) and not _OVER.search(words):
            return next((line.strip() for line in words.splitlines() if told[0] in line), told[0])[:200]
    return ""
