"""Workloads, as `kubectl describe` shows them."""

import re
from collections.abc import Callable, Mapping

from remediation.observed import moment
from remediation.reading.branches import Branch, conditions_in, number_in
from remediation.reading.cells import Object, pairs
from remediation.reading.described_pods import template_in
from remediation.terms import Json


def _replicas(text: str) -> dict[str, int]:
    return {
        word: int(number) for number, word in re.findall(r"(?<!\d)(\d{1,9}) (desired|updated|total|available|unavailable|current)", text)
    }


def _deployment(root: Branch) -> Object:
    counts = _replicas(root.get("Replicas"))
    spec: dict[str, Json] = {"selector": {"matchLabels": pairs(root.get("Selector"))}, "template": template_in(root)}
    if "desired" in counts:
        spec["replicas"] = counts["desired"]
    status = {
        "replicas": counts.get("total", 0),
        "updatedReplicas": counts.get("updated", 0),
        "availableReplicas": counts.get("available", 0),
        "readyReplicas": counts.get("available", 0),
        "unavailableReplicas": counts.get("unavailable", 0),
        "conditions": conditions_in(root),
        "newReplicaSet": root.get("NewReplicaSet").split(" ")[0],
        "oldReplicaSets": root.get("OldReplicaSets"),
    }
    return {"spec": spec, "status": status if counts else {"conditions": conditions_in(root)}}


def _replicated(root: Branch) -> Object:
    counts = _replicas(root.get("Replicas"))
    running = re.search(r"(?<!\d)(\d{1,9}) Running", root.get("Pods Status"))
    spec: dict[str, Json] = {"selector": {"matchLabels": pairs(root.get("Selector"))}, "template": template_in(root)}
    if "desired" in counts:
        spec["replicas"] = counts["desired"]
    return {"spec": spec, "status": {"replicas": counts.get("current", counts.get("total", 0)), "conditions": conditions_in(root),
                                     **({"runningPods": int(running[1])} if running else {})}}  # fmt: skip


def _daemon_set(root: Branch) -> Object:
    fields = {"desiredNumberScheduled": "Desired Number of Nodes Scheduled", "currentNumberScheduled": "Current Number of Nodes Scheduled",
              "numberAvailable": "Number of Nodes Scheduled with Available Pods"}  # fmt: skip
    status = {name: int(root.get(key)) for name, key in fields.items() if root.get(key).isdecimal()}
    return {"spec": {"selector": {"matchLabels": pairs(root.get("Selector"))}, "template": template_in(root)}, "status": status}


def _job(root: Branch) -> Object:
    counts = {word: int(number) for number, word in re.findall(r"(?<!\d)(\d{1,9}) (Active|Succeeded|Failed)", root.get("Pods Statuses"))}
    spec: dict[str, Json] = {
        "template": template_in(root),
        "completions": number_in(root, "Completions"),
        "backoffLimit": number_in(root, "Backoff Limit"),
    }
    if root.get("Active Deadline Seconds"):
        spec["activeDeadlineSeconds"] = int(root.get("Active Deadline Seconds").rstrip("s") or 0)
    done = [{"type": "Complete", "status": "True"}] if root.get("Completed At") else []
    return {"spec": spec, "status": {**{word.lower(): number for word, number in counts.items()}, "conditions": done}}


def _cron_job(root: Branch) -> Object:
    spec = {
        "schedule": root.get("Schedule"),
        "suspend": root.get("Suspend") == "True",
        "concurrencyPolicy": root.get("Concurrency Policy"),
        "jobTemplate": {"spec": {"template": template_in(root)}},
    }
    if deadline := re.match(r"\d+(?=s?$)", root.get("Starting Deadline Seconds")):
        spec["startingDeadlineSeconds"] = int(deadline[0])
    last, active = root.get("Last Schedule Time"), re.findall(r"[a-z0-9][-a-z0-9.]*", root.get("Active Jobs").replace("<none>", ""))
    started = {"lastScheduleTime": last} if moment(last) is not None else {}
    return {"spec": spec, "status": {"active": [{"kind": "Job", "name": name} for name in active], **started}}


READERS: Mapping[str, Callable[[Branch], Object]] = {
    "Deployment": _deployment, "StatefulSet": _replicated, "ReplicaSet": _replicated, "DaemonSet": _daemon_set, "Job": _job,
    "CronJob": _cron_job,
}  # fmt: skip
