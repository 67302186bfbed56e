"""`suture check`: tries every system that is configured, all at once, and says how to cure what is wrong."""

import asyncio
import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

from bot import references, settings
from bot.checks.tried import Tried, absent, failed, wrong
from bot.settings import SettingsError
from remediation.errors import RemediationError

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
    from bot.checks.everything import try_all  # noqa: PLC0415 - every other command starts without the web and the engine
    from bot.wiring import outside  # noqa: PLC0415

    clients = outside(known)
    try:
        return [*_astray(known), *await try_all(known, clients)]
    finally:
        await clients.aclose()


def _astray(known: settings.Settings) -> list[Tried]:
    """What `serve` would refuse, since it refers to nothing."""
    unread = [absent("settings", what) for what in references.unknown(os.environ)]
    try:
        return [*unread, *(wrong("settings", what, "docs/settings.md explains every setting.") for what in references.wrong(known))]
    except RemediationError:
        return unread  # the line of the file itself says it


def _print(lines: list[Tried]) -> None:
    width = max(len(line.system) for line in lines)
    for line in lines:
        first, *more = line.what.splitlines()
        typer.echo(f"{MARKS[line.state]} {line.system:{width}}  {first}")
        for also in [*more, *([f"→ {line.what_to_do}"] if line.what_to_do else [])]:
            typer.echo(f"  {'':{width}}  {also}")
