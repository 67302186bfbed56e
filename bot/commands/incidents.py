"""`suture incidents`: what the record holds, read beside a running bot or without one."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot import settings
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
    table = Table("incident", "opened", "target", "status", "outcome")
    for one in known["incidents"]:
        table.add_row(one["incident_id"], one["timestamp"], one["target"], one["status"], one["outcome"] or "")
    Console().print(table)
    if known["more"]:
        typer.echo(f"… and {known['more']} that ended before")
