"""The rows of `kubectl get` as API objects, as far as a row says; and of `kubectl top` as series."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from zlib import crc32

from remediation.kinds import KINDS, Kind, kind_called
from remediation.quantities import parse_cpu, parse_duration, parse_memory
from remediation.reading.tables import Row, Table, blank
from remediation.terms import Json, Series

Object = Mapping[str, Json]

_SIGNS: Sequence[tuple[str, frozenset[str]]] = tuple((kind, frozenset(columns.split("|"))) for kind, columns in (
    ("Event", "REASON|MESSAGE"),
    ("ComponentStatus", "STATUS|MESSAGE|ERROR"),
    ("APIService", "SERVICE|AVAILABLE"),
    ("Kustomization", "REVISION|SUSPENDED|READY|MESSAGE"),
    ("Application", "SYNC STATUS|HEALTH STATUS"),
    ("ClusterOperator", "VERSION|PROGRESSING|DEGRADED"),
    ("HorizontalPodAutoscaler", "REFERENCE|MINPODS"),
    ("PersistentVolumeClaim", "VOLUME|STORAGECLASS"),
    ("PersistentVolume", "CLAIM|STORAGECLASS"),
    ("StorageClass", "PROVISIONER"),
    ("Service", "CLUSTER-IP|PORT(S)"),
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
_POD_REASONS = re.compile(r"(?:Init:)?(?P<reason>[A-Z]\w+)")
_PHASES = frozenset({"Pending", "Running", "Succeeded", "Failed", "Unknown"})
_WAITS = re.compile(r"BackOff|^Err|Error$|Creating|Initializing|InvalidImageName|^Create|^RunContainer")
_EVENT = re.compile(  # a row of events as `grep` leaves it
    r"^(?:(?P<NAMESPACE>[a-z0-9][\w.-]*)\s+)?(?P<SEEN>\d+[smhdy]\S*(?: \(x\d+ over \S+\))?|<unknown>)\s+(?P<TYPE>Normal|"
    r"Warning)\s+(?P<REASON>[A-Z]\w+)"
    r"\s+(?P<OBJECT>[a-z][\w.]*/\S+)\s+(?P<MESSAGE>\S.*)$"
)
_DESCRIBED = re.compile(
    r"^\s*(?P<TYPE>Normal|Warning)\s+(?P<REASON>[A-Z]\w+)\s+(?P<AGE>\d\S*(?: \(x\d+ over \S+\))?)\s+(?P<FROM>[a-z][\w.-]*(?:, "
    r"\S+)?)\s+(?P<MESSAGE>\S.*)$"
)
_ABOUT = re.compile(r"Successfully assigned (?:(?P<namespace>[\w-]+)/)?(?P<assigned>[\w.-]+) to|for pod "
                    r"\"(?P<pod>[\w.-]+?)(?:_(?P<where>[\w-]+))?(?:\([^\")]*\))?\"|"
                    r"[Pp]od \"?(?P<named>[a-z0-9][\w.-]*-[\w.-]*[a-z0-9])\"?")  # fmt: skip
_OF_PODS = frozenset(
    {"FailedScheduling", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "BackOff", "Failed", "Unhealthy", "Evicted"}
)
_POD = re.compile(r"^(?:(?P<NAMESPACE>[a-z0-9][\w.-]*)\s+)?(?P<NAME>[a-z0-9][\w.-]*)\s+(?P<READY>\d+/\d+)\s+(?P<STATUS>[A-Z][\w:]+)\s+"
                  r"(?P<RESTARTS>\d+(?: \(\S+ ago\))?)\s+(?P<AGE>\d\S*)(?:\s+(?P<IP>\S+)\s+(?P<NODE>\S+))?")  # fmt: skip
_GROUPED = re.compile(r"^(?P<kind>[a-z]+)(?:\.[a-z0-9.]+)?/(?P<name>.+)$")


def kind_of(table: Table, asked: Kind | None) -> str:
    """The kind that a table lists; empty when neither command nor columns say."""
    have = set(table.columns)
    signed = next((kind for kind, signs in _SIGNS if signs <= have <= _ONLY.get(kind, have)), "")
    if asked is not None and asked.name != "PodMetrics":
        return "Event" if signed == "Event" else asked.name
    if signed == "Deployment" and "DESIRED" in have:
        return "DaemonSet"
    return signed


def objects(table: Table, asked: Kind | None, namespace: str, now: datetime) -> Iterator[Object]:
    """Each row as an object. asked: the kind that the command named.  namespace: where the table has no column for it."""
    kind = kind_of(table, asked)
    for row in table.rows:
        thing = _object(kind, row, namespace, now)
        if thing is not None:
            yield thing


def _object(kind: str, row: Row, namespace: str, now: datetime) -> Object | None:
    name = row.get("NAME", "")
    if grouped := _GROUPED.match(name):
        known = kind_called(grouped["kind"])
        kind, name = (known.name if known else ""), grouped["name"]
    if kind == "Event":
        return event(row, namespace, now)
    if kind not in KINDS or not name or name.startswith("("):
        return None
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
    return {"apiVersion": known.api_version, "kind": kind, "metadata": metadata, **(reader(row) if reader else {})}


def headless(lines: Sequence[str], asked: Kind | None, namespace: str, now: datetime) -> Iterator[Object]:
    """Rows of events and pods without their header, as `grep` leaves them; and the events of a description without their object."""
    yield from _orphaned(lines, namespace, now)
    for line in lines:
        if match := _EVENT.match(line):
            row = {key: value or "" for key, value in match.groupdict().items()}
            yield event({**row, "LAST SEEN": row["SEEN"]}, namespace, now)
        elif (asked is None or asked.name == "Pod") and (match := _POD.match(line)):
            row = {key: blank(value or "") for key, value in match.groupdict().items()}
            if (thing := _object("Pod", row, namespace, now)) is not None:
                yield thing


def event_row(line: str) -> Row | None:
    """A line of the events below a description: type, reason, age, source and message, however many blanks are between them."""
    parts = re.split(r"\s{2,}", line.strip(), maxsplit=4)
    if parts[0] in ("Normal", "Warning") and len(parts) >= 4:  # noqa: PLR2004 - type, reason, age, message
        return {"TYPE": parts[0], "REASON": parts[1], "AGE": parts[2], "MESSAGE": parts[-1]}
    match = _DESCRIBED.match(line)
    return match.groupdict() if match else None


def _orphaned(lines: Sequence[str], namespace: str, now: datetime) -> Iterator[Object]:
    """Events that were pasted without what they are about: their own words name the pod, where any do."""
    rows: list[dict[str, str]] = []
    for line in lines:
        row = event_row(line) if line.lstrip().startswith(("Normal ", "Warning ")) else None
        if row is not None:
            rows.append(dict(row))
        elif rows and line.strip():
            rows[-1]["MESSAGE"] += f" {line.strip()}"
    words = " ".join(row["MESSAGE"] for row in rows)
    match = _ABOUT.search(words)
    where = (match["namespace"] or match["where"] or "") if match else ""
    name = (match["assigned"] or match["pod"] or match["named"]) if match else ""  # empty: of the only pod that is not ready
    for row in rows if match or any(row["REASON"] in _OF_PODS for row in rows) else ():
        yield made_event({"kind": "Pod", "namespace": where or namespace, "name": name}, where or namespace, row, _seen(row["AGE"], now))


_NUMBER_OF_EVENT = re.compile(r"\.[0-9a-f]{14,16}$")


def event(row: Row, namespace: str, now: datetime) -> Object:
    """A row of `kubectl get events` or `kubectl events`; old ones have the KIND, and name the event by what it is about and a number."""
    last, count = _seen(row.get("LAST SEEN") or row.get("LASTSEEN") or row.get("AGE") or "", now)
    kind, _, name = row.get("OBJECT", "").partition("/")
    if not name and row.get("KIND"):
        kind, name = row["KIND"], _NUMBER_OF_EVENT.sub("", row.get("NAME", ""))
    known = kind_called(kind)
    where = row.get("NAMESPACE") or namespace
    about = {"kind": known.name if known else kind, "namespace": where if known is None or known.namespaced else "", "name": name}
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
        "count": int(given) if given.isdigit() else seen[1],
    }


def _seen(text: str, now: datetime) -> tuple[str, int]:
    """`5m`, `5m (x4 over 10m)`: when last, and how often."""
    times = re.search(r"\(x(\d+)", text)
    return age(text.split(" ", maxsplit=1)[0] if text else "", now), int(times[1]) if times else 1


def age(text: str, now: datetime) -> str:
    """When it was, RFC 3339; empty for what is no age."""
    try:
        return (now - parse_duration(text)).strftime("%Y-%m-%dT%H:%M:%SZ") if text else ""
    except ValueError:
        return ""


def pairs(text: str) -> dict[str, str]:
    """Labels as `a=b,c=d`."""
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


def _fraction(text: str) -> tuple[int, int]:
    have, _, of = text.partition("/")
    return (int(have), int(of)) if have.isdigit() and of.isdigit() else (0, 0)


def _number(text: str) -> int:
    match = re.match(r"\d+", text)
    return int(match[0]) if match else 0


def _pod(row: Row) -> Object:
    status = row.get("STATUS", "")
    ready, of = _fraction(row.get("READY", ""))
    restarts = _number(row.get("RESTARTS", ""))
    spec = {"nodeName": row["NODE"].split("/")[0]} if row.get("NODE") else {}
    return {"spec": spec, "status": pod_status(status, restarts, is_ready=bool(of) and ready == of)}


def pod_status(word: str, restarts: int, *, is_ready: bool) -> dict[str, Json]:
    """A pod's status out of the one word that kubectl prints for it."""
    status: dict[str, Json] = {"phase": word if word in _PHASES else "", "printed": word}
    status["conditions"] = [{"type": "Ready", "status": str(is_ready)}]
    if word in ("Evicted", "NodeLost", "OutOfcpu", "OutOfmemory", "NodeAffinity", "Shutdown", "OutOfpods"):
        return {**status, "phase": "Failed", "reason": word}
    if word in ("Completed", "Terminating", *_PHASES) and not restarts:
        return status | ({"phase": "Succeeded"} if word == "Completed" else {})
    match = _POD_REASONS.match(word)
    reason = match["reason"] if match else ""
    container: dict[str, Json] = {"name": "", "ready": is_ready, "restartCount": restarts}
    if _WAITS.search(reason) and reason != "Error":
        container["state"] = {"waiting": {"reason": reason}}
    elif reason in ("Error", "OOMKilled", "StartError", "ContainerCannotRun", "DeadlineExceeded"):
        container["state"] = {"terminated": {"reason": reason}}
    elif word == "Running":
        container["state"] = {"running": {}}
    status["initContainerStatuses" if word.startswith("Init:") else "containerStatuses"] = [container]
    return status


def _template(row: Row) -> dict[str, Json]:
    names, images = row.get("CONTAINERS", ""), row.get("IMAGES", "")
    both = zip(names.split(","), images.split(","), strict=False) if names and images else ()
    spec: dict[str, Json] = {"template": {"spec": {"containers": [{"name": n, "image": i} for n, i in both]}}} if names and images else {}
    if selector := pairs(row.get("SELECTOR", "")):
        spec["selector"] = {"matchLabels": selector}
    return spec


def _replicated(row: Row) -> Object:
    ready, wanted = _fraction(row.get("READY", ""))
    status = {"readyReplicas": ready, "availableReplicas": _number(row.get("AVAILABLE", str(ready)) or "0")}
    if row.get("UP-TO-DATE"):
        status["updatedReplicas"] = _number(row["UP-TO-DATE"])
    return {"spec": {"replicas": wanted, **_template(row)}, "status": status}


def _replica_set(row: Row) -> Object:
    status = {"replicas": _number(row.get("CURRENT", "")), "readyReplicas": _number(row.get("READY", ""))}
    return {"spec": {"replicas": _number(row.get("DESIRED", "")), **_template(row)}, "status": status}


def _daemon_set(row: Row) -> Object:
    counts = {
        "desiredNumberScheduled": "DESIRED",
        "currentNumberScheduled": "CURRENT",
        "numberReady": "READY",
        "numberAvailable": "AVAILABLE",
    }
    spec = _template(row)
    if chosen := pairs(row.get("NODE SELECTOR", "")):
        spec.setdefault("template", {}).setdefault("spec", {})["nodeSelector"] = chosen
    return {"spec": spec, "status": {field: _number(row.get(column, "")) for field, column in counts.items()}}


def _job(row: Row) -> Object:
    done, wanted = _fraction(row.get("COMPLETIONS", "").split(" ")[0])
    ended = {"Failed": "Failed", "Complete": "Complete"}.get(row.get("STATUS", ""))
    conditions = [{"type": ended, "status": "True"}] if ended else []
    return {"spec": {"completions": wanted or 1}, "status": {"succeeded": done, "conditions": conditions}}


def _cron_job(row: Row) -> Object:
    return {"spec": {"schedule": row.get("SCHEDULE", ""), "suspend": row.get("SUSPEND") == "True"}, "status": {}}


def _service(row: Row) -> Object:
    ports = [port for text in row.get("PORT(S)", "").split(",") if (port := _service_port(text))]
    spec: dict[str, Json] = {"type": row.get("TYPE", ""), "clusterIP": row.get("CLUSTER-IP") or "None", "ports": ports}
    if selector := pairs(row.get("SELECTOR", "")):
        spec["selector"] = selector
    status = {"printed": "SELECTOR" not in row, "pending": row.get("EXTERNAL-IP") == "<pending>"}
    return {"spec": spec, "status": {word: True for word, so in status.items() if so}}


def _service_port(text: str) -> Json:
    match = re.fullmatch(r"(\d+)(?::(\d+))?/([A-Z]+)", text.strip())
    return {"port": int(match[1]), "protocol": match[3]} if match else None


def _endpoints(row: Row) -> Object:
    places = [place.rpartition(":") for place in row.get("ENDPOINTS", "").split(" +")[0].split(",") if place]
    subsets = [{"addresses": [{"ip": ip} for ip, _, _ in places], "ports": [{"port": int(p)} for _, _, p in places[:1] if p.isdigit()]}]
    return {"subsets": subsets if places else []}


def _ingress(row: Row) -> Object:
    hosts = [{"host": host} for host in row.get("HOSTS", "").split(",") if host and host != "*"]
    spec: dict[str, Json] = {"rules": hosts} if hosts else {}
    if row.get("CLASS"):
        spec["ingressClassName"] = row["CLASS"]
    status = {"loadBalancer": {"ingress": [{"ip": row["ADDRESS"]}] if row.get("ADDRESS") else []}}
    return {"spec": spec, "status": status}


def _claim(row: Row) -> Object:
    spec: dict[str, Json] = {"storageClassName": row["STORAGECLASS"]} if row.get("STORAGECLASS") else {}
    if row.get("VOLUME"):
        spec["volumeName"] = row["VOLUME"]
    status: dict[str, Json] = {"phase": row.get("STATUS", "")}
    if row.get("CAPACITY"):
        status["capacity"] = {"storage": row["CAPACITY"]}
    if modes := _modes(row):
        spec["accessModes"] = modes
    return {"spec": spec, "status": status}


def _modes(row: Row) -> list[str]:
    words = {"RWO": "ReadWriteOnce", "RWX": "ReadWriteMany", "ROX": "ReadOnlyMany", "RWOP": "ReadWriteOncePod"}
    return [words.get(mode, mode) for mode in row.get("ACCESS MODES", "").split(",") if mode]


def _volume(row: Row) -> Object:
    spec: dict[str, Json] = {"storageClassName": row.get("STORAGECLASS", ""), "accessModes": _modes(row)}
    if row.get("CAPACITY"):
        spec["capacity"] = {"storage": row["CAPACITY"]}
    namespace, _, claim = row.get("CLAIM", "").partition("/")
    if claim:
        spec["claimRef"] = {"namespace": namespace, "name": claim}
    return {"spec": spec, "status": {"phase": row.get("STATUS", "")}}


_NODE_COLUMNS = frozenset({"NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION",
                           "CONTAINER-RUNTIME", "LABELS"})  # fmt: skip


def _node(row: Row) -> Object:
    words = row.get("STATUS", "").split(",")
    conditions = [{"type": "Ready", "status": "True" if "Ready" in words else "False" if "NotReady" in words else "Unknown"}]
    spec = {"unschedulable": True} if "SchedulingDisabled" in words else {}
    info: dict[str, Json] = {"kubeletVersion": row.get("VERSION", "")}
    extra = {
        column.lower(): value for column, value in row.items() if column not in _NODE_COLUMNS and value
    }  # of `-L key`, by the key's last word
    if extra:
        info["labelColumns"] = extra
    return {"spec": spec, "status": {"conditions": conditions, "nodeInfo": info}}


def _autoscaler(row: Row) -> Object:
    kind, _, name = row.get("REFERENCE", "").partition("/")
    spec = {"scaleTargetRef": {"kind": kind, "name": name}, "minReplicas": _number(row.get("MINPODS", "")),
            "maxReplicas": _number(row.get("MAXPODS", ""))}  # fmt: skip
    return {"spec": spec, "status": {"currentReplicas": _number(row.get("REPLICAS", "")), "targets": row.get("TARGETS", "")}}


def _budget(row: Row) -> Object:
    sides = {"minAvailable": row.get("MIN AVAILABLE", ""), "maxUnavailable": row.get("MAX UNAVAILABLE", "")}
    spec = {side: int(value) if value.isdigit() else value for side, value in sides.items() if value and value != "N/A"}
    return {"spec": spec, "status": {"disruptionsAllowed": _number(row.get("ALLOWED DISRUPTIONS", ""))}}


def _quota(row: Row) -> Object:
    """`requests.cpu: 500m/1, pods: 3/10`."""
    used: dict[str, str] = {}
    hard: dict[str, str] = {}
    for part in f"{row.get('REQUEST', '')}, {row.get('LIMIT', '')}".split(","):
        name, _, amounts = part.strip().partition(": ")
        if "/" in amounts:
            used[name], _, hard[name] = amounts.partition("/")
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def _class(row: Row) -> Object:
    return {"provisioner": row.get("PROVISIONER", ""), "volumeBindingMode": row.get("VOLUMEBINDINGMODE", ""),
            "allowVolumeExpansion": row.get("ALLOWVOLUMEEXPANSION") == "true"}  # fmt: skip


def _policy(row: Row) -> Object:
    return {"spec": {"podSelector": {"matchLabels": pairs(row.get("POD-SELECTOR", ""))}}}


def _reconciled(row: Row) -> Object:
    """A row of Flux' objects, as `flux get` and `kubectl get` print them."""
    message = row.get("MESSAGE") or row.get("STATUS") or ""
    ready = row.get("READY", "")
    return {"status": {"conditions": [{"type": "Ready", "status": ready, "message": message}]}} if ready else {}


def _synced(row: Row) -> Object:
    return {"status": {"sync": {"status": row.get("SYNC STATUS", "")}, "health": {"status": row.get("HEALTH STATUS", "")}}}


def _available(text: str) -> Json:
    """`True`, or `False (MissingEndpoints)`."""
    status, _, reason = text.partition(" ")
    return {"type": "Available", "status": status, "reason": reason.strip("()")}


_READERS: Mapping[str, Callable[[Row], Object]] = {
    "Pod": _pod, "Deployment": _replicated, "StatefulSet": _replicated, "ReplicaSet": _replica_set, "DaemonSet": _daemon_set, "Job": _job,
    "CronJob": _cron_job, "Service": _service, "Endpoints": _endpoints, "Ingress": _ingress, "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume, "Node": _node, "HorizontalPodAutoscaler": _autoscaler, "PodDisruptionBudget": _budget,
    "ResourceQuota": _quota, "StorageClass": _class, "NetworkPolicy": _policy,
    "ComponentStatus": lambda row: {"conditions": [{"type": row.get("STATUS", ""), "status": "True", "message": row.get("MESSAGE", "")}]},
    "Kustomization": _reconciled, "HelmRelease": _reconciled, "Application": _synced,
    "ClusterOperator": lambda row: {"status": {"conditions": [
        {"type": word, "status": row.get(word.upper(), ""), "message": row.get("MESSAGE", "")} for word in ("Available", "Degraded")]}},
    "APIService": lambda row: {"status": {"conditions": [_available(row.get("AVAILABLE", ""))]}},
    "IngressClass": lambda row: {"spec": {"controller": row.get("CONTROLLER", "")}},
}  # fmt: skip


def usage(table: Table, now: datetime) -> Iterator[Series]:
    """What `kubectl top` prints, as series of one point: bytes and cores."""
    for row in table.rows:
        labels = {"namespace": row.get("NAMESPACE", ""), "pod": row.get("POD", ""), "container": row["NAME"]} if "POD" in row else {
            "namespace": row.get("NAMESPACE", ""), "pod": row.get("NAME", "")}  # fmt: skip
        if "CPU%" in row or "CPU(%)" in row:
            labels = {"node": row.get("NAME", "")}
        for metric, column, read in (
            ("cpu_usage_cores", "CPU(cores)", parse_cpu),
            ("memory_working_set_bytes", "MEMORY(bytes)", parse_memory),
        ):
            try:
                value = float(read(row.get(column, "")))
            except ValueError:
                continue
            yield Series(metric=metric, labels=labels, points=((now.timestamp(), value),))
