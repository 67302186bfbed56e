"""The fields that a line of a log carries beside its words: in JSON, as `key=value`, as `"key"="value"`, or in JSON behind the words."""

import re
from collections.abc import Iterator, Mapping

from remediation.reading.documents import json_line
from remediation.terms import Json

_PAIR = re.compile(
    r"(?<![\w\"])\"?(?P<key>[A-Za-z][\w.-]{0,60}(?: (?:group|kind))?)\"?=(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^\s\"]+))"
)
_QUOTES = re.compile(r"\\+\"")
_DEEPEST = 2


def fields_of(line: str) -> dict[str, str]:
    """Every field by its name, those of an inner object as `outer.inner`; empty where a line has none."""
    brace = line.find("{")
    read = json_line(line[brace:]) if brace >= 0 and line.endswith("}") else None
    found = dict(_flat(read, "", 0)) if read is not None else {}
    if read is None or brace:
        words = line[:brace] if read is not None else line
        found |= {match["key"]: unquoted(match["quoted"] or "") or match["bare"] or "" for match in _PAIR.finditer(words)}
    return found


def unquoted(text: str) -> str:
    """A text whose quotation marks were escaped, however often it was quoted."""
    return _QUOTES.sub('"', text)


def _flat(read: Mapping[str, Json], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in read.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _flat(value, f"{before}{key}.", depth + 1)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield f"{before}{key}", str(value)
