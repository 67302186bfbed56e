"""Whether something is whole now, as the evidence shows it: a workload, a node, a claim, an autoscaler; in words, empty where it is not."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import lru_cache

from remediation.observed import Object, Observed, Place, about, container_statuses, created, moment, place_of, ready
from remediation.quantities import parse
from remediation.terms import Json, ObjectRef

_FLAPS = timedelta(minutes=15)  # since its last end, what restarts is not known to be over
_OFTEN = 3  # restarts, of which nothing says when
_OLD = timedelta(minutes=30)  # what has run so long is not what an eviction goes on with
_WARMS = timedelta(minutes=3)  # until the first metrics of a pod
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet", "Pod")
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


def whole(place: Place, observed: Observed) -> str:
    """How an object is seen to be whole now; empty where nothing shows that it is."""
    match place[0]:
        case "Node":
            return _node(observed.get(*place))
        case "PersistentVolumeClaim":
            return _claim(observed.get(*place))
        case "HorizontalPodAutoscaler":
            return _autoscaler(observed.get(*place))
        case "Job" | "CronJob":
            return completed(place, observed)
        case kind if kind in _WORKLOADS:
            return completed(place, observed) or _workload(place, observed)
    return ""


def now_of(observed: Observed) -> datetime | None:
    """When the evidence was read."""
    return max((item.at for item in observed.evidence), default=None)


def counted(place: Place, observed: Observed) -> bool:
    """Whether the workload itself says how many pods it wants and has, not only its pods."""
    thing = observed.get(*place)
    return thing is not None and thing.get("kind") != "Pod" and bool(_wanted(thing))


def started(place: Place, observed: Observed) -> bool:
    """Whether every pod of a workload has come so far that its containers run or have run."""
    pods = _present(place, observed)
    return bool(pods) and all(map(_ran, pods)) and place not in _with_unseen_pods(observed)


def long_running(place: Place, observed: Observed) -> bool:
    """Whether no pod of a workload is so young that it may stand for one that was just put off."""
    now, born = now_of(observed), [moment(created(pod)) for pod in _present(place, observed)]
    return now is not None and all(at is not None and now - at > _OLD for at in born)


def warming(place: Place, observed: Observed) -> str:
    """That every pod of a workload runs and is so young that its metrics are not there yet; empty where one is older, or none is shown."""
    pods, now = _present(place, observed), now_of(observed)
    born = [moment(created(pod)) for pod in pods]
    fresh = bool(pods) and now is not None and all(at is not None and now - at < _WARMS for at in born)
    return "its pods are only just running, and their metrics come within minutes" if fresh and all(map(ready, pods)) else ""


def _present(place: Place, observed: Observed) -> Sequence[Object]:
    """The pods that are not over and not going away."""
    pods = observed.living_pods_of(ObjectRef(group="", kind=place[0], namespace=place[1], name=place[2]))
    done = ("Failed", "Succeeded")
    return [p for p in pods if (p.get("status") or {}).get("phase") not in done and not p["metadata"].get("deletionTimestamp")]


def _ran(pod: Object) -> bool:
    own = (pod.get("status") or {}).get("containerStatuses") or ()
    if not own:
        return ready(pod) or (pod.get("status") or {}).get("phase") == "Running"
    return all(_has_run(status) for status in own)


def _has_run(status: Object) -> bool:
    """Whether a container runs, or ran last; one that waits for its image or its volumes has yet to start, however often it ran before."""
    state = status.get("state") or {}
    waits = str((state.get("waiting") or {}).get("reason") or "")
    return bool(
        status.get("ready") or state.keys() & {"running", "terminated"} or (status.get("restartCount") and waits == "CrashLoopBackOff")
    )


@lru_cache(maxsize=4)
def _with_unseen_pods(observed: Observed) -> AbstractSet[Place]:
    """The workloads of which events warn about pods that no item shows."""
    warned = dict.fromkeys(about(event) for event in observed.all("Event") if event.get("type") == "Warning")
    roots = (observed.root_of(place) for place in warned if place[0] == "Pod" and observed.get(*place) is None)
    return {(root.kind, root.namespace, root.name) for root in roots}


def _workload(place: Place, observed: Observed) -> str:
    thing, pods = observed.get(*place), _present(place, observed)
    if any(flaps(status, observed) for pod in pods for status in container_statuses(pod)) or not all(map(ready, pods)):
        return ""
    if thing is None or thing.get("kind") == "Pod" or not (thing.get("status") or {}):
        return "" if not pods or place in _with_unseen_pods(observed) else f"{_count(len(pods), len(pods))} now"
    wanted, have = _wanted(thing), _have(thing, pods)
    return f"{_count(have, wanted)} now" if wanted and have >= wanted and not _in_progress(thing, wanted) else ""


def _count(have: int, wanted: int) -> str:
    return f"{have} of {wanted} pods {'is' if wanted == 1 else 'are'} ready"


def _wanted(thing: Object) -> int:
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    return int(status.get("desiredNumberScheduled") or spec.get("replicas") or 0)


def _have(thing: Object, pods: Sequence[Object]) -> int:
    status = thing.get("status") or {}
    said = status.get("readyReplicas", status.get("numberReady"))
    return int(said) if said is not None else len(pods)


def _in_progress(thing: Object, wanted: int) -> bool:
    """Whether a rollout is under way, or its controller says that it cannot make pods."""
    status = thing.get("status") or {}
    conditions = {c.get("type"): c for c in status.get("conditions") or ()}
    refused = (conditions.get("ReplicaFailure") or {}).get("status") == "True" or (conditions.get("Progressing") or {}).get(
        "status"
    ) == "False"
    updated = status.get("updatedReplicas", 0 if "observedGeneration" in status and thing.get("kind") == "Deployment" else wanted)
    more = thing.get("kind") == "Deployment" and int(status.get("replicas") or 0) > wanted
    return refused or more or int(updated or 0) < wanted or bool(status.get("unavailableReplicas"))


def flaps(status: Object, observed: Observed) -> bool:
    """Whether a container ended so lately, or so often, that its running now proves nothing."""
    last = (status.get("lastState") or {}).get("terminated") or {}
    restarts, at, now = int(status.get("restartCount") or 0), moment(last.get("finishedAt")), now_of(observed)
    if at is None or now is None:
        return restarts >= _OFTEN
    return restarts > 0 and now - at < _FLAPS


def completed(place: Place, observed: Observed) -> str:
    """That every Job of it which is shown has completed, or the last of a CronJob's that ended, or its pod; empty where none shows that."""
    kind, namespace, name = place
    if kind not in ("Job", "CronJob", "Pod"):
        return ""
    jobs = [job for job in observed.all("Job", namespace) if place_of(job) == place or observed.root(job).name == name]
    ends = [{c.get("type"): c.get("status") for c in (job.get("status") or {}).get("conditions") or ()} for job in jobs]
    if jobs and all(end.get("Complete") == "True" for end in ends):
        return f"{len(jobs)} of {len(jobs)} Jobs have completed" if kind == "CronJob" else "it is Complete"
    ended = sorted(
        (_run(job), end.get("Complete") == "True", place_of(job)[2]) for job, end in zip(jobs, ends, strict=True) if _has_ended(end)
    )
    if kind == "CronJob" and ended and ended[-1][1]:
        return f"its last run, Job {ended[-1][2]}, has completed"
    pods = observed.pods_of(ObjectRef(group="batch", kind=kind, namespace=namespace, name=name))
    over = bool(pods) and all((pod.get("status") or {}).get("phase") == "Succeeded" for pod in pods)
    return "its pods ended with exit code 0 (Completed)" if over and not jobs else ""


def _has_ended(conditions: Mapping[Json, Json]) -> bool:
    return "True" in (conditions.get("Complete"), conditions.get("Failed"))


def _run(job: Object) -> tuple[int, str]:
    """When a Job of a CronJob was due: its controller numbers them by the minute; and when it was made."""
    number = place_of(job)[2].rpartition("-")[2]
    return int(number) if number.isdecimal() else 0, created(job)


def _node(node: Object | None) -> str:
    conditions = {c.get("type"): c.get("status") for c in ((node or {}).get("status") or {}).get("conditions") or ()}
    bad = any(conditions.get(kind) == "True" for kind in _PRESSURES) or ((node or {}).get("spec") or {}).get("unschedulable")
    return "it is Ready now" if conditions.get("Ready") == "True" and not bad else ""


def _claim(claim: Object | None) -> str:
    spec, status = (claim or {}).get("spec") or {}, (claim or {}).get("status") or {}
    asked, has = ((spec.get("resources") or {}).get("requests") or {}).get("storage"), (status.get("capacity") or {}).get("storage")
    waits = any(c.get("status") == "True" for c in status.get("conditions") or ())
    try:
        grown = not asked or (bool(has) and parse(str(has)) >= parse(str(asked)))
    except ValueError:
        grown = False
    return f"it is Bound and has {has or 'its size'} now" if status.get("phase") == "Bound" and grown and not waits else ""


def _autoscaler(scaler: Object | None) -> str:
    status = (scaler or {}).get("status") or {}
    conditions = {c.get("type"): c.get("status") for c in status.get("conditions") or ()}
    targets = str(status.get("targets") or "")
    reads = conditions.get("ScalingActive") == "True" or (bool(targets) and "unknown" not in targets)
    return "it reads its metrics now" if reads and "False" not in (conditions.get("ScalingActive"), conditions.get("AbleToScale")) else ""
