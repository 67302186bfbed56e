"""Tables with a header, as `kubectl get`, `events` and `top` print them in all widths: columns stand where the header's words begin."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str]

_TITLE = r"[A-Z%][A-Za-z0-9%()/:_.*-]*"
_HEADER = re.compile(rf"^\s*(?:{_TITLE})(?:\s+{_TITLE})+\s*$")
_FIRST = frozenset(
    {"NAME", "NAMESPACE", "LAST", "LASTSEEN", "POD", "GROUP", "OBJECT", "FIRST", "TYPE", "REASON", "KIND", "NODE", "REVISION"}
)
_TWO_WORDS = (
    "LAST SEEN",
    "FIRST SEEN",
    "NOMINATED NODE",
    "READINESS GATES",
    "ACCESS MODES",
    "RECLAIM POLICY",
    "NODE SELECTOR",
    "LAST SCHEDULE",
    "MIN AVAILABLE",
    "MAX UNAVAILABLE",
    "ALLOWED DISRUPTIONS",
    "DEFAULT CLASS",
    "SYNC STATUS",
    "HEALTH STATUS",
)
_NOTHING = frozenset({"<none>", "<unset>", "<unknown>", "<nil>", "-"})


@dataclass(frozen=True, kw_only=True)
class Table:
    """columns: as the header writes them.  rows: cell by column; empty where nothing stands.  first, last: its lines in the text."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    first: int
    last: int


def is_header(line: str) -> bool:
    """Whether a line is the header of a table that kubectl prints: upper-case words, the first of them a known one."""
    if len(line) < 7 or not _HEADER.match(line):  # noqa: PLR2004 - shorter than any two columns
        return False
    words = line.split()
    return words[0] in _FIRST and all(word == word.upper() for word in (w.partition("(")[0] for w in words))


def tables(lines: Sequence[str]) -> Iterator[Table]:
    """Every table of a text; one ends at an empty line, at another header, or where a line cannot be a row of it."""
    at = 0
    while at < len(lines):
        if not is_header(lines[at]):
            at += 1
            continue
        end = at + 1
        while end < len(lines) and _continues(lines[end]):
            end += 1
        yield read_table(lines[at:end], at)
        at = end


def read_table(lines: Sequence[str], first: int = 0) -> Table:
    """The table that these lines are, the header first."""
    places = columns_of(lines[0])
    aligned = all(_fits(line, places) and not _squeezed(line, places) for line in lines[1:6])
    spans = _spans(places)
    rows = [_cells(line, spans) if aligned else _words(line, places) for line in lines[1:] if line.strip()]
    return Table(columns=tuple(name for name, _ in places), rows=tuple(rows), first=first, last=first + len(lines))


def columns_of(header: str) -> list[tuple[str, int]]:
    """The columns and where they begin."""
    joined = header
    for pair in _TWO_WORDS:
        joined = joined.replace(pair, pair.replace(" ", "\0"))
    return [(match[0].replace("\0", " "), match.start()) for match in re.finditer(r"\S+", joined)]


def _continues(line: str) -> bool:
    return bool(line.strip()) and not is_header(line) and not line.startswith(("#", "$ ", "Error from server", "stderr:", "---", "==="))


def _fits(line: str, places: Sequence[tuple[str, int]]) -> bool:
    """Whether a blank stands before each column, as it does where the row was not squeezed."""
    return all(start == 0 or start > len(line) or line[start - 1] == " " for _, start in places)


def _squeezed(line: str, places: Sequence[tuple[str, int]]) -> bool:
    """Whether a row has a cell for each column, and is so short that they cannot stand below the header's words."""
    return len(line) <= places[-1][1] and len(re.split(r"\s{2,}", line.strip())) == len(places)


def _spans(places: Sequence[tuple[str, int]]) -> Sequence[tuple[str, slice]]:
    """The columns and what of a line is theirs."""
    ends = (*(start for _, start in places[1:]), None)
    return [(name, slice(start, end)) for (name, start), end in zip(places, ends, strict=True)]


def _cells(line: str, spans: Sequence[tuple[str, slice]]) -> Row:
    return {name: "" if (cell := line[span].strip()) in _NOTHING else cell for name, span in spans}


def _words(line: str, places: Sequence[tuple[str, int]]) -> Row:
    """A row that is out of line: cut where two blanks stand, else word by word, the restarts' `(5m ago)` joined to their number.

    The rest goes to the last column. Of the columns of events SUBOBJECT may be empty.
    """
    names, cells = [name for name, _ in places], re.split(r"\s{2,}", line.strip())
    if len(cells) == len(names) - 1 and "SUBOBJECT" in names:
        cells.insert(names.index("SUBOBJECT"), "")
    if len(cells) == len(names):
        return {name: blank(cell) for name, cell in zip(names, cells, strict=True)}
    words = re.sub(r"(?<!\d)(\d{1,9}) \(([^\s()]{1,40} ago)\)", "\\1\0(\\2)", line).split(None, len(places) - 1)
    joined = [word.replace("\0", " ") for word in words]
    return {name: blank(word) for (name, _), word in zip(places, joined, strict=False)}


def blank(cell: str) -> str:
    """The cell, empty where kubectl writes that there is nothing."""
    return "" if cell in _NOTHING else cell
