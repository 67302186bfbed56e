"""What a person wishes: `PATH=VALUE`, or a fragment of an object, as field edits of the object that is there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import yaml

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import Document, decoded, read, spans
from remediation.gitops.fieldpath import MISSING, Path, flatten, format_path, get, parse, same
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.places import trail
from remediation.gitops.scalars import coerced, json_text, may_be_number
from remediation.gitops.wanted import named_path
from remediation.terms import FieldEdit, Json

_TEXTS = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "binaryData"})  # maps of texts
_WORDS = ("args", "command")  # lists of texts


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One field and its new value. text: as it was written, for a field that holds text. value: None takes the field away."""

    path: Path
    value: Json
    text: str | None

    def edits(self, now: Json) -> list[FieldEdit]:
        """As edits of this object, one for each field of a map that differs; none where it says so already."""
        path = named_path(now, self.path)
        there = get(now, path)
        name = format_path(path)
        if self.value is None and self.text in (None, "", "null", "~"):
            return [] if there is MISSING else [FieldEdit(path=name, op="remove", expect=there, value=None)]
        text = _holds_text(path, there) or (isinstance(there, str) and not may_be_number(there, path))
        value = self.text if self.text is not None and text else self.value
        return list(_changes(path, there, value))


def _changes(path: Path, there: Json, value: Json) -> Iterator[FieldEdit]:
    name = format_path(path)
    if isinstance(there, Mapping) and isinstance(value, Mapping) and there and value:
        for key in [*there, *(key for key in value if key not in there)]:
            yield from _changes((*path, str(key)), there.get(key, MISSING), value.get(key, MISSING))
    elif there is MISSING:
        yield FieldEdit(path=name, op="add", expect=None, value=value)
    elif value is MISSING:
        yield FieldEdit(path=name, op="remove", expect=there, value=None)
    elif there and isinstance(there, Mapping) and not isinstance(value, Mapping):
        what = f"{name} is a map, and {str(value)[:80]!r} is none."
        raise Refused(what, "Name the field below it that is to change.", kind="infeasible")
    elif not same(coerced(value, there, path), there):
        yield FieldEdit(path=name, op="replace", expect=there, value=coerced(value, there, path))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is wished, and what is said of the place."""

    wishes: tuple[Wish, ...]
    fragment: bytes | None
    narrowing: Narrowing


def _holds_text(path: Path, there: Json) -> bool:
    """Whether the API takes only text there, though nothing stands there yet."""
    if there is not MISSING and there is not None:
        return False
    *above, parent, last = ("", "", *path)
    return parent in _TEXTS or (last == "value" and above[-1] == "env") or (not isinstance(last, str) and parent in _WORDS)


def wish(text: str) -> Wish:
    """Read `PATH=VALUE`; VALUE is YAML. Raises Unreadable."""
    at = _equals(text)
    if at is None:
        raise Unreadable(f"{text!r} has no = between field and value.", "Write it as spec.replicas=3.", field="set")
    path, raw = parse(text[:at].strip()), text[at + 1 :]
    try:
        document = read(raw) if raw.strip() else None
    except Unreadable as error:
        raise Unreadable(f"The value of {text[:at]} is not YAML: {error.what}", "Quote it.", field="set") from error
    if document is None:
        return Wish(path=path, value="", text=None)
    return Wish(path=path, value=_texts(document.root, path, document.value, None), text=_plain_text(document.root))


def _equals(text: str) -> int | None:
    """The first = outside of brackets."""
    depth = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] in "[]":
            depth += 1 if text[at] == "[" else -1
        elif text[at] == "=" and depth == 0:
            return at
        at += 1
    return None


def _plain_text(node: yaml.Node) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def fragment_edits(content: bytes, now: Mapping[str, Json]) -> list[FieldEdit]:
    """What a fragment of the object changes in it. Raises Unreadable."""
    text = decoded(content)
    begin, end = spans(text)[0]
    document = read(text[begin:end])
    if not isinstance(document.value, Mapping):
        raise Unreadable("The fragment is no map.", "Write it like the object, with only the fields that change.", field="fragment")
    return [_as_written(document, edit, now) for edit in flatten(document.value, now)]


def _as_written(document: Document, edit: FieldEdit, now: Mapping[str, Json]) -> FieldEdit:
    """Text stays text: `1.20` where a text stands is not the number 1.2, and a variable's `on` is no truth value."""
    path = parse(edit.path)
    if edit.op == "remove":
        return edit
    return replace(edit, value=_texts(trail(document, path)[-1][1], path, edit.value, get(now, path)))


def _texts(node: yaml.Node, path: Path, value: Json, there: Json) -> Json:
    """The value as it was written wherever the API takes only text."""
    if isinstance(node, yaml.MappingNode) and isinstance(value, Mapping):
        below = {key.value: child for key, child in node.value if isinstance(key, yaml.ScalarNode)}
        return {key: _texts(below[key], (*path, key), child, MISSING) if key in below else child for key, child in value.items()}
    if isinstance(node, yaml.SequenceNode) and isinstance(value, list):
        return [_texts(child, (*path, at), item, MISSING) for at, (child, item) in enumerate(zip(node.value, value, strict=True))]
    written = _plain_text(node)
    text = written is not None and value is not None and (isinstance(there, str) or _holds_text(path, there))
    return written if text else value


def edits_of(wishes: Sequence[Wish], fragment: bytes | None, now: Mapping[str, Json]) -> list[FieldEdit]:
    """All of them, in order; what is so already is left out, and what is wished twice stands once. Raises Contradictory."""
    check_agreeing(wishes, now)
    found = [edit for each in wishes for edit in each.edits(now)]
    found += fragment_edits(fragment, now) if fragment is not None else ()
    by_path: dict[str, FieldEdit] = {}
    for edit in found:
        known = by_path.setdefault(edit.path, edit)
        if known != edit:
            raise _contradiction(edit.path, _said(known.value), _said(edit.value))
    return list(by_path.values())


class Contradictory(Unreadable):
    """One field is wished to be two things."""


def check_agreeing(wishes: Sequence[Wish], now: Json = None) -> None:
    """Raises Contradictory, naming both values. now: the object, whose lists say which item a position is; none where not known yet."""
    known: dict[Path, Wish] = {}
    for each in wishes:
        other = known.setdefault(named_path(now, each.path), each)
        if (other.value, other.text) != (each.value, each.text):
            raise _contradiction(format_path(each.path), *(_said(one.value) if one.text is None else one.text for one in (other, each)))


def _said(value: Json) -> str:
    return "null" if value is None else json_text(value)


def _contradiction(path: str, one: str, other: str) -> Contradictory:
    return Contradictory(f"{path} is to be {one} and also {other}.", "Say it once.", field="set")
