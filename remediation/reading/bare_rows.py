"""Rows of a table without their header, as `kubectl get … | grep` leaves them: read by the columns that kubectl prints for their kind."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.kinds import kind_called
from remediation.reading.tables import Row, blank

_COLUMNS: Mapping[str, Sequence[str]] = {
    "Service": ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"),
    "Deployment": ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"),
    "StatefulSet": ("NAME", "READY", "AGE"),
    "DaemonSet": ("NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"),
    "ReplicaSet": ("NAME", "DESIRED", "CURRENT", "READY", "AGE"),
    "Node": ("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
    "PersistentVolumeClaim": ("NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "AGE"),
    "Endpoints": ("NAME", "ENDPOINTS", "AGE"),
}
_CELLS = re.compile(r"\S+")
_AGE = re.compile(r"(?:\d{1,6}[smhdy]){1,3}")
_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")  # which tell a Service whatever was asked for


def bare_rows(lines: Sequence[str], kind: str) -> Iterator[tuple[str, Row]]:
    """The kind and cells of each line that is such a row. kind: that the command asked for, empty where none is shown."""
    for line in lines:
        cells = _CELLS.findall(line[:1000])
        told = _grouped(cells) or kind or ("Service" if any(word in cells[1:3] for word in _TYPES) else "")
        row = _row(cells, _COLUMNS.get(told, ()))
        if row is not None:
            yield told, row


def _grouped(cells: Sequence[str]) -> str:
    """The kind that a name begins with, as `deployment.apps/web`; empty for none."""
    before, slash, _ = cells[0].partition("/") if cells else ("", "", "")
    known = kind_called(before.partition(".")[0]) if slash else None
    return known.name if known is not None else ""


def _row(cells: Sequence[str], columns: Sequence[str]) -> Row | None:
    """The cells by their columns, a namespace before them; None where the age does not stand where it should."""
    if not columns or len(cells) not in (len(columns), len(columns) + 1):
        return None
    named = columns if len(cells) == len(columns) else ("NAMESPACE", *columns)
    return {key: blank(cell) for key, cell in zip(named, cells, strict=True)} if _AGE.fullmatch(cells[named.index("AGE")]) else None
