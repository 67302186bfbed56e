"""`suture migrate`: bring the database to this version."""

import typer

from bot import settings
from memory.database import migrate_database


def migrate() -> None:
    """Bring the tables of DATABASE_URL to this version; `suture serve` does the same when it starts."""
    typer.echo(f"The database is at {migrate_database(settings.read().database_url)}.")
