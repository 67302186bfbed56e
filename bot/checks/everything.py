"""All questions at once, each within a limit."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

from bot.checks import database, datadog, files, gitlab, kubernetes, models, people, prometheus, slack
from bot.checks.tried import Tried, failed, wrong
from bot.settings import Settings
from bot.wiring import Outside
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import RemediationError

SECONDS = 15.0  # for one system


async def try_all(settings: Settings, outside: Outside, seconds: float = SECONDS) -> list[Tried]:
    """A line or more for every system, in the order in which people set them up. seconds: for one system."""
    clusters: Mapping[str, KubernetesClient | None] = outside.clusters or {"": None}
    questions: list[tuple[str, Awaitable[Sequence[Tried]]]] = [
        ("database", database.tried(settings.database_url)),
        ("Slack", slack.tried(settings, outside.slack)),
        ("GitLab", gitlab.tried(settings, outside.gitlab)),
        *((kubernetes.called(name), kubernetes.tried(name, client)) for name, client in clusters.items()),
        ("Prometheus", prometheus.tried(settings, outside.prometheus)),
        ("Datadog", datadog.tried(settings, outside.datadog)),
        ("models", models.tried(settings)),
        ("files", files.tried(settings)),
        ("people", people.tried(settings)),
    ]
    answers = await asyncio.gather(*(_within(seconds, system, question) for system, question in questions))
    return [line for answer in answers for line in answer]


async def _within(seconds: float, system: str, question: Awaitable[Sequence[Tried]]) -> Sequence[Tried]:
    try:
        async with asyncio.timeout(seconds):
            return await question
    except TimeoutError:
        return [wrong(system, f"It did not answer in {seconds:g} s.", "Check its address and the network to it.")]
    except RemediationError as failure:
        return [failed(system, failure)]
