"""What was tried, or refused, before."""

from datetime import timedelta

from remediation.policy.hearing import Hearing
from remediation.terms import PastFix, Ruling


def repeated_fix(hearing: Hearing) -> Ruling:
    """The same fix did not fail here, and nobody refused it, of late. More of what failed is another fix; the same or less is not."""
    if hearing.reverts:
        return Ruling(rule="repeated_fix", passed=True, reason="a revert repeats nothing")
    days = hearing.setting.policy.repeat_after_days
    since = hearing.setting.now - timedelta(days=days)
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
