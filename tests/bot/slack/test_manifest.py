"""The app that people create from the manifest can do what the bot does."""

from pathlib import Path

import yaml

from bot.slack.app import COMMAND
from webhooks.app import SLACK

MANIFEST = yaml.safe_load((Path(__file__).parents[3] / "deploy/slack/manifest.yaml").read_text(encoding="utf-8"))


def test_the_manifest_has_our_command_our_address_and_the_scopes_that_we_use():
    """A missing scope shows only when an incident needs it: chat:write posts, the histories find what was posted."""
    command = MANIFEST["features"]["slash_commands"][0]

    assert command["command"] == COMMAND
    assert command["url"].endswith(SLACK)
    assert MANIFEST["settings"]["interactivity"]["request_url"].endswith(SLACK)
    assert {"chat:write", "commands", "channels:history", "groups:history"} <= set(MANIFEST["oauth_config"]["scopes"]["bot"])
