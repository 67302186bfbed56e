"""Log lines: their time, level and words, the pod and container that wrote them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from remediation.needed import holding, may_match
from remediation.reading.documents import json_line
from remediation.reading.structured import entry_of
from remediation.reading.traces import joined
from remediation.terms import Evidence

_TITLE = re.compile(r"^(?P<previous>Previous log|Log)s? of (?P<container>\S*) in (?P<pod>\S+)(?: of (?P<namespace>\S+))?")
_TIME = re.compile(r"^\[?(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]?\s*")
_STREAM = re.compile(r"(?:stdout|stderr) [FP] ")
_PREFIXED = re.compile(
    r"\[pod/(?P<pod>[\w.-]+)/(?P<container>[\w.-]+)\] |"
    r"\[?(?P<pod2>[a-z0-9][\w.-]*-[a-z0-9]{8,10}-[b-df-hj-np-tv-z2-9]{5})\]? "  # as stern and kubetail put it there
    r"(?P<container2>[a-z0-9][\w-]*(?=\]? ))?\]? ?"
)
_LEVEL = re.compile(
    r"\b(?P<upper>FATAL|CRITICAL|CRIT|EMERG|ALERT|PANIC|ERROR|ERR|SEVERE|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE|LOG|"
    r"FEHLER|PANIK|WARNUNG|SCHWERWIEGEND|ERREUR|PANIQUE|AVERTISSEMENT|GRAVE)\b|"
    r"\b(?:level|lvl|severity)[=:] ?\"?(?P<named>[A-Za-z]+)|"
    r"[\[<|](?P<boxed>[Ff]atal|[Cc]rit(?:ical)?|[Ee]merg|[Aa]lert|[Pp]anic|[Ee]rr(?:or)?|[Ww]arn(?:ing)?|[Ii]nfo|[Nn]otice|[Dd]ebug)[\]>|]|"
    r"^(?:\S+ )?(?P<first>[Ff]atal|[Cc]ritical|crit|[Pp]anic|[Ee]rror|fail|[Ww]arn(?:ing)?|[Ii]nfo|[Nn]otice|[Dd]ebug|dbug)(?: error)?: |"
    r"^(?P<thrown>[\w.$]+(?:Error|Exception)\b|Unhandled |Uncaught |thread '[^']*' panicked|npm ERR!)"
)
_KLOG = re.compile(r"(?:\w{3} +\d+ [\d:]{8} \S+ [\w.-]+(?:\[\d+\])?: )?(?P<level>[IWEF])\d{4} \d\d:\d\d:\d\d")  # in a journal, too
_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "fatal", "warn": "warning", "err": "error", "crit": "fatal", "critical": "fatal",
           "panic": "fatal", "emerg": "fatal", "severe": "error", "alert": "fatal", "notice": "info", "trace": "debug", "fail": "error",
           "dbug": "debug", "log": "info", "information": "info", "fehler": "error", "erreur": "error", "grave": "error", "panik": "fatal",
           "panique": "fatal", "schwerwiegend": "fatal", "warnung": "warning", "avertissement": "warning"}  # fmt: skip
_NAMED = re.compile(r"[\w-]+\.[\w.-]+")  # as files are
_ANSWER = re.compile(  # a shell's prompt, a refusal of kubectl's, a document, a table, a list of checks
    r"\s*(?:(?:[\w.@~:/-]{0,80} ?)?[$#%>❯➜»] ?[a-z./]|Error from server|[{\[+|<✓✔✗✘×❌✅]|[A-Z]{2,}(?: {2,}|\t)|"
    r"[\w-]+:[^\n]*\n\s*(?:[\w-]+:|- ))"
)
_ANSI = re.compile(r"\x1b?\[\d{1,3}(?:;\d{1,3})*m")
_NO_PREFIX = "0123456789{"  # with which most lines begin, and no pod's name before one
_LEVEL_WITHIN = 160  # characters at the beginning of a line, in which its level stands
_BAD_WORDS = (
    "error", "fatal", "panic", "exception", "fail", "refus", "denied", "timed out", "timeout", "time out", "unable to", "cannot",
    "could not", "can't", "couldn't", "not found", "no such", "invalid", "unreachable", "unavailable", "expired", "killed", "abort",
    "missing", "undefined", "not set", "forbidden", "unauthorized", "rejected", "too many", "no space", "exhausted", "disconnect",
    "insufficient",
    " down", "low-disk", "low disk", "core dumped", "illegal instruction", "segmentation fault",
    "abgelehnt", "fehl", "erreur", "berechtigung", "speicherplatz", "corrupt", "deadlock", "unhealthy", "required", "not permitted",
    "throttl", "read-only", "not supported", "unknown",
)  # fmt: skip

_WEAK_WORDS = frozenset({"timeout", "time out", "required", "unknown", "missing", "undefined", "throttl", "read-only", "invalid",
                         "not found",
                         "not supported", "disconnect", "rejected", "killed", "abort"})  # fmt: skip
_sounds_bad = holding(_BAD_WORDS)
_sounds_grave = holding([word for word in _BAD_WORDS if word not in _WEAK_WORDS])  # in a line that calls itself information
_SERVED = re.compile(r"\"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^\"]*\" [1-4]\d\d\b")  # an answer, whatever its path is called


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line, or a stack trace as one: its cause is in the words. at: as written, empty without a time.

    level: lower case, empty where the line shows none.  count: of lines with the same template.
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

    def of(self, text: str, at: str, level: str, pod: str = "") -> "Line":
        """Another line of this one's place. Past `__init__`, which sets each field of what is frozen by itself: there are many lines."""
        line = object.__new__(Line)
        line.__dict__.update(text=text, item=self.item, at=at, level=level, pod=pod or self.pod, namespace=self.namespace,
                             container=self.container, previous=self.previous, count=1)  # fmt: skip
        return line

    @cached_property
    def bad(self) -> bool:
        """Whether it tells of trouble, by its level or its words."""
        if self.level in ("error", "fatal", "warning"):
            return True
        if _SERVED.search(self.text):
            return False
        return (_sounds_grave if self.level in ("info", "debug") else _sounds_bad)(self.text)


def title(container: str, pod: str, namespace: str = "", *, previous: bool = False) -> str:
    """The title of an item that holds a log, from which its place is read again."""
    where = f" of {namespace}" if namespace else ""
    return f"{'Previous log' if previous else 'Log'} of {container or '-'} in {pod}{where}"


def is_log(item: Evidence) -> bool:
    """Whether a program may have written it: a log, or a file's text of which no reader made an object or series.

    What a command answered is none, nor a document or table.
    """
    if item.kind == "logs" or item.failed:
        return not item.failed
    unread = item.kind == "objects" and item.source == "files" and not item.objects and not item.series
    return unread and _ANSWER.match(item.text) is None


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
        pod=match["pod"] if match else title_ if _NAMED.fullmatch(title_) else "",
        namespace=(match["namespace"] or "") if match else "",
        container=container,
        previous=bool(match and match["previous"].startswith("Previous")),
    )
    return tuple(read_line(text, place) for text in joined([_bare(line) for line in text_.splitlines()]))


def _bare(line: str) -> str:
    """A line as the program wrote it: without colours, and without the time and stream that a container runtime puts before it."""
    if "\x1b[" in line or "[0m" in line:
        line = _ANSI.sub("", line)
    if "std" in line and (stream := _STREAM.search(line, 19, 48)) is not None and _TIME.match(line):
        return line[stream.end() :]
    return line


def read_line(text: str, place: Line) -> Line:
    """One line: JSON by its usual keys, else time and level by their look; a pod's name before it tells who wrote it."""
    text = _bare(text).strip()
    if text[:1] not in _NO_PREFIX and (prefixed := _PREFIXED.match(text)) is not None:
        pod, container = prefixed["pod"] or prefixed["pod2"], prefixed["container"] or prefixed["container2"] or ""
        place, text = replace(place, pod=pod, container=container), text[prefixed.end() :]
    stamped = _TIME.match(text)
    rest = text[stamped.end() :] if stamped else text
    read = json_line(rest) if rest[:1] == "{" else None
    if read is not None:
        entry = entry_of(read)
        at = entry.at or (stamped["at"] if stamped else "")
        return place.of(entry.text, at, _LEVELS.get(entry.level, entry.level), entry.pod)
    return place.of(text.replace('\\"', '"'), stamped["at"] if stamped else "", _level(rest))


def _level(text: str) -> str:
    """The level that a line shows, in our words; empty for none."""
    if (klog := _KLOG.match(text)) is not None:
        return _LEVELS[klog["level"]]
    beginning = text[:_LEVEL_WITHIN]
    match = _LEVEL.match(beginning) or (_LEVEL.search(beginning) if may_match(_LEVEL, beginning) else None)
    if match is None:
        return ""
    if match["thrown"]:
        return "error"
    word = next(word for word in match.groups() if word).lower()
    return _LEVELS.get(word, word)


def unstamped(text: str) -> str:
    """The words of a line without the time before them."""
    return _TIME.sub("", text)
