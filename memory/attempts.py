"""How an attempt stands: what came of it, in the words of history and of the tables."""

from dataclasses import dataclass
from typing import Literal

from remediation.entries import Attempt
from remediation.terms import Outcome

Past = Literal["merged", "failed", "rejected", "closed"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """result: of what was executed.  past: what history says of it, None while it is under way or when nobody said no.  reason: why."""

    result: Literal["SUCCESS", "FAIL"] | None = None
    past: Past | None = None
    reason: str = ""


def standing_of(attempt: Attempt, outcome: Outcome | None) -> Standing:
    """What came of this attempt, as far as is known now. outcome: of its incident, None while that is open."""
    decision, progress, verified = attempt.decision, attempt.progress, attempt.verified
    if decision is not None and decision.answer == "rejected":
        return Standing(past="rejected", reason=decision.reason)
    if progress is not None and progress.state == "refused":
        if outcome is not None and outcome.name == "self_healed":  # it was withdrawn because it was not needed any more: nobody said no
            return Standing(reason=outcome.reason)
        return Standing(result="FAIL", past="closed", reason=progress.reason)
    if verified is not None:
        result: Literal["SUCCESS", "FAIL"] = "SUCCESS" if verified.cured else "FAIL"
        return Standing(result=result, past="merged" if verified.cured else "failed", reason=verified.reason)
    if progress is not None and progress.state == "applied":
        return _applied(outcome)
    return Standing(reason=attempt.refused)


def _applied(outcome: Outcome | None) -> Standing:
    """Merged, and not verified, or not yet."""
    if outcome is None:
        return Standing(past="merged")
    if outcome.name in ("fixed", "rolled_back"):  # rolled back: this attempt was the revert, the one before it failed
        return Standing(result="SUCCESS", past="merged", reason=outcome.reason)
    return Standing(result="FAIL", past="failed", reason=outcome.reason)
