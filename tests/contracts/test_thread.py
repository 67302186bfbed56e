"""What everyone may rely on of ports.Thread: on the fake that other tests use, and on the sandbox's Slack over HTTP."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.slack import SLACK_CHANNEL, SlackState
from bot.sandbox.slack_face import slack_face
from bot.slack.budget import Budget
from bot.slack.client import Slack
from bot.slack.thread import SlackThread
from remediation.entries import Turned
from remediation.errors import Unreachable
from tests.bot.sandbox.conftest import serve
from tests.bot.slack.made import Told
from tests.remembered_thread import RememberedThread

__all__ = ["serve"]
TOKEN = "xoxb-contract"


class InMemory:
    """The fake; what people would see of it."""

    def __init__(self):
        self.thread = RememberedThread()

    def messages(self):
        return [key for _, key, _ in self.thread.posted]

    def whispers(self):
        return [user for _, user, _ in self.thread.whispered]

    def changes(self):
        return len(self.thread.posted) + len(self.thread.refreshed)

    def go_away(self):
        self.thread.away = True


class OnTheSandbox:
    """Slack's face over HTTP; what people see in it."""

    def __init__(self, slack, workspace):
        self.slack = slack
        self.workspace = workspace
        self.thread = SlackThread(slack, SLACK_CHANNEL)

    def messages(self):
        return [m.metadata["event_payload"]["key"] for m in self.workspace.messages if m.ephemeral_to is None]

    def whispers(self):
        return [m.ephemeral_to for m in self.workspace.messages if m.ephemeral_to]

    def changes(self):
        return self.workspace.version

    def go_away(self):
        self.slack.web.base_url = "http://127.0.0.1:9/api/"


@pytest.fixture(params=["memory", "sandbox"])
async def place(request, serve):
    """Either of them."""
    if request.param == "memory":
        yield InMemory()
        return
    workspace = SlackState()
    url = await serve(lambda url: Starlette(routes=[Mount("/slack", slack_face(workspace, token=TOKEN, origin=url))]))
    slack = Slack(TOKEN, f"{url}/slack/api/", Budget(per_second=1000, burst=100))
    yield OnTheSandbox(slack, workspace)
    await slack.aclose()


async def told_to_the_card(place):
    """An incident whose head and messages up to its card stand."""
    told = Told()
    told.threaded(await place.thread.post(told.incident, "head", told.entries[0]))
    begin = len(told.entries)
    told.investigated(), told.reasoned(), told.asked()
    for n, entry in enumerate(told.entries[begin:], start=begin):
        await place.thread.post(told.incident, f"k{n}", entry)
    return told


async def test_a_message_is_found_under_its_key(place):
    """Asked of the world, so that a process that died after posting finds it."""
    told = await told_to_the_card(place)

    for key in place.messages():
        assert await place.thread.find(told.incident, key)
    assert await place.thread.find(told.incident, "k99") is None
    assert place.messages()[0] == "head"


async def test_what_says_nothing_is_not_posted(place):
    """Bookkeeping, and what one person is told alone; its id is empty."""
    told = await told_to_the_card(place)
    before = place.messages()

    assert await place.thread.post(told.incident, "k50", Turned(user="U_BOB", action="approve", reason="no")) == ""
    assert await place.thread.post(told.incident, "k51", told.entries[0]) == ""
    assert place.messages() == before


async def test_a_refresh_that_would_say_the_same_is_not_sent(place):
    """It may be asked for after every entry."""
    told = await told_to_the_card(place)
    told.approved()
    await place.thread.refresh(told.incident)
    changes = place.changes()
    await place.thread.refresh(told.incident)

    assert place.changes() == changes


async def test_a_whisper_is_for_one_person(place):
    """It is no message of the thread."""
    told = await told_to_the_card(place)
    before = place.messages()
    await place.thread.whisper(told.incident, "U_BOB", "You may not.")

    assert (place.whispers(), place.messages()) == (["U_BOB"], before)


async def test_silence_is_unreachable(place):
    """Whoever asks may ask again."""
    told = await told_to_the_card(place)
    place.go_away()

    for asked in (place.thread.find(told.incident, "k2"), place.thread.refresh(told.put(Turned(user="U", action="approve", reason="")))):
        with pytest.raises(Unreachable):
            await asked
