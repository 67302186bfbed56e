"""Slack: the token, its scopes, the channel."""

import re
import time
from collections.abc import Collection, Sequence
from contextlib import aclosing

from bot.checks.tried import Tried, absent, fine, wrong
from bot.settings import SERVE_NEEDS, Settings, missing
from bot.slack.client import Slack

SYSTEM = "Slack"
SCOPES = frozenset({"chat:write", "commands"})
NAMES = "users:read"
HISTORY = frozenset({"channels:history", "groups:history"})  # of public and of private channels
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{5,}")
_NO_ID = "SLACK_CHANNEL is no id (C…, G… or D…): Slack itself finds no messages by a channel's name, so put the id there"


async def tried(settings: Settings, client: Slack) -> Sequence[Tried]:
    """What `serve` needs, the token with its scopes, the channel, the way by which presses come. Raises what the client does."""
    unset = missing(settings, SERVE_NEEDS)
    if unset:
        return [wrong("settings", f"{name} is missing: `suture serve` does not start.", f"{where}.") for name, where in unset.items()]
    workspace = await client.whoami()
    lacking = sorted(SCOPES - client.scopes) + ([] if HISTORY & client.scopes else ["channels:history"])
    if client.scopes and lacking:
        cure = "Install the app again with the scopes of deploy/slack/manifest.yaml."
        return [wrong(SYSTEM, f"The token of {workspace} lacks {', '.join(lacking)}.", cure)]
    async with aclosing(client.heads(settings.slack_channel, oldest=f"{time.time():.6f}")) as newest:
        async for _ in newest:
            break
    by_name = [] if _CHANNEL_ID.fullmatch(settings.slack_channel) else [absent(f"{SYSTEM} channel", _NO_ID)]
    may = fine(SYSTEM, f"{workspace} may read and write in {settings.slack_channel}")
    return [may, *by_name, *_names(client.scopes), _presses(settings)]


def _names(scopes: Collection[str]) -> list[Tried]:
    """Whether people can be called by name. No scope is known where Slack says none."""
    known = not scopes or NAMES in scopes
    return [] if known else [absent(f"{SYSTEM} names", f"without the scope {NAMES}, pages and merge requests call people by their ids")]


def _presses(settings: Settings) -> Tried:
    system = f"{SYSTEM} presses"
    if settings.slack_app_token.get_secret_value():
        return fine(system, "come by Socket Mode")
    if settings.suture_public_url:
        return fine(system, f"come to {settings.suture_public_url.rstrip('/')}/slack/events: the app's Request URL must say so")
    lost = "SUTURE_PUBLIC_URL is not set: messages carry no links to this bot, and where presses come to cannot be said"
    return absent("links", lost)
