"""The modal that asks why: a reason is worth keeping, for the same fix is not proposed again without it."""

import json
from dataclasses import dataclass

from bot.slack.blocks.layout import plain_text
from remediation.errors import Unreadable
from remediation.terms import Json

CALLBACK, BLOCK, ELEMENT = "suture_reject", "why", "reason"
REASON_LIMIT = 1000


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Which card a modal belongs to."""

    incident_id: str
    digest: str


def rejection_modal(rejection: Rejection) -> Json:
    """The view to open, as the Web API takes it."""
    why = {
        "type": "input",
        "block_id": BLOCK,
        "label": plain_text("Why not?"),
        "hint": plain_text("Kept with the incident, and shown when the same fix comes up again."),
        "element": {
            "type": "plain_text_input",
            "action_id": ELEMENT,
            "multiline": True,
            "min_length": 1,
            "max_length": REASON_LIMIT,
            "focus_on_load": True,
        },
    }
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain_text("Reject this fix"),
        "submit": plain_text("Reject"),
        "close": plain_text("Cancel"),
        "private_metadata": json.dumps({"incident_id": rejection.incident_id, "digest": rejection.digest}),
        "blocks": [why],
    }


def rejection_of(view: Json) -> tuple[Rejection, str]:
    """The card and the reason of a submitted modal. Raises Unreadable for a view that is not ours."""
    try:
        about = json.loads(view["private_metadata"])
        reason = view["state"]["values"][BLOCK][ELEMENT]["value"] or ""
        named = about["incident_id"], about["digest"]
        if not all(isinstance(name, str) for name in named):
            raise Unreadable("The modal does not say which card it belongs to.", field="private_metadata")
        return Rejection(incident_id=named[0], digest=named[1]), reason.strip()[:REASON_LIMIT]
    except (KeyError, TypeError, AttributeError, ValueError) as missing:
        raise Unreadable("This is not the modal that asks why.", field="view") from missing
