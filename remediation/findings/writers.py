"""Who wrote a log: the workload of the pod that it names, or that the name of its file tells, or the one that fails."""

import re

from remediation.observed import Observed, container_statuses, place_of
from remediation.reading.logs import Line
from remediation.terms import ObjectRef, Target
from remediation.workloads import object_ref

_FILE = re.compile(r"^(?P<stem>.+?)(?:[-_.](?:logs?|previous|prev|current|crash|output|out|err|stdout|stderr))*\.(?:txt|log|json|out|md)$")


_SHORTEST = 4  # letters of a name that may stand for the end of a longer one


def pod_named(line: Line) -> str:
    """The pod or workload that a log's line names as its writer; empty where that is only the name of a file."""
    name = line.pod.rpartition("/")[2]
    return "" if _FILE.match(name) else name


def writer_of(line: Line, observed: Observed, target: Target) -> ObjectRef:
    """The workload whose pod wrote a log; the target's own, or the only one that fails, where nothing says; else one without a name."""
    kind, _, name = line.pod.rpartition("/")
    pods = [pod for pod in observed.all("Pod") if place_of(pod)[2] == name and line.namespace in ("", place_of(pod)[1])]
    if pods:
        return observed.root(pods[0])
    if kind:
        return ObjectRef(group="", kind=kind, namespace=line.namespace, name=name)
    file = _FILE.match(name)
    return _named(file["stem"] if file else name, observed) or _unnamed(name, line, observed, target)


def _named(name: str, observed: Observed) -> ObjectRef | None:
    """A workload by its own name or that of a pod of it which is gone; by the beginning of its pods' names."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "Job", "Rollout")
    workloads = [w for kind in kinds for w in observed.all(kind) if _is_of(name, place_of(w)[2])]
    if workloads:
        return object_ref(max(workloads, key=lambda w: len(place_of(w)[2])))
    pods = [pod for pod in observed.all("Pod") if _is_of(place_of(pod)[2], name)]
    pods = pods or [pod for pod in observed.all("Pod") if _ends_in(name, place_of(pod)[2]) or _ends_in(name, observed.root(pod).name)]
    roots = list(dict.fromkeys(map(observed.root, pods)))
    failing = [root for root in roots if _fails(root, observed)]
    alone = roots if len(roots) == 1 else failing if len(failing) == 1 else []
    return next(iter(alone), None)


def _unnamed(name: str, line: Line, observed: Observed, target: Target) -> ObjectRef:
    """The target, the only workload that fails, or the only one at all: a file's name says little of who wrote it. Else as it says."""
    if target.name and (not name or "." in name):
        return ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)
    if not name or "." in name:
        roots = {str(root): root for root in map(observed.root, observed.all("Pod"))}
        failing = {str(root): root for root in roots.values() if _fails(root, observed)}
        one = next((known for known in (failing, roots) if len(known) == 1), {})
        if one:
            return next(iter(one.values()))
    if (file := _FILE.match(name)) and (told := observed.root_of(("Pod", target.namespace, file["stem"]))).kind != "Pod":
        return told  # the file is called as pods of a Deployment are
    named = bool(name) and not file
    return ObjectRef(group="", kind="Pod" if named else "", namespace=line.namespace if named else "", name=name if named else "")


def _fails(root: ObjectRef, observed: Observed) -> bool:
    return any(not status.get("ready") for pod in observed.living_pods_of(root) for status in container_statuses(pod))


def _ends_in(name: str, longer: str) -> bool:
    """Whether a pod or workload is called so without what its name begins with."""
    return len(name) >= _SHORTEST and longer.endswith(f"-{name}")


def _is_of(pod: str, workload: str) -> bool:
    return pod == workload or pod.startswith(f"{workload}-")
