"""Which of the sandbox's stories this machine can play: some need Kustomize or Helm."""

import pytest

from bot.sandbox.renderers import MissingTool, check_installed
from bot.sandbox.repositories import REPOSITORIES
from bot.sandbox.stories import STORIES


def needs(story: str) -> None:
    """Skip, naming the tool, where a program that renders the story's project is not installed."""
    repository = REPOSITORIES.get(STORIES[story].project)
    try:
        check_installed(repository.tools if repository else ())
    except MissingTool as missing:
        pytest.skip(str(missing))
