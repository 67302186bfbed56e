"""Log entries in JSON, as the loggers of many languages write them: their words, level, time and the pod that wrote them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.terms import Json

_MESSAGE = ("message", "msg", "@message", "@m", "@mt", "log", "textPayload", "MESSAGE", "body", "event", "content", "short_message", "text",
            "M")  # fmt: skip
_LEVEL = ("level", "severity", "status", "lvl", "log.level", "loglevel", "levelname", "@l", "@level", "L", "s", "error_severity")
_TIME = ("timestamp", "time", "ts", "@timestamp", "date", "t", "@t", "datetime", "T")
_ERROR = ("error", "err", "exception", "@x", "cause", "reason", "error.message", "exc_info", "errmsg", "detail", "details", "errorMessage",
          "stack_trace", "stacktrace", "stack", "thrown")  # fmt: skip
_WITHIN = (
    "fields",
    "attr",
    "record",
    "err",
    "error",
    "exception",
    "thrown",
    "jsonPayload",
    "data",
    "cause",
    "context",
    "http",
    "httpRequest",
    "request",
    "response",
)
_PLACES = ("addr", "address", "host", "hostname", "url", "uri", "endpoint", "target", "upstream", "server", "broker", "peer", "path",
           "file", "port", "db", "database", "user", "bucket", "service", "key", "name", "remote", "remote_addr", "status", "status_code",
           "statusCode", "requestUrl", "http_status", "body", "response")  # fmt: skip
_CODES = ("code", "Code", "status", "Status")  # ends of keys that hold a status of HTTP
_REFUSALS = frozenset(map(str, range(400, 600)))
_FILES = ("File", "FilePath", "_file", "_path", "filename", "fileName", "filePath", "Path")  # ends of keys that name what is read
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s\"'{}]{1,300}|[A-Za-z][\w.-]{0,252}:\d{2,5}(?:/\S{0,200})?")
_NUMBERS = {10: "debug", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "fatal"}  # pino's and bunyan's
_LETTERS = {"I": "info", "W": "warning", "E": "error", "F": "fatal", "D": "debug", "N": "info"}  # MongoDB's
_BAD = frozenset({"error", "fatal", "warning", "warn", "err", "critical", "crit", "panic", "emerg", "alert", "severe"})
_LONGEST_PART = 1200
_FRAMES = ("at ", "...", "File ", "Traceback")
_MOST_LINES = 6


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry. level: as written, lower case where it is a word.  at: as written.  pod: empty where the entry names none."""

    text: str
    level: str
    at: str
    pod: str


def entry_of(read: Mapping[str, Json]) -> Entry:
    """The entry that an object of JSON holds."""
    within = [read, *(read[key] for key in _WITHIN if isinstance(read.get(key), Mapping))]
    message = next((text for one in within if (text := _first(one, _MESSAGE))), "")
    level = next((word for one in within if (word := _level(one))), "")
    parts = [message, *_errors(within, message)]
    if level in _BAD:
        parts += _places(within, " ".join(parts))
    text = ": ".join(part for part in parts if part) or str(dict(read))
    return Entry(text=text, level=level, at=_time(read), pod=_pod(read))


def _first(read: Mapping[str, Json], keys: tuple[str, ...]) -> str:
    return next((read[key] for key in keys if isinstance(read.get(key), str) and read[key]), "")


def _level(read: Mapping[str, Json]) -> str:
    value = next((read[key] for key in _LEVEL if read.get(key) is not None), "")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return _NUMBERS.get(value, "") if isinstance(value, int) else _LETTERS.get(value) or value.lower()


def _errors(within: list[Mapping[str, Json]], message: str) -> Iterator[str]:
    """What the entry says beside its message, each once; a stack by what it begins with and its last cause."""
    said = message
    for one in within:
        for key in _ERROR:
            value = one.get(key)
            if isinstance(value, str) and value and value not in said:
                text = _without_frames(value)
                if text not in said:
                    said += text
                    yield text
    for one in within[1:]:
        inner = _first(one, _MESSAGE)
        if inner and inner not in said:
            said += inner
            yield inner


def _without_frames(text: str) -> str:
    if "\n" not in text:
        return text[:_LONGEST_PART]
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(_FRAMES)]
    told = [*lines[:_MOST_LINES], *(line for line in lines[_MOST_LINES:] if line.startswith("Caused by")), *lines[-1:]]
    return "; ".join(dict.fromkeys(line[:_LONGEST_PART] for line in told))


def _places(within: list[Mapping[str, Json]], said: str) -> Iterator[str]:
    """What an entry of trouble names beside its words: where it went, whatever calls it so, and what it read."""
    for one in within:
        others = [key for key in one if key not in _PLACES]
        addresses = [key for key in others if isinstance(one[key], str) and _ADDRESS.fullmatch(one[key])]
        for key in (*addresses, *_PLACES, *(key for key in others if key.endswith(_FILES))):
            value = one.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value) and str(value) not in said:
                yield f"{key}={str(value)[:200]}"
        status = next((one[key] for key in others if key.endswith(_CODES) and str(one[key]) in _REFUSALS), "")
        if status and str(status) not in said:
            yield f"status={status}"


def _time(read: Mapping[str, Json]) -> str:
    value = next((read[key] for key in _TIME if read.get(key)), "")
    return str(value.get("$date", "")) if isinstance(value, Mapping) else str(value)


def _pod(read: Mapping[str, Json]) -> str:
    kubernetes = read.get("kubernetes")
    if not isinstance(kubernetes, Mapping):
        of_stern = read.get("podName") if "containerName" in read else ""
        return str(of_stern or read.get("logging_pod") or "")  # the latter as CloudNativePG's instances name themselves
    named = kubernetes.get("pod_name") or kubernetes.get("pod")
    if isinstance(named, Mapping):
        named = named.get("name")
    return named if isinstance(named, str) else ""
