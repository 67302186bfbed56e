"""A CronJob that should have started and did not, by arithmetic: its schedule, when it last did, and what holds it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from remediation.findings.cron_times import COUNTED, Times, times_of
from remediation.findings.finding import found
from remediation.findings.job_failed import CRON_REASONS, JobFailed
from remediation.observed import Object, Observed, created, moment, place_of
from remediation.quantities import format_duration
from remediation.terms import Finding, Target
from remediation.workloads import object_ref

_PATIENCE = timedelta(minutes=5)
_LOOKS_EACH = 10  # seconds between the controller's looks


def starts_missed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each CronJob that has been silent for longer than its schedule ever is, and of which no event says why."""
    now = max((item.at for item in observed.evidence), default=None)
    for cron in observed.all("CronJob"):
        spec = cron.get("spec") or {}
        told = any(event.get("reason") in CRON_REASONS for event in observed.events_of(cron))
        times = times_of(str(spec.get("schedule") or ""))
        last = moment((cron.get("status") or {}).get("lastScheduleTime")) or moment(created(cron))
        if now is None or last is None or times is None or spec.get("suspend") or told:
            continue
        longest = times.longest_gap(now)
        if longest is not None and now - last > longest * 1.1 + _PATIENCE:
            yield _finding(cron, times, last, now, observed)


def _finding(cron: Object, times: Times, last: datetime, now: datetime, observed: Observed) -> Finding:
    """The text says how many starts are missing, since when, and what is known to hold them."""
    spec, name = cron.get("spec") or {}, place_of(cron)[2]
    running = _running(cron, observed)
    count = sum(1 for _ in times.between(last, now))
    missed = f"{count} starts" if count < COUNTED else f"{count} starts or more"
    ran = bool((cron.get("status") or {}).get("lastScheduleTime"))
    since = f"{'its last start' if ran else 'it was made'} {format_duration(now - last)} ago"
    facts = JobFailed(cause="missed", command="", failed=0, backoff_limit=None, deadline_seconds=None, message="")
    deadline = spec.get("startingDeadlineSeconds")
    if running and spec.get("concurrencyPolicy") == "Forbid":
        held = f"{running}, and its concurrency policy is Forbid"
        facts = replace(facts, cause="still_running")
    elif isinstance(deadline, int) and deadline < _LOOKS_EACH:
        held = f"its startingDeadlineSeconds {deadline} is shorter than the {_LOOKS_EACH} s between two looks of the controller"
    else:
        held = "nothing says why"
    facts = replace(facts, message=f"{missed} since {since}: {held}")
    text = f"CronJob {name} (schedule {spec.get('schedule')}) does not run: it missed {missed} since {since}; {held}"
    return found("job_failed", str(object_ref(cron)), facts, text, observed.cites(cron, *_jobs(cron, observed)[:1]))


def _running(cron: Object, observed: Observed) -> str:
    """The Job of it that has not ended, in words; empty for none."""
    active = (cron.get("status") or {}).get("active") or ()
    job = next((each for each in _jobs(cron, observed) if (each.get("status") or {}).get("active")), None)
    began = moment((job.get("status") or {}).get("startTime")) if job is not None else None
    if job is None:
        named = next((str(each["name"]) for each in active if each.get("name")), "")
        return f"{f'Job {named}' if named else 'one of its Jobs'} is still running" if active else ""
    return f"Job {place_of(job)[2]} is still running" + (f" since {began:%Y-%m-%d %H:%M:%S}Z" if began is not None else "")


def _jobs(cron: Object, observed: Observed) -> list[Object]:
    """Its own, the ones at work first."""
    roots = ((job, observed.root(job)) for job in observed.all("Job", place_of(cron)[1]))
    own = [job for job, root in roots if (root.kind, root.namespace, root.name) == place_of(cron)]
    return sorted(own, key=lambda job: not (job.get("status") or {}).get("active"))
