"""Names of people, asked of the sandbox's Slack over HTTP: kept, and never a reason to wait or to fail."""

import pytest

from bot.slack.people import People
from remediation.errors import Forbidden, NotFound, Unreachable
from tests.bot.slack.conftest import serve

__all__ = ["serve"]


class Directory:
    """A Slack that answers as it was told. asked: whom it was asked for."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    async def name_of(self, user):
        """As it was told."""
        self.asked.append(user)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_people_are_called_as_they_call_themselves_there(slack):
    """Whom Slack does not know keeps the id."""
    assert await People(slack).names(["U_ALICE", "U_NOBODY"]) == {"U_ALICE": "alice", "U_NOBODY": "U_NOBODY"}


async def test_a_name_is_asked_for_once():
    """However many pages are read."""
    slack = Directory("Alice")
    people = People(slack)
    for _ in range(3):
        assert await people.names(["U1", "U1"]) == {"U1": "Alice"}
    assert slack.asked == ["U1"]


@pytest.mark.parametrize("failure", [Forbidden("Slack refused: missing_scope."), Unreachable("Slack did not answer."), NotFound("no user")])
async def test_who_cannot_be_asked_about_keeps_the_id_for_a_while(failure):
    """Nobody is asked about again with every page."""
    slack = Directory(failure)
    people = People(slack)
    assert await people.names(["U1"]) == await people.names(["U1"]) == {"U1": "U1"}
    assert slack.asked == ["U1"]


async def test_a_name_outlives_a_silent_slack(monkeypatch):
    """What was known stays known."""
    slack = Directory("Alice")
    people = People(slack)
    await people.names(["U1"])
    monkeypatch.setattr("bot.slack.people.time.monotonic", lambda: 10.0**9)
    slack.answer = Unreachable("Slack did not answer.")
    assert await people.names(["U1"]) == {"U1": "Alice"}


async def test_a_missing_scope_is_said_once(caplog, capsys):
    """In the log, with what to do."""
    people = People(Directory(Forbidden("Slack refused: missing_scope.")))
    await people.names(["U1", "U2", "U3"])
    assert (capsys.readouterr().out + caplog.text).count("people are called by their ids") == 1
