"""Request against limit."""

from remediation.admission import requests_over_limits
from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def request_within_limit(hearing: Hearing) -> Ruling:
    """No container of the resulting object asks for more than its limit."""
    over = requests_over_limits(hearing.rehearsal.head)
    return Ruling(rule="request_within_limit", passed=not over, reason="; ".join(over) or "every request is at most its limit")
