"""`kubectl describe` of a custom resource read back: keys are the object's own, each word of them apart, and lists repeat their keys."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.terms import Json

_LINE = re.compile(r"^(?P<indent> *)(?P<key>[^\s:][^:]*):(?:\s+(?P<value>\S.*?))?\s*$")
_MARGIN = ("Name", "Namespace", "Labels", "Annotations", "Events", "API Version", "Kind", "Metadata")
_ACRONYMS = ("API", "URL", "IP", "TLS", "DNS", "URI", "ID", "CA", "UID", "HTTP")
_NOTHING = ("<none>", "<nil>", "<unset>")


@dataclass(frozen=True)
class _Line:
    indent: int
    key: str  # empty for a line that is only a value
    value: str


def custom(lines: Sequence[str]) -> dict[str, Json]:
    """Everything below the margin that is the object's: spec, status and whatever else it has, with apiVersion, kind and metadata.

    Empty for a text that names no kind. A list of one object cannot be told from that object; what is written for lists
    (`conditions`, `parents`, `…Refs`, `rules`) becomes one.
    """
    read = [line for text in lines if (line := _read(text)) is not None]
    top = _mapping(read, 0, len(read))
    if not top.get("kind") or not isinstance(top.get("kind"), str):
        return {}
    made = top.get("metadata") if isinstance(top.get("metadata"), dict) else {}
    metadata = {**(made or {}), "name": top.get("name"), **({"namespace": top["namespace"]} if top.get("namespace") else {})}
    own = {key: value for key, value in top.items() if key not in {_camel(word) for word in _MARGIN}}
    return {"apiVersion": top.get("apiVersion") or "", "kind": top["kind"], "metadata": metadata, **own}


def _read(text: str) -> _Line | None:
    if not text.strip():
        return None
    match = _LINE.match(text)
    indent = len(text) - len(text.lstrip(" "))
    if match is None or "  " in match["key"].strip():
        return _Line(indent, "", text.strip())
    return _Line(indent, match["key"], match["value"] or "")


def _blocks(lines: Sequence[_Line], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each key of one level begins and ends."""
    level = lines[start].indent
    starts = [at for at in range(start, end) if lines[at].indent <= level]
    yield from zip(starts, [*starts, end][1:], strict=True)


def _value(lines: Sequence[_Line], start: int, end: int) -> Json:
    """What belongs to one key: the text beside it, or what stands below."""
    line = lines[start]
    if end == start + 1 or line.value:
        return "" if line.value in _NOTHING else line.value
    below = lines[start + 1 : end]
    if all(not one.key for one in below):
        return [one.value for one in below]
    several = _several(lines, start + 1, end)
    return several if len(several) > 1 or _plural(line.key) else several[0]


def _several(lines: Sequence[_Line], start: int, end: int) -> list[Json]:
    """The objects of a list: a key that comes again begins the next."""
    found: list[dict[str, Json]] = [{}]
    for first, after in _blocks(lines, start, end):
        key = _camel(lines[first].key)
        if key in found[-1]:
            found.append({})
        if key:
            found[-1][key] = _value(lines, first, after)
    return list(found)


def _mapping(lines: Sequence[_Line], start: int, end: int) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for first, after in _blocks(lines, start, end) if lines else ():
        found.setdefault(_camel(lines[first].key), _value(lines, first, after))
    return found


def _plural(key: str) -> bool:
    return key.endswith(("s", "Listeners")) and key not in (
        "Status",
        "Labels",
        "Annotations",
        "Limits",
        "Requests",
        "Resources",
        "Metrics",
        "Match Labels",
    )


def _camel(key: str) -> str:
    """`Parent Refs` is parentRefs, `API Version` apiVersion; a key in lower case stays."""
    words = key.strip().split(" ")
    first = words[0].lower() if words[0] in _ACRONYMS or words[0][:1].isupper() else words[0]
    if words[0] not in _ACRONYMS and words[0][:1].isupper():
        first = words[0][:1].lower() + words[0][1:]
    return first + "".join(words[1:])
