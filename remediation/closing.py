"""What was handed to people stays open until its alert recovers, or one of them closes it. Pure: the incident in, an answer out."""

from remediation.entries import Closed, Incident
from remediation.terms import Signal

CLOSE = "close"  # the action of the button and of the command
RECOVERED = Closed(reason="The alert recovered.")


def is_with_people(incident: Incident) -> bool:
    """Whether it was handed over, or its cause was not found, and nobody closed it since."""
    return incident.status == "escalated"


def recovered(incident: Incident, signal: Signal) -> bool:
    """Whether this signal, heard already, is the recovery of the last of its alerts that fired."""
    return signal.kind == "alert" and signal.body.get("state") == "recovered" and not incident.firing


def closed_by(press: Signal) -> Closed:
    """A person's word that it is over."""
    return Closed(by=str(press.body["user"]), reason=str(press.body.get("reason", "")))


def why_not_open(incident: Incident) -> str:
    """Why there is nothing to close, as a sentence for whoever asked; empty while it is with people."""
    if incident.closed is not None:
        by = f"by <@{incident.closed.by}>" if incident.closed.by else "when its alert recovered"
        return f"{incident.incident_id} was closed {by} already; nothing changed."
    if incident.outcome is None:
        return f"{incident.incident_id} is still at work, so nothing was closed: decide on its card, or press Escalate there."
    return "" if is_with_people(incident) else f"{incident.incident_id} has ended already ({incident.outcome.name}); nothing changed."
