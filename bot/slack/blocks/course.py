"""What happens after the card: the answer, the merge request, the pipeline, the rollout, and who was called."""

from bot.slack.blocks.head import cause_of, next_step, undoing
from bot.slack.blocks.layout import Message, message, section, words
from bot.slack.blocks.naming import called, clock, link, person, sentence
from remediation.entries import AlertJoined, Attempt, Called, Decided, Delivered, Incident, Looked, Progressed
from remediation.questions import MERGER

Said = Message | None


def decided(incident: Incident, entry: Decided) -> Said:
    """Who answered what, and why; nothing of who decided by merging, which is told as the merge."""
    decision = entry.decision
    if decision.by.startswith(MERGER):
        return None
    attempt = next((a for a in incident.attempts if a.rehearsal and a.rehearsal.digest == decision.digest), incident.attempt)
    return message(words("decided", decision=decision, by=person(decision.by), undoing=undoing(attempt)))


def people_called(incident: Incident, entry: Called) -> Message:
    """The people by name, what it is about in short, and what they can do now."""
    who = called(incident.standing)
    text = words(
        "called",
        who=who,
        reason=sentence(entry.reason, incident.standing),
        environment=incident.standing.environment,
        title=incident.alerts[0].title if incident.alerts else incident.target.name,
        cause=cause_of(incident),
        plan=incident.attempt.plan.title if incident.attempt and incident.attempt.instead is None else "",
        applied=bool(incident.attempt and incident.attempt.applied_at),
        next=next_step(incident),
    )
    return message(text)


def delivered(incident: Incident, entry: Delivered) -> Message:
    """The merge request and who merges it."""
    attempt = next((a for a in incident.attempts if a.receipt and a.receipt.key == entry.receipt.key), incident.attempt)
    text = words(
        "delivered",
        merge_request=link(entry.receipt.url, f"!{entry.receipt.iid}"),
        project=entry.receipt.project,
        automatic=bool(attempt and attempt.automatic),
        assignee=incident.standing.assignee,
        undoing=undoing(attempt),
    )
    return message(text)


def progressed(incident: Incident, entry: Progressed) -> Said:
    """What moved in the merge request; nothing while its pipeline merely goes on."""
    attempt = _delivered_attempt(incident)
    iid = attempt.receipt.iid if attempt and attempt.receipt else 0
    reason = entry.progress.reason  # is told with who closed it, and not as a note again
    said = [note for note in entry.said if not reason or note not in (reason, f"{entry.progress.by}: {reason}")]
    text = words("progressed", progress=entry.progress, said=said, iid=iid, undoing=undoing(attempt))
    return message(text) if text else None


def looked(incident: Incident, entry: Looked) -> Said:
    """What the cluster says after the merge; nothing while the change has not arrived, or the rollout only goes on."""
    if entry.again:
        return None
    text = words("looked", health=entry.health, undoing=undoing(_delivered_attempt(incident)))
    return message(text) if text else None


def alert_joined(incident: Incident, entry: AlertJoined) -> Said:
    """A recovery, by its name where others still fire; a further alert is counted on the head and not said."""
    if entry.alert.state != "recovered":
        return None
    text = words(
        "recovered",
        source=entry.alert.source.title(),
        at=clock(entry.alert.started_at),
        title=next((a.title for a in incident.alerts if a.cycle == entry.alert.cycle and a.state == "firing"), entry.alert.title),
        burning=len(incident.still_firing),
        fired=incident.fired,
    )
    return Message(text=text, blocks=(section(text),))


def _delivered_attempt(incident: Incident) -> Attempt | None:
    return next((attempt for attempt in reversed(incident.attempts) if attempt.receipt), incident.attempt)
