"""A unified diff as rows for a page: file headings, hunks, and lines with their numbers on both sides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
KINDS = {"+": "added", "-": "removed", " ": "same"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """kind: added, removed, same, or hunk. old, new: line numbers, None where the line is not on that side."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(kw_only=True)
class FileRows:
    """One file of the diff."""

    path: str
    rows: list[Row] = field(default_factory=list)

    @property
    def added(self) -> int:
        """Lines that came."""
        return sum(row.kind == "added" for row in self.rows)

    @property
    def removed(self) -> int:
        """Lines that went."""
        return sum(row.kind == "removed" for row in self.rows)


def files(diff: str) -> list[FileRows]:
    """The files of a diff as `shown.diff_of` writes it."""
    found: list[FileRows] = []
    lines = diff.splitlines()
    starts = [n for n, line in enumerate(lines[:-1]) if line.startswith("--- a/") and lines[n + 1].startswith("+++ b/")]
    for start, end in pairwise([*starts, len(lines)]):
        path = lines[start + 1].removeprefix("+++ b/")
        found.append(FileRows(path=path, rows=list(_rows(lines[start + 2 : end]))))
    return found


def _rows(lines: list[str]) -> Iterator[Row]:
    old = new = 1
    for line in lines:
        if hunk := HUNK.match(line):
            old, new = int(hunk[1]), int(hunk[2])
            yield Row(kind="hunk", text=line)
            continue
        kind = KINDS.get(line[:1])
        if kind is None:
            continue
        yield Row(kind=kind, text=line[1:], old=None if kind == "added" else old, new=None if kind == "removed" else new)
        old += kind != "added"
        new += kind != "removed"
