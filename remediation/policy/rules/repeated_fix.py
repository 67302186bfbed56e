"""What was tried, or refused, before."""

from datetime import timedelta

from remediation.policy.hearing import Hearing
from remediation.terms import PastFix, Ruling


def repeated_fix(hearing: Hearing) -> Ruling:
    """The same fix did not fail here, and nobody refused it, of late.

    More of what failed is another fix; the same or less is not. A merge request that a person closed is a no to its fix, whatever the
    values.
    """
    days = hearing.setting.policy.repeat_after_days
    since = hearing.setting.now - timedelta(days=days)
    closed = hearing.rehearsal.closed
    if closed is not None and closed.at >= since:
        why = closed.reason.removeprefix(f"{closed.by}: ") or "no reason was given"
        said = f"{closed.by} closed this fix on {closed.at:%Y-%m-%d} ({closed.url}): {why}"
        return Ruling(rule="repeated_fix", passed=False, reason=f"{said}; that is a no for {days} days")
    if hearing.reverts:
        return Ruling(rule="repeated_fix", passed=True, reason="a revert repeats nothing")
    before = next((past for past in hearing.setting.history.fixes if past.at >= since and _repeats(past, hearing)), None)
    if before is None:
        return Ruling(rule="repeated_fix", passed=True, reason=f"not failed or refused in {days} days")
    happened = {"failed": "did not cure", "rejected": "was rejected in", "closed": "was closed in"}[before.result]
    reason = f"the same fix {happened} {before.incident_id}: {before.reason or 'no reason was given'}"
    return Ruling(rule="repeated_fix", passed=False, reason=reason)


def _repeats(past: PastFix, hearing: Hearing) -> bool:
    if past.remedy != hearing.act.remedy or past.result == "merged":
        return False
    compare = hearing.remedy.no_more if past.result == "failed" else hearing.remedy.same
    return compare(hearing.act.parameters, past.parameters)
