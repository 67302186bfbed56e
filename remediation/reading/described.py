"""`kubectl describe` read back: which kind a description shows, then per kind as far as it says what the object holds."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from remediation.kinds import KINDS, Kind
from remediation.reading import described_objects, described_pods, described_workloads
from remediation.reading.branches import Branch, mapped, time_of, tree
from remediation.reading.cells import Object, age
from remediation.reading.customs import custom
from remediation.reading.listed_events import event_row, made_event
from remediation.reading.tables import is_header
from remediation.terms import Json

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
    ("Service", "Type|TargetPort"),
    *(("Pod", f"Status|{key}") for key in ("Controlled By", "Node", "IP", "QoS Class", "Service Account", "Priority", "Volumes")),
    ("Pod", "Start Time|Status"),
    ("Pod", "Containers|Events"),
    ("Pod", "Containers|Controlled By"),
    ("Pod", "Init Containers|Controlled By"),
))  # fmt: skip


_SECTIONS: Mapping[str, re.Pattern[str]] = {  # at the margin of a description, by the kind that has them
    "Node": re.compile(r"(?:Taints|Unschedulable|Lease|Capacity|Allocatable|PodCIDR|Non-terminated Pods):"),
    "Pod": re.compile(
        r"(?:Containers|Init Containers|Node-Selectors|QoS Class):|Reason: +Evicted\b|\s*(?:Last )?State: +(?:Waiting|Running|Terminated)\b"
    ),
}
_CONDITIONS: Mapping[str, re.Pattern[str]] = {
    "Node": re.compile(r"\s*(?:MemoryPressure|DiskPressure|PIDPressure)\s+(?:True|False|Unknown)\b"),
    "Pod": re.compile(r"\s*(?:PodScheduled|ContainersReady)\s+(?:True|False)\b"),
}


def fragment_of(lines: Sequence[str]) -> str:
    """The kind of which these lines are a piece of a description without its beginning; empty where they are none."""
    return next((kind for signs in (_SECTIONS, _CONDITIONS) for kind, sign in signs.items() if any(map(sign.match, lines))), "")


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
    name = root.get("Name") or root.below("Lease").get("HolderIdentity")
    metadata: dict[str, Json] = {"name": name, **({"namespace": where} if known.namespaced else {})}
    for key, section in (("labels", "Labels"), ("annotations", "Annotations")):
        if section in root.keys:
            metadata[key] = mapped(root.below(section))
    if made := time_of(root.get("CreationTimestamp") or root.get("Start Time")):
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
    thing = custom(lines) or _of_cmctl(root) or _abridged(root)
    if thing:
        where = str(thing["metadata"].get("namespace") or namespace)
        yield thing
        yield from _events(root, {"kind": thing["kind"], "namespace": where, "name": thing["metadata"]["name"]}, now)


_SAID = re.compile(r"\s+(?P<type>\w+): (?P<status>True|False|Unknown), Reason: (?P<reason>\S*), Message: (?P<message>.*)")


def _of_cmctl(root: Branch) -> dict[str, Json]:
    """A certificate as `cmctl status certificate` prints it; empty for another text."""
    conditions: list[Json] = [match.groupdict() for line in root.below("Conditions").lines if (match := _SAID.fullmatch(line))]
    if not conditions or "DNS Names" not in root.keys:
        return {}
    metadata = {"name": root.get("Name"), "namespace": root.get("Namespace")}
    return {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "status": {"conditions": conditions}}


def _abridged(root: Branch) -> dict[str, Json]:
    """What somebody has left of a description: a name, how it stands, and why; empty for another text."""
    state = next((root.get(key) for key in ("Status", "State", "Phase") if root.get(key)), "")
    why = next((key for key in ("Reason", "Message", "Error") if root.get(key)), "")
    if not (root.get("Name") and state and why):
        return {}
    message = " ".join([root.get(why), *(line.strip() for line in root.below(why).lines)])
    return {"apiVersion": "", "kind": "Resource", "metadata": {"name": root.get("Name")}, "status": {"state": state, "message": message}}


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
    if re.search(r"^PodSelector:", text, re.MULTILINE) and re.search(
        r"^(?:Not affecting|Allowing) (?:in|e)gress traffic", text, re.MULTILINE
    ):
        return "NetworkPolicy"
    holds = "Secret" if root.get("Type") else "ConfigMap"
    return holds if re.search(r"^Data\n====", text, re.MULTILINE) else ""


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


_READERS: Mapping[str, Callable[[Branch], Object]] = {
    **described_pods.READERS, **described_workloads.READERS, **described_objects.READERS,
}  # fmt: skip
