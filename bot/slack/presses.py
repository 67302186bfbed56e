"""What a press means: a row before it is acknowledged, within Slack's three seconds. Who may decide is asked where the row is read."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.slack.blocks import Message
from bot.slack.blocks.evidence import evidence_sheet
from bot.slack.blocks.layout import BUTTONS_OF, message, words
from bot.slack.blocks.naming import linked, sentence
from bot.slack.blocks.rejection import BLOCK, Rejection, rejection_modal, rejection_of
from bot.slack.client import Slack
from remediation.closing import CLOSE, why_not_open
from remediation.entries import Incident
from remediation.errors import NotFound, RemediationError, Unreadable
from remediation.masking import mask
from remediation.ports import Record, Signals
from remediation.questions import how_to_stop
from remediation.terms import Json

log = structlog.get_logger(__name__)

ASKS_WHY = "ask_reason"  # the first press on Reject, as a row: it decides nothing, the modal's submission does

Ack = Callable[..., Awaitable[object]]
WhyNot = Callable[[str, Incident, str], str]  # (user, incident, action) → why not, empty when they may


@dataclass(frozen=True, kw_only=True)
class Press:
    """One press on a button of ours. key: the same when Slack sends it again."""

    incident_id: str
    digest: str
    action: str
    user: str
    channel: str
    thread: str | None
    trigger: str
    key: str


class Presses:
    """Hears presses and submitted modals. wake: rings at the incident once its row is committed."""

    def __init__(self, slack: Slack, record: Record, signals: Signals, wake: Callable[[str], None], why_not: WhyNot) -> None:
        self._slack = slack
        self._record = record
        self._signals = signals
        self._wake = wake
        self._why_not = why_not

    async def pressed(self, ack: Ack, body: Mapping[str, Json]) -> None:
        """Approve, Reject, Escalate, Show evidence, Close.

        Raises what the row's writing raises: Slack then tells the presser that it failed.
        """
        press = press_of(body)
        incident = await self._incident(press.incident_id)
        asks_why = incident is not None and self._asks_why(press, incident)
        if incident is not None:
            action = ASKS_WHY if asks_why else press.action
            await self._hear(press.incident_id, press.key, action=action, user=press.user, digest=press.digest, reason="")
        await ack()
        told = await self._ask_why(press) if asks_why else _aside(press, incident)
        if told is not None:
            await self._tell(press, told)

    async def submitted(self, ack: Ack, body: Mapping[str, Json]) -> None:
        """The modal of Reject, with its reason, masked: it is shown, remembered and given to models."""
        rejection, written = rejection_of(body.get("view"))
        if await self._incident(rejection.incident_id) is None:
            await ack(response_action="errors", errors={BLOCK: words("press_unknown", incident_id=rejection.incident_id)})
            return
        reason = mask(written)
        if not reason:
            await ack(response_action="errors", errors={BLOCK: words("reason_missing")})
            return
        user = str(body["user"]["id"])
        key = _key(str(body["view"]["id"]), user, "reject")
        await self._hear(rejection.incident_id, key, action="reject", user=user, digest=rejection.digest, reason=reason)
        await ack()

    async def asked_to_close(self, incident_id: str, *, user: str, reason: str, key: str) -> Message:
        """`/suture close`: what whoever typed it is told. Raises NotFound, and what the row's writing raises."""
        incident = await self._record.incident(incident_id)
        refusal = why_not_open(incident) or self._why_not(user, incident, CLOSE)
        if refusal:
            return message(sentence(refusal, incident.standing))
        await self._hear(incident_id, _key(key, user, CLOSE), action=CLOSE, user=user, digest="", reason=mask(reason))
        return message(words("closing", incident_id=incident_id))

    def _asks_why(self, press: Press, incident: Incident) -> bool:
        """Whether the modal opens: who may not reject, or comes too late, is not asked for a reason that nobody would read."""
        decided = incident.outcome is not None or (incident.attempt is not None and incident.attempt.answer is not None)
        return press.action == "reject" and not decided and not self._why_not(press.user, incident, "reject")

    async def _ask_why(self, press: Press) -> Message | None:
        """Open the modal; what the presser is told where Slack does not open it."""
        try:
            await self._slack.ask(press.trigger, rejection_modal(Rejection(incident_id=press.incident_id, digest=press.digest)))
        except RemediationError as silence:
            log.warning("the modal that asks why did not open", incident=press.incident_id, reason=str(silence))
            return message(words("reason_not_asked"))
        return None

    async def _hear(self, incident_id: str, key: str, **press: str) -> None:
        await self._signals.add(incident_id, "press", press, key)
        self._wake(incident_id)

    async def _incident(self, incident_id: str) -> Incident | None:
        try:
            return await self._record.incident(incident_id)
        except NotFound:
            return None

    async def _tell(self, press: Press, told: Message) -> None:
        """To the presser alone. The press stands already, so a silent Slack is only noted."""
        try:
            await self._slack.whisper(press.channel, press.user, told, press.thread)
        except RemediationError as silence:
            log.warning("presser was not told", incident=press.incident_id, action=press.action, reason=str(silence))


def press_of(body: Mapping[str, Json]) -> Press:
    """A block_actions payload. Raises Unreadable naming what is missing."""
    try:
        action, user = body["actions"][0], str(body["user"]["id"])
        return Press(
            incident_id=str(action["block_id"]).removeprefix(BUTTONS_OF).partition(":")[0],
            digest=str(action.get("value", "")),
            action=str(action["action_id"]),
            user=user,
            channel=str(body["channel"]["id"]),
            thread=body["container"].get("thread_ts"),
            trigger=str(body["trigger_id"]),
            key=_key(str(action["action_ts"]), user, str(action["action_id"])),
        )
    except (KeyError, IndexError, TypeError, AttributeError) as missing:
        raise Unreadable("This press is not as Slack writes one.", field=str(missing).strip("'")) from missing


def _aside(press: Press, incident: Incident | None) -> Message | None:
    """What the presser alone is told here; a press that the incident answers is answered there."""
    if incident is None:
        return message(words("press_unknown", incident_id=press.incident_id))
    if press.action == "show_evidence":
        return evidence_sheet(incident)
    if press.action == CLOSE:
        refusal = why_not_open(incident)
        return message(sentence(refusal, incident.standing)) if refusal else None
    if incident.outcome is not None:
        return message(f"{words('press_ended', incident_id=incident.incident_id, outcome=incident.outcome)} {_against(incident)}".strip())
    return None


def _against(incident: Incident) -> str:
    """What can still be done against what was decided, should that be live."""
    return linked(how_to_stop(incident), incident) if incident.attempts else ""


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]
