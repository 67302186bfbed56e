"""Datadog: both keys, what the application key may read, and the webhook's token."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.checks.tried import Tried, absent, fine, wrong
from bot.settings import Settings
from remediation.clients.datadog import DatadogClient
from remediation.errors import Forbidden
from remediation.terms import Window

SYSTEM = "Datadog"
SCOPES: Mapping[str, str] = {
    "monitors": "monitors_read", "logs": "logs_read_data", "metrics": "timeseries_query", "events": "events_read",
    "downtimes": "monitors_downtime",
}  # fmt: skip


async def tried(settings: Settings, client: DatadogClient | None) -> Sequence[Tried]:
    """The webhook's token and the keys. Raises what the client does, but for a scope that is missing."""
    if client is None:
        lost = "DD_API_KEY or DD_APP_KEY is not set: no monitor, log or metric is evidence"
        return [_webhook(settings), absent(SYSTEM, lost)]
    try:
        await client.validate()
    except Forbidden as refused:
        what = f"DD_API_KEY is not known: {refused.what}"
        return [_webhook(settings), wrong(SYSTEM, what, "Check it, and DD_SITE: keys are a site's own.")]
    until = datetime.now(UTC)
    window = Window(since=until - timedelta(minutes=1), until=until)
    reads = [
        client.try_monitors(), client.logs("*", window, limit=1), client.metric("avg:system.load.1{*}", window),
        client.events("*", window, limit=1), client.downtimes(limit=1),
    ]  # fmt: skip
    answers = await asyncio.gather(*reads, return_exceptions=True)
    lacking = [scope for scope, answer in zip(SCOPES.values(), answers, strict=True) if isinstance(answer, Forbidden)]
    others = [answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, Forbidden)]
    if others:
        raise others[0]
    if len(lacking) == len(SCOPES):
        cure = "Check it: Datadog → Organization Settings → Application Keys; it needs the scopes of docs/connect-datadog.md."
        return [_webhook(settings), wrong(SYSTEM, "DD_APP_KEY may read nothing: it is not known, or has no scope.", cure)]
    if lacking:
        cure = "Add them to the key: Datadog → Organization Settings → Application Keys, or make one without scopes."
        return [_webhook(settings), wrong(SYSTEM, f"DD_APP_KEY lacks {', '.join(lacking)}.", cure)]
    return [_webhook(settings), fine(SYSTEM, "both keys are valid; monitors, logs, metrics, events and downtimes may be read")]


def _webhook(settings: Settings) -> Tried:
    system = f"{SYSTEM} webhook"
    if settings.datadog_webhook_token.get_secret_value():
        return fine(system, "DATADOG_WEBHOOK_TOKEN is set")
    return absent(system, "DATADOG_WEBHOOK_TOKEN is not set: no alert is taken at /webhooks/datadog")
