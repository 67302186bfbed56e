"""The telling lines of a long log; the fields of a line: in JSON, as `key=value`, as `"key"="value"`, or in JSON behind the words."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from remediation.reading.documents import json_line
from remediation.terms import Json

_PAIR = re.compile(
    r"(?<![\w\"])\"?(?P<key>[A-Za-z][\w.-]{0,60}(?: (?:group|kind))?)\"?=(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^\s\"]+))"
)
_QUOTES = re.compile(r"(?<!\\)\\+\"")
_DEEPEST = 2
_NO_FIGURES = dict.fromkeys(map(ord, "0123456789abcdef"))
_MOST_ALIKE = 50


def fields_of(line: str) -> dict[str, str]:
    """Every field by its name, those of an inner object as `outer.inner`; empty where a line has none."""
    brace = line.find("{")
    read = json_line(line[brace:]) if brace >= 0 and line.endswith("}") else None
    found = dict(_flat(read, "", 0)) if read is not None else {}
    if read is None or brace:
        words = line[:brace] if read is not None else line
        found |= {match["key"]: unquoted(match["quoted"] or "") or match["bare"] or "" for match in _PAIR.finditer(words)}
    return found


def telling_lines(text: str, words: Sequence[str]) -> Iterator[str]:
    """The lines that hold one of these words, the latest first; of those that differ in figures and ids alone no more than a few."""
    held = [word for word in words if word in text]
    alike: Counter[str] = Counter()
    for line in reversed(text.splitlines()) if held else ():
        if any(map(line.__contains__, held)):
            key = line.translate(_NO_FIGURES)
            alike[key] += 1
            if alike[key] <= _MOST_ALIKE:
                yield line


def line_around(text: str, match: re.Match[str]) -> str:
    """The whole line in which words were found."""
    end = text.find("\n", match.end())
    return text[text.rfind("\n", 0, match.start()) + 1 : end if end >= 0 else None].strip()


def unquoted(text: str) -> str:
    """A text whose quotation marks were escaped, however often it was quoted."""
    return _QUOTES.sub('"', text)


def _flat(read: Mapping[str, Json], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, value in read.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _flat(value, f"{before}{key}.", depth + 1)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield f"{before}{key}", str(value)
