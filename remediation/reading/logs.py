"""Log lines: their time, level and words, the pod and container that wrote them; clustered by template so that the rare line stands out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from operator import eq

from remediation.needed import may_match
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
    r"\b(?P<upper>FATAL|CRITICAL|CRIT|EMERG|ALERT|PANIC|ERROR|ERR|SEVERE|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE|LOG)\b|"
    r"\b(?:level|lvl|severity)[=:] ?\"?(?P<named>[A-Za-z]+)|"
    r"[\[<|](?P<boxed>[Ff]atal|[Cc]rit(?:ical)?|[Ee]merg|[Aa]lert|[Pp]anic|[Ee]rr(?:or)?|[Ww]arn(?:ing)?|[Ii]nfo|[Nn]otice|[Dd]ebug)[\]>|]|"
    r"^(?:\S+ )?(?P<first>[Ff]atal|[Cc]ritical|crit|[Pp]anic|[Ee]rror|fail|[Ww]arn(?:ing)?|[Ii]nfo|[Nn]otice|[Dd]ebug|dbug)(?: error)?: |"
    r"^(?P<thrown>[\w.$]+(?:Error|Exception)\b|Unhandled |Uncaught |thread '[^']*' panicked|npm ERR!)"
)
_KLOG = re.compile(r"^(?P<level>[IWEF])\d{4} \d\d:\d\d:\d\d")
_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "fatal", "warn": "warning", "err": "error", "crit": "fatal", "critical": "fatal",
           "panic": "fatal", "emerg": "fatal", "severe": "error", "alert": "fatal", "notice": "info", "trace": "debug", "fail": "error",
           "dbug": "debug", "log": "info", "information": "info"}  # fmt: skip
_ANSI = re.compile(r"\x1b?\[\d{1,3}(?:;\d{1,3})*m")
_NO_PREFIX = "0123456789{"  # with which most lines begin, and no pod's name before one
_LEVEL_WITHIN = 160  # characters at the beginning of a line, in which its level stands
_BAD_WORDS = (
    "error", "fatal", "panic", "exception", "fail", "refused", "denied", "timed out", "timeout", "time out", "unable to", "cannot",
    "could not", "can't", "couldn't", "not found", "no such", "invalid", "unreachable", "unavailable", "expired", "killed", "abort",
    "missing", "undefined", "not set", "forbidden", "unauthorized", "rejected", "too many", "no space", "exhausted", "disconnect",
    " down", "low-disk", "low disk",
    "corrupt", "deadlock", "unhealthy", "required", "not permitted", "throttl", "read-only", "not supported", "unknown",
)  # fmt: skip

_WEAK_WORDS = frozenset({"timeout", "time out", "required", "unknown", "missing", "undefined", "throttl", "read-only", "invalid",
                         "not found",
                         "not supported", "disconnect", "rejected", "killed", "abort"})  # fmt: skip
_GRAVE_WORDS = tuple(word for word in _BAD_WORDS if word not in _WEAK_WORDS)  # in a line that calls itself information
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
        """Another line of this one's place. Written out, for there are many: `replace` takes three times as long."""
        return Line(text=text, item=self.item, at=at, level=level, pod=self.pod or pod, namespace=self.namespace,
                    container=self.container, previous=self.previous)  # fmt: skip

    @cached_property
    def bad(self) -> bool:
        """Whether it tells of trouble, by its level or its words."""
        if self.level in ("error", "fatal", "warning"):
            return True
        lowered = self.text.lower()
        words = _GRAVE_WORDS if self.level in ("info", "debug") else _BAD_WORDS
        return any(map(lowered.__contains__, words)) and not _SERVED.search(self.text)


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
    return tuple(read_line(text, place) for text in joined([_bare(line) for line in text_.splitlines()]))


def _bare(line: str) -> str:
    """A line as the program wrote it: without colours, and without the time and stream that a container runtime puts before it."""
    if "\x1b[" in line or "[0m" in line:
        line = _ANSI.sub("", line)
    if (stream := _STREAM.search(line, 19, 48)) is not None and _TIME.match(line):
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
    match = _LEVEL.search(beginning) if may_match(_LEVEL, beginning) else None
    if match is None:
        return ""
    if match["thrown"]:
        return "error"
    word = next(word for word in match.groups() if word).lower()
    return _LEVELS.get(word, word)


_VARIES = re.compile(r"^(?:[0-9a-f]{6,}|.*\d.*|<\*>)$", re.IGNORECASE)
_NO_DIGITS = dict.fromkeys(range(ord("0"), ord("9") + 1))  # two lines that differ in these alone are of one template
_ALIKE = 0.6
_CHILDREN = 60
_TOKENS = 60


@dataclass(slots=True)
class Template:
    """Lines of one template. tokens: with `<*>` for what varies.  first, last: lines of it.  count: of them."""

    tokens: list[str]
    first: Line
    last: Line
    count: int = 1


def clustered(lines: Iterable[Line]) -> list[Line]:
    """One line for each template with how many there are, in the order of their first."""
    return [replace(template.first, count=template.count) for template in templates(lines)]


def templates(lines: Iterable[Line]) -> list[Template]:
    """The templates of lines in the order of their first, by Drain: a tree of fixed depth, by length and first word.

    P. He et al., Drain: An Online Log Parsing Approach with Fixed Depth Tree, 2017.
    """
    leaves: dict[tuple[int, str], list[Template]] = {}
    ordered: list[Template] = []
    known: dict[str, Template] = {}
    for line in lines:
        key = line.text.translate(_NO_DIGITS)
        template = known.get(key)
        if template is not None:
            template.count, template.last = template.count + 1, line
            continue
        tokens = ["<*>" if _VARIES.match(token) else token for token in _TIME.sub("", line.text).split()[:_TOKENS]]
        leaf = leaves.setdefault((len(tokens), tokens[0] if tokens else "<*>"), [])
        template = _best(leaf, tokens)
        if template is None:
            template = Template(tokens=tokens, first=line, last=line)
            if len(leaf) < _CHILDREN:
                leaf.append(template)
            ordered.append(template)
        else:
            template.count, template.last = template.count + 1, line
            template.tokens = [old if old == new else "<*>" for old, new in zip(template.tokens, tokens, strict=True)]
        known[key] = template
    return ordered


def _best(leaf: Sequence[Template], tokens: Sequence[str]) -> Template | None:
    """The template that shares the most tokens with the line, if these are enough."""
    best, most = None, _ALIKE
    for template in leaf:
        same = sum(map(eq, template.tokens, tokens))
        share = same / len(tokens) if tokens else 1.0
        if share > most or (share == 1.0 and best is None):
            best, most = template, share
    return best
