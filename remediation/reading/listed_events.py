"""Events as rows, of `kubectl get events`, of a description, or as `grep` leaves them; and the pods that only they tell of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zlib import crc32

from remediation.kinds import kind_called
from remediation.reading.cells import Object, age
from remediation.reading.tables import Row

_DESCRIBED = re.compile(
    r"^\s*(?P<TYPE>Normal|Warning)\s+(?P<REASON>[A-Z]\w+)\s+(?P<AGE>\d\S*(?: \(x\d+ over \S+\))?)\s+(?P<FROM>[a-z][\w.-]*(?:, "
    r"\S+)?)\s+(?P<MESSAGE>\S.*)$"
)
_OLDER = re.compile(  # first seen, last seen, count, source and field before the type
    r"^\s*\d\w+\s+(?P<AGE>\d\w+)\s+(?P<COUNT>\d+)\s+(?:\{(?P<FROM>[a-z][\w.-]*)[^}]*\}|(?P<reporter>[a-z][\w.-]*)(?:, (?P<HOST>\S+))?)\s+"
    r"(?P<SUBOBJECT>spec\.\S+)?\s*(?P<TYPE>Normal|Warning)\s+(?P<REASON>[A-Z]\w+)\s+(?P<MESSAGE>\S.*)$"
)
_ABOUT = re.compile(r"Successfully assigned (?:(?P<namespace>[\w-]+)/)?(?P<assigned>[\w.-]+) to|for pod "
                    r"\"(?P<pod>[\w.-]+?)(?:_(?P<where>[\w-]+))?(?:\([^\")]*\))?\"|"
                    r"[Pp]od [\"(]?(?P<named>[a-z0-9][\w.-]*-[\w.-]*[a-z0-9])\"?")  # fmt: skip
_PODS_OWN = frozenset({"default-scheduler", "kubelet", "attachdetach-controller", "cluster-autoscaler", "karpenter"})
_MAKERS = {f"{kind.lower()}-controller": kind for kind in ("ReplicaSet", "StatefulSet", "DaemonSet", "Deployment", "Job", "CronJob")} | {
    "horizontal-pod-autoscaler": "HorizontalPodAutoscaler", "persistentvolume-controller": "PersistentVolumeClaim",
    "service-controller": "Service", "node-controller": "Node", "replication-controller": "ReplicationController",
}  # fmt: skip
_OF_NODES = re.compile(
    r"Node[A-Z]\w+|Rebooted|EvictionThresholdMet|ImageGCFailed|FreeDiskSpaceFailed|ContainerGCFailed|SystemOOM|InvalidDiskCapacity"
)
_OF_PODS = frozenset(
    {"FailedScheduling", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "BackOff", "Failed", "Unhealthy", "Evicted"}
)
_FORBIDDEN = re.compile(r"[Pp]ods \"(?P<made>[\w.-]+?)-?\" is forbidden")


def event_row(line: str) -> Row | None:
    """A line of the events below a description: type, reason, age, source and message, however many blanks are between them."""
    begins = line.lstrip()
    if begins[:1].isdecimal():
        return _older_row(line)
    if not begins.startswith(("Normal", "Warning")):
        return None
    parts = re.split(r"\s{2,}", line.strip(), maxsplit=4)
    if parts[0] in ("Normal", "Warning") and len(parts) >= 4:  # noqa: PLR2004 - type, reason, age, message
        reporter = parts[3] if len(parts) > 4 else ""  # noqa: PLR2004 - reporters may be empty
        return {"TYPE": parts[0], "REASON": parts[1], "AGE": parts[2], "FROM": reporter, "MESSAGE": parts[-1]}
    match = _DESCRIBED.match(line)
    return match.groupdict() if match else None


def _older_row(line: str) -> Row | None:
    """The same as kubectl printed it before 1.8, the times first."""
    match = _OLDER.match(line) if "Normal" in line or "Warning" in line else None
    if match is None:
        return None
    row = {key: value or "" for key, value in match.groupdict().items()}
    return {**row, "FROM": row.pop("reporter") or row["FROM"]}


def orphaned(lines: Sequence[str], described: tuple[str, str], namespace: str, now: datetime) -> Iterator[Object]:
    """Events that were pasted without what they are about.

    described: kind and name of what the command describes. Else who reports them tells the kind, and their own words the pod's name, where
    any do: an empty one is of the only such object.
    """
    rows: list[dict[str, str]] = []
    for line in lines:
        begins = line.lstrip()
        row = event_row(line) if begins.startswith(("Normal ", "Warning ")) or begins[:1].isdecimal() else None
        if row is not None:
            rows.append(dict(row))
        elif rows and line.strip():
            rows[-1]["MESSAGE"] += f" {line.strip()}"
    match = _ABOUT.search(" ".join(row["MESSAGE"] for row in rows))
    where = (match["namespace"] or match["where"] or "") if match else ""
    pod = (match["assigned"] or match["pod"] or match["named"]) if match else ""
    for row in rows:
        kind = described[0] if described[1] else kind_reported(row)
        name = described[1] or (pod if kind == "Pod" else row.get("HOST") or _host(row) if kind == "Node" else _made(row))
        if kind:
            yield made_event({"kind": kind, "namespace": where or namespace, "name": name}, where or namespace, row, _seen(row["AGE"], now))


def _host(row: Row) -> str:
    """The node behind the kubelet that reports an event, as descriptions have it."""
    return row.get("FROM", "").partition(", ")[2]


def kind_reported(row: Row) -> str:
    """The kind of what an event is about, by who reports it; empty where that may be anything."""
    reporter = row.get("FROM", "").split(",", maxsplit=1)[0]
    if reporter == "kubelet" and _OF_NODES.fullmatch(row["REASON"]):
        return "Node"
    return "Pod" if reporter in _PODS_OWN or row["REASON"] in _OF_PODS else _MAKERS.get(reporter, "")


def _made(row: Row) -> str:
    """The name that the pods which are refused would begin with, which is their maker's."""
    match = _FORBIDDEN.search(row["MESSAGE"])
    return match["made"] if match else ""


_NUMBER_OF_EVENT = re.compile(r"\.[0-9a-f]{14,16}$")


def event(row: Row, namespace: str, now: datetime) -> Object:
    """A row of `kubectl get events` or `kubectl events`; old ones have the KIND, and name the event by what it is about and a number."""
    last, count = _seen(row.get("LAST SEEN") or row.get("LASTSEEN") or row.get("AGE") or "", now)
    kind, _, name = row.get("OBJECT", "").partition("/")
    if not name and row.get("KIND"):
        kind, name = row["KIND"], kind or _NUMBER_OF_EVENT.sub("", row.get("NAME", ""))
    known = kind_called(kind)
    where = row.get("NAMESPACE") or namespace
    about = {"kind": known.name if known else kind, "namespace": where if known is None or known.namespaced else "", "name": name}
    if "{" in row.get("SUBOBJECT", ""):  # `spec.containers{api}`
        about["fieldPath"] = row["SUBOBJECT"]
    return made_event(about, where, row, (last, count))


def made_event(about: Mapping[str, str], namespace: str, row: Row, seen: tuple[str, int]) -> Object:
    """An event out of its parts. seen: when last, RFC 3339 or empty, and how often."""
    reason, message = row.get("REASON", ""), row.get("MESSAGE", "")
    name = f"{about['name']}.{crc32(f'{reason} {message}'.encode()):x}"
    metadata = {"name": name, "namespace": namespace}
    given = row.get("COUNT", "")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": metadata,
        "involvedObject": dict(about),
        "type": row.get("TYPE", ""),
        "reason": reason,
        "message": message,
        "lastTimestamp": seen[0],
        "count": int(given) if given.isdecimal() else seen[1],
    }


def _seen(text: str, now: datetime) -> tuple[str, int]:
    """`5m`, `5m (x4 over 10m)`: when last, and how often."""
    times = re.search(r"\(x(\d+)", text)
    return age(text.split(" ", maxsplit=1)[0] if text else "", now), int(times[1]) if times else 1
