"""How an attempt stands: what came of it, in the words of history and of the tables."""

from dataclasses import dataclass
from typing import Literal

from remediation.entries import Attempt, Verified
from remediation.terms import Outcome

Past = Literal["merged", "failed", "rejected", "closed"]


@dataclass(frozen=True, kw_only=True)
class Fate:
    """result: of what was executed.  past: what history says of it, None while it is under way or when nobody said no.  reason: why."""

    result: Literal["SUCCESS", "FAIL"] | None = None
    past: Past | None = None
    reason: str = ""


def fate_of(attempt: Attempt, outcome: Outcome | None) -> Fate:
    """What came of this attempt, as far as is known now. outcome: of its incident, None while that is open."""
    answer, progress, verified = attempt.answer, attempt.progress, attempt.verified
    if answer is not None and answer.answer == "rejected":
        return Fate(past="rejected", reason=answer.reason)
    if progress is not None and progress.state == "refused":
        if outcome is not None and outcome.name == "self_healed":  # it was withdrawn because it was not needed any more: nobody said no
            return Fate(reason=outcome.reason)
        return Fate(result="FAIL", past="closed", reason=progress.reason)
    if verified is not None:
        return _judged(verified)
    if progress is not None and progress.state == "applied":
        return _applied(outcome)
    return Fate(reason=attempt.refused)


def _judged(verified: Verified) -> Fate:
    """What its verification says; one that never ran teaches nothing."""
    if not verified.ran:
        return Fate(reason=verified.reason)
    result: Literal["SUCCESS", "FAIL"] = "SUCCESS" if verified.cured else "FAIL"
    return Fate(result=result, past="merged" if verified.cured else "failed", reason=verified.reason)


def _applied(outcome: Outcome | None) -> Fate:
    """Merged, and not verified, or not yet."""
    if outcome is None:
        return Fate(past="merged")
    if outcome.name in ("fixed", "rolled_back"):  # rolled back: this attempt was the revert, the one before it failed
        return Fate(result="SUCCESS", past="merged", reason=outcome.reason)
    return Fate(result="FAIL", past="failed", reason=outcome.reason)
