"""Rows of pods and of what makes them."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from remediation.reading.cells import Object, fraction, number_of, pairs
from remediation.reading.tables import Row
from remediation.terms import Json

_POD_REASONS = re.compile(r"(?:Init:)?(?P<reason>[A-Z]\w+)")
_LEFT = re.compile(r"Evicted|NodeLost|NodeAffinity|NodeShutdown|Shutdown|UnexpectedAdmissionError|OutOf[a-z][\w./-]*")  # by its node
_PHASES = frozenset({"Pending", "Running", "Succeeded", "Failed", "Unknown"})
_WAITS = re.compile(r"BackOff|^Err|Error$|Creating|Initializing|InvalidImageName|^Create|^RunContainer")


def _pod(row: Row) -> Object:
    status, placed = row.get("STATUS", ""), _placed(row.get("NODE", ""))
    if "READY" not in row and status in ("", *_PHASES):  # columns of somebody's own say nothing of what they leave out
        return {"spec": placed, "status": {"phase": status, "printed": status} if status else {}}
    ready, of = fraction(row.get("READY", ""))
    restarts = number_of(row.get("RESTARTS", ""))
    return {"spec": placed, "status": pod_status(status, restarts, is_ready=bool(of) and ready == of)}


@lru_cache(maxsize=1024)  # many rows share one
def _placed(node: str) -> Object:
    return {"nodeName": node.split("/", maxsplit=1)[0]} if node else {}


@lru_cache(maxsize=1024)  # likewise
def pod_status(word: str, restarts: int, *, is_ready: bool) -> Object:
    """A pod's status out of the one word that kubectl prints for it."""
    status: dict[str, Json] = {"phase": word if word in _PHASES else "", "printed": word}
    status["conditions"] = [{"type": "Ready", "status": str(is_ready)}]
    if _LEFT.fullmatch(word):
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
    ready, wanted = fraction(row.get("READY", ""))
    if "/" not in row.get("READY", "") and row.get("DESIRED", "").isdecimal():  # as kubectl printed it before 1.15
        wanted, ready = number_of(row["DESIRED"]), number_of(row.get("AVAILABLE") or row.get("CURRENT", ""))
    status = {"readyReplicas": ready, "availableReplicas": number_of(row.get("AVAILABLE", str(ready)) or "0")}
    if row.get("UP-TO-DATE"):
        status["updatedReplicas"] = number_of(row["UP-TO-DATE"])
    return {"spec": {"replicas": wanted, **_template(row)}, "status": status}


def _replica_set(row: Row) -> Object:
    status = {"replicas": number_of(row.get("CURRENT", "")), "readyReplicas": number_of(row.get("READY", ""))}
    return {"spec": {"replicas": number_of(row.get("DESIRED", "")), **_template(row)}, "status": status}


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
    return {"spec": spec, "status": {field: number_of(row.get(column, "")) for field, column in counts.items()}}


def _job(row: Row) -> Object:
    done, wanted = fraction(row.get("COMPLETIONS", "").split(" ")[0])
    ended = {"Failed": "Failed", "Complete": "Complete"}.get(row.get("STATUS", ""))
    conditions = [{"type": ended, "status": "True"}] if ended else []
    return {"spec": {"completions": wanted or 1}, "status": {"succeeded": done, "conditions": conditions}}


def _cron_job(row: Row) -> Object:
    active = [{"kind": "Job"}] * number_of(row.get("ACTIVE", ""))
    return {"spec": {"schedule": row.get("SCHEDULE", ""), "suspend": row.get("SUSPEND") == "True"}, "status": {"active": active}}


READERS: Mapping[str, Callable[[Row], Object]] = {
    "Pod": _pod, "Deployment": _replicated, "StatefulSet": _replicated, "ReplicaSet": _replica_set, "DaemonSet": _daemon_set, "Job": _job,
    "CronJob": _cron_job,
}  # fmt: skip
