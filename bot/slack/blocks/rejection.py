"""The modal that asks why: a reason is worth keeping, for the same fix is not proposed again without it."""

import json
from dataclasses import dataclass

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

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
    text = PlainTextInputElement(action_id=ELEMENT, multiline=True, max_length=REASON_LIMIT, min_length=1, focus_on_load=True)
    why = InputBlock(
        block_id=BLOCK,
        label=PlainTextObject(text="Why not?"),
        hint=PlainTextObject(text="Kept with the incident, and shown when the same fix comes up again."),
        element=text,
    )
    view = View(
        type="modal",
        callback_id=CALLBACK,
        title=PlainTextObject(text="Reject this fix"),
        submit=PlainTextObject(text="Reject"),
        close=PlainTextObject(text="Cancel"),
        private_metadata=json.dumps({"incident_id": rejection.incident_id, "digest": rejection.digest}),
        blocks=[why],
    )
    return view.to_dict()


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
