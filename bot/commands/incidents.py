"""`suture incidents`: what the record holds, read beside a running bot or without one."""

import asyncio
import json
from typing import Annotated

import typer

from bot import settings
from bot.tables import print_table
from memory.database import open_reader
from memory.document import incident_list


def incidents(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List the open incidents and the last that ended, newest first."""
    reader = open_reader(settings.read().database_url)
    try:
        known = asyncio.run(incident_list(reader))
    finally:
        reader.close()
    if as_json:
        typer.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    rows = [
        (one["incident_id"], one["timestamp"][:16].replace("T", " "), one["outcome"] or one["status"], _short(one["target"]))
        for one in known["incidents"]
    ]
    print_table(("incident", "opened (UTC)", "status", "target"), rows)


def _short(target: str) -> str:
    """`shop/Deployment/api (main)` for `workload:main:shop/Deployment/api`."""
    _, place, path = target.split(":", 2)
    return f"{path} ({place})" if place else path
