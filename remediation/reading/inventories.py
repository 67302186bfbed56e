"""Tables of what a cluster has, and of its events, as dashboards and databases of clusters export them: each row an object or an event."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from remediation.kinds import KINDS, kind_called
from remediation.reading import columns as named
from remediation.reading import listed
from remediation.reading.cell_values import seconds_of, stamp_of, structure_of
from remediation.reading.cells import Object, age, pairs
from remediation.reading.columns import index_of, plain
from remediation.reading.command import Command
from remediation.reading.delimited import Rows
from remediation.reading.export import Export
from remediation.reading.foreign import flat, unlimited
from remediation.reading.listed_events import made_event
from remediation.reading.merging import DESCRIBED, ROW
from remediation.reading.tables import Row, Table, blank

_KIND = ("kind", "objectkind", "involvedobjectkind", "involvedkind", "resourcekind", "resourcetype", "regardingkind")
_NAME = ("involvedobjectname", "objectname", "regardingname", "involvedname", "name", "podname", "resourcename", "pod", "deployment",
         "deploymentname", "node", "nodename", "computer")  # fmt: skip
_ABOUT = ("object", "involvedobject", "regarding", "resource")
_TYPE = ("type", "kubeeventtype", "eventtype", "severity", "level")
_COUNT = ("count", "eventcount")
_TITLES = {  # as kubectl calls the columns that others call so
    "name": "NAME", "podname": "NAME", "deploymentname": "NAME", "namespace": "NAMESPACE", "podnamespace": "NAMESPACE", "ready": "READY",
    "status": "STATUS", "podstatus": "STATUS", "phase": "STATUS", "state": "STATUS", "restarts": "RESTARTS", "restartcount": "RESTARTS",
    "podrestartcount": "RESTARTS", "age": "AGE", "node": "NODE", "nodename": "NODE", "ip": "IP", "podip": "IP", "uptodate": "UP-TO-DATE",
    "available": "AVAILABLE", "desired": "DESIRED", "current": "CURRENT", "containers": "CONTAINERS", "images": "IMAGES",
    "labels": "LABELS",
    "type": "TYPE", "clusterip": "CLUSTER-IP", "ports": "PORT(S)", "selector": "SELECTOR", "volume": "VOLUME", "capacity": "CAPACITY",
    "accessmodes": "ACCESS MODES", "storageclass": "STORAGECLASS", "roles": "ROLES", "version": "VERSION", "reference": "REFERENCE",
    "targets": "TARGETS", "minpods": "MINPODS", "maxpods": "MAXPODS", "replicas": "REPLICAS", "completions": "COMPLETIONS",
    "schedule": "SCHEDULE", "suspend": "SUSPEND", "active": "ACTIVE", "duration": "DURATION", "endpoints": "ENDPOINTS", "class": "CLASS",
    "hosts": "HOSTS", "address": "ADDRESS", "request": "REQUEST", "limit": "LIMIT", "claim": "CLAIM", "externalip": "EXTERNAL-IP",
}  # fmt: skip
_PODS_STATES = frozenset({"running", "pending", "crashloopbackoff", "imagepullbackoff", "errimagepull", "completed", "oomkilled", "evicted",
                          "succeeded", "failed", "containercreating", "terminating", "createcontainerconfigerror"})  # fmt: skip
_STATES = ("STATUS", "READY", "RESTARTS", "AVAILABLE", "DESIRED", "REPLICAS", "COMPLETIONS", "VOLUME", "PORT(S)", "REFERENCE", "REQUEST")


def tells_events(columns: Sequence[str]) -> bool:
    """Whether rows are events of the cluster: a reason, a message, and what they are about."""
    about = max(index_of(columns, _ABOUT), index_of(columns, _NAME), index_of(columns, _KIND))
    return min(index_of(columns, named.REASON), index_of(columns, ("message", "note")), about) >= 0


def add_events(export: Export, table: Rows, now: datetime) -> None:
    """Each row as the event that it is; the same one, which the table counts again, once."""
    columns = table.columns
    reason, message, kind, name, about, how, count, where, time = (
        index_of(columns, names) for names in (named.REASON, ("message", "note"), _KIND, _NAME, _ABOUT, _TYPE, _COUNT, named.NAMESPACE,
                                               ("lastseen", "lasttimestamp", "age", *named.TIME))
    )  # fmt: skip
    for row in table.rows:
        place = _about(_cell(row, about), _cell(row, kind), _cell(row, name), _cell(row, where))
        if not place["name"] or not row[reason]:
            continue
        stamp = stamp_of(_cell(row, time)) or age(_cell(row, time), now)
        told: Row = {"TYPE": _cell(row, how).capitalize(), "REASON": row[reason], "MESSAGE": row[message], "COUNT": _cell(row, count)}
        export.add_object(made_event(place, place["namespace"], told, (stamp, 1)), seconds_of(stamp) or 0.0, ROW)


def _about(written: str, kind: str, name: str, namespace: str) -> dict[str, str]:
    """`pod/api-1`, `Pod/shop/api-1`, a mapping, or parts in columns of their own."""
    inner = structure_of(written)
    if isinstance(inner, Mapping):
        kind, name = str(inner.get("kind") or kind), str(inner.get("name") or name)
        namespace = str(inner.get("namespace") or namespace)
    elif written:
        *before, name = written.split("/")
        kind = before[0] if before else kind
        namespace = before[1] if len(before) > 1 else namespace
    known = kind_called(kind)
    namespaced = known is None or known.namespaced
    return {"kind": known.name if known else kind or "Pod", "namespace": namespace if namespaced else "", "name": name}


def _cell(row: Sequence[str], at: int) -> str:
    return blank(row[at].strip()) if at >= 0 else ""


def lists_objects(table: Rows, name: str) -> bool:
    """Whether rows are objects that a tool lists: they have names, a kind that somebody says, and how they stand."""
    titles = {_TITLES.get(plain(title), "") for title in table.columns}
    if "NAME" not in titles or not titles & {*_STATES}:
        return False
    return index_of(table.columns, _KIND) >= 0 or bool(_kind(table, name)) or _are_pods(table)


def _kind(table: Rows, name: str) -> str:
    """The kind of all rows, by their columns as kubectl has them, else by the file's name."""
    titles = tuple(_TITLES.get(plain(title), title.upper()) for title in table.columns)
    signed = listed.kind_of(Table(columns=titles, rows=(), first=0, last=0), None)
    words = plain(name.rpartition(".")[0])
    hinted = next((kind.name for kind in KINDS.values() if kind.plural in words), "")
    return signed or hinted


def _are_pods(table: Rows) -> bool:
    keys = {plain(title) for title in table.columns}
    if keys & {"podstatus", "podname", "podip"}:
        return True
    states = [at for at, title in enumerate(table.columns) if _TITLES.get(plain(title)) == "STATUS"]
    return any(row[at].strip().lower() in _PODS_STATES for row in table.rows[:50] for at in states)


def add_inventory(export: Export, table: Rows, name: str, now: datetime) -> None:
    """Each row as an object, as far as it says; of a table that is written again and again the newest rows count."""
    keys = [plain(title) for title in table.columns]
    if {"podstatus", "containerstatus"} <= set(keys):
        _add_pods(export, keys, table)
        return
    hinted = _kind(table, name) or ("Pod" if _are_pods(table) else "")
    kind, time = index_of(table.columns, _KIND), index_of(table.columns, named.TIME)
    titles = [_TITLES.get(key, title.upper()) for key, title in zip(keys, table.columns, strict=True)]
    for row in table.rows:
        known = kind_called(_cell(row, kind)) or kind_called(hinted)
        cells = {title: blank(cell.strip()) for title, cell in zip(titles, row, strict=True)}
        if "READY" not in cells and cells.get("STATUS") == "Running":
            cells["READY"] = "1/1"  # what is not said is not false
        at = seconds_of(row[time]) if time >= 0 else None
        for thing in listed.objects(_row_table(cells), Command(kind=known, verb="get"), now):
            export.add_object(_with_image(thing, cells), at or 0.0, ROW)


def _row_table(cells: Row) -> Table:
    return Table(columns=tuple(cells), rows=(cells,), first=0, last=1)


def _with_image(thing: Object, cells: Row) -> Object:
    """A pod with what its row says of its image."""
    image = cells.get("IMAGE") or cells.get("IMAGES", "")
    if thing["kind"] != "Pod" or not image or "," in image:
        return thing
    return {**thing, "spec": {**thing["spec"], "containers": [{"name": cells.get("CONTAINER", ""), "image": image}]}}


def _add_pods(export: Export, keys: Sequence[str], table: Rows) -> None:
    """Azure's inventory of pods: a row for each container, again every minute."""
    time = index_of(table.columns, named.TIME)
    latest: dict[tuple[str, str, str], Mapping[str, str]] = {}
    times: dict[tuple[str, str], float] = {}
    for row in table.rows:
        cells: Mapping[str, str] = dict(zip(keys, row, strict=True))
        pod, at = (cells.get("namespace", ""), cells.get("name", "")), (seconds_of(row[time]) or 0.0 if time >= 0 else 0.0)
        if at >= times.get(pod, 0.0):
            times[pod] = at
            latest[*pod, cells.get("containername", "").rpartition("/")[2]] = cells
    containers: dict[tuple[str, str], list[tuple[str, Mapping[str, str]]]] = {}
    for (namespace, pod_name, container), cells in latest.items():
        containers.setdefault((namespace, pod_name), []).append((container, cells))
    for pod, rows in containers.items():
        export.add_object(_pod(pod, rows), times[pod], DESCRIBED)


def _pod(pod: tuple[str, str], rows: Sequence[tuple[str, Mapping[str, str]]]) -> Object:
    first = rows[0][1]
    document = {
        "namespace": pod[0], "name": pod[1], "phase": first.get("podstatus", ""), "node_name": first.get("computer", ""),
        "labels": _labels(first.get("podlabel", "")), "created_at": stamp_of(first.get("podcreationtimestamp", "")),
        "containers": [_container(name, cells) for name, cells in rows if name],
    }  # fmt: skip
    made = unlimited(flat("Pod", document))
    kind, owner = first.get("controllerkind", ""), first.get("controllername", "")
    if not kind or not owner or kind_called(kind) is None:
        return made
    owners = [{"apiVersion": KINDS[kind].api_version if kind in KINDS else "", "kind": kind, "name": owner, "controller": True}]
    return {**made, "metadata": {**made["metadata"], "ownerReferences": owners}}


def _labels(cell: str) -> Mapping[str, str]:
    read = structure_of(cell)
    first = read[0] if isinstance(read, list) and read else read
    return {str(key): str(value) for key, value in first.items()} if isinstance(first, Mapping) else pairs(cell)


def _container(name: str, cells: Mapping[str, str]) -> Mapping[str, object]:
    word, reason = cells.get("containerstatus", "").lower(), cells.get("containerstatusreason", "")
    restarts = cells.get("containerrestartcount", "")
    last = structure_of(cells.get("containerlaststatus", ""))
    told = {"state": {word: True, "reason": reason} if reason else {word: True}} if word else {}
    ended = {"last_state": {"terminated": _keys(last)}} if isinstance(last, Mapping) and last else {}
    count = int(float(restarts)) if restarts.replace(".", "", 1).isdecimal() else 0
    return {"name": name, "ready": word == "running", "restart_count": count, **told, **ended}


def _keys(last: Mapping[str, object]) -> Mapping[str, object]:
    words = {"reason": "reason", "exitcode": "exitCode", "finishedat": "finishedAt", "startedat": "startedAt"}
    return {words[key.lower()]: value for key, value in last.items() if key.lower() in words}
