"""What an incident needs is imported once the bot answers, so that the first one is not the slowest."""

import asyncio
from collections.abc import Sequence

from bot.looking import Clients
from remediation.clients.lazily import imported

_AFTER = 0.3  # seconds: who waits for the start, and who came meanwhile, goes first
_EVERY = ("remediation.findings", "kubernetes.aio.client", "kubernetes.aio.config")
_DATADOG = ("datadog_api_client", "aiosonic")
_GITLAB = ("gitlab", "remediation.clients.gitlab_backend")


async def warm(clients: Clients) -> None:
    """Import what the clients will, off the loop. Without a cluster there is little to look at: it would only take memory."""
    await asyncio.sleep(_AFTER)
    for name in _needed(clients):
        await asyncio.to_thread(imported, name)


def _needed(clients: Clients) -> Sequence[str]:
    if not clients.clusters:
        return ()
    return (*_EVERY, *(_DATADOG if clients.datadog else ()), *(_GITLAB if clients.gitlab else ()))
