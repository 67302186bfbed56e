"""`suture remedies`: the catalogue."""

import json
from typing import Annotated, Any

import typer

from bot import settings
from bot.own_files import catalogue_of
from bot.tables import print_table
from remediation.remedy import Remedy


def remedies(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List what Suture may propose: what it fixes, what it needs to know, its parameters and its level."""
    known = list(catalogue_of(settings.read()))
    if as_json:
        typer.echo(json.dumps({"remedies": [_document(remedy) for remedy in known]}, indent=2))
        return
    rows = [(remedy.name, " / ".join(remedy.level_in(production=each) for each in (True, False)), _told(remedy)) for remedy in known]
    print_table(("remedy", "level*", "what it does"), rows)
    typer.echo("* in production / elsewhere; docs/policy.md says what each level asks of people.")


def _told(remedy: Remedy) -> str:
    """What it fixes, what must have been found, what a reasoner fills in."""
    return f"{remedy.fixes}\nRequires {', '.join(remedy.requires)}.\nParameters: {', '.join(remedy.parameters.properties)}.\n"


def _document(remedy: Remedy) -> dict[str, Any]:
    document: dict[str, Any] = remedy.model_dump(mode="json", by_alias=True, exclude={"fragment"})
    return document
