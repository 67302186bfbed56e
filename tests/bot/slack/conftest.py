"""The sandbox's Slack to tell an incident in, and the thread port on it, over HTTP."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.slack import SLACK_CHANNEL, SlackState
from bot.sandbox.slack_face import slack_face
from bot.slack.budget import Budget
from bot.slack.client import Slack
from bot.slack.thread import SlackThread
from tests.bot.sandbox.conftest import serve
from tests.bot.slack.made import Told

__all__ = ["serve"]

TOKEN = "xoxb-planted-secret"


@pytest.fixture
def told():
    """A fresh incident: `told.investigated()`, `told.reasoned()`, …; `told.incident` is it now."""
    return Told()


@pytest.fixture
def workspace():
    """The sandbox's Slack."""
    return SlackState()


@pytest.fixture
async def slack(workspace, serve):
    """Our client, speaking to it over HTTP, as fast as it can."""
    url = await serve(lambda url: Starlette(routes=[Mount("/slack", slack_face(workspace, token=TOKEN, origin=url))]))
    slack = Slack(TOKEN, f"{url}/slack/api/", Budget(per_second=1000, burst=100))
    yield slack
    await slack.aclose()


@pytest.fixture
def thread(slack):
    """The thread port on it."""
    return SlackThread(slack, SLACK_CHANNEL)
