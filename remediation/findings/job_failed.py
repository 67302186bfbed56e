"""A Job that failed, and a CronJob that does not run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, about, event_text, place_of
from remediation.terms import Finding, Target
from remediation.workloads import containers, object_ref

_REASONS = ("BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy", "FailedIndexes")
CRON_REASONS: Mapping[str, str] = {  # reasons of a CronJob's events
    "TooManyMissedTimes": "missed", "FailedNeedsStart": "missed", "MissSchedule": "missed", "UnparseableCronJobSchedule": "schedule",
    "UnparseableSchedule": "schedule", "InvalidSchedule": "schedule", "UnknownTimeZone": "schedule", "FailedCreate": "schedule",
    "JobAlreadyActive": "still_running",
}  # fmt: skip
_CRON_WORDS = {
    "missed": "it missed its start times, so the controller starts no Job any more",
    "schedule": "its schedule cannot be kept",
    "stale_active": "its controller still counts a Job as active that is complete, and its concurrency policy is Forbid",
    "still_running": "the Job before it is still running and its concurrency policy is Forbid",
    "suspended": "it is suspended, so it starts no Job",
}


@dataclass(frozen=True, kw_only=True)
class JobFailed:
    """cause: of a Job backoff_limit, deadline, failed, kept_open; of a CronJob suspended, schedule, missed, still_running, stale_active.

    command: how its container is started, empty for the image's own; of kept_open the containers that run on, by name.
    """

    cause: str
    command: str
    failed: int
    backoff_limit: int | None
    deadline_seconds: int | None
    message: str


def job_failed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each Job that failed, and for each CronJob that is suspended or whose schedule cannot be kept."""
    for job in observed.all("Job"):
        said = _failure(job, observed)
        if said is not None:
            yield _finding(job, said, observed)
    for cron in observed.all("CronJob"):
        events = [e for e in observed.events_of(cron) if e.get("reason") in CRON_REASONS and about(e)[0] == "CronJob"]
        if (cron.get("spec") or {}).get("suspend"):
            yield _of_cron(cron, "suspended", events, observed)
        elif events:
            cause = CRON_REASONS[str(events[0]["reason"])]
            stale = cause == "still_running" and _are_over(cron, observed)
            yield _of_cron(cron, "stale_active" if stale else cause, events, observed)
    known = {place_of(job) for job in observed.all("Job")}
    for event in observed.all("Event"):
        if event.get("reason") in _REASONS and about(event)[0] in ("Job", "") and about(event) not in known:
            kind, namespace, name = about(event)
            known.add(about(event))
            yield _finding(
                {"kind": kind or "Job", "metadata": {"namespace": namespace, "name": name}},
                (str(event["reason"]), event_text(event)),
                observed,
            )


def _are_over(cron: Object, observed: Observed) -> bool:
    """Whether Jobs of a CronJob are shown, and all of them are complete."""
    _, namespace, name = place_of(cron)
    own = [j for j in observed.all("Job", namespace) if re.fullmatch(rf"{re.escape(name)}-\d+", place_of(j)[2])]
    return bool(own) and all(_is_complete(job) for job in own)


def _is_complete(job: Object) -> bool:
    status = job.get("status") or {}
    if any(c.get("type") == "Complete" and c.get("status") == "True" for c in status.get("conditions") or ()):
        return True
    return not status.get("active") and 0 < int((job.get("spec") or {}).get("completions") or 1) <= int(status.get("succeeded") or 0)


def _failure(job: Object, observed: Observed) -> tuple[str, str] | None:
    for condition in (job.get("status") or {}).get("conditions") or ():
        failed = condition.get("type") in ("Failed", "FailureTarget") and condition.get("status") == "True"
        if failed and condition.get("reason"):  # a table gives none, but events do
            return str(condition.get("reason") or ""), str(condition.get("message") or "")
        if condition.get("type") in ("Complete", "SuccessCriteriaMet") and condition.get("status") == "True":
            return None
    event = next((e for e in observed.events_of(job) if e.get("reason") in _REASONS and about(e)[0] == "Job"), None)
    if event is not None:
        return str(event["reason"]), event_text(event)
    status = job.get("status") or {}
    over = int(status.get("failed") or 0) > int((job.get("spec") or {}).get("backoffLimit") or 6)
    printed = any(c.get("type") == "Failed" and c.get("status") == "True" for c in status.get("conditions") or ())
    return ("", "") if printed or (over and not status.get("active")) else None


def _finding(job: Object, said: tuple[str, str], observed: Observed) -> Finding:
    reason, message = said
    root = observed.root(job)
    spec, name = job.get("spec") or {}, place_of(job)[2]
    command = "; ".join(" ".join(str(p) for p in [*(c.get("command") or ()), *(c.get("args") or ())]) for _, c in containers(job)).strip(
        "; "
    )
    cause = {"BackoffLimitExceeded": "backoff_limit", "DeadlineExceeded": "deadline"}.get(reason, "failed")
    facts = JobFailed(
        cause=cause,
        command=command[:300],
        failed=int((job.get("status") or {}).get("failed") or 0),
        backoff_limit=spec.get("backoffLimit"),
        deadline_seconds=spec.get("activeDeadlineSeconds"),
        message=message[:300],
    )
    run = f"; its container runs `{facts.command}`" if command else ""
    above = f" of {root.kind} {root.name}" if root.name != name else ""
    events = [e for e in observed.events_of(job) if e.get("reason") == reason]
    text = f"Job {name}{above} failed: {reason or 'its pods failed'}{f' ({message})' if message else ''}{run}"
    return found(
        "job_failed", str(object_ref(job)) if not above else str(root), facts, re.sub(r"\s+", " ", text), observed.cites(job, *events[:1])
    )


def _of_cron(cron: Object, cause: str, events: Sequence[Object], observed: Observed) -> Finding:
    said = "" if cause == "suspended" or not events else f"{events[0].get('reason')}: {event_text(events[0])}"
    facts = JobFailed(cause=cause, command="", failed=0, backoff_limit=None, deadline_seconds=None, message=said[:300])
    schedule = (cron.get("spec") or {}).get("schedule") or ""
    when = f" (schedule {schedule})" if schedule else ""
    quoted = f'; "{said}"' if said else ""
    text = f"CronJob {place_of(cron)[2]}{when} does not run: {_CRON_WORDS[cause]}{quoted}"
    return found("job_failed", str(object_ref(cron)), facts, text, observed.cites(cron, *events[:1]))
