"""`suture check`: tries every system that is configured, all at once, and says how to cure what is wrong."""

import asyncio
import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from bot import settings
from bot.checks import database, datadog, files, gitlab, kubernetes, models, people, slack
from bot.checks.tried import Tried, failed, wrong
from bot.settings import Settings, SettingsError
from bot.wiring import Outside, outside
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import RemediationError

SECONDS = 15.0  # for one system
MARKS = {"fine": "✓", "absent": "–", "wrong": "✗"}


def check(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Try every system: ✓ fine, – not configured and what is lost without it, ✗ wrong and how to cure it. Exits 0 without a ✗."""
    lines = asyncio.run(_tried())
    ok = all(line.state != "wrong" for line in lines)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "checks": [asdict(line) for line in lines]}, indent=2, ensure_ascii=False))
    else:
        _print(lines)
    raise typer.Exit(0 if ok else 1)


async def _tried() -> list[Tried]:
    try:
        known = settings.read()
    except SettingsError as mistake:
        return [failed("settings", mistake)]
    clients = outside(known)
    try:
        return await try_all(known, clients)
    finally:
        await clients.aclose()


async def try_all(known: Settings, clients: Outside, seconds: float = SECONDS) -> list[Tried]:
    """A line or more for every system, in the order in which people set them up. seconds: for one system."""
    clusters: Mapping[str, KubernetesClient | None] = clients.clusters or {"": None}
    questions: list[tuple[str, Awaitable[Sequence[Tried]]]] = [
        ("database", database.tried(known.database_url)),
        ("Slack", slack.tried(known, clients.slack)),
        ("GitLab", gitlab.tried(known, clients.gitlab)),
        *((kubernetes.called(name), kubernetes.tried(name, client)) for name, client in clusters.items()),
        ("Datadog", datadog.tried(known, clients.datadog)),
        ("models", models.tried(known)),
        ("files", files.tried(known)),
        ("people", people.tried(known)),
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


def _print(lines: list[Tried]) -> None:
    width = max(len(line.system) for line in lines)
    for line in lines:
        typer.echo(f"{MARKS[line.state]} {line.system:{width}}  {line.what}")
        if line.what_to_do:
            typer.echo(f"  {'':{width}}  → {line.what_to_do}")
