"""A running sandbox, and the settings that point a bot at it."""

import pytest

from bot.sandbox.environment import SETTINGS, environment, write_files
from bot.settings import Settings
from tests.bot.sandbox.conftest import port, world

__all__ = ["port", "world"]


@pytest.fixture
def settings_for(world, port, tmp_path):
    """The settings of the sandbox with one of its projects, and some of them otherwise."""
    write_files(port)
    one = {**SETTINGS, "gitops": SETTINGS["gitops"][:1]}

    def made(**others: object) -> Settings:
        variables = {name.lower(): value for name, value in environment(port).items() if name != "SUTURE_CONFIG"}
        return Settings(**{**variables, **one, "database_url": f"sqlite:///{tmp_path / 'suture.db'}", **others})

    return made
