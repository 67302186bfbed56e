"""The rows of `kubectl get` as API objects, as far as a row says; and of `kubectl top` as series."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from remediation.kinds import KINDS, Kind, kind_called
from remediation.quantities import parse_cpu, parse_memory
from remediation.reading import listed_objects, listed_workloads, messages
from remediation.reading.bare_rows import bare_rows
from remediation.reading.cells import Object, age, pairs
from remediation.reading.command import Command
from remediation.reading.listed_customs import CUSTOMS, custom_row, known_row
from remediation.reading.listed_events import event, event_row, orphaned
from remediation.reading.tables import Row, Table, blank
from remediation.terms import Json, Series

_SIGNS: Sequence[tuple[str, frozenset[str]]] = tuple((kind, frozenset(columns.split("|"))) for kind, columns in (
    ("Event", "REASON|MESSAGE"),
    ("ComponentStatus", "STATUS|MESSAGE|ERROR"),
    ("APIService", "SERVICE|AVAILABLE"),
    ("Kustomization", "REVISION|SUSPENDED|READY|MESSAGE"),
    ("GitRepository", "URL|READY|STATUS"),
    ("Application", "SYNC STATUS|HEALTH STATUS"),
    ("ClusterOperator", "VERSION|PROGRESSING|DEGRADED"),
    ("HorizontalPodAutoscaler", "REFERENCE|MINPODS"),
    ("PersistentVolumeClaim", "VOLUME|STORAGECLASS"),
    ("PersistentVolume", "CLAIM|STORAGECLASS"),
    ("StorageClass", "PROVISIONER"),
    ("Service", "CLUSTER-IP|PORT(S)"),
    ("Gateway", "CLASS|ADDRESS|PROGRAMMED"),
    ("Certificate", "READY|SECRET"),
    ("ScaledObject", "SCALETARGETNAME|READY"),
    ("Ingress", "CLASS|HOSTS"),
    ("Endpoints", "ENDPOINTS|AGE"),
    ("IngressClass", "CONTROLLER|PARAMETERS"),
    ("CronJob", "SCHEDULE|SUSPEND"),
    ("Job", "COMPLETIONS|DURATION"),
    ("Deployment", "UP-TO-DATE|READY|AVAILABLE"),
    ("DaemonSet", "DESIRED|CURRENT|UP-TO-DATE"),
    ("ReplicaSet", "DESIRED|CURRENT|READY"),
    ("PodDisruptionBudget", "ALLOWED DISRUPTIONS"),
    ("NetworkPolicy", "POD-SELECTOR"),
    ("ResourceQuota", "REQUEST|LIMIT"),
    ("ResourceQuota", "AGE|REQUEST"),
    ("Node", "STATUS|ROLES|VERSION"),
    ("Pod", "READY|STATUS|RESTARTS"),
    ("StatefulSet", "READY|AGE"),
    ("Secret", "TYPE|DATA"),
    ("ConfigMap", "DATA|AGE"),
    ("ServiceAccount", "SECRETS|AGE"),
    ("Namespace", "NAME|STATUS|AGE"),
))  # fmt: skip
_ONLY = {kind: frozenset(columns.split("|")) for kind, columns in (  # kinds whose few columns others have too
    ("StatefulSet", "NAMESPACE|NAME|READY|AGE|CONTAINERS|IMAGES|LABELS|SELECTOR"),
    ("ConfigMap", "NAMESPACE|NAME|DATA|AGE|LABELS"),
    ("Namespace", "NAME|STATUS|AGE|LABELS"),
)}  # fmt: skip
_EVENT = re.compile(  # a row of events as `grep` leaves it
    r"^(?:(?P<NAMESPACE>[a-z0-9][\w.-]*)\s+)?(?P<SEEN>\d+[smhdy]\S*(?: \(x\d+ over \S+\))?|<unknown>)\s+(?P<TYPE>Normal|"
    r"Warning)\s+(?P<REASON>[A-Z]\w+)"
    r"\s+(?P<OBJECT>[a-z][\w.]*/\S+)\s+(?P<MESSAGE>\S.*)$"
)
_POD = re.compile(r"^(?:(?P<NAMESPACE>[a-z0-9][\w.-]*)\s+)?(?P<NAME>[a-z0-9][\w.-]*)\s+(?P<READY>\d+/\d+)\s+(?P<STATUS>[A-Z][\w:]+)\s+"
                  r"(?P<RESTARTS>\d+(?: \(\S+ ago\))?)\s+(?P<AGE>\d\S*)(?:\s+(?P<IP>\S+)\s+(?P<NODE>\S+))?")  # fmt: skip
_GROUPED = re.compile(r"^(?P<kind>[a-z]+)(?:\.[a-z0-9.]+)?/(?P<name>.+)$")


_OF_OLD_NODES = {"NAME", "STATUS", "AGE", "VERSION"}  # before 1.8


def kind_of(table: Table, asked: Kind | None) -> str:
    """The kind that a table lists; empty when neither command nor columns say."""
    have = set(table.columns)
    signed = next((kind for kind, signs in _SIGNS if signs <= have <= _ONLY.get(kind, have)), "")
    if asked is not None and asked.name != "PodMetrics":
        return "Event" if signed == "Event" else asked.name
    if not signed and have == _OF_OLD_NODES:
        return "Node"
    if signed == "Deployment" and "DESIRED" in have:
        return "DaemonSet"
    return signed


def objects(table: Table, command: Command, now: datetime) -> Iterator[Object]:
    """Each row as an object. command: that printed it, whose namespace counts where the table has no column for it."""
    kind = kind_of(table, command.kind)
    for row in table.rows:
        thing = _object(kind, row, command.namespace, now) or (custom_row(row, command) if not kind else None)
        if thing is not None:
            yield thing


def _object(kind: str, row: Row, namespace: str, now: datetime) -> Object | None:
    name = row.get("NAME", "")
    if grouped := _GROUPED.match(name):
        known = kind_called(grouped["kind"])
        kind, name = (known.name if known else ""), grouped["name"]
    if kind == "Event":
        return event(row, namespace, now)
    if kind in CUSTOMS and name:
        return known_row(kind, row, namespace)
    if kind not in KINDS or not name or name.startswith("(") or (kind == "StatefulSet" and "/" not in row.get("READY", "/")):
        return None
    name = name.removesuffix(" (default)")
    known = KINDS[kind]
    metadata: dict[str, Json] = {"name": name}
    if known.namespaced:
        metadata["namespace"] = row.get("NAMESPACE") or namespace
    if labels := pairs(row.get("LABELS", "")):
        metadata["labels"] = labels
    if made := age(row.get("AGE", ""), now):
        metadata["creationTimestamp"] = made
    if kind == "Pod" and row.get("STATUS") == "Terminating":
        metadata["deletionTimestamp"] = age("0s", now)
    reader = _READERS.get(kind)
    read = reader(row) if reader else {}
    return {"apiVersion": known.api_version, "kind": kind, "metadata": metadata, **_timed(kind, row, read, now)}


def _timed(kind: str, row: Row, read: Object, now: datetime) -> Object:
    """With what a row says of times besides its object's age."""
    if kind == "CronJob" and (started := age(row.get("LAST SCHEDULE", ""), now)):
        return {**read, "status": {**read["status"], "lastScheduleTime": started}}
    if kind == "Pod" and (last := _LAST_RESTART.search(row.get("RESTARTS", ""))):
        ended, status = {"terminated": {"finishedAt": age(last[1], now)}}, read.get("status") or {}
        if statuses := [{**each, "lastState": ended} for each in status.get("containerStatuses") or ()]:
            return {**read, "status": {**status, "containerStatuses": statuses}}
    return read


NODE_SHARES: Mapping[str, tuple[Sequence[str], str]] = {  # the columns of `top nodes`, and what they are shares of
    "node_memory_in_use_share": (("MEMORY%", "MEMORY(%)"), "memory"),
    "node_cpu_in_use_share": (("CPU%", "CPU(%)"), "CPU"),
}
_LAST_RESTART = re.compile(r"\(([^\s()]{1,40}) ago\)")


def headless(lines: Sequence[str], command: Command, now: datetime) -> Iterator[Object]:
    """Rows of events and pods without their header, as `grep` leaves them; the events of a description without their object.

    command: that printed them, where the text shows one. What of an event is left may be its message alone.
    """
    asked, namespace = command.kind, command.namespace
    yield from orphaned(lines, (asked.name, command.name) if asked and command.verb == "describe" else ("", ""), namespace, now)
    rest = []
    for line in lines:
        if (cells := "/" in line) and (match := _EVENT.match(line)):
            row = {key: value or "" for key, value in match.groupdict().items()}
            yield event({**row, "LAST SEEN": row["SEEN"]}, namespace, now)
        elif cells and (asked is None or asked.name == "Pod") and (match := _POD.match(line)):
            row = {key: blank(value or "") for key, value in match.groupdict().items()}
            if (thing := _object("Pod", row, namespace, now)) is not None:
                yield thing
        elif event_row(line) is None:
            rest.append(line)
    wanted = asked.name if asked is not None and command.verb == "get" else ""
    told = (_object(kind, row, namespace, now) for kind, row in bare_rows(rest, wanted))
    yield from (thing for thing in told if thing is not None)
    yield from messages.alone(rest, namespace)


def usage(table: Table, now: datetime) -> Iterator[Series]:
    """What `kubectl top` prints, as series of one point: bytes and cores."""
    for row in table.rows:
        labels = {"namespace": row.get("NAMESPACE", ""), "pod": row.get("POD", ""), "container": row["NAME"]} if "POD" in row else {
            "namespace": row.get("NAMESPACE", ""), "pod": row.get("NAME", "")}  # fmt: skip
        if "CPU%" in row or "CPU(%)" in row:
            labels = {"node": row.get("NAME", "")}
            yield from _shares(row, labels, now)
        for metric, column, read in (
            ("cpu_usage_cores", "CPU(cores)", parse_cpu),
            ("memory_working_set_bytes", "MEMORY(bytes)", parse_memory),
        ):
            try:
                value = float(read(row.get(column, "")))
            except ValueError:
                continue
            yield Series(metric=metric, labels=labels, points=((now.timestamp(), value),))


def _shares(row: Row, labels: Mapping[str, str], now: datetime) -> Iterator[Series]:
    """How much of what a node may give to pods is in use, 0–1."""
    for metric, (columns, _) in NODE_SHARES.items():
        shown = next((row[column] for column in columns if column in row), "").removesuffix("%")
        if shown.isdecimal():
            yield Series(metric=metric, labels=labels, points=((now.timestamp(), int(shown) / 100),))


_READERS: Mapping[str, Callable[[Row], Object]] = {**listed_workloads.READERS, **listed_objects.READERS}
