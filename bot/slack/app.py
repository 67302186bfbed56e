"""The Bolt app: what Slack sends us, over HTTP (`/slack/events`) or Socket Mode, is verified, heard and acknowledged here."""

import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import commands
from bot.slack.blocks import Message
from bot.slack.blocks.layout import ACTIONS
from bot.slack.blocks.rejection import CALLBACK
from bot.slack.client import Slack
from bot.slack.presses import Ack, Presses, WhyNot
from remediation.closing import CLOSE
from remediation.errors import Unreadable
from remediation.ports import Record, Signals
from remediation.questions import CHOOSE
from remediation.terms import Json

log = structlog.get_logger(__name__)

COMMAND = "/suture"
_bolt_log = logging.getLogger("suture.slack")
_bolt_log.setLevel(logging.ERROR)  # Bolt warns of what it does not know with pages of advice


def build(
    *,
    slack: Slack,
    signing_secret: str,
    record: Record,
    signals: Signals,
    wake: Callable[[str], None],
    why_not: WhyNot,
    link_to: commands.LinkTo = lambda _path: "",
) -> AsyncApp:
    """The app with all its listeners. signing_secret: may be empty only where Socket Mode brings the requests."""
    app = AsyncApp(
        name="suture",
        logger=_bolt_log,
        signing_secret=signing_secret or "socket mode",
        client=AsyncWebClient(base_url=slack.web.base_url),
        authorize=_authorized,
    )
    presses = Presses(slack, record, signals, wake, why_not)
    for action in (*ACTIONS, CLOSE):
        app.action(action)(presses.pressed)
    app.action(re.compile(rf"{CHOOSE}\d+"))(presses.pressed)
    app.view(CALLBACK)(presses.submitted)

    @app.command(COMMAND)
    async def commanded(ack: Ack, command: Mapping[str, Json]) -> None:
        async def close(incident_id: str, reason: str) -> Message:
            user, key = str(command["user_id"]), str(command["trigger_id"])
            return await presses.asked_to_close(incident_id, user=user, reason=reason, key=key)

        said = await commands.answer(str(command.get("text") or ""), record, link_to, close)
        await ack(text=said.text, blocks=list(said.blocks), response_type="ephemeral")

    app.error(_failed)
    return app


async def _failed(error: Exception) -> BoltResponse:
    """What Slack shows as a failed press; the person presses again."""
    if isinstance(error, Unreadable):
        return BoltResponse(status=400, body={"error": error.what, "field": error.field})
    log.error("slack request failed", exc_info=error)
    return BoltResponse(status=500, body={"error": "It was not written down, so nothing was done. Press again."})


@asynccontextmanager
async def socket_mode(app: AsyncApp, slack: Slack, app_token: str) -> AsyncIterator[None]:
    """Hear through a WebSocket that we open, for a workspace that cannot reach us. app_token: xapp-…, SLACK_APP_TOKEN."""
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler  # noqa: PLC0415 - who is reached over HTTP needs none of it

    handler = AsyncSocketModeHandler(app, app_token, web_client=slack.web)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _authorized(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """The signature proved who asks. No call is made here: a press is answered even while Slack's Web API is slow."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
