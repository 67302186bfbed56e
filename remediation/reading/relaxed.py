"""Documents between brackets that are no strict JSON: YAML's flow style, a program's literals, comments, commas too many, a cut end."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import yaml

from remediation.nesting import too_deep
from remediation.reading.cell_values import structure_of
from remediation.reading.composing import composed
from remediation.reading.torn import unmarked
from remediation.terms import Json

_BEGINS = re.compile(r"(?:[\[{]\s*+){1,3}(?:(?://|#)[^\n]*\s*+|/\*[^\n*]*\*/\s*+)?[\"']?[\w./-]{1,253}[\"']?\s*+:")
_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|(?<=[\s,:\[{])'(?:[^'\\]|''|\\.)*+(?:'|\\?\Z)|"
    r"(?<![^\s,\[\]{}])(?P<comment>//[^\n]*|\#[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))|(?P<open>[{\[])|(?P<close>[}\]])",
    re.DOTALL,
)
_COMMA = re.compile(r"(?P<text>\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z))|,(?=\s*+[}\]])", re.DOTALL)
_BETWEEN = re.compile(r"[\s,;]*+(?:---\s*+)?")
_CLOSED = {"[": "]", "{[": "]}"}  # what is open where an item of a list ends, and what closes it


def relaxed(text: str) -> Sequence[Json]:
    """The documents that follow each other in a text, which begins with a bracket; empty where anything else stands between them."""
    if not _BEGINS.match(text) or too_deep(text):
        return ()
    bare = _TOKEN.sub(lambda match: " " if match["comment"] else match[0], unmarked(text))
    spans = [(0, 0, ""), *_spans(bare), (len(bare), len(bare), "")]
    if not all(_BETWEEN.fullmatch(bare, end, start) for (_, end, _), (start, _, _) in pairwise(spans)):
        return ()
    found = [_value(written) for _, _, written in spans[1:-1]]
    return found if all(isinstance(one, dict | list) for one in found) else ()


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each document begins and ends, and its text; of one that is cut off the items of its list that are whole."""
    opened, start, whole, within = "", 0, 0, ""
    for token in _TOKEN.finditer(text):
        if token["open"]:
            start = start if opened else token.start()
            opened += token["open"]
        elif token["close"] and opened:
            opened = opened[:-1]
            if opened in _CLOSED:
                whole, within = token.end(), opened
            elif not opened:
                yield start, token.end(), text[start : token.end()]
                whole = 0
    if opened:
        yield start, len(text), text[start:whole] + _CLOSED[within] if whole > start else ""


def _value(text: str) -> Json:
    """What stands between the brackets: by the rules of JSON or of Python without the commas too many, else by those of YAML."""
    read = structure_of(_COMMA.sub(lambda match: match["text"] or "", text))
    if read is not None:
        return read
    try:
        return next(iter(composed(text)), None)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
