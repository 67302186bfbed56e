"""Plain questions that the phases ask of an incident: which plan is next, what a press binds, how it ended and why. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from remediation.entries import Incident, Verified
from remediation.terms import Decision, Outcome, Plan, Progress, Signal
from remediation.world import Patience, WhyNot

Answer = Literal["approved", "rejected", "escalated"]

_ANSWERS: dict[str, Answer] = {"approve": "approved", "reject": "rejected", "escalate": "escalated"}


def uncriticised(incident: Incident) -> Sequence[Plan]:
    """Plans that the critic has not answered, best first; none once one of them stands."""
    plans = incident.proposal.plans if incident.proposal is not None else ()
    if any(critique.decision == "APPROVED" for critique in incident.critiques):
        return ()
    return [plan for plan in plans if incident.critique_of(plan) is None]


def without_a_plan(incident: Incident) -> Outcome | None:
    """How it ends when nothing is to be rehearsed; None when something is."""
    proposal = incident.proposal
    if proposal is None or not proposal.finding:
        return Outcome(name="inconclusive", reason=proposal.for_a_person if proposal is not None else "Nothing was found.")
    if not proposal.plans:
        return Outcome(name="handed_over", reason=proposal.for_a_person or "No remedy of the catalogue fits.")
    return None


def untried(incident: Incident) -> Sequence[Plan]:
    """Plans that the critic let stand and that were not refused yet, best first."""
    plans = incident.proposal.plans if incident.proposal is not None else ()
    refused = {attempt.plan.plan_id for attempt in incident.attempts if not attempt.passes}
    standing = [p for p in plans if p.plan_id not in refused and (word := incident.critique_of(p)) and word.decision != "REJECTED"]
    return sorted(standing, key=lambda plan: plan.priority)


def why_nothing_passed(incident: Incident) -> str:
    """The first thing that stood in the way, in its own words."""
    for tried in incident.attempts:
        if tried.refused:
            return tried.refused
        if tried.verdict is not None and tried.verdict.denied:
            return "Policy says no: " + "; ".join(r.reason for r in tried.verdict.rulings if not r.passed)
    rejected = next((c for c in incident.critiques if c.decision == "REJECTED"), None)
    return f"The critic rejected it: {rejected.reason}" if rejected is not None else "No plan passed."


def answer_due(incident: Incident, patience: Patience) -> datetime | None:
    """When silence calls people; None once it did."""
    rehearsal = incident.the_attempt.rehearsal
    if rehearsal is None or incident.called:
        return None
    return rehearsal.rehearsed_at + timedelta(minutes=patience.answer)


def answer_of(press: Signal) -> Answer | None:
    """The answer that a press gives; None for one that only asks to see."""
    return _ANSWERS.get(str(press.body["action"]))


def may_not_press(incident: Incident, press: Signal, why_not: WhyNot) -> str:
    """Why this press binds nothing; empty when it does. The stored row decides, never what the button carried."""
    attempt = incident.the_attempt
    if attempt.rehearsal is None or press.body["digest"] != attempt.rehearsal.digest:
        return "This card is not open any more: look at the newest one in the thread."
    return (
        decided_already(incident) if attempt.answer is not None else why_not(str(press.body["user"]), incident, str(press.body["action"]))
    )


def outcome_of_answer(incident: Incident) -> Outcome | None:
    """How it ends by the gate's answer; None when that is yes, or not given yet."""
    answer = incident.the_attempt.answer
    if answer is None or answer.answer == "approved":
        return None
    said = f"Rejected: {answer.reason}" if answer.answer == "rejected" else "Escalated to people."
    return Outcome(name="handed_over", reason=said)


def decision_of(press: Signal, answer: Answer) -> Decision:
    """A person's decision, as the record keeps it."""
    user, reason = str(press.body["user"]), str(press.body.get("reason", ""))
    return Decision(digest=str(press.body["digest"]), answer=answer, by=user, reason=reason, at=press.at)


def decision_by_merge(incident: Incident) -> Decision:
    """Who merged in GitLab without a press decided by doing so."""
    attempt = incident.the_attempt
    if attempt.rehearsal is None or attempt.progress is None:
        raise ValueError(f"{incident.incident_id} has nothing that could be merged.")
    at = incident.updated_at or incident.opened_at
    by = f"gitlab:{attempt.progress.by}"
    return Decision(digest=attempt.rehearsal.digest, answer="approved", by=by, reason="Merged in GitLab.", at=at)


def decided_already(incident: Incident) -> str:
    """What to tell who presses too late."""
    answer = incident.the_attempt.answer
    if answer is None:
        return "There is nothing to decide any more."
    by = f"<@{answer.by}>" if answer.by.startswith(("U", "W")) else answer.by
    return f"It was {answer.answer} by {by} already; nothing changed."


def closed_by(progress: Progress) -> str:
    """A closed merge request's reason, in its closer's words."""
    return f"The merge request was closed by {progress.by or 'a person'}" + (f": {progress.reason}" if progress.reason else ".")


def confirmed(verified: Verified) -> Literal["yes", "unknown"]:
    """Silence proves no cause; a metric that left where the alert found it speaks for one."""
    before, after = verified.metric_before, verified.metric_after
    return "yes" if before is not None and after is not None and before != after else "unknown"


def outcome_of_revert(incident: Incident) -> Outcome:
    """How it ends once the revert was merged, or was not."""
    progress = incident.the_attempt.progress
    if progress is not None and progress.state == "applied":
        return Outcome(name="rolled_back", reason=f"The fix did not cure it and was reverted by {progress.by}.", cause_confirmed="no")
    return Outcome(name="not_fixed", reason="The fix did not cure it, and its revert was not merged.", cause_confirmed="no")
