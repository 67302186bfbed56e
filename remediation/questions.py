"""What the record says now: plain questions that the phases ask of an incident. Pure, so each is a table of cases."""

import hashlib
from datetime import datetime, timedelta
from typing import Literal, TypeVar

import msgspec

from remediation.entries import Attempt, Attempted, Called, Incident, Looked
from remediation.quantities import format_duration
from remediation.terms import Decision, Health, Outcome, Phase, Plan, Progress, Signal
from remediation.world import Patience, WhyNot

Answer = Literal["approved", "rejected", "escalated"]
Seen = TypeVar("Seen", Progress, Health)

CHOOSE = "choose_"  # begins the action of a button that chooses a place; its number follows
WHERE = "More than one place in Git gives the object: choose the one that is deployed."
MERGER = "gitlab:"  # begins the name of who decided by merging
COULD_NOT_MERGE = "It could not be merged by policy"
_PIPELINE_ENDED = ("failed", "canceled")
_REVIEWED = ("not_approved", "discussions_not_resolved", "requested_changes", "draft_status")  # by whom the merge request waits for anyway
_ANSWERS: dict[str, Answer] = {"approve": "approved", "reject": "rejected", "escalate": "escalated"}
_HEALED = "The alert recovered before Suture changed anything."

# investigate


def to_look(incident: Incident, now: datetime) -> bool:
    """Whether evidence is to be gathered: at first in any case, after a silence when its time has come, while the alert fires."""
    silence = incident.unanswered[-1] if incident.unanswered else None
    return not incident.evidence and (silence is None or now >= silence.until)


def waits_for_answers(incident: Incident) -> bool:
    """Whether what the cause needs did not answer, and is asked again later."""
    return bool(incident.unanswered) and not incident.evidence and incident.firing


def to_criticise(incident: Incident) -> Plan | None:
    """The best plan that the critic has not answered; None once one of them stands: the others are the alternatives."""
    if incident.proposal is None or any(critique.decision == "APPROVED" for critique in incident.critiques):
        return None
    return next((plan for plan in incident.proposal.plans if incident.critique_of(plan) is None), None)


# settle


def settled(incident: Incident) -> Phase | Outcome | None:
    """Where settling ended; None while something is to be attempted or decided."""
    if not incident.firing:
        return Outcome(name="self_healed", reason=_HEALED)
    attempt = incident.attempt
    if attempt is None or not attempt.passes:
        return None if to_attempt(incident) is not None or (attempt and attempt.places) else _nothing_passed(incident)
    if attempt.answer is None:
        return None
    return "deliver" if approved(attempt) else _outcome_of(attempt.answer)


def to_attempt(incident: Incident) -> Plan | None:
    """The best plan that the critic let stand and that was not refused yet; None while an attempt passes, or when none is left."""
    if incident.attempt is not None and (incident.attempt.passes or incident.attempt.places):
        return None
    plans = incident.proposal.plans if incident.proposal is not None else ()
    refused = {attempt.plan.plan_id for attempt in incident.attempts if not attempt.passes}
    standing = [p for p in plans if p.plan_id not in refused and (word := incident.critique_of(p)) and word.decision != "REJECTED"]
    return min(standing, key=lambda plan: plan.priority, default=None)


def place_of(incident: Incident, press: Signal) -> str:
    """The place that a press chooses of those that the newest attempt names; empty for another press."""
    places = incident.attempt.places if incident.attempt is not None else ()
    at = str(press.body["action"]).removeprefix(CHOOSE)
    return places[int(at)] if at.isdecimal() and int(at) < len(places) and press.body["digest"] == digest_of(places) else ""


def digest_of(places: tuple[str, ...]) -> str:
    """What a press on one of them must carry: it chooses among exactly these."""
    return hashlib.sha256("\0".join(places).encode()).hexdigest()


def approved(attempt: Attempt) -> bool:
    """Whether exactly what was rehearsed passed policy and was approved by as many as its gate asks."""
    answer = attempt.answer
    same = answer is not None and attempt.rehearsal is not None and answer.digest == attempt.rehearsal.digest
    return attempt.passes and same and answer is not None and answer.answer == "approved"


def card_due(incident: Incident, patience: Patience) -> datetime | None:
    """When somebody must act on the open card: when its silence calls people, and after that when it expires."""
    rehearsal = incident.the_attempt.rehearsal
    if rehearsal is None:
        return None
    silence = rehearsal.rehearsed_at + timedelta(minutes=patience.answer)
    return rehearsal.expires_at if rehearsal.digest in incident.called_for else min(silence, rehearsal.expires_at)


def expired(incident: Incident, at: datetime) -> bool:
    """Whether the open card's approval could not be given any more. A revert waits as long as it must."""
    attempt = incident.the_attempt
    return attempt.rehearsal is not None and not attempt.is_revert and at >= attempt.rehearsal.expires_at


def answer_of(press: Signal) -> Answer | None:
    """The answer that a press gives; None for one that only asks to see."""
    return _ANSWERS.get(str(press.body["action"]))


def may_not_press(incident: Incident, press: Signal, why_not: WhyNot) -> str:
    """Why this press binds nothing; empty when it does. The stored row decides, never what the button carried."""
    attempt = incident.the_attempt
    if attempt.rehearsal is None or press.body["digest"] != attempt.rehearsal.digest:
        return "This card is not open any more: look at the newest one in the thread."
    if attempt.answer is not None:
        return decided_already(incident)
    if expired(incident, press.at):
        return "This card has expired: a new one is on its way."
    return why_not(str(press.body["user"]), incident, str(press.body["action"]))


def decision_of(press: Signal, answer: Answer) -> Decision:
    """A person's decision, as the record keeps it."""
    user, reason = str(press.body["user"]), str(press.body.get("reason", ""))
    return Decision(digest=str(press.body["digest"]), answer=answer, by=user, reason=reason, at=press.at)


def decided_already(incident: Incident) -> str:
    """What to tell who presses too late."""
    answer = incident.the_attempt.answer
    if answer is None:
        return "There is nothing to decide any more."
    by = f"<@{answer.by}>" if answer.by.startswith(("U", "W")) else answer.by
    decided = f"It was {answer.answer} by {by} at {answer.at:%H:%M} UTC already, so your press changed nothing."
    return f"{decided} {how_to_stop(incident)}".strip()


def how_to_stop(incident: Incident) -> str:
    """What a person can still do against what was decided, as a sentence; empty where nothing of it is under way or live."""
    attempt = incident.the_attempt
    if attempt.answer is None or attempt.answer.answer != "approved":
        return ""
    if attempt.receipt is None:
        return "" if incident.outcome else "Its merge request is being opened: to stop it, close that one and say why in a note."
    name = f"merge request !{attempt.receipt.iid}"
    if attempt.applied_at is not None:
        return f"It is merged: to take it back, revert {name} in GitLab."
    if attempt.progress is not None and attempt.progress.state != "waiting":
        return ""
    return f"To stop it now, close {name} in GitLab and say why in a note."


def open_digest(incident: Incident) -> str:
    """What the newest card is about; empty before there is one."""
    attempt = incident.attempt
    return attempt.rehearsal.digest if attempt is not None and attempt.rehearsal is not None else ""


def called_already(incident: Incident, called: Called) -> bool:
    """Whether people were called for this reason and card before."""
    return called.reason in incident.called and (not called.digest or called.digest in incident.called_for)


def _nothing_passed(incident: Incident) -> Outcome:
    proposal = incident.proposal
    if proposal is None or not proposal.finding:
        said = proposal.for_a_person if proposal is not None else "Nothing was found."
        return Outcome(name="inconclusive", reason=f"{said}{_asked_again(incident)}")
    if not proposal.plans:
        return Outcome(name="handed_over", reason=proposal.for_a_person or "No remedy of the catalogue fits.")
    rejected = next((c.reason for c in incident.critiques if c.decision == "REJECTED"), "")
    stopped = next((why_stopped(tried) for tried in incident.attempts if not tried.passes), "")
    return Outcome(name="handed_over", reason=stopped or (f"The critic rejected it: {rejected}" if rejected else "No plan passed."))


def _asked_again(incident: Incident) -> str:
    """How often what does not answer was asked, as a sentence of its own; empty where all answered."""
    if not incident.unanswered or not any(item.unanswered and item.needed for item in incident.evidence):
        return ""
    lasted = format_duration(incident.unanswered[-1].until - incident.opened_at)
    return f" Suture asked {len(incident.unanswered) + 1} times in {lasted}."


def _outcome_of(answer: Decision) -> Outcome:
    said = f"Rejected: {answer.reason}" if answer.answer == "rejected" else "Escalated to people."
    return Outcome(name="handed_over", reason=said)


def why_stopped(tried: Attempt | Attempted) -> str:
    """Why an attempt did not reach its gate, in the words of what stood in the way."""
    if tried.refused or tried.verdict is None:
        return tried.refused
    return "Policy says no: " + "; ".join(ruling.reason for ruling in tried.verdict.rulings if not ruling.passed)


# deliver


def delivered(incident: Incident) -> Phase | Outcome | None:  # noqa: PLR0911 - one case a way that it can end
    """Where delivering ended; "settle" when what stands was not approved (a new card); None while the merge request is open."""
    attempt = incident.the_attempt
    if not approved(attempt):
        return "settle"
    if attempt.receipt is None:
        return None if incident.firing else Outcome(name="self_healed", reason=_HEALED)
    match attempt.progress.state if attempt.progress is not None else "waiting":
        case "applied":
            return "verify"
        case "refused" if not incident.firing:
            return Outcome(name="self_healed", reason="The alert recovered before the merge; the merge request was closed.")
        case "refused":
            return Outcome(name="handed_over", reason=closed_by(attempt.progress))
        case "lost":
            return Outcome(name="handed_over", reason="The merge request is not there any more.")
    return None


def merged_something_else(incident: Incident, progress: Progress) -> bool:
    """Whether somebody pushed to the branch before it was merged."""
    receipt = incident.the_attempt.receipt
    return progress.state == "applied" and receipt is not None and progress.head not in ("", receipt.sha)


def merges_itself(incident: Incident) -> bool:
    """Whether the open merge request is ready, needs nobody, and was not refused to us."""
    attempt = incident.the_attempt
    tried = any(reason.startswith(COULD_NOT_MERGE) for reason in incident.called)
    return attempt.automatic and attempt.progress is not None and attempt.progress.ready and not tried


def held_up(incident: Incident) -> str:
    """Why a merge request that should merge by itself does not, or why nobody can merge it: people must know; empty while it is well."""
    attempt, progress = incident.the_attempt, incident.the_attempt.progress
    if progress is None or progress.state != "waiting":
        return ""
    if not attempt.automatic:
        blocked = stuck(incident)
        return f"The merge request cannot be merged: GitLab says {blocked}." if blocked else ""
    if progress.pipeline in _PIPELINE_ENDED:
        return f"The merge request does not merge by itself: its pipeline is {progress.pipeline}."
    blocked = progress.blocked.replace("_", " ")
    return f"The merge request does not merge by itself: GitLab says {blocked}." if blocked else ""


def stuck(incident: Incident) -> str:
    """GitLab's word for what no review of the open merge request ends, such as `conflict`; empty for nothing."""
    progress = incident.attempt.progress if incident.attempt is not None else None
    if progress is None or progress.state != "waiting" or progress.blocked in _REVIEWED:
        return ""
    return progress.blocked.replace("_", " ")


def seen(incident: Incident, signal: Signal, kind: type[Seen]) -> Seen | None:
    """What a signal shows of the newest attempt; None for one that speaks of an earlier attempt, or of something else."""
    receipt = incident.the_attempt.receipt
    if signal.kind not in ("merge_request", "health") or receipt is None or signal.body.get("of") != receipt.key:
        return None
    return msgspec.convert(signal.body["seen"], type=kind)


def seen_health(incident: Incident, signal: Signal) -> Health | None:
    """The health that a signal shows, of the newest attempt."""
    return seen(incident, signal, Health) if signal.kind == "health" else None


def looked(incident: Incident, health: Health) -> Looked:
    """The look as it is written: a rollout that goes on is news once, however many pods it has."""
    before = incident.the_attempt.health
    return Looked(health=health, again=before is not None and _goes_on(before) and _goes_on(health))


def _goes_on(health: Health) -> bool:
    return health.applied and not health.settled and not health.failed and not health.paused


def not_said_before(incident: Incident, progress: Progress) -> tuple[str, ...]:
    """People's notes that the stored progress lacks."""
    known = incident.the_attempt.progress
    return tuple(note for note in progress.notes if known is None or note not in known.notes)


def closed_by(progress: Progress | None) -> str:
    """Who closed the merge request, and why, as a sentence."""
    by, reason = (progress.by, progress.reason) if progress is not None else ("", "")
    return f"The merge request was closed by {by or 'a person'}" + (f": {reason}" if reason else ".")


# the revert


def decision_by_merge(incident: Incident, progress: Progress, at: datetime) -> Decision | None:
    """Who merged in GitLab what nobody had decided in the thread decided by doing so; None for another progress."""
    attempt = incident.the_attempt
    if attempt.answer is not None or attempt.rehearsal is None or progress.state != "applied":
        return None
    return Decision(digest=attempt.rehearsal.digest, answer="approved", by=f"{MERGER}{progress.by}", reason="Merged in GitLab.", at=at)


def rejected(incident: Incident) -> bool:
    """Whether the newest attempt was decided against while its merge request is still open."""
    attempt = incident.the_attempt
    waiting = attempt.progress is None or attempt.progress.state == "waiting"
    return waiting and attempt.answer is not None and attempt.answer.answer != "approved"
