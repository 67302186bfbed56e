"""What `kubectl argo rollouts get rollout` prints, read back: the Rollout, and the tree of what it made."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from remediation.kinds import KINDS
from remediation.reading.command import Command
from remediation.reading.listed import objects as listed_objects
from remediation.reading.tables import Table
from remediation.terms import Json

Object = Mapping[str, Json]

_TREE = re.compile(r"^NAME\s+KIND\s+STATUS\s+AGE\s+INFO\s*$")
_FIELD = re.compile(r"^\s*(?P<field>[A-Z][A-Za-z]+):\s+(?:[^\w\s]\s+)?(?P<value>\S.*?)\s*$")
_ROW = re.compile(
    r"^[^a-z0-9#]*(?P<name>[a-z0-9][\w.-]*)\s+(?P<kind>ReplicaSet|Pod|AnalysisRun)\s+\S\s+(?P<status>[A-Z]\w+)\s+(?P<age>\S+)"
    r"(?:\s+(?P<info>\S.*))?$"
)
_REVISION = re.compile(r"#\s*revision:(?P<number>\d+)")
_READY, _RESTARTS = re.compile(r"ready:(\d+/\d+)"), re.compile(r"restarts:(\d+)")
_COUNTS = {"Current": "replicas", "Updated": "updatedReplicas", "Ready": "readyReplicas", "Available": "availableReplicas"}
_GROUP = "argoproj.io/v1alpha1"
_COLUMNS = ("NAME", "READY", "STATUS", "RESTARTS", "AGE")


def objects(lines: Sequence[str], namespace: str, now: datetime) -> Iterator[Object]:
    """The Rollout with its ReplicaSets, pods and analyses; nothing where no such tree is printed. namespace: where the text names none."""
    at = next((place for place, line in enumerate(lines) if line.startswith("NAME ") and _TREE.match(line)), None)
    if at is None:
        return
    told = {match["field"]: match["value"] for line in lines[:at] if (match := _FIELD.match(line)) is not None}
    if {"Name", "Status"} <= told.keys():
        where = told.get("Namespace") or namespace
        yield _rollout(told, where)
        yield from _made(lines[at + 1 :], told["Name"], where, now)


def _rollout(told: Mapping[str, str], namespace: str) -> Object:
    counts = {field: int(told[said]) for said, field in _COUNTS.items() if told.get(said, "").isdecimal()}
    spec = {"replicas": int(told["Desired"])} if told.get("Desired", "").isdecimal() else {}
    status = {"phase": told["Status"], "message": told.get("Message", ""), **counts}
    return {
        "apiVersion": _GROUP,
        "kind": "Rollout",
        "metadata": {"name": told["Name"], "namespace": namespace},
        "spec": spec,
        "status": status,
    }


def _made(lines: Sequence[str], rollout: str, namespace: str, now: datetime) -> Iterator[Object]:
    """What stands below the Rollout, each with what made it."""
    number, above = "", ""
    for line in lines:
        if revision := _REVISION.search(line):
            number = revision["number"]
        row = _ROW.match(line)
        if row is None:
            continue
        metadata = {"name": row["name"], "namespace": namespace, "annotations": {"rollout.argoproj.io/revision": number}}
        if row["kind"] == "Pod":
            yield from _pod(row, above, namespace, now)
        elif row["kind"] == "ReplicaSet":
            above = row["name"]
            yield {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {**metadata, "ownerReferences": [_owner("Rollout", rollout)]}}
        else:
            owned = {**metadata, "ownerReferences": [_owner("Rollout", rollout)]}
            yield {"apiVersion": _GROUP, "kind": "AnalysisRun", "metadata": owned, "status": {"phase": row["status"]}}


def _pod(row: re.Match[str], above: str, namespace: str, now: datetime) -> Iterator[Object]:
    info = row["info"] or ""
    ready, restarts = _READY.search(info), _RESTARTS.search(info)
    cells = (row["name"], ready[1] if ready else "", row["status"], restarts[1] if restarts else "0", row["age"])
    table = Table(columns=_COLUMNS, rows=(dict(zip(_COLUMNS, cells, strict=True)),), first=0, last=1)
    for pod in listed_objects(table, Command(kind=KINDS["Pod"], namespace=namespace), now):
        yield {**pod, "metadata": {**pod["metadata"], "ownerReferences": [_owner("ReplicaSet", above)]}} if above else pod


def _owner(kind: str, name: str) -> Object:
    return {"apiVersion": _GROUP if kind == "Rollout" else "apps/v1", "kind": kind, "name": name, "controller": True}
