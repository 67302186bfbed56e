"""A text in which several things follow each other without a word between them: documents are cut out of what was printed."""

import re
from collections.abc import Iterator, Mapping, Sequence

_YAML = re.compile(r"(?:apiVersion|kind):\s")
_KEY = re.compile(r"[a-z][A-Za-z]{0,40}:(?:\s|$)|---|#|[ -]|$")  # with which a line of a manifest begins, as the API writes its keys
_OPENS = {"{": "}", "[": "]"}


def seamed(lines: Sequence[str]) -> Sequence[Sequence[str]]:
    """The documents of a text and what stands before, between and behind them, in order; all of it where there is no document beside text.

    A document of JSON is one that tools print over several lines.
    """
    runs = [run for run in _runs(lines) if any(map(str.strip, run))]
    documents = [_closes(run[0]) or _YAML.match(run[0]) for run in runs]
    return runs if any(documents) and not all(documents) else [lines]


def _runs(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    start = at = 0
    last = {line.rstrip(): at for at, line in enumerate(lines) if line[:1] in ("}", "]")}
    while at < len(lines):
        if (end := _end(lines, at, last)) > at:
            yield lines[start:at]
            yield lines[at:end]
            start = at = end
        else:
            at += 1
    yield lines[start:]


def _end(lines: Sequence[str], at: int, last: Mapping[str, int]) -> int:
    """Where the document ends that begins at this line; `at` where none does. last: where each bracket closes for the last time."""
    if (closing := _closes(lines[at])) and at < last.get(closing, 0):
        return next(end + 1 for end in range(at + 1, len(lines)) if lines[end].rstrip() == closing)
    if _YAML.match(lines[at]) and (at == 0 or not _KEY.match(lines[at - 1]) or not lines[at - 1].strip()):
        return next((end for end in range(at + 1, len(lines)) if not _KEY.match(lines[end])), len(lines))
    return at


def _closes(line: str) -> str:
    """The bracket that ends a document which this line opens, empty where it opens none."""
    return _OPENS.get(line.rstrip(), "")
