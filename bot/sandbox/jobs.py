"""CronJobs and Jobs: one run a day has been, and its pod has ended."""

from __future__ import annotations

import copy
from datetime import timedelta

from bot.sandbox.cluster import Cluster, controlled_by, short_hash
from bot.sandbox.fields import Object
from bot.sandbox.pod_sets import create_pod
from bot.sandbox.rollouts import MANAGER

COMPONENT = "cronjob-controller"
_A_DAY = timedelta(days=1)


def keep_cron_job(cluster: Cluster, cron_job: Object) -> None:
    """A CronJob that never ran runs once, and has been on time ever since; this world is too short to make the runs between."""
    if cron_job["spec"].get("suspend"):
        return
    if cluster.owned(cron_job, "Job"):
        _on_time(cluster, cron_job)
        return
    name = f"{cron_job['metadata']['name']}-{short_hash(cron_job['metadata']['uid'], length=8)}"
    metadata = {"name": name, "namespace": cron_job["metadata"]["namespace"], "ownerReferences": controlled_by(cron_job)}
    spec = {"backoffLimit": 6, "completions": 1, "parallelism": 1, **copy.deepcopy(cron_job["spec"]["jobTemplate"]["spec"])}
    cluster.write({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}, MANAGER)
    cluster.event(cron_job, "Normal", "SuccessfulCreate", f"Created job {name}", by=COMPONENT)
    cluster.set_status(cron_job, {"lastScheduleTime": cluster.now()})


def _on_time(cluster: Cluster, cron_job: Object) -> None:
    """The last start of a daily schedule, `15 3 * * *`."""
    minute, hour, *days = cron_job["spec"]["schedule"].split()
    if not (minute.isdigit() and hour.isdigit() and days == ["*", "*", "*"]):
        return
    now = cluster.clock()
    due = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    last = f"{due if due <= now else due - _A_DAY:%Y-%m-%dT%H:%M:%SZ}"
    if last > cron_job.get("status", {}).get("lastScheduleTime", ""):
        cluster.set_status(cron_job, {"lastScheduleTime": last})


def keep_job(cluster: Cluster, job: Object) -> None:
    """Make a Job's pod, and tell when it has ended."""
    pods = cluster.owned(job, "Pod")
    if not pods:
        if "completionTime" not in job.get("status", {}):
            name, labels = job["metadata"]["name"], {"batch.kubernetes.io/job-name": job["metadata"]["name"]}
            create_pod(cluster, job, f"{name}-{short_hash(name, length=5)}", "job-controller", labels=labels)
        return
    started = job.get("status", {}).get("startTime", cluster.now())
    if pods[0]["status"]["phase"] != "Succeeded":
        cluster.set_status(job, {"active": 1, "ready": 0, "startTime": started})
        return
    ended = job["status"].get("completionTime", cluster.now())
    condition = {"type": "Complete", "status": "True", "reason": "CompletionsReached", "lastProbeTime": ended, "lastTransitionTime": ended}
    cluster.set_status(job, {"succeeded": 1, "startTime": started, "completionTime": ended, "conditions": [condition]})
