"""The namespace's LimitRanges."""

from remediation.admission import outside_limit_ranges
from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def limit_range(hearing: Hearing) -> Ruling:
    """Every amount of the resulting pods lies within every LimitRange."""
    outside = outside_limit_ranges(hearing.rehearsal.head, hearing.surrounding("LimitRange"))
    return Ruling(rule="limit_range", passed=not outside, reason="; ".join(outside) or "within every LimitRange")
