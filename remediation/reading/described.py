"""`kubectl describe` read back: the indented text as a tree of keys, then per kind as far as it says what the object holds."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from remediation.kinds import KINDS, Kind
from remediation.quantities import parse_time
from remediation.reading.customs import custom
from remediation.reading.listed import Object, age, event_row, made_event, pairs
from remediation.reading.tables import blank, is_header
from remediation.terms import Json

_KEY = re.compile(r"^(?P<indent> *)(?P<key>[^\s:][^:]*?):(?: +(?P<value>\S.*?))?\s*$")
_NAMED = re.compile(r"Name: +\S")
_SIGNS: Sequence[tuple[str, frozenset[str]]] = tuple((kind, frozenset(keys.split("|"))) for kind, keys in (
    ("HorizontalPodAutoscaler", "Reference|Min replicas"),
    ("HorizontalPodAutoscaler", "Reference|Metrics"),
    ("Node", "Capacity|Allocatable"),
    ("Deployment", "StrategyType|Replicas"),
    ("CronJob", "Schedule|Concurrency Policy"),
    ("Job", "Parallelism|Completions"),
    ("StatefulSet", "Update Strategy|Replicas"),
    ("DaemonSet", "Desired Number of Nodes Scheduled"),
    ("ReplicaSet", "Pods Status|Replicas"),
    ("Pod", "Containers|Node"),
    ("Pod", "Containers|Status"),
    ("Pod", "Init Containers|Status"),
    ("PersistentVolumeClaim", "StorageClass|Used By"),
    ("PersistentVolumeClaim", "StorageClass|Volume|Capacity"),
    ("PersistentVolume", "Reclaim Policy|Claim"),
    ("Service", "Type|IP|Endpoints"),
    ("Service", "Type|Session Affinity"),
    ("Ingress", "Rules|Default backend"),
    ("Ingress", "Rules|Address"),
    ("StorageClass", "Provisioner|ReclaimPolicy"),
    ("StorageClass", "Provisioner|Parameters"),
    ("ServiceAccount", "Image pull secrets|Tokens"),
    ("PodDisruptionBudget", "Allowed disruptions"),
    ("NetworkPolicy", "Spec|Created on"),
    ("Node", "Unschedulable"),  # from here on: what is left of one that was cut short
    ("Deployment", "StrategyType"),
    ("Deployment", "OldReplicaSets"),
    ("Job", "Pods Statuses"),
    ("CronJob", "Schedule|Suspend"),
    ("StatefulSet", "Volume Claims"),
    ("StatefulSet", "Update Strategy"),
    ("ReplicaSet", "Controlled By|Pods Status"),
    ("ReplicaSet", "Controlled By|Replicas"),
    ("PersistentVolume", "Reclaim Policy"),
    ("PersistentVolumeClaim", "StorageClass|Status"),
    ("Node", "Taints|Conditions"),
    ("HorizontalPodAutoscaler", "Min replicas"),
    ("Service", "Selector|Endpoints"),
    *(("Pod", f"Status|{key}") for key in ("Controlled By", "Node", "IP", "QoS Class", "Service Account", "Priority", "Volumes")),
    ("Pod", "Containers|Events"),
))  # fmt: skip


@dataclass
class Branch:
    """One key of a description: what stands beside it, what lines follow it, and the keys below it."""

    value: str = ""
    indent: int = 0
    lines: list[str] = field(default_factory=list)
    keys: dict[str, "Branch"] = field(default_factory=dict)

    def get(self, key: str) -> str:
        """What stands beside a key below this one, empty where nothing does."""
        return blank(self.keys[key].value) if key in self.keys else ""

    def below(self, key: str) -> "Branch":
        """The branch of a key, an empty one where there is none."""
        return self.keys.get(key) or Branch()

    def values(self) -> list[str]:
        """All that stands beside and below it, line by line."""
        return [text for text in (self.value, *(line.strip() for line in self.lines)) if blank(text)]


def tree(lines: Sequence[str]) -> Branch:
    """The text as a tree by indentation; a key stands twice where the text has it twice only for its first."""
    root = Branch(indent=-1)
    path = [root]
    for line in lines:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip(" "))
        while indent <= path[-1].indent:
            path.pop()
        for above in path:
            above.lines.append(line)
        match = _KEY.match(line)
        if match:
            branch = Branch(value=match["value"] or "", indent=indent)
            path[-1].keys.setdefault(match["key"].strip(), branch)
            path.append(branch)
    return root


def descriptions(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each description begins and ends: from one `Name:` at the margin to the next, or to a table at the margin."""
    starts = [at for at, line in enumerate(lines) if line.startswith("Name:") and _NAMED.match(line)]
    for start, following in zip(starts, [*starts, len(lines)][1:], strict=True):
        yield start, next((at for at in range(start, following) if lines[at][:1].isupper() and is_header(lines[at])), following)


def objects(lines: Sequence[str], asked: Kind | None, namespace: str, now: datetime) -> Iterator[Object]:
    """The object that one description shows, then its events."""
    root = tree(lines)
    kind = kind_of(root, asked, lines)
    if not kind or {"API Version", "Kind", "Metadata"} <= root.keys.keys():
        yield from _custom(root, lines, namespace, now)
        return
    known = KINDS[kind]
    where = (root.get("Namespace") or namespace) if known.namespaced else ""
    metadata: dict[str, Json] = {"name": root.get("Name"), **({"namespace": where} if known.namespaced else {})}
    for key, name in (("labels", "Labels"), ("annotations", "Annotations")):
        if name in root.keys:
            metadata[key] = _map(root.below(name))
    if made := _time(root.get("CreationTimestamp") or root.get("Start Time")):
        metadata["creationTimestamp"] = made
    if gone := re.search(r"Terminating \(lasts (\S+)\)", root.get("Status")):
        metadata["deletionTimestamp"] = age(gone[1], now) or "unknown"
    owner_kind, _, owner = root.get("Controlled By").partition("/")
    if owner:
        metadata["ownerReferences"] = [{"kind": owner_kind, "name": owner, "controller": True, "apiVersion": _version(owner_kind)}]
    reader = _READERS.get(kind)
    yield {"apiVersion": known.api_version, "kind": kind, "metadata": metadata, **(reader(root) if reader else {})}
    yield from _events(root, {"kind": kind, "namespace": where, "name": metadata["name"]}, now)


def _custom(root: Branch, lines: Sequence[str], namespace: str, now: datetime) -> Iterator[Object]:
    """An object of a kind that kubectl itself does not know, then its events."""
    thing = custom(lines)
    if thing:
        where = str(thing["metadata"].get("namespace") or namespace)
        yield thing
        yield from _events(root, {"kind": thing["kind"], "namespace": where, "name": thing["metadata"]["name"]}, now)


def _version(kind: str) -> str:
    return KINDS[kind].api_version if kind in KINDS else ""


def kind_of(root: Branch, asked: Kind | None, lines: Sequence[str]) -> str:
    """The kind that is described; empty when nothing says."""
    if asked is not None:
        return asked.name
    signed = next((kind for kind, signs in _SIGNS if signs <= root.keys.keys()), "")
    if signed:
        return signed
    text = "\n".join(line.strip() for line in lines[:12])
    if re.search(r"^Resource\s+Used\s+Hard", text, re.MULTILINE):
        return "ResourceQuota"
    if re.search(r"^Type\s+Resource\s+Min\s+Max", text, re.MULTILINE):
        return "LimitRange"
    return "ConfigMap" if re.search(r"^Data\n====", text, re.MULTILINE) else ""


def _map(branch: Branch) -> dict[str, str]:
    """Labels, one a line, or annotations `key: value`."""
    found: dict[str, str] = {}
    for text in branch.values():
        match = re.match(r"([^\s=:]+)\s*[=:]\s*(.*)", text)
        if match:
            found[match[1]] = match[2]
    return found


def _time(text: str) -> str:
    try:
        return parse_time(text).strftime("%Y-%m-%dT%H:%M:%SZ") if text else ""
    except ValueError:
        return ""


def _events(root: Branch, about: Mapping[str, str], now: datetime) -> Iterator[Object]:
    """The table at the end. Its columns are two blanks apart, and `From` may be empty."""
    rows: list[dict[str, str]] = []
    below = itertools.dropwhile(lambda line: not line.startswith("Events:"), root.lines)
    for line in itertools.islice(below, 1, None):
        row = event_row(line)
        if row is not None:
            rows.append(dict(row))
        elif rows:  # what a message says further on lines of its own
            rows[-1]["MESSAGE"] += f" {line.strip()}"
    for row in rows:
        times = re.search(r"\(x(\d+)", row["AGE"])
        yield made_event(about, about["namespace"], row, (age(row["AGE"].split(" ")[0], now), int(times[1]) if times else 1))


def _amounts(branch: Branch) -> dict[str, str]:
    return {key: blank(sub.value) for key, sub in branch.keys.items() if blank(sub.value)}


def _containers(branch: Branch) -> tuple[list[Json], list[Json]]:
    """Specs and statuses of the containers below `Containers:`."""
    pairs_ = [(_spec(name, sub), _status(name, sub)) for name, sub in branch.keys.items()]
    return [spec for spec, _ in pairs_], [status for _, status in pairs_ if status]


def _spec(name: str, branch: Branch) -> Json:
    spec: dict[str, Json] = {"name": name, "image": branch.get("Image")}
    ports = re.findall(r"(\d+)/([A-Z]+)(?: \(([\w-]+)\))?", branch.get("Port") or branch.get("Ports"))
    if ports:
        spec["ports"] = [{"containerPort": int(port), "protocol": protocol} | ({"name": n} if n else {}) for port, protocol, n in ports]
    resources = {side.lower(): _amounts(branch.below(side)) for side in ("Limits", "Requests") if side in branch.keys}
    if resources:
        spec["resources"] = resources
    for key, name_ in (("command", "Command"), ("args", "Args")):
        if name_ in branch.keys:
            spec[key] = branch.below(name_).values()
    for key, name_ in (("livenessProbe", "Liveness"), ("readinessProbe", "Readiness"), ("startupProbe", "Startup")):
        if probe := _probe(branch.get(name_)):
            spec[key] = probe
    spec |= _environment(branch)
    if mounts := [m for line in branch.below("Mounts").values() if (m := _mount(line))]:
        spec["volumeMounts"] = mounts
    return spec


def _mount(line: str) -> Json:
    match = re.match(r"(\S+) from (\S+) \(([^)]*)\)", line)
    return {"mountPath": match[1], "name": match[2], "readOnly": match[3].startswith("ro")} if match else None


def _probe(text: str) -> Json:
    """`http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3`."""
    match = re.match(
        r"(?P<how>http-get|tcp-socket|exec|grpc)\s+(?P<what>.*?)\s+delay=(?P<delay>\S+) timeout=(?P<timeout>\S+) period=(\S+)", text
    )
    if match is None:
        return None
    probe: dict[str, Json] = {"timeoutSeconds": int(match["timeout"].rstrip("s") or 1)}
    probe["initialDelaySeconds"] = int(match["delay"].rstrip("s") or 0)
    if match["how"] == "exec":
        return probe | {"exec": {"command": match["what"].strip("[]").split()}}
    place = re.match(r"(?:(?P<scheme>https?)://)?[^:/]*:(?P<port>[\w-]+)(?P<path>/\S*)?", match["what"])
    if place is None:
        return probe
    port: Json = int(place["port"]) if place["port"].isdigit() else place["port"]
    if match["how"] == "http-get":
        return probe | {"httpGet": {"port": port, "path": place["path"] or "/", "scheme": (place["scheme"] or "http").upper()}}
    return probe | {"tcpSocket" if match["how"] == "tcp-socket" else "grpc": {"port": port}}


def _environment(branch: Branch) -> dict[str, Json]:
    """Variables with their values or references, and whole ConfigMaps and Secrets."""
    found: dict[str, Json] = {}
    variables = []
    for name, sub in branch.below("Environment").keys.items():
        ref = re.match(r"<set to the key '([^']*)' (?:in|of) (secret|config map) '([^']*)'>(?:\s+Optional: (\w+))?", sub.value)
        if ref:
            source = {"name": ref[3], "key": ref[1], **({"optional": True} if ref[4] == "true" else {})}
            variables.append({"name": name, "valueFrom": {"secretKeyRef" if ref[2] == "secret" else "configMapKeyRef": source}})
        else:
            variables.append({"name": name, "value": sub.value})
    if variables:
        found["env"] = variables
    whole = []
    for name, sub in branch.below("Environment Variables from").keys.items():
        where = "secretRef" if sub.value.startswith("Secret") else "configMapRef"
        whole.append({where: {"name": name, **({"optional": True} if "Optional: true" in sub.value else {})}})
    if whole:
        found["envFrom"] = whole
    return found


def _status(name: str, branch: Branch) -> Json:
    if "State" not in branch.keys:
        return None
    ready = branch.get("Ready") == "True"
    status: dict[str, Json] = {
        "name": name,
        "ready": ready,
        "restartCount": int(branch.get("Restart Count") or 0),
        "image": branch.get("Image"),
    }
    status["state"] = _state(branch.below("State"))
    if "Last State" in branch.keys:
        status["lastState"] = _state(branch.below("Last State"))
    return status


def _state(branch: Branch) -> Json:
    said: dict[str, Json] = {"reason": branch.get("Reason")} if branch.get("Reason") else {}
    if branch.get("Message"):
        said["message"] = " ".join([branch.get("Message"), *(line.strip() for line in branch.below("Message").lines)])
    if branch.get("Exit Code").lstrip("-").isdigit():
        said["exitCode"] = int(branch.get("Exit Code"))
    for key, name in (("startedAt", "Started"), ("finishedAt", "Finished")):
        if at := _time(branch.get(name)):
            said[key] = at
    return {branch.value.lower(): said} if branch.value in ("Waiting", "Running", "Terminated") else {}


def _volumes(branch: Branch) -> list[Json]:
    readers: Mapping[str, Callable[[Branch], Json]] = {
        "PersistentVolumeClaim": lambda b: {"persistentVolumeClaim": {"claimName": b.get("ClaimName")}},
        "ConfigMap": lambda b: {"configMap": {"name": b.get("Name"), "optional": b.get("Optional") == "true"}},
        "Secret": lambda b: {"secret": {"secretName": b.get("SecretName"), "optional": b.get("Optional") == "true"}},
        "HostPath": lambda b: {"hostPath": {"path": b.get("Path")}},
        "EmptyDir": lambda b: {"emptyDir": {"sizeLimit": b.get("SizeLimit")}},
    }
    found = []
    for name, sub in branch.keys.items():
        kind = sub.get("Type").split(" ")[0]
        found.append({"name": name, **(readers[kind](sub) if kind in readers else {})})
    return found


def _tolerations(branch: Branch) -> list[Json]:
    found = []
    for text in branch.values():
        match = re.match(r"(?P<key>[^=:\s]+)?(?:=(?P<value>[^:\s]*))?(?::(?P<effect>\w+))?(?P<rest>.*)", text)
        if match:
            exists = "op=Exists" in match["rest"] or not match["value"]
            found.append({"key": match["key"] or "", "operator": "Exists" if exists else "Equal", "value": match["value"] or "",
                          "effect": match["effect"] or ""})  # fmt: skip
    return found


def _pod_spec(root: Branch) -> tuple[dict[str, Json], dict[str, Json]]:
    specs, statuses = _containers(root.below("Containers"))
    init, init_statuses = _containers(root.below("Init Containers"))
    spec: dict[str, Json] = {"containers": specs, **({"initContainers": init} if init else {}), "volumes": _volumes(root.below("Volumes"))}
    if selector := _map(root.below("Node-Selectors")):
        spec["nodeSelector"] = selector
    if "Tolerations" in root.keys:
        spec["tolerations"] = _tolerations(root.below("Tolerations"))
    if root.get("Service Account"):
        spec["serviceAccountName"] = root.get("Service Account")
    status = {"containerStatuses": statuses, **({"initContainerStatuses": init_statuses} if init_statuses else {})}
    return spec, status


def _pod(root: Branch) -> Object:
    spec, status = _pod_spec(root)
    if node := root.get("Node"):
        spec["nodeName"] = node.split("/")[0]
    status |= {
        "phase": root.get("Status").split(" ")[0],
        "conditions": _conditions(root),
        "podIP": root.get("IP"),
        "qosClass": root.get("QoS Class"),
    }
    if root.get("Reason"):
        status["reason"] = root.get("Reason")
    if root.get("Message"):
        status["message"] = " ".join([root.get("Message"), *(line.strip() for line in root.below("Message").lines)])
    return {"spec": spec, "status": status}


def _conditions(root: Branch) -> list[Json]:
    """The table of conditions: Type Status [times] Reason Message."""
    found = []
    lines = root.below("Conditions").lines
    header = lines[0].split() if lines else []
    for line in lines:
        parts = re.split(r"\s{2,}", line.strip())
        if len(parts) < 2 or parts[1] not in ("True", "False", "Unknown"):  # noqa: PLR2004 - type and status
            continue
        condition: dict[str, Json] = {"type": parts[0], "status": parts[1]}
        rest = [part for part in parts[2:] if not re.match(r"[A-Z][a-z]{2}, \d\d ", part)]
        if "Reason" in header and rest:
            spoken = " " in rest[0]  # the reason was empty
            condition["reason"] = "" if spoken else rest[0]
            condition["message"] = " ".join(rest if spoken else rest[1:])
        times = [time for part in parts[2:] if (time := _time(part))]
        if times:
            condition["lastTransitionTime"] = times[-1]
        found.append(condition)
    return found


def _template(root: Branch) -> dict[str, Json]:
    inner = root.below("Pod Template")
    spec, _ = _pod_spec(inner)
    return {"metadata": {"labels": _map(inner.below("Labels"))}, "spec": spec}


def _replicas(text: str) -> dict[str, int]:
    return {word: int(number) for number, word in re.findall(r"(\d+) (desired|updated|total|available|unavailable|current)", text)}


def _deployment(root: Branch) -> Object:
    counts = _replicas(root.get("Replicas"))
    spec: dict[str, Json] = {"selector": {"matchLabels": pairs(root.get("Selector"))}, "template": _template(root)}
    if "desired" in counts:
        spec["replicas"] = counts["desired"]
    status = {
        "replicas": counts.get("total", 0),
        "updatedReplicas": counts.get("updated", 0),
        "availableReplicas": counts.get("available", 0),
        "readyReplicas": counts.get("available", 0),
        "unavailableReplicas": counts.get("unavailable", 0),
        "conditions": _conditions(root),
        "newReplicaSet": root.get("NewReplicaSet").split(" ")[0],
        "oldReplicaSets": root.get("OldReplicaSets"),
    }
    return {"spec": spec, "status": status if counts else {"conditions": _conditions(root)}}


def _replicated(root: Branch) -> Object:
    counts = _replicas(root.get("Replicas"))
    running = re.search(r"(\d+) Running", root.get("Pods Status"))
    spec: dict[str, Json] = {"selector": {"matchLabels": pairs(root.get("Selector"))}, "template": _template(root)}
    if "desired" in counts:
        spec["replicas"] = counts["desired"]
    return {"spec": spec, "status": {"replicas": counts.get("current", counts.get("total", 0)), "conditions": _conditions(root),
                                     **({"runningPods": int(running[1])} if running else {})}}  # fmt: skip


def _daemon_set(root: Branch) -> Object:
    fields = {"desiredNumberScheduled": "Desired Number of Nodes Scheduled", "currentNumberScheduled": "Current Number of Nodes Scheduled",
              "numberAvailable": "Number of Nodes Scheduled with Available Pods"}  # fmt: skip
    status = {name: int(root.get(key)) for name, key in fields.items() if root.get(key).isdigit()}
    return {"spec": {"selector": {"matchLabels": pairs(root.get("Selector"))}, "template": _template(root)}, "status": status}


def _job(root: Branch) -> Object:
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (Active|Succeeded|Failed)", root.get("Pods Statuses"))}
    spec: dict[str, Json] = {
        "template": _template(root),
        "completions": _int(root, "Completions"),
        "backoffLimit": _int(root, "Backoff Limit"),
    }
    if root.get("Active Deadline Seconds"):
        spec["activeDeadlineSeconds"] = int(root.get("Active Deadline Seconds").rstrip("s") or 0)
    done = [{"type": "Complete", "status": "True"}] if root.get("Completed At") else []
    return {"spec": spec, "status": {**{word.lower(): number for word, number in counts.items()}, "conditions": done}}


def _int(root: Branch, key: str) -> int | None:
    return int(root.get(key)) if root.get(key).isdigit() else None


def _cron_job(root: Branch) -> Object:
    spec = {
        "schedule": root.get("Schedule"),
        "suspend": root.get("Suspend") == "True",
        "jobTemplate": {"spec": {"template": _template(root)}},
    }
    return {"spec": spec, "status": {}}


def _node(root: Branch) -> Object:
    taints = []
    for text in root.below("Taints").values():
        match = re.match(r"([^=:\s]+)(?:=([^:]*))?:(\w+)", text)
        if match:
            taints.append({"key": match[1], "value": match[2] or "", "effect": match[3]})
    status: dict[str, Json] = {"capacity": _amounts(root.below("Capacity")), "allocatable": _amounts(root.below("Allocatable")),
                               "conditions": _conditions(root)}  # fmt: skip
    total = re.search(r"\((\d+) in total\)", root.below("Non-terminated Pods").value)
    if total:
        status["runningPods"] = int(total[1])
    return {"spec": {"taints": taints, "unschedulable": root.get("Unschedulable") == "true"}, "status": status}


def _claim(root: Branch) -> Object:
    spec: dict[str, Json] = {"storageClassName": root.get("StorageClass")} if root.get("StorageClass") else {}
    if root.get("Volume"):
        spec["volumeName"] = root.get("Volume")
    if root.get("Access Modes"):
        spec["accessModes"] = root.get("Access Modes").split(",")
    status: dict[str, Json] = {"phase": root.get("Status"), "usedBy": root.below("Used By").values(), "conditions": _conditions(root)}
    if root.get("Capacity"):
        status["capacity"] = {"storage": root.get("Capacity")}
    return {"spec": spec, "status": status}


def _volume(root: Branch) -> Object:
    namespace, _, claim = root.get("Claim").partition("/")
    return {
        "spec": {
            "storageClassName": root.get("StorageClass"),
            "capacity": {"storage": root.get("Capacity")},
            "accessModes": root.get("Access Modes").split(","),
            **({"claimRef": {"namespace": namespace, "name": claim}} if claim else {}),
        },
        "status": {"phase": root.get("Status")},
    }


def _service(root: Branch) -> Object:
    ports: list[Json] = []
    current: dict[str, Json] = {}
    endpoints: list[str] = []
    for line in root.lines:
        key, _, value = line.strip().partition(":")
        value = blank(value.strip())
        if key == "Port" and (match := re.match(r"(\S+)?\s*(\d+)/([A-Z]+)", value)):
            current = {"name": blank(match[1] or ""), "port": int(match[2]), "protocol": match[3]}
            ports.append(current)
        elif key == "TargetPort" and (match := re.match(r"([\w-]+)/([A-Z]+)", value)):
            current["targetPort"] = int(match[1]) if match[1].isdigit() else match[1]
        elif key == "Endpoints":
            endpoints += [part for part in value.split(",") if part]
    spec = {"type": root.get("Type"), "selector": pairs(root.get("Selector")), "ports": ports, "clusterIP": root.get("IP")}
    return {"spec": spec, "status": {"endpoints": endpoints} if "Endpoints" in root.keys else {}}


def _ingress(root: Branch) -> Object:
    rules: list[Json] = []
    host = ""
    for line in root.below("Rules").lines:
        match = re.match(
            r"\s*(?P<host>[\w.*-]+)?\s+(?P<path>/\S*)?\s+(?P<service>[\w.-]+):(?P<port>[\w-]+)\s*(?:\((?P<said>.*)\))?\s*$", line
        )
        plain = re.match(r"\s*([\w.*-]+)\s*$", line)
        if match:
            host = match["host"] or host
            backend = {"service": {"name": match["service"], "port": {"number": int(match["port"])} if match["port"].isdigit()
                                   else {"name": match["port"]}}, "said": match["said"] or ""}  # fmt: skip
            rules.append({"host": host, "http": {"paths": [{"path": match["path"] or "/", "backend": backend}]}})
        elif plain:
            host = plain[1]
    spec: dict[str, Json] = {"rules": rules}
    if root.get("Ingress Class"):
        spec["ingressClassName"] = root.get("Ingress Class")
    return {"spec": spec, "status": {"loadBalancer": {"ingress": [{"ip": root.get("Address")}] if root.get("Address") else []}}}


def _autoscaler(root: Branch) -> Object:
    kind, _, name = root.get("Reference").partition("/")
    limits = {"minReplicas": _int(root, "Min replicas"), "maxReplicas": _int(root, "Max replicas")}
    current = re.search(r"(\d+) current / (\d+) desired", " ".join(value.value for key, value in root.keys.items() if key.endswith("pods")))
    metrics = [line.strip() for line in root.below("Metrics").lines]
    status: dict[str, Json] = {"conditions": _conditions(root), "targets": "; ".join(metrics)}
    if current:
        status |= {"currentReplicas": int(current[1]), "desiredReplicas": int(current[2])}
    return {
        "spec": {"scaleTargetRef": {"kind": kind, "name": name}, **{k: v for k, v in limits.items() if v is not None}},
        "status": status,
    }


def _quota(root: Branch) -> Object:
    used: dict[str, str] = {}
    hard: dict[str, str] = {}
    for line in root.lines:
        parts = line.split()
        if len(parts) == 3 and re.match(r"\d", parts[1]) and re.match(r"\d", parts[2]):  # noqa: PLR2004 - resource, used, hard
            used[parts[0]], hard[parts[0]] = parts[1], parts[2]
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def _limit_range(root: Branch) -> Object:
    limits: dict[str, dict[str, Json]] = {}
    for line in root.lines:
        parts = line.split()
        if len(parts) >= 6 and parts[0] in ("Container", "Pod", "PersistentVolumeClaim"):  # noqa: PLR2004 - type, resource, min, max, defaults
            item = limits.setdefault(parts[0], {"type": parts[0]})
            for key, value in zip(("min", "max", "defaultRequest", "default"), parts[2:6], strict=False):
                if blank(value):
                    item.setdefault(key, {})[parts[1]] = value
    return {"spec": {"limits": list(limits.values())}}


def _class(root: Branch) -> Object:
    return {"provisioner": root.get("Provisioner"), "volumeBindingMode": root.get("VolumeBindingMode"),
            "allowVolumeExpansion": root.get("AllowVolumeExpansion") == "True"}  # fmt: skip


def _account(root: Branch) -> Object:
    return {"imagePullSecrets": [{"name": name} for name in root.below("Image pull secrets").values()]}


def _config(root: Branch) -> Object:
    """The keys of a ConfigMap, without its values."""
    found = re.findall(r"^(\S+):\n----", "\n".join(root.lines), re.MULTILINE)
    return {"data": dict.fromkeys(found, "")}


def _budget(root: Branch) -> Object:
    spec = {"minAvailable": root.get("Min available"), "maxUnavailable": root.get("Max unavailable")}
    allowed = root.get("Allowed disruptions")
    return {
        "spec": {k: int(v) if v.isdigit() else v for k, v in spec.items() if v}
        | {"selector": {"matchLabels": pairs(root.get("Selector"))}},
        "status": {"disruptionsAllowed": int(allowed) if allowed.isdigit() else 0},
    }


def _policy(root: Branch) -> Object:
    text = "\n".join(root.below("Spec").lines)
    types = [t.strip() for t in (re.search(r"Policy Types: (.*)", text) or ["", ""])[1].split(",") if t.strip()]
    selector = pairs((re.search(r"PodSelector: +(\S+=\S+)", text) or ["", ""])[1])
    spec: dict[str, Json] = {"podSelector": {"matchLabels": selector}, "policyTypes": types}
    for side in ("ingress", "egress"):
        spec[side] = [] if re.search(rf"Allowing {side} traffic:\s*\n\s*<none>", text) else [{"described": True}]
    return {"spec": spec}


_READERS: Mapping[str, Callable[[Branch], Object]] = {
    "Pod": _pod, "Deployment": _deployment, "StatefulSet": _replicated, "ReplicaSet": _replicated, "DaemonSet": _daemon_set, "Job": _job,
    "CronJob": _cron_job, "Node": _node, "PersistentVolumeClaim": _claim, "PersistentVolume": _volume, "Service": _service,
    "Ingress": _ingress, "HorizontalPodAutoscaler": _autoscaler, "ResourceQuota": _quota, "LimitRange": _limit_range,
    "StorageClass": _class, "ServiceAccount": _account, "ConfigMap": _config, "PodDisruptionBudget": _budget, "NetworkPolicy": _policy,
}  # fmt: skip
