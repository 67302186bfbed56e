"""When trying again is not the answer."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def recurrence(hearing: Hearing) -> Ruling:
    """Not many incidents of one target in an hour; in spite of a fix, they are for a person to look at."""
    most, history = hearing.setting.policy.incidents_per_hour, hearing.setting.history
    reason = f"{history.incidents_last_hour} incidents of this target in the last hour, {most} are too many"
    if history.incidents_last_hour < most or hearing.reverts:
        return Ruling(rule="recurrence", passed=True, reason=reason)
    fixed = next((past for past in history.fixes if past.result in ("merged", "failed")), None)
    if fixed is None:
        return Ruling(rule="recurrence", passed=True, gate="one_person", reason=reason)
    return Ruling(rule="recurrence", passed=False, reason=f"{reason}, in spite of {fixed.remedy} in {fixed.incident_id}")
