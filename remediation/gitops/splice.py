"""The smallest edit: only the bytes of the intended fields change, and the result is read back to prove it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import Document, decoded, read, spans
from remediation.gitops.fieldpath import MISSING, Path, differences, format_path, get, parse, put, resolved, same
from remediation.gitops.insertion import inserted
from remediation.gitops.places import begin_of, column, inherited, trail
from remediation.gitops.removal import removed
from remediation.gitops.replacement import replacements
from remediation.gitops.scalars import coerced
from remediation.terms import FieldEdit, Json


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an edit stands in the new file: 1-based. before, after: the scalars' texts, None where there is none."""

    path: str
    line: int
    column: int
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Spliced:
    """A file as it will be, and where each edit stands in it, in the order of the edits."""

    content: bytes
    places: tuple[Place, ...]


def splice(content: bytes, number: int, edits: Sequence[FieldEdit], within: Path = ()) -> Spliced:
    """The file with the edits made in its document `number` (from 0), below the path `within`; every other byte stays.

    A value takes the type and style of the scalar that it replaces. Raises Refused (not_found, ambiguous, shared, infeasible) with the
    reason, Unreadable when the document does not parse.
    """
    text = decoded(content)
    begin, end = spans(text)[number]
    base = head = read(text[begin:end])
    expected = base.value
    shared = False
    for named_path, value in _steps(edits, within, base.value):
        path = resolved(expected, named_path)
        shared |= _is_shared(head, path)
        head = _changed(head, path, value)
        expected = put(expected, path, value)
    _check(expected, head.value, shared=shared)
    new = text[:begin] + head.text + text[end:]
    if spans(new)[number] != (begin, begin + len(head.text)) or len(spans(new)) != len(spans(text)):
        raise Refused("The change would move the borders of the file's documents.", kind="infeasible")
    places = tuple(_place(new, begin, (base, head), (*within, *parse(edit.path)), edit.path) for edit in edits)
    return Spliced(content=new.encode(), places=places)


def _steps(edits: Sequence[FieldEdit], within: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    """Each edit as single scalars, keys and items to set (MISSING: to take away), in an order in which positions stay true."""
    for edit in edits:
        path = (*within, *parse(edit.path))
        new = MISSING if edit.op == "remove" else edit.value
        now = get(value, path)
        if now is MISSING and edit.op != "add":
            raise Refused(f"There is no {edit.path} in the file.", "Check the path's spelling.", kind="not_found")
        yield from _pieces(path, now, new)
        value = put(value, path, new)


def _pieces(path: Path, now: Json, new: Json) -> Iterator[tuple[Path, Json]]:
    collections = (Mapping, list, tuple)
    if new is MISSING or now is MISSING:
        yield from [(path, new)] if now is not new else []
    elif any(isinstance(now, kind) and isinstance(new, kind) for kind in (Mapping, list | tuple)):
        found = list(differences(now, new))
        added = [(p, n) for p, _, n in found if n is not MISSING]
        gone = [(p, n) for p, _, n in found if n is MISSING]
        for below, value in [*added, *reversed(gone)]:
            yield from _pieces((*path, *below), get(now, below), value)
    elif isinstance(path[-1], str) and (isinstance(now, collections) or isinstance(new, collections)):
        yield path, MISSING
        yield path, new
    elif isinstance(now, collections) or isinstance(new, collections):
        yield path, new  # in its place, for the items after it keep theirs
    else:
        yield path, coerced(new, now, path)


def _is_shared(document: Document, path: Path) -> bool:
    """Whether an anchor stands on the way to the field, whose other users would move with it."""
    parent = document.root
    for key, node in trail(document, path[: _known(document, path)]):
        if document.uses[id(node)] > 1 or (key is not None and inherited(parent, key)):
            return True
        parent = node
    return False


def _known(document: Document, path: Path) -> int:
    """How many steps of the path are there."""
    return next(depth for depth in range(len(path), -1, -1) if get(document.value, path[:depth]) is not MISSING)


def _changed(document: Document, path: Path, value: Json) -> Document:
    now = get(document.value, path)
    if now is not MISSING and value is not MISSING and same(now, value):
        return document  # an alias of a field that was changed before it
    wanted = put(document.value, path, value)
    second: Document | None = None
    for text in _candidates(document, path, value, now):
        try:
            head = read(text)
            if same(head.value, wanted):
                return head
        except Unreadable:
            continue
        if same(get(head.value, path), get(wanted, path)):
            second = second or head  # moves more than it should: `splice` says what
    if second is None:
        raise Refused(f"{format_path(path)} cannot be written there without changing more.", "Change it by hand.", kind="infeasible")
    return second


def _candidates(document: Document, path: Path, value: Json, now: Json) -> Iterator[str]:
    if now is MISSING:
        yield inserted(document, path, value)
    elif value is MISSING:
        yield removed(document, path)
    else:
        yield from replacements(document, path, value)


def _check(expected: Json, actual: Json, *, shared: bool) -> None:
    """The intended values and nothing else. Raises Refused naming what else would move."""
    others = [format_path(path) for path, _, _ in differences(expected, actual)]
    if not others:
        return
    named = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")  # noqa: PLR2004 - a sentence, not a list
    if shared:
        raise Refused(f"An anchor shares this value with {named}.", "Give the field a value of its own, or change both.", kind="shared")
    raise Refused(f"The change would also move {named}.", "Change it by hand.", kind="infeasible")


def _place(new: str, begin: int, documents: tuple[Document, Document], path: Path, name: str) -> Place:
    base, head = documents
    line, col, after = _standing(new, begin, head, path)
    return Place(path=name, line=line, column=col, before=_text(base, path), after=after)


def standing(content: bytes, number: int, path: Path) -> tuple[int, int, str | None]:
    """Where a field stands in a file (line and column from 1) and its scalar's text; where it is absent, its nearest parent and None."""
    text = decoded(content)
    begin, end = spans(text)[number]
    return _standing(text, begin, read(text[begin:end]), path)


def _standing(text: str, begin: int, document: Document, path: Path) -> tuple[int, int, str | None]:
    known = _known(document, path)
    at = begin + (begin_of(document.text, trail(document, path[:known])[-1][1]) if known else 0)
    return text.count("\n", 0, at) + 1, column(text, at) + 1, _text(document, path)


def _text(document: Document, path: Path) -> str | None:
    if get(document.value, path) is MISSING:
        return None
    node = trail(document, path)[-1][1]
    return node.value if isinstance(node, yaml.ScalarNode) else None
