"""Which remedies may be used where."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def allowed_remedies(hearing: Hearing) -> Ruling:
    """The remedy stands in policy.yaml's list for this environment."""
    by_environment = hearing.setting.policy.remedies
    allowed = by_environment.get(hearing.environment, by_environment["other"])
    passed = allowed == "all" or hearing.act.remedy in allowed
    listed = "every remedy" if allowed == "all" else ", ".join(allowed) or "no remedy"
    return Ruling(rule="allowed_remedies", passed=passed, reason=f"{hearing.environment} allows {listed}; this is {hearing.act.remedy}")
