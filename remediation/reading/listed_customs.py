"""Rows of custom resources: whatever kind they are, their columns say how they are."""

import re
from collections.abc import Mapping

from remediation.kinds import kind_called
from remediation.reading.cells import BAD_WORD, Object
from remediation.reading.command import Command
from remediation.reading.hooks import hook_row
from remediation.reading.tables import Row
from remediation.terms import Json

CUSTOMS: Mapping[str, str] = {  # known by their columns
    "Gateway": "gateway.networking.k8s.io/v1", "Certificate": "cert-manager.io/v1", "ScaledObject": "keda.sh/v1alpha1",
}  # fmt: skip
_CONDITIONS = ("READY", "SYNCED", "HEALTHY", "AVAILABLE", "PROGRAMMED", "ACCEPTED", "DEGRADED", "VALID", "ESTABLISHED", "INSTALLED")
_STATES = ("STATUS", "STATE", "PHASE", "HEALTH")
_REASONS = ("REASON", "MESSAGE", "ERROR")
_POINTS = ("STORE", "STORENAME", "ISSUER", "SOURCE", "PROVIDER", "PROVIDERCONFIG", "BACKEND", "REPOSITORY")  # what an object stands on
_WORD = re.compile(r"[A-Z][A-Za-z]{3,60}")
_NAMED = re.compile(r"(?:(?P<kind>[a-z][a-z0-9]*)(?:\.[a-z0-9.-]+)?/)?(?P<name>[a-z0-9][\w.-]*)")


def known_row(kind: str, row: Row, namespace: str) -> Object:
    """A row of a kind that its columns tell."""
    metadata = {"name": row["NAME"], "namespace": row.get("NAMESPACE") or namespace}
    thing: dict[str, Json] = {"apiVersion": CUSTOMS[kind], "kind": kind, "metadata": metadata, "status": _status(row)}
    if kind == "ScaledObject":
        thing["spec"] = {"scaleTargetRef": {"name": row.get("SCALETARGETNAME", "")}, "minReplicaCount": row.get("MIN") or "0"}
    return thing


def custom_row(row: Row, command: Command) -> Object | None:
    """A row of a kind that nobody knows, as its command or name calls it; None where no column says how it is.

    Of the rows of an application, which name kinds that others read, only the hooks that failed.
    """
    if "KIND" in row:
        return hook_row(row)
    match = _NAMED.fullmatch(row.get("NAME", ""))
    status = _status(row)
    if match is None or not status or (match["kind"] and kind_called(match["kind"])):
        return None
    called = match["kind"] or command.called.partition(".")[0].removesuffix("s")
    metadata = {"name": match["name"], "namespace": row.get("NAMESPACE") or command.namespace}
    return {"apiVersion": "", "kind": called.title() or "Resource", "metadata": metadata, "status": status}


def _status(row: Row) -> dict[str, Json]:
    truths = [{"type": word.title(), "status": row[word]} for word in _CONDITIONS if row.get(word) in ("True", "False", "Unknown")]
    status: dict[str, Json] = {"conditions": truths} if truths else {}
    status |= {word.lower(): row[word] for word in _STATES if row.get(word)}
    status |= {column.lower(): value for column, value in row.items() if column != "NAME" and BAD_WORD.match(value)}
    points = ", ".join(f"{column.lower()} {row[column]}" for column in _POINTS if row.get(column))
    if truths and truths[0]["status"] == "False" and not any(row.get(word) for word in _REASONS):
        truths[0] |= {"message": points, **({"reason": row["STATUS"]} if _WORD.fullmatch(row.get("STATUS", "")) else {})}
    if status and (said := next((row[word] for word in _REASONS if row.get(word)), "")):
        key = "message" if " " in said else "reason"
        status[key] = said
        for truth in truths[:1]:
            truth[key] = said  # a row has one message, for its first condition
    return status
