"""Who may decide what. Pure: the stored incident decides, never what a button carries."""

from remediation.closing import CLOSE
from remediation.entries import Incident


def why_not(user: str, incident: Incident, action: str = "approve") -> str:
    """Why this user may not answer the open card or close the incident, as a sentence for them alone; empty when they may.

    user: a Slack user id.  action: approve, reject, escalate or close; only a second approval by the same person is turned away.
    """
    standing, attempt = incident.standing, incident.attempt
    if not standing.approvers:
        return f"Nobody may decide for {standing.environment}: settings name no approvers for it. Add Slack user ids to its approvers."
    if user not in standing.approvers and action == CLOSE:
        return f"Only the approvers of {standing.environment} may close this: ask {' or '.join(standing.approvers)}."
    if user not in standing.approvers:
        return f"Only the approvers of {standing.environment} may decide this. Ask one of them; they are named on the card."
    if action == "approve" and attempt is not None and user in attempt.approvers:
        return "You approved this already. It needs a second person."
    return ""
