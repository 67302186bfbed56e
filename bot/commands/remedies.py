"""`suture remedies`: the catalogue."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import settings
from remediation.remedies import catalogue
from remediation.remedy import Remedy


def remedies(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List what Suture may propose: what it fixes, what it needs to know, its parameters and its level."""
    own = settings.read().suture_templates
    known = list(catalogue(Path(own) if own else None))
    if as_json:
        typer.echo(json.dumps({"remedies": [_document(remedy) for remedy in known]}, indent=2))
        return
    table = Table("remedy", "fixes", "requires", "parameters", "level (production / other)")
    for remedy in known:
        levels = " / ".join(remedy.level_in(production=production) for production in (True, False))
        table.add_row(remedy.name, remedy.fixes, ", ".join(remedy.requires), ", ".join(remedy.parameters.properties), levels)
    Console().print(table)


def _document(remedy: Remedy) -> dict[str, Any]:
    document: dict[str, Any] = remedy.model_dump(mode="json", by_alias=True, exclude={"fragment"})
    return document
