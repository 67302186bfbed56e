"""Brings a database's schema up to date: Alembic's scripts, shipped inside the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine

from remediation.errors import Refused


def migrate(engine: Engine) -> str:
    """Upgrades to the newest schema in one transaction, creating what is not there; its revision. Raises Refused for a newer schema."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            what_to_do = "Run the newest version that ever opened it."
            raise Refused(f"This database was written by another version of Suture: {error}", what_to_do) from error
        return str(MigrationContext.configure(connection).get_current_revision())


def revisions(connection: Connection) -> tuple[str | None, str]:
    """The revision that this database is at (None for an empty one), and the newest that we know."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision(), str(newest)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
