"""What could not be read."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def unknowns(hearing: Hearing) -> Ruling:
    """Nothing goes without a person while something about it is not known."""
    unread = [*hearing.rehearsal.unknown]
    if hearing.incident.standing.environment in ("", "unknown"):
        unread.append("the environment is not known, and is treated as production")
    if not hearing.rehearsal.head or not hearing.rehearsal.live:
        unread.append("the resulting or the live object could not be read")
    if unread:
        return Ruling(rule="unknowns", passed=True, gate="one_person", reason="; ".join(unread))
    return Ruling(rule="unknowns", passed=True, reason="nothing is unknown")
