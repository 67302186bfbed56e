"""Documents of tools that are neither API objects nor a metrics API's answer: which reader knows them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from remediation.reading.analysed import add_analysed
from remediation.reading.audited import add_audited
from remediation.reading.export import Export
from remediation.reading.inspected import add_inspected
from remediation.reading.journal import add_journal
from remediation.reading.json_tables import tables_of
from remediation.reading.otlp import add_jaeger, add_otlp
from remediation.reading.tabulated import exported
from remediation.terms import Json

_READERS: Sequence[Callable[[Export, Mapping[str, Json]], bool]] = (
    add_otlp,
    add_jaeger,
    add_audited,
    add_journal,
    add_inspected,
    add_analysed,
)


def add_answer(export: Export, document: Json) -> bool:
    """What a document of such a tool holds; whether any reader knows it. A list is known where its entries are."""
    entries = document if isinstance(document, list) else [document]
    known = False
    for entry in entries:
        if isinstance(entry, Mapping):
            known = any(reader(export, entry) for reader in _READERS) or known
    return known


def tabulated(document: Json, now: datetime) -> Iterator[Export]:
    """What the tables of a document hold. now: when ages are counted from."""
    return (export for table in tables_of(document) if table.rows and (export := exported(table, "", now)) is not None)
