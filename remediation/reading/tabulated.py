"""Rows of an exported table, whatever exported it: API objects in cells, events, spans, logs, metrics and inventories."""

from collections.abc import Callable, Sequence
from datetime import datetime

from remediation.reading import columns as named
from remediation.reading.cell_values import seconds_of, stamp_of, structure_of
from remediation.reading.columns import index_of, indexes_of
from remediation.reading.delimited import Rows
from remediation.reading.documents import documents
from remediation.reading.export import Export
from remediation.reading.inventories import add_events, add_inventory, lists_objects, tells_events
from remediation.reading.measured import add_measured, measures
from remediation.reading.spans import add_spans, holds_spans
from remediation.reading.telemetry import Sender, add_record, attributes_in, sender_of

_PARTS = (("pod", named.POD), ("container", named.CONTAINER), ("namespace", named.NAMESPACE), ("service", named.SERVICE))
_SAMPLE = 50  # rows that show what the columns hold
_MANIFEST = ("apiVersion:", "kind:", "---\n")
Cells = Sequence[str]


def exported(table: Rows, name: str, now: datetime) -> Export | None:
    """What a table holds; None where nobody knows what its rows are. name: of its file, a hint only.  now: when ages are counted from."""
    export = Export()
    inside = _holding_objects(table)
    left = [row for row in table.rows if not _add_objects(export, table.columns, row, inside)] if inside else table.rows
    rest = Rows(columns=table.columns, rows=left)
    reader = _reader(rest, name, now) if left else None
    if reader is not None:
        reader(export, rest)
    elif inside:
        export.tell("\t".join(row) for row in left)
    return None if export.empty else export


def _reader(table: Rows, name: str, now: datetime) -> Callable[[Export, Rows], None] | None:
    """Who reads what rows like these are: the more telling shape first."""
    columns = table.columns
    shapes: Sequence[tuple[Callable[[], bool], Callable[[Export, Rows], None]]] = (
        (lambda: holds_spans(columns), add_spans),
        (lambda: tells_events(columns), lambda export, rows: add_events(export, rows, now)),
        (lambda: index_of(columns, named.BODY) >= 0, _add_logs),
        (lambda: lists_objects(table, name), lambda export, rows: add_inventory(export, rows, name, now)),
        (lambda: measures(table), add_measured),
    )
    return next((reader for fits, reader in shapes if fits()), None)


def _holding_objects(table: Rows) -> Sequence[int]:
    """The columns in whose cells API objects stand."""
    sample = table.rows[:_SAMPLE]
    return [at for at in range(len(table.columns)) if any(_may_be_object(row[at]) for row in sample)]


def _may_be_object(cell: str) -> bool:
    start = cell[:20].lstrip()
    return (start[:1] in ("{", "[") and "kind" in cell and "metadata" in cell) or start.startswith(_MANIFEST)


def _add_objects(export: Export, columns: Sequence[str], row: Cells, inside: Sequence[int]) -> bool:
    at = seconds_of(row[index_of(columns, named.TIME)]) if index_of(columns, named.TIME) >= 0 else None
    found = False
    for index in inside:
        if _may_be_object(row[index]):
            structure = structure_of(row[index]) or list(documents(row[index]))
            found = export.add_structure(structure, at or 0.0) or found
    return found


def _add_logs(export: Export, table: Rows) -> None:
    columns = table.columns
    beside = (*named.TIME, *named.LEVEL, *named.POD, *named.CONTAINER)
    if not indexes_of(columns, beside):
        return  # a table of messages by themselves is no log
    body, time, level = (index_of(columns, names) for names in (named.BODY, named.TIME, named.LEVEL))
    told = [*((part, at) for part, names in _PARTS if (at := index_of(columns, names)) not in (-1, body)),
            *(("", at) for at in indexes_of(columns, named.ATTRIBUTES))]  # fmt: skip
    senders: dict[tuple[str, ...], Sender] = {}
    for row in table.rows:
        key = tuple([row[at] for _, at in told])
        sender = senders.get(key) or senders.setdefault(key, _sender(told, key))
        moment = (seconds_of(row[time]) or 0.0, stamp_of(row[time])) if time >= 0 else (0.0, "")
        add_record(export, row[body], sender, moment, row[level] if level >= 0 else "")


def _sender(told: Sequence[tuple[str, int]], cells: Cells) -> Sender:
    """Who wrote a row, as its columns say before what attributes say."""
    both = list(zip(told, cells, strict=True))
    attributes = attributes_in(*(cell for (part, _), cell in both if not part))
    return sender_of({**attributes, **{part: cell for (part, _), cell in both if part and cell}})
