"""Whose log it is: of the pod that it names, of the workload that its file's name tells, else of the one that fails. All ask here."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from remediation.findings.finding import Container
from remediation.observed import Object, Observed, container_statuses, place_of, ready
from remediation.reading.logs import Line, is_log, lines_of
from remediation.terms import Evidence, ObjectRef, Target
from remediation.workloads import containers, object_ref

_FILE = re.compile(
    r"^(?P<stem>.+?)(?:[-_.](?:logs?|previous|prev|current|crash|output|out|err|stdout|stderr))*"
    r"\.(?:txt|log|jsonl?|ndjson|out|md|csv|tsv|ya?ml)(?:\.gz)?$"
)
_WRITERS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "Rollout")


_ROLE = re.compile(
    r"[-_.](?:init(?:-?container)?|new|old|pod|container|main|tail|crashed|failing|\d{1,3})$"
)  # of what wrote a file, after its name
_USUAL = "kubectl.kubernetes.io/default-container"
_ADDED = re.compile(r"(?:-[a-z0-9]{8,10})?(?:-[a-z0-9]{5})?|-\d{1,3}")  # to a name, by who makes pods
_OF_ONE = re.compile(r"-[b-df-hj-np-tv-z2-9]{5}")  # behind the name of a DaemonSet
_GENERIC = re.compile(r"(?:out|output|logs?|app|application|console|errors?|std(?:out|err)|crash|container|pod|dump|trace)?")  # of a file
_INITIALS = (3, 5)  # letters
_SHORTEST = 4  # letters of a name that may stand for the end of a longer one


@dataclass(frozen=True, kw_only=True)
class Log:
    """What one container of one pod wrote, in order, never empty. workload: its writer's, without a name where nothing tells it."""

    item: Evidence
    workload: ObjectRef
    lines: Sequence[Line]


@lru_cache(maxsize=2)
def written(observed: Observed, target: Target) -> Sequence[Log]:
    """Every log of the evidence. Asked by many."""
    read = ((item, part) for item in observed.evidence if is_log(item) for part in _by_writer(lines_of(item)))
    return tuple(Log(item=item, workload=writer_of(part[0], observed, target), lines=part) for item, part in read)


def logs_of(workload: ObjectRef, observed: Observed, target: Target, *, pod: str = "", container: str = "") -> Iterator[Sequence[Line]]:
    """The lines of each log that a workload's pods wrote; of one pod or container without those that name another.

    A log that names no container is of the one whose log kubectl shows then.
    """
    usual = _usual_container(workload, observed) if container else ""
    for log in written(observed, target):
        first = log.lines[0]
        own = str(log.workload) == str(workload) and (not pod or pod_named(first) in ("", pod, workload.name))
        if own and (container in ("", first.container) or (not first.container and usual in ("", container))):
            yield log.lines


def _usual_container(workload: ObjectRef, observed: Observed) -> str:
    """The container that a pod's annotation names as such, else its first; empty where nothing shows its containers."""
    for thing in (*observed.pods_of(workload)[:1], observed.get(workload.kind, workload.namespace, workload.name) or {}):
        names = [str(each.get("name") or "") for where, each in containers(thing) if where == "containers"]
        if names:
            return str(((thing.get("metadata") or {}).get("annotations") or {}).get(_USUAL) or names[0])
    return ""


def texts_of(workload: ObjectRef, observed: Observed, target: Target, container: str = "") -> Iterator[str]:
    """The lines of a workload's logs, of one container where one is named."""
    return (line.text for lines in logs_of(workload, observed, target, container=container) for line in lines)


def container_of(line: Line, workload: ObjectRef, running: Iterable[Container]) -> Container | None:
    """The container that wrote a log; of the pod's or the workload's, the one that fails where the log names none."""
    own = [c for c in running if str(c.workload) == str(workload) and ("" in (line.container, c.name) or line.container == c.name)]
    own = [c for c in own if c.pod["metadata"]["name"] == line.pod] or own
    return next((c for c in own if not c.status.get("ready") or c.status.get("restartCount")), own[0] if own else None)


def _by_writer(lines: Sequence[Line]) -> Iterable[Sequence[Line]]:
    """A log in which several pods write, as tools print it, by pod and container."""
    if not lines or all(line.pod == lines[0].pod and line.container == lines[0].container for line in lines):
        return [lines] if lines else []
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.pod, line.container), []).append(line)
    return found.values()


def pod_named(line: Line) -> str:
    """The pod or workload that a log's line names as its writer; empty where that is only the name of a file."""
    name = line.pod.rpartition("/")[2]
    return "" if _FILE.match(name) else name


def writer_of(line: Line, observed: Observed, target: Target) -> ObjectRef:
    """The workload whose pod wrote a log; the target's own, or the only one that fails, where nothing says; else one without a name.

    Where it names no namespace, the target's is meant before any other.
    """
    kind, _, name = line.pod.rpartition("/")
    pods = [pod for pod in _by_name(observed).get(name, ()) if line.namespace in ("", place_of(pod)[1])]
    if pods:
        return observed.root(min(pods, key=lambda pod: place_of(pod)[1] != target.namespace))
    if kind:
        return ObjectRef(group="", kind=kind, namespace=line.namespace, name=name)
    file = _FILE.match(name)
    stems = dict.fromkeys((file["stem"], _ROLE.sub("", file["stem"])) if file else (name,))
    named = next(filter(None, (_named(stem, line.namespace, observed, target) for stem in stems)), None)
    return named or _unnamed(name, line, observed, target)


def _named(name: str, namespace: str, observed: Observed, target: Target) -> ObjectRef | None:
    """A workload by its own name or that of a pod of it which is gone; by the beginning of its pods' names."""
    known = [w for kind in _WRITERS for w in observed.all(kind) if namespace in ("", place_of(w)[1])]
    if workloads := [w for w in known if _is_of(name, w, observed)]:
        return object_ref(max(workloads, key=lambda w: (place_of(w)[1] == target.namespace, len(place_of(w)[2]))))
    names = _names_shown(observed)
    alike = f"\n{name}-" in names or f"-{name}" in names
    shown = [pod for pod in observed.all("Pod") if namespace in ("", place_of(pod)[1])] if alike else []
    pods = [pod for pod in shown if f"{place_of(pod)[2]}-".startswith(f"{name}-")]
    pods = pods or [pod for pod in shown if _ends_in(name, place_of(pod)[2]) or _ends_in(name, observed.root(pod).name)]
    roots = list(dict.fromkeys(map(observed.root, pods)))
    failing = [root for root in roots if _fails(root, observed)]
    alone = roots if len(roots) == 1 else failing if len(failing) == 1 else []
    if not alone and pods and all(_OF_ONE.fullmatch(place_of(pod)[2].removeprefix(name)) for pod in pods):
        return (failing or roots)[0]  # of a DaemonSet that nothing shows
    return next(iter(alone or _by_initials(name, observed)), None)


def _by_initials(name: str, observed: Observed) -> Sequence[ObjectRef]:
    """The one workload whose words begin with the letters of a short name: `kcm` is the kube-controller-manager."""
    if not (_INITIALS[0] <= len(name) <= _INITIALS[1] and name.isalpha()):
        return ()
    words = ((pod, place_of(pod)[2].split("-")[: len(name)]) for pod in observed.all("Pod"))
    roots = dict.fromkeys(observed.root(pod) for pod, each in words if "".join(word[:1] for word in each) == name)
    return [*roots] if len(roots) == 1 else ()


def _unnamed(name: str, line: Line, observed: Observed, target: Target) -> ObjectRef:
    """The target, the only workload that fails, or the only one at all: a file's name says little of who wrote it. Else as it says."""
    if _GENERIC.fullmatch(name.partition(".")[0]) and (crashing := _crashes_alone(line, target, observed)) is not None:
        return crashing
    if target.name and (not name or "." in name):
        return ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)
    if not name or "." in name:
        alone = _alone(observed)
        if alone is not None:
            return alone
    if (file := _FILE.match(name)) and (told := observed.root_of(("Pod", target.namespace, file["stem"]))).kind != "Pod":
        return told  # the file is called as pods of a Deployment are
    named = bool(name) and not file
    return ObjectRef(group="", kind="Pod" if named else "", namespace=line.namespace if named else "", name=name if named else "")


@lru_cache(maxsize=2)
def _by_name(observed: Observed) -> Mapping[str, Sequence[Object]]:
    """The pods by their names. A folder holds a log for each of many."""
    found: dict[str, list[Object]] = {}
    for pod in observed.all("Pod"):
        found.setdefault(place_of(pod)[2], []).append(pod)
    return found


@lru_cache(maxsize=2)
def _names_shown(observed: Observed) -> str:
    """The names of all pods and of what made them, a line each; of pods with a dash behind them, too."""
    own = {place_of(pod)[2] for pod in observed.all("Pod")}
    roots = {observed.root(pod).name for pod in observed.all("Pod")}
    return "\n".join(("", *own, *roots, *(f"{name}-" for name in own), ""))


@lru_cache(maxsize=2)
def _alone(observed: Observed) -> ObjectRef | None:
    """The only workload that fails, else the only one that pods show."""
    roots = {str(root): root for root in map(observed.root, observed.all("Pod"))}
    failing = {str(root): root for root in roots.values() if _fails(root, observed)}
    one = next((known for known in (failing, roots) if len(known) == 1), {})
    return next(iter(one.values()), None)


def _crashes_alone(line: Line, target: Target, observed: Observed) -> ObjectRef | None:
    """The only workload of the namespace that crashes, where the target's own pods are all well and the log speaks of no such name."""
    own = observed.pods_of(ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name))
    if target.name and not (own and all(map(ready, own))):
        return None
    pods = [pod for pod in observed.all("Pod") if target.namespace in ("", place_of(pod)[1])]
    roots = list(
        dict.fromkeys(observed.root(pod) for pod in pods if any(s.get("restartCount") for s in container_statuses(pod)) and not ready(pod))
    )
    text = next((item.text for item in observed.evidence if item.item == line.item), "")
    return roots[0] if len(roots) == 1 and roots[0].name not in text else None


def _fails(root: ObjectRef, observed: Observed) -> bool:
    return any(not status.get("ready") for pod in observed.living_pods_of(root) for status in container_statuses(pod))


def _ends_in(name: str, longer: str) -> bool:
    """Whether a pod or workload is called so without what its name begins with, and what its maker adds."""
    return len(name) >= _SHORTEST and f"-{name}" in longer and _ADDED.fullmatch(longer.rpartition(f"-{name}")[2]) is not None


def _is_of(name: str, workload: Object, observed: Observed) -> bool:
    """Whether a name is the workload's own, or one that it gives to pods: `api` makes no `api-gateway-…`."""
    namespace, own = place_of(workload)[1:]
    if not name.startswith(own):
        return False
    return name == own or str(observed.root_of(("Pod", namespace, name))) in (str(object_ref(workload)), str(observed.root(workload)))
