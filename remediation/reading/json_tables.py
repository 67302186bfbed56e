"""Answers in JSON that are tables: Azure's columns and rows, CloudWatch Insights' fields, and lists of entries without depth."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from remediation.reading.delimited import Rows
from remediation.terms import Json

_LEAST_SHARE = 0.8  # of entries that have the first one's keys


def tables_of(document: Json) -> Iterator[Rows]:
    """Every table that a document is or holds at its top."""
    if isinstance(document, list):
        yield from _of_entries(document)
        return
    if not isinstance(document, Mapping):
        return
    for one in _listed(document.get("tables")):
        columns = one.get("columns") if isinstance(one, Mapping) else None
        if isinstance(columns, list) and isinstance(one.get("rows"), list):
            yield _rows([_title(column) for column in columns], [row for row in one["rows"] if isinstance(row, list)])
    results = _listed(document.get("results"))
    yield from _of_entries([_fields(row) for row in results if isinstance(row, list)])
    for key in ("value", "rows", "items", "records", "data", "result", "entries"):
        yield from _of_entries(_listed(document.get(key)))


def _fields(row: Sequence[Json]) -> dict[str, Json]:
    return {str(cell.get("field")): cell.get("value") for cell in row if isinstance(cell, Mapping)}


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


def _title(column: Json) -> str:
    return str((column.get("name") or column.get("ColumnName") or "") if isinstance(column, Mapping) else column)


def _of_entries(entries: Sequence[Json]) -> Iterator[Rows]:
    """Entries that have the same keys, most of them."""
    told = [one for one in entries if isinstance(one, Mapping)]
    columns = list(dict.fromkeys(str(key) for one in told[:50] for key in one))
    if not told or len(told) < len(entries) or len(columns) < 2:  # noqa: PLR2004 - one column says what of nothing
        return
    alike = sum(len(one.keys() & set(columns)) >= len(columns) / 2 for one in told)
    if alike >= len(told) * _LEAST_SHARE:
        yield _rows(columns, [[one.get(column) for column in columns] for one in told])


def _rows(columns: Sequence[str], rows: Sequence[Sequence[Json]]) -> Rows:
    cells = [[_cell(value) for value in row] for row in rows if len(row) == len(columns)]
    return Rows(columns=columns, rows=cells)


def _cell(value: Json) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()
