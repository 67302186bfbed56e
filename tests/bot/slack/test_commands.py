"""`/suture`, answered within Slack's three seconds however much is open."""

import pytest

from bot.slack.blocks.layout import message
from bot.slack.commands import LISTED, answer
from remediation.entries import Opened
from tests.memory.opened import memory
from tests.remediation.made import STANDING, TARGET, an_alert

__all__ = ["memory"]


class Counting:
    """A record that counts how many incidents are read of it."""

    def __init__(self, record):
        self.record, self.read = record, 0

    def __getattr__(self, name):
        return getattr(self.record, name)

    async def incident(self, incident_id):
        """One more."""
        self.read += 1
        return await self.record.incident(incident_id)


async def refused(_incident_id, _why):
    raise AssertionError("Nobody asked to close anything.")


async def test_an_id_may_be_typed_in_small_letters(memory):
    """Ids are read off a screen and typed on a telephone."""
    await memory.record.write("INC-AB12", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    closed = []

    async def close(incident_id, _why):
        closed.append(incident_id)
        return message("Closed.")

    assert "INC-AB12" in str((await answer("show inc-ab12", memory.record, lambda _path: "", close)).blocks)
    await answer("close inc-ab12 done", memory.record, lambda _path: "", close)
    assert closed == ["INC-AB12"]


@pytest.mark.parametrize(
    ("text", "read", "said"),
    [
        ("status", 0, "60 open incidents: 60 detected."),
        ("incidents", LISTED, "… and 40 more"),
        ("show INC-TYPO", LISTED + 1, "There is no incident “INC-TYPO”"),
    ],
)
async def test_of_many_open_incidents_only_those_that_are_shown_are_read(memory, text, read, said):
    """Each takes milliseconds to fold: three hundred would take longer than Slack waits."""
    for number in range(60):
        await memory.record.write(f"INC-{number:02}", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
        memory.clock.move(seconds=1)
    record = Counting(memory.record)

    answered = await answer(text, record, lambda _path: "", refused)

    assert said in answered.text
    assert record.read == read
    assert text == "status" or answered.text.index("INC-59") < answered.text.index("INC-40")
