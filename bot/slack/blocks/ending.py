"""Whether it was cured, how it ended, and what was learned."""

from bot.slack.blocks.head import outcome_of
from bot.slack.blocks.layout import Message, message, words
from bot.slack.blocks.naming import called, lasted, measured, person, sentence
from remediation.entries import Closed, Ended, Incident, Remembered, Verified
from remediation.questions import closed_by


def verified(incident: Incident, entry: Verified) -> Message:
    """Cured or not, why we say so, the metric before and after."""
    known = entry.metric_before is not None or entry.metric_after is not None
    moved = not entry.cured or entry.metric_before != entry.metric_after  # a peak between two points is seen by the monitor alone
    text = words(
        "verified",
        cured=entry.cured,
        reason=entry.reason,
        metric=incident.alerts[0].metric if known and incident.alerts else "",
        before=measured(entry.metric_before, incident) if moved else "",
        after=measured(entry.metric_after, incident),
        undoing=entry.undoes,
        looked=entry.looked,
    )
    return message(text)


def ended(incident: Incident, entry: Ended) -> Message:
    """The outcome in one line, then what the next incident will know."""
    tried = [attempt.plan.title for attempt in incident.attempts if attempt.act and attempt.applied_at and not attempt.act.undoes]
    said = [attempt.verified.reason for attempt in incident.attempts if attempt.verified]  # a moment ago
    said += [closed_by(attempt.progress) for attempt in incident.attempts if attempt.progress and attempt.progress.state == "refused"]
    text = words(
        "ended",
        outcome=entry.outcome,
        reason="" if entry.outcome.reason in said else sentence(entry.outcome.reason, incident.standing),
        lasted=lasted(incident),
        fix=tried[-1] if tried else "",
        instead=any(attempt.instead for attempt in incident.attempts),
        found=incident.leading_finding is not None,
        called=called(incident.standing),
    )
    return message(text)


def closed(incident: Incident, entry: Closed) -> Message:
    """That nobody has to do anything any more, and whose word that is."""
    return message(words("closed", by=person(entry.by) if entry.by else "", reason=sentence(entry.reason, incident.standing)))


def remembered(incident: Incident, _entry: Remembered) -> Message:
    """What a later incident will be told of it, if anything."""
    found = incident.leading_finding is not None
    beside = bool(incident.findings)
    return message(words("remembered", incident_id=incident.incident_id, outcome=outcome_of(incident), found=found, beside=beside))
