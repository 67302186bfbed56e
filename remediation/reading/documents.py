"""YAML and JSON: whole documents, API objects in them wherever they stand, and lists of them."""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import yaml

from remediation.nesting import too_deep
from remediation.reading.composing import composed
from remediation.reading.relaxed import relaxed
from remediation.reading.torn import unmarked, wholes
from remediation.terms import Json

_YAML_START = re.compile(
    r"(?:(?:#|%YAML)[^\n]*\n\s*)*^(?:---\s*$|(?:apiVersion|kind) ?:\s|items:\s*$|[\"']?[\w./-]+[\"']?:(?:\s|$)|- \{?[\w./\"'-]+:)",
    re.MULTILINE,
)
_REMARKS = re.compile(r"(?:(?://|#)[^\n]*\n\s*+|/\*(?:[^*]|\*(?!/))*+\*/\s*+)++(?=[{\[])")  # before a document between brackets
_BETWEEN = re.compile(r"(?<=^[}\]])\s*^(?=[{\[])", re.MULTILINE)
_STARRED = re.compile(r"(?<=: )\*{2,}(?=\s*$)", re.MULTILINE)  # a value that somebody made unreadable, no alias
_DEEPEST = 12


def documents(text: str) -> Sequence[Json]:
    """The documents of a text that is JSON (one, or one a line) or YAML; empty when it is neither, or only a word or a number."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if remarks := _REMARKS.match(stripped):
        stripped = stripped[remarks.end() :]
    if stripped[:1] in ("{", "["):
        return _json(stripped)
    if not _YAML_START.match(stripped) or too_deep(stripped):
        return ()
    starred = _STARRED.sub('"***"', text)
    return _yaml(starred) or _yaml_of_torn(unmarked(starred))


def _yaml(text: str) -> Sequence[Json]:
    try:
        return [document for document in composed(text) if isinstance(document, dict | list)]
    except (yaml.YAMLError, ValueError, RecursionError):
        return ()


def _yaml_of_torn(text: str) -> Sequence[Json]:
    """What is whole in a text that is no YAML as it stands: one document of it may be a template, its end may be cut off."""
    return _yaml(text) or tuple(document for piece in wholes(text) for document in _yaml(piece))


def _json(text: str) -> Sequence[Json]:
    try:
        return [msgspec.json.decode(text)]
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    lines = [line for line in text.splitlines() if line.strip()]
    found = [read for line in lines if (read := json_line(line)) is not None]
    if len(found) * 2 > len(lines):
        return found
    return _following(text) or _repaired(text) or relaxed(text)


def _following(text: str) -> Sequence[Json]:
    """Documents that follow each other, each over many lines, as tools print one list after the other."""
    try:
        return [msgspec.json.decode(one) for one in _BETWEEN.split(text)]
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return ()


def _repaired(text: str) -> Sequence[Json]:
    """JSON whose quotes were escaped once too often, as some tools print it."""
    for attempt in (text.replace('\\\\\\"', "'").replace('\\"', "'"), text.replace('\\"', '"')):
        try:
            return [msgspec.json.decode(attempt)]
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            continue
    return ()


def json_line(line: str) -> Mapping[str, Json] | None:
    """A line that is one JSON object, or None."""
    stripped = line.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return None
    try:
        read = msgspec.json.decode(stripped)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return read if isinstance(read, dict) else None


def empty_list(kind: str, namespace: str = "") -> Mapping[str, Json]:
    """That there is none of a kind, as an object: what lists nothing tells something, too."""
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": "v1", "kind": f"{kind}List", "metadata": {"name": "none", **where}, "items": []}


def api_objects(document: Json, depth: int = 0) -> Iterator[Mapping[str, Json]]:
    """Every API object in a document, those of lists by themselves, with the apiVersion and kind that a list leaves out."""
    if isinstance(document, Mapping):
        kind, items = document.get("kind"), document.get("items")
        if isinstance(items, list) and (kind is None or str(kind).endswith("List")):
            inner = (
                {"apiVersion": document.get("apiVersion", "v1"), "kind": str(kind).removesuffix("List")}
                if kind not in (None, "List")
                else {}
            )
            for item in items:
                if isinstance(item, Mapping):
                    yield from api_objects({**inner, **item}, depth + 1)
            if not items and inner.get("kind"):
                yield empty_list(inner["kind"])
            return
        metadata = document.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        told = kind == "Event" and "reason" in document and "metadata" not in document  # an event is known by what it says
        if isinstance(kind, str) and (told or (name and isinstance(name, str | int | float))):
            yield document
            return
    if depth > _DEEPEST:
        return
    below = document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ()
    for value in below:
        if isinstance(value, dict | list):
            yield from api_objects(value, depth + 1)
