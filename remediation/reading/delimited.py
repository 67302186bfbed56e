"""Text whose cells stand between delimiters, as databases, notebooks and dashboards export their tables: CSV, TSV, semicolons."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from remediation.masking import mask_object
from remediation.reading.quoted import lines_in, quoted_rows
from remediation.reading.tables import is_header

_DELIMITERS = "\t,;"
_LARGEST_CELL = 64_000_000  # characters: a whole dump may stand in one
_TITLE = re.compile(r"[\w@_#{][^\n]{0,300}")
_NO_TITLE = re.compile(r"[\d.:+T Z-]+|\d{4}-\d\d-\d\d.*|.*: .*|\[.*|.*\.")  # a number, a time, words of a log or of a letter
_MOST_COLUMNS = 20_000
_UNGUESSED = "x7Gq-correct-horse"
_NAMES = ("name", "key", "variable", "setting", "parameter")
_FITTING = 0.8  # of the rows have as many cells as the header


@dataclass(frozen=True, kw_only=True)
class Rows:
    """columns: as the header names them.  rows: as many cells each, the quoting taken off.  masked: cells were, by their column's name."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    masked: bool = False

    def text(self) -> str:
        """The table with tabs between its cells."""
        return "\n".join("\t".join(row) for row in (self.columns, *self.rows))


def rows_in(text: str) -> Rows | None:
    """The table that a whole text is, where its first line is a header of such cells; None for any other text."""
    start, delimiter = _opening(text)
    end = text.find("\n", start)
    header = text[start : end if end >= 0 else len(text)].rstrip("\r")
    delimiter = delimiter or max(_DELIMITERS, key=header.count)
    if end <= start or delimiter not in header or not _is_header(header, delimiter):
        return None
    for quoted in (True, False):
        read = _read(text[start:], delimiter, quoted=quoted)
        if read is not None:
            return read
    return None


def _opening(text: str) -> tuple[int, str]:
    """Where the header begins, and the delimiter where the text says it as spreadsheets do."""
    start = len(text) - len(text.lstrip("\ufeff\r\n "))
    said = re.compile(r"\"?sep=(.)\"?\r?\n").match(text, start)
    return (said.end(), said[1]) if said else (start, "")


def _is_header(line: str, delimiter: str) -> bool:
    if line[0] in "{[" or (delimiter == "\t" and is_header("  ".join(line.split("\t")))):
        return False  # JSON; kubectl's own table, pasted by way of a spreadsheet
    try:
        titles = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return False
    named = [title for title in titles if title.strip()]
    return 1 < len(titles) <= _MOST_COLUMNS and len(named) >= len(titles) - 1 and all(map(_is_title, named))


def _is_title(title: str) -> bool:
    return _TITLE.fullmatch(title) is not None and ("{" in title or _NO_TITLE.fullmatch(title) is None)


def _read(text: str, delimiter: str, *, quoted: bool) -> Rows | None:
    csv.field_size_limit(_LARGEST_CELL)
    if not quoted and '"' not in text:
        return None
    try:
        lines = (
            quoted_rows(text, delimiter) if quoted else [line.rstrip("\r\n").split(delimiter) for line in lines_in(text) if line.strip()]
        )
    except csv.Error:
        return None
    columns, rows = [title.strip("\ufeff ") for title in lines[0]], lines[1:]
    fitting = [row for row in rows if len(row) == len(columns)]
    if not fitting or len(fitting) < len(rows) * _FITTING:
        return None
    return _without_secrets(columns, [_widened(row, len(columns)) for row in rows])


def _widened(row: Sequence[str], width: int) -> Sequence[str]:
    """A row with as many cells as there are columns; what is too much belongs to the last."""
    if len(row) == width:
        return row
    return [*row, *[""] * (width - len(row))] if len(row) < width else [*row[: width - 1], " ".join(row[width - 1 :])]


def _without_secrets(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Rows:
    """The table without what stands below a word that announces a secret, or beside one in columns of names and values."""
    hidden = {at for at, title in enumerate(columns) if mask_object({title: _UNGUESSED})[title] != _UNGUESSED}
    lowered = [title.lower() for title in columns]
    name = next((lowered.index(word) for word in _NAMES if word in lowered), -1)
    value = lowered.index("value") if "value" in lowered else -1
    if not hidden and min(name, value) < 0:
        return Rows(columns=columns, rows=rows)
    masked = [[mask_object({columns[at]: cell})[columns[at]] if at in hidden else cell for at, cell in enumerate(row)] for row in rows]
    for row in masked if min(name, value) >= 0 else ():
        if not row[value].replace(".", "", 1).isdigit():
            row[value] = mask_object({"name": row[name], "value": row[value]})["value"]
    return Rows(columns=columns, rows=masked, masked=True)
