"""Whether a workload still fails since its last change: errors in its log or in its callers', or an alert of errors that fires."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from remediation.findings.writers import written
from remediation.observed import Observed, moment
from remediation.reading.logs import Line
from remediation.terms import ObjectRef, Target

_SETTLES = timedelta(minutes=1)  # after a change, in which callers meet the old pods going and the new ones coming
_STILL = timedelta(minutes=20)  # before the end of what is known: an older error may be over
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
    for log in written(observed, target):
        own = (log.workload.namespace, log.workload.name) == (root.namespace, root.name)
        end = max((at for line in log.lines if (at := moment(line.at)) is not None), default=None)
        for line in log.lines:
            if _is_of_now(line, since, end) and (own or ours.search(line.text)) and is_failure(line):
                if own:
                    yield line.text
                    break
                others.append(line.text)
    yield from others


def is_failure(line: Line) -> bool:
    """Whether a line tells of something that failed, not only of what is odd or passes."""
    return line.bad and line.level not in _MILD and _FAILED.search(line.text) is not None and not _PASSING.search(line.text)


def _is_of_now(line: Line, since: datetime | None, end: datetime | None) -> bool:
    at = moment(line.at)
    if at is None or end is None:
        return True
    return end - at <= _STILL and (since is None or at - since > _SETTLES)


def _alert(root: ObjectRef, observed: Observed, target: Target) -> str:
    """An alert that fires of errors or delays, and is the workload's by its words or as the symptom's."""
    for item in observed.evidence:
        words = f"{item.title}\n{item.text}"
        ours = root.name in words or target.name == root.name
        if item.kind == "alert" and ours and (told := _FIRES.search(words)) and not _OVER.search(words):
            return next((line.strip() for line in words.splitlines() if told[0] in line), told[0])[:200]
    return ""
