"""Log lines: their time, level and words, the pod and container that wrote them; clustered by template so that the rare line stands out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from remediation.reading.documents import json_line
from remediation.terms import Evidence, Json

_TITLE = re.compile(r"^(?P<previous>Previous log|Log)s? of (?P<container>\S*) in (?P<pod>\S+)(?: of (?P<namespace>\S+))?")
_TIME = re.compile(r"^\[?(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s*")
_LEVEL = re.compile(
    r"\b(?P<level>FATAL|CRITICAL|CRIT|EMERG|ALERT|PANIC|ERROR|ERR|SEVERE|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE)\b", re.IGNORECASE
)
_KLOG = re.compile(r"^(?P<level>[IWEF])\d{4} \d\d:\d\d:\d\d")
_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "fatal", "warn": "warning", "err": "error", "crit": "fatal", "critical": "fatal",
           "panic": "fatal", "emerg": "fatal", "severe": "error", "alert": "fatal", "notice": "info", "trace": "debug"}  # fmt: skip
_ANSI = re.compile(r"\x1b?\[\d{1,3}(?:;\d{1,3})*m")
_BAD_WORDS = re.compile(
    r"error|fatal|panic|exception|fail|refused|denied|timed? ?out|unable to|cannot|could not|can't|couldn't|not found|no such|invalid|"
    r"unreachable|unavailable|expired|killed|abort|missing|undefined|not set|forbidden|unauthorized|rejected|too many|no space|"
    r"exhausted|disconnect|peer down|link down|corrupt|deadlock|unhealthy|\bdown\b",
    re.IGNORECASE,
)
_FRAME = re.compile(r"^\s+at \S|^\s+File \"|^\s+\.\.\. \d+ (?:more|common)|^goroutine \d+|^\s+\S+\.go:\d+|^\t")
_MESSAGE_KEYS = ("message", "msg", "log", "textPayload", "MESSAGE", "body", "event", "content", "@message")
_LEVEL_KEYS = ("level", "severity", "status", "lvl", "log.level", "loglevel", "levelname")
_TIME_KEYS = ("timestamp", "time", "ts", "@timestamp", "date", "t", "datetime")
_ERROR_KEYS = ("error", "err", "exception", "cause", "reason", "stack_trace", "stack", "error.message")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line, or a stack trace as one: its cause is in the words. at: as written, empty without a time.  level: lower case, `info` by default.

    count: of lines with the same template.
    """

    text: str
    item: str = ""
    at: str = ""
    level: str = ""
    pod: str = ""
    namespace: str = ""
    container: str = ""
    previous: bool = False
    count: int = 1

    @property
    def bad(self) -> bool:
        """Whether it tells of trouble, by its level or its words."""
        return self.level in ("error", "fatal", "warning") or bool(_BAD_WORDS.search(self.text))


def title(container: str, pod: str, namespace: str = "", *, previous: bool = False) -> str:
    """The title of an item that holds a log, from which its place is read again."""
    where = f" of {namespace}" if namespace else ""
    return f"{'Previous log' if previous else 'Log'} of {container or '-'} in {pod}{where}"


def lines_of(item: Evidence) -> Sequence[Line]:
    """The lines of an item that holds a log; stack traces joined."""
    return _lines(item.title, item.text, item.item)


@lru_cache(maxsize=64)
def _lines(title_: str, text_: str, item: str) -> Sequence[Line]:
    match = _TITLE.match(title_)
    container = match["container"] if match and match["container"] != "-" else ""
    place = Line(
        text="",
        item=item,
        pod=match["pod"] if match else "",
        namespace=(match["namespace"] or "") if match else "",
        container=container,
        previous=bool(match and match["previous"].startswith("Previous")),
    )
    return tuple(read_line(text, place) for text in _joined(text_.splitlines()))


def read_line(text: str, place: Line) -> Line:
    """One line: JSON by its usual keys, else time and level by their look."""
    text = _ANSI.sub("", text).strip()
    stamped = _TIME.match(text)
    rest = text[stamped.end() :] if stamped else text
    read = json_line(rest)
    if read is not None:
        return _of_json(read, replace(place, at=stamped["at"] if stamped else ""))
    level = _KLOG.match(rest) or _LEVEL.search(rest[:120])
    word = level["level"] if level else ""
    return replace(
        place, text=text, at=stamped["at"] if stamped else "", level=_LEVELS.get(word) or _LEVELS.get(word.lower(), word.lower())
    )


def _of_json(read: Mapping[str, Json], place: Line) -> Line:
    message = next((str(read[key]) for key in _MESSAGE_KEYS if isinstance(read.get(key), str)), "")
    errors = [str(read[key]) for key in _ERROR_KEYS if isinstance(read.get(key), str) and read[key] not in message]
    level = str(next((read[key] for key in _LEVEL_KEYS if read.get(key) is not None), "")).lower()
    at = next((str(read[key]) for key in _TIME_KEYS if read.get(key)), place.at)
    kubernetes = read.get("kubernetes") if isinstance(read.get("kubernetes"), Mapping) else {}
    text = ": ".join([part for part in (message, *errors) if part]) or str(dict(read))
    return replace(
        place,
        text=text,
        at=at,
        level=_LEVELS.get(level, level),
        pod=place.pod or str((kubernetes or {}).get("pod_name") or (kubernetes or {}).get("pod", {}) or "") if kubernetes else place.pod,
    )


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Frames of a stack are left away; `Caused by`, and Python's last line, stay with its beginning."""
    held = ""
    python = False
    for line in lines:
        if held and (_FRAME.match(line) or line.startswith(("Caused by:", "Traceback (most"))):
            if line.startswith("Caused by:"):
                held += f"; {line.strip()}"
            python = python or line.startswith("Traceback")
            continue
        if python and line and not line.startswith(" "):
            held, python = f"{held}; {line.strip()}" if _LEVEL.search(held[:120]) else line, False
            continue
        if python and line.startswith(" "):
            continue
        if held:
            yield held
        held = line if line.strip() else ""
        python = line.startswith("Traceback")
    if held:
        yield held


_VARIES = re.compile(r"^(?:[0-9a-f]{6,}|.*\d.*|\d+|<\*>)$", re.IGNORECASE)
_ALIKE = 0.6
_CHILDREN = 60
_TOKENS = 60


@dataclass(slots=True)
class _Group:
    template: list[str]
    first: Line
    count: int = 1


def clustered(lines: Iterable[Line]) -> list[Line]:
    """One line for each template with how many there are, in the order of their first, by Drain: a fixed-depth tree by length and first word.

    P. He et al., Drain: An Online Log Parsing Approach with Fixed Depth Tree, 2017.
    """
    leaves: dict[tuple[int, str], list[_Group]] = {}
    ordered: list[_Group] = []
    known: dict[str, _Group] = {}
    for line in lines:
        if line.text in known:
            known[line.text].count += 1
            continue
        tokens = _TIME.sub("", line.text).split()[:_TOKENS]
        first = tokens[0] if tokens and not _VARIES.match(tokens[0]) else "<*>"
        groups = leaves.setdefault((len(tokens), first), [])
        group = _best(groups, tokens)
        if group is None:
            group = _Group(template=[("<*>" if _VARIES.match(token) else token) for token in tokens], first=line)
            if len(groups) < _CHILDREN:
                groups.append(group)
            ordered.append(group)
        else:
            group.count += 1
            group.template = [old if old == new else "<*>" for old, new in zip(group.template, tokens, strict=True)]
        known[line.text] = group
    return [replace(group.first, count=group.count) for group in ordered]


def _best(groups: Sequence[_Group], tokens: Sequence[str]) -> _Group | None:
    """The group whose template shares the most tokens with the line, if these are enough."""
    best, most = None, _ALIKE
    for group in groups:
        same = sum(old == new or (old == "<*>" and bool(_VARIES.match(new))) for old, new in zip(group.template, tokens, strict=True))
        share = same / len(tokens) if tokens else 1.0
        if share > most or (share == 1.0 and best is None):
            best, most = group, share
    return best
