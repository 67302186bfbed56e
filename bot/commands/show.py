"""`suture show ID`: one incident, as the record tells it."""

import asyncio
import json
from typing import Annotated

import typer

from bot import settings
from memory.database import open_reader
from memory.document import incident_document


def show(
    incident_id: Annotated[str, typer.Argument(help="Its id, as `suture incidents` lists it.")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole document, as GET /api/incidents/ID gives it.")] = False,
) -> None:
    """Tell one incident: what happened, when, and how it ended."""
    reader = open_reader(settings.read().database_url)
    try:
        document = asyncio.run(incident_document(reader, incident_id))
    finally:
        reader.close()
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    outcome = f", {document['outcome']}" if document["outcome"] else ""
    typer.echo(f"{document['incident_id']}  {document['title']}  ({document['status']}{outcome})\n")
    for line in document["timeline"]:
        typer.echo(f"{line['at'][:19]}  {line['what']}")
