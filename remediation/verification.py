"""Whether the fix cured: applied, rollout healthy, alert silent for the soak; and how it ends. Pure: incident and time in, answer out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from remediation.entries import Attempt, Attempted, Incident, Verified
from remediation.terms import Alert, Measured, Outcome, Phase
from remediation.world import Patience


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Nothing is certain yet. until: when it will be, if nothing else happens; None for a pause. what: what is waited for."""

    until: datetime | None
    what: str


_PAUSED = Waiting(until=None, what="the rollout to go on from its pause")


def verify(incident: Incident, patience: Patience, now: datetime) -> Verified | Waiting:
    """What can be said now. Silence of the alert is necessary, but only the cluster's own health is asked first."""
    attempt = incident.attempt
    if attempt is None or attempt.applied_at is None:
        raise ValueError(f"{incident.incident_id} has nothing to verify: no act of it was applied.")
    health, instead = attempt.health, attempt.instead
    if instead is not None and instead.unread:
        reason = f"What was merged is another change than was approved, and cannot be followed: {instead.unread}"
        return Verified(cured=False, reason=reason, looked=False, ran=False)
    if health is not None and health.failed:
        return _verified(incident, cured=False, reason=f"The rollout failed: {health.detail}")
    if health is None or not (health.applied and health.settled):
        return _arriving(incident, attempt, _deadline(attempt, attempt.applied_at, patience), now)
    return _soaking(incident, attempt, patience, now)


def undone(incident: Incident, patience: Patience, now: datetime) -> Verified | Waiting:
    """What can be said of a revert that was merged: whether all is as it was before the fix, its old trouble included."""
    attempt = incident.the_attempt
    if attempt.applied_at is None:
        raise ValueError(f"{incident.incident_id} has no revert that was merged.")
    health, deadline = attempt.health, _deadline(attempt, attempt.applied_at, patience)
    if health is not None and health.applied and health.settled:
        return Verified(cured=True, reason="What stood before the fix is live again, and its rollout is complete", undoes=True)
    if health is not None and health.applied and health.failed:  # it failed before the fix, too: that is why there was one
        return Verified(cured=True, reason=f"What stood before the fix is live again, with its trouble: {health.detail}", undoes=True)
    if health is not None and health.paused:
        return _PAUSED
    if now < deadline:
        return Waiting(until=deadline, what="the revert to reach the cluster")
    if health is None:
        reason = "Its revert was merged, but the cluster could not be looked at"
        return Verified(cured=False, reason=reason, looked=False, undoes=True)
    what = "Its revert is live, but its rollout did not end" if health.applied else "Its revert was merged, but did not reach the cluster"
    return Verified(cured=False, reason=f"{what} in time: {health.detail}", undoes=True)


def verified(incident: Incident) -> Phase | Outcome | None:
    """How it ended; None while the cure is watched, or taken back."""
    attempt = incident.the_attempt
    if attempt.is_revert:
        return _reverted(incident, attempt)
    if attempt.verified is None:
        return None
    if attempt.verified.cured and not attempt.verified.ran:
        return Outcome(name="fixed", reason=attempt.verified.reason)
    if not attempt.verified.ran:
        return Outcome(name="handed_over", reason=attempt.verified.reason)
    if attempt.verified.cured:
        return Outcome(name="fixed", reason=attempt.verified.reason, cause_confirmed=_confirmed(incident, attempt.verified))
    return None if attempt.verified.looked else Outcome(name="inconclusive", reason=attempt.verified.reason)


def arrived(incident: Incident) -> bool:
    """Whether the last look saw the change in the cluster."""
    health = incident.the_attempt.health
    return health is not None and health.applied


def why_not_cured(incident: Incident) -> str:
    """The verification's own words."""
    said = next((a.verified.reason for a in reversed(incident.attempts) if a.verified is not None and not a.is_revert), "")
    return said.rstrip(".")


def not_fixed(incident: Incident, also: str) -> Outcome:
    """It was not cured, and the change stands."""
    return Outcome(name="not_fixed", reason=f"{why_not_cured(incident)}; {also}", cause_confirmed="no")


def may_open(revert: Attempted) -> bool:
    """Whether a revert was rehearsed and policy lets it go on to its gate."""
    return revert.rehearsal is not None and revert.verdict is not None and not revert.verdict.denied


def with_metric(answer: Verified, measured: Measured) -> Verified:
    """The verification with the metric as it was and is. What the alert itself said of it comes first."""
    before = answer.metric_before if answer.metric_before is not None else measured.before
    return replace(answer, metric_before=before, metric_after=measured.after)


def _deadline(attempt: Attempt, applied_at: datetime, patience: Patience) -> datetime:
    """Until when it must be whole: a node that is drained later, and a rollout that goes on after a pause, have a time of their own."""
    return (attempt.unsettled_since or applied_at) + timedelta(minutes=patience.apply)


def _arriving(incident: Incident, attempt: Attempt, deadline: datetime, now: datetime) -> Verified | Waiting:
    applied = attempt.health is not None and attempt.health.applied
    if attempt.health is not None and attempt.health.paused:
        return _PAUSED
    if now < deadline:
        return Waiting(until=deadline, what="the rollout" if applied else "the change to reach the cluster")
    if attempt.health is None:
        return replace(_verified(incident, cured=False, reason="It was merged, but the cluster could not be looked at"), looked=False)
    seen = attempt.health.detail
    what = "The rollout did not become healthy in time" if applied else "The merged change did not reach the cluster in time"
    return _verified(incident, cured=False, reason=f"{what}: {seen}")


def _soaking(incident: Incident, attempt: Attempt, patience: Patience, now: datetime) -> Verified | Waiting:
    settled = attempt.settled_at or now
    soak = timedelta(minutes=patience.soak)
    again = _fired_after(incident, settled)
    if again is not None:
        return _verified(incident, cured=False, reason=f"The alert fired again: {again.title}")
    if incident.firing:
        deadline = settled + soak
        if now < deadline:
            return Waiting(until=deadline, what="the alert to recover")
        return _verified(incident, cured=False, reason="The rollout is healthy, but the alert did not recover")
    silent_until = max(settled, _recovered_at(incident)) + soak
    if now < silent_until:
        return Waiting(until=silent_until, what="the soak to end")
    return _verified(incident, cured=True, reason=f"Healthy, and the alert stayed silent for {_minutes(patience.soak)}")


def _verified(incident: Incident, *, cured: bool, reason: str) -> Verified:
    before = next((alert.value for alert in reversed(incident.alerts) if alert.state == "firing" and alert.value is not None), None)
    instead = incident.the_attempt.instead
    if instead is None:
        return Verified(cured=cured, reason=reason, metric_before=before)
    told = f"{reason.rstrip('.')}, with another change than was approved. {instead}"
    return Verified(cured=cured, reason=told, metric_before=before, ran=False)


def _fired_after(incident: Incident, moment: datetime) -> Alert | None:
    """The first alert that began anew after that moment.

    Of a cycle unknown before, or recovered before. A renotification begins nothing.
    """
    burning: set[str] = set()
    for alert in sorted(incident.alerts, key=lambda alert: alert.started_at):  # deliveries promise no order
        if alert.state == "recovered":
            burning.discard(alert.cycle)
        elif alert.state == "firing":
            if alert.started_at > moment and alert.cycle not in burning:
                return alert
            burning.add(alert.cycle)
    return None


def _recovered_at(incident: Incident) -> datetime:
    return max((alert.started_at for alert in incident.alerts if alert.state == "recovered"), default=incident.opened_at)


def _minutes(minutes: float) -> str:
    return f"{minutes:g} minutes" if minutes >= 1 else f"{minutes * 60:g} seconds"


def _reverted(incident: Incident, attempt: Attempt) -> Outcome | None:
    state = attempt.progress.state if attempt.progress is not None else "waiting"
    if state == "waiting" or (state == "applied" and attempt.verified is None):
        return None
    if attempt.verified is None or attempt.progress is None:
        return not_fixed(incident, "its revert was not merged.")
    if attempt.verified.cured or not attempt.verified.looked:  # what cannot be looked at was taken back as far as is known
        also = "" if attempt.verified.cured else f" {attempt.verified.reason}."
        by = f"The fix did not cure it and was reverted by {attempt.progress.by}.{also}"
        return Outcome(name="rolled_back", reason=by, cause_confirmed="no")
    return not_fixed(incident, f"{attempt.verified.reason[:1].lower()}{attempt.verified.reason[1:].rstrip('.')}.")


def _confirmed(incident: Incident, answer: Verified) -> Literal["yes", "unknown"]:
    """Silence proves no cause; a metric that crossed its threshold back speaks for one."""
    before, after = answer.metric_before, answer.metric_after
    threshold = next((alert.threshold for alert in incident.alerts if alert.threshold is not None), None)
    if before is None or after is None or threshold is None:
        return "unknown"
    return "yes" if before >= threshold > after or before <= threshold < after else "unknown"
