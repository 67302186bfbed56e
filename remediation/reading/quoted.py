"""Rows whose cells may be quoted. A quote that is never closed is a letter: else it would swallow the rows below it."""

import csv
from collections.abc import Iterable, Iterator, Sequence

_NARROWEST = 3  # columns, from which on rows inside a cell are told from text
_SWALLOWED = 0.8  # of the lines inside a cell are rows of the table


def quoted_rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a table, empty ones left out. Raises csv.Error for what no quoting explains."""
    for written in (text, text.replace('\\"', '""')) if '\\"' in text else (text,):
        try:
            rows = [row for row in _rows(lines_in(written), delimiter) if row]
        except csv.Error:
            continue
        if len(rows) == written.rstrip("\n").count("\n") + 1 or not any(_is_suspect(row, len(rows[0]), delimiter) for row in rows):
            return rows
    return [*_mended([*lines_in(text)], delimiter)]


def lines_in(text: str) -> Iterator[str]:
    """The lines with their ends, which belong to a cell that goes on."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _rows(lines: Iterable[str], delimiter: str, *, strict: bool = True) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _is_suspect(row: Sequence[str], width: int, delimiter: str) -> bool:
    """Whether a cell of it holds what look like rows of the same table."""
    held = [cell.split("\n")[1:-1] for cell in row if "\n" in cell] if width >= _NARROWEST or len(row) != width else []
    return any(lines and sum(line.count(delimiter) == width - 1 for line in lines) >= _SWALLOWED * len(lines) for lines in held)


def _mended(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Row after row. Where one is not well quoted its first line alone is a row, and reading goes on below it."""
    at = width = 0
    while at < len(lines):
        for row, taken in _well_quoted(lines, at, width, delimiter):
            width = width or len(row)
            at += taken
            if row:
                yield row
        if at < len(lines):
            yield _alone(lines[at].rstrip("\r\n"), delimiter, width)
            at += 1


def _well_quoted(lines: Sequence[str], start: int, width: int, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """The rows from a line on, each with how many lines it takes, until one is not well quoted."""
    reader = csv.reader((lines[at] for at in range(start, len(lines))), delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        before = reader.line_num
        try:
            row = next(reader, None)
        except csv.Error:
            return
        if row is None or _is_suspect(row, width or len(row), delimiter):
            return
        width = width or len(row)
        yield row, reader.line_num - before


def _alone(line: str, delimiter: str, width: int) -> list[str]:
    """The cells of a line by itself: as it is quoted where that makes as many as there are columns, else its quotes are letters."""
    read = next(_rows([f"{line}\n"], delimiter, strict=False), [""])
    if len(read) == width and not read[-1].endswith("\n"):
        return read
    cells = line.split(delimiter)
    return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells]
