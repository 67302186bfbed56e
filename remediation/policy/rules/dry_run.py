"""What the API server itself says."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def dry_run(hearing: Hearing) -> Ruling:
    """The server took the resulting object in a dry-run. Where it could not be asked, a person decides."""
    answer = hearing.rehearsal.dry_run
    match answer.state:
        case "passed":
            return Ruling(rule="dry_run", passed=True, reason="the API server takes the resulting object")
        case "refused":
            return Ruling(rule="dry_run", passed=False, reason=f"the API server refuses it: {answer.reason}")
        case "not_rehearsed":
            reason = f"not rehearsed on the server: {answer.reason or 'no reason was given'}"
            return Ruling(rule="dry_run", passed=True, gate="one_person", reason=reason)
