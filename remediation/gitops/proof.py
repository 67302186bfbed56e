"""The proof: every object of the touched files before and after, and the difference as people and `git apply` read it."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import MISSING, differences, format_path, get, parse, put, same
from remediation.gitops.index import Found, contents_of
from remediation.gitops.scalars import coerced
from remediation.terms import FieldEdit, Json, Move, ObjectRef


@dataclass(frozen=True, kw_only=True)
class Change:
    """One file before and after. before: None for a new file. gone: it is taken away; after is empty then."""

    path: str
    before: bytes | None
    after: bytes
    gone: bool = False

    @property
    def first_line(self) -> int:
        """The first line that differs, 1-based, in the new file."""
        lines = [(each or b"").split(b"\n") for each in (self.before, self.after)]
        same_lines = takewhile(lambda pair: pair[0] == pair[1], zip(*lines, strict=False))
        return 1 + sum(1 for _ in same_lines)


def prove(changes: Sequence[Change], found: Found, edits: Sequence[FieldEdit]) -> tuple[Move, ...]:
    """What moves, in the order of the object's fields. Raises Refused naming what would move and was not meant."""
    moves: list[Move] = []
    for change in changes:
        base, head = (_objects(content) for content in (change.before, change.after))
        moves += [move for place in {**base, **head} for move in _moves(place, base.get(place, MISSING), head.get(place, MISSING))]
        _check_bytes(change, found)
        if change.path == found.path:
            _check_intended(base[_place(found)], head.get(_place(found), MISSING), edits)
    others = [move for move in moves if move.object != found.ref]
    if others:
        named = ", ".join(f"{move.path} of {move.object}" for move in others[:5])
        raise Refused(f"The change would also move {named}.", "Change it by hand.", kind="shared")
    return tuple(moves)


Place = tuple[ObjectRef, int, str]  # the object, its document, the path within a List


def _place(found: Found) -> Place:
    return found.ref, found.document, format_path(found.within)


def _objects(content: bytes | None) -> Mapping[Place, Json]:
    if content is None:
        return {}
    text = decoded(content)
    cuts = spans(text)
    documents: dict[int, Json] = {}
    found: dict[Place, Json] = {}
    for ref, number, within in contents_of(content).objects:
        if number not in documents:
            begin, end = cuts[number]
            documents[number] = read(text[begin:end]).value
        found[ref, number, format_path(within)] = get(documents[number], within)
    return found


def _moves(place: Place, base: Json, head: Json) -> list[Move]:
    return [
        Move(object=place[0], path=format_path(path), old=None if old is MISSING else old, new=None if new is MISSING else new)
        for path, old, new in differences(base, head)
    ]


def _check_bytes(change: Change, found: Found) -> None:
    """Documents of the file that do not hold the object are the same bytes as before, whatever they are."""
    if change.before is None or change.path != found.path:
        return
    before, after = (decoded(content) for content in (change.before, change.after))
    old, new = ([text[begin:end] for begin, end in spans(text)] for text in (before, after))
    others = [number for number, (a, b) in enumerate(zip_longest(old, new)) if a != b and number != found.document]
    if others:
        raise Refused(f"Document {others[0] + 1} of {change.path} would change too.", "Change it by hand.", kind="infeasible")


def _check_intended(base: Json, head: Json, edits: Sequence[FieldEdit]) -> None:
    expected = base
    for edit in edits:
        path = parse(edit.path)
        now = get(expected, path)
        expected = put(expected, path, MISSING if edit.op == "remove" else edit.value if now is MISSING else coerced(edit.value, now, path))
    if not same(expected, head):
        wrong = ", ".join(format_path(path) for path, _, _ in differences(expected, head))
        raise Refused(f"The change would not do what was meant: {wrong} would differ.", "Change it by hand.", kind="infeasible")


def unified_diff(changes: Sequence[Change]) -> str:
    """As `git diff` writes it, so that `git apply` takes it."""
    return "".join(_file_diff(change) for change in changes if change.before != change.after or change.gone)


def _file_diff(change: Change) -> str:
    name = _quoted(change.path)
    a, b = (f'"{side}/{name[1:]}' if name.startswith('"') else f"{side}/{name}" for side in "ab")
    mode = "new file mode 100644\n" if change.before is None else "deleted file mode 100644\n" if change.gone else ""
    head = f"diff --git {a} {b}\n{mode}"
    tab = "\t" if " " in change.path else ""  # git ends a name with a space in it so
    lines = list(difflib.unified_diff(_lines(change.before), _lines(change.after), n=3, lineterm=""))[2:]
    hunks = "".join(_hunk_line(line) for line in lines)
    return f"{head}--- {'/dev/null' if change.before is None else a + tab}\n+++ {'/dev/null' if change.gone else b + tab}\n{hunks}"


def _hunk_line(line: str) -> str:
    if line.endswith("\n"):
        return line
    return f"{line}\n" if line.startswith("@@") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes | None) -> list[str]:
    """Lines as git counts them: only a line feed ends one."""
    try:
        text = decoded(content or b"")
    except Unreadable as error:
        raise Refused("The file is not text.", "Change it by hand.", kind="infeasible") from error
    return [line + "\n" for line in text.split("\n")[:-1]] + ([text.rpartition("\n")[2]] if text and not text.endswith("\n") else [])


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes, with octal escapes, where it holds what is not plain."""
    if path.isascii() and path.isprintable() and not set(path) & {'"', "\\"}:
        return path
    escaped = "".join(chr(b) if 0x20 <= b < 0x7F and chr(b) not in '"\\' else f"\\{b:03o}" for b in path.encode())  # noqa: PLR2004 - ASCII
    return f'"{escaped}"'
