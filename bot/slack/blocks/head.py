"""The head message: what one sees of an incident in the channel, kept up to date in place."""

from bot.slack.blocks.layout import Message, buttons, context, header, message, section, words
from bot.slack.blocks.naming import called, clock, lasted, link, people, place, sure
from remediation.closing import CLOSE, is_with_people
from remediation.entries import Attempt, Incident
from remediation.questions import stuck, waits_for_answers
from remediation.quoting import plain
from remediation.terms import ModelCall


def head(incident: Incident) -> Message:
    """State, what is broken and why, what is next; then where it stands, whose it is, what it cost."""
    state = _state(incident)
    title = incident.alerts[0].title if incident.alerts else incident.target.name
    body = words("head", title=title, cause=cause_of(incident), next=next_step(incident))
    facts = words(
        "head_facts",
        incident_id=incident.incident_id,
        place=place(incident.target),
        standing=incident.standing,
        severity=incident.alerts[0].severity if incident.alerts else "unknown",
        alerts=incident.fired,
        lasted=lasted(incident),
        calls=model_calls(incident),
    )
    text = f"{state}: {plain(place(incident.target))}. {plain(title)}"
    close = (buttons(incident.incident_id, incident.incident_id, (CLOSE,)),) if is_with_people(incident) else ()
    return message(text, header(f"{state} · {incident.target.name}"), section(body), context(facts), *close)


def _state(incident: Incident) -> str:
    """How it stands, in two or three words."""
    attempt = incident.attempt
    return words(
        "head_state",
        status=incident.status,
        outcome=outcome_of(incident),
        closed=incident.closed,
        undoing=undoing(attempt),
        applied=bool(attempt and attempt.applied_at),
    )


def next_step(incident: Incident) -> str:
    """What happens next, or who must do what, in mrkdwn."""
    attempt = incident.attempt
    receipt = attempt.receipt if attempt else None
    return words(
        "next",
        status=incident.status,
        outcome=outcome_of(incident),
        automatic=bool(attempt and attempt.automatic),
        decided=bool(attempt and attempt.answer),
        approved=bool(attempt and attempt.answer and attempt.answer.answer == "approved"),
        approvers=people(incident.standing.approvers),
        environment=incident.standing.environment,
        closed=incident.closed,
        waits=waits_for_answers(incident),
        asks_at=clock(incident.unanswered[-1].until) if incident.unanswered else "",
        merge_request=link(receipt.url, f"merge request !{receipt.iid}") if receipt else "",
        called=called(incident.standing),
        undoing=undoing(attempt),
        applied=bool(attempt and attempt.applied_at),
        stuck=stuck(incident),
        failed=bool(attempt and attempt.verified and not attempt.verified.cured),
        paused=bool(attempt and attempt.verified is None and attempt.health and attempt.health.promote),
    )


def cause_of(incident: Incident) -> str:
    """The cause in a line: what was read off the evidence, else what was proposed; empty while nothing is known."""
    finding = incident.leading_finding
    if finding is not None:
        return sure(finding.text)
    return incident.proposal.cause if incident.proposal else ""


def outcome_of(incident: Incident) -> str:
    """The outcome's name, empty while there is none."""
    return incident.outcome.name if incident.outcome else ""


def undoing(attempt: Attempt | None) -> bool:
    """Whether this attempt reverts an earlier one."""
    return attempt is not None and attempt.is_revert


def model_calls(incident: Incident) -> tuple[ModelCall, ...]:
    """Every call of a model that this incident made."""
    proposed = incident.proposal.calls if incident.proposal else ()
    return (*proposed, *(call for critique in incident.critiques for call in critique.calls))
