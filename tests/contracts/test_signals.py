"""What everyone may rely on of ports.Signals."""

import pytest

from remediation.entries import Opened
from remediation.errors import NotFound
from tests.remediation.made import STANDING, TARGET, an_alert


@pytest.fixture
async def signals(memory):
    for incident_id in ("INC-1", "INC-2"):
        await memory.record.write(incident_id, "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    return memory.signals


async def test_signals_come_in_the_order_of_adding(signals):
    """Each incident hears its own."""
    await signals.add("INC-1", "press", {"action": "approve"}, "p1")
    await signals.add("INC-2", "press", {"action": "reject"}, "p2")
    await signals.add("INC-1", "health", {"applied": True}, "h1")

    first = await signals.after("INC-1", 0)
    second = await signals.after("INC-1", first.seq)

    assert (first.kind, first.body) == ("press", {"action": "approve"})
    assert (second.kind, second.body) == ("health", {"applied": True})
    assert await signals.after("INC-1", second.seq) is None


async def test_a_key_is_heard_once(signals):
    """Slack and GitLab deliver again what was not answered in time."""
    await signals.add("INC-1", "press", {"action": "approve"}, "p1")
    await signals.add("INC-1", "press", {"action": "reject"}, "p1")

    only = await signals.after("INC-1", 0)
    assert only.body == {"action": "approve"}
    assert await signals.after("INC-1", only.seq) is None


async def test_the_same_key_may_wake_two_incidents(signals):
    """One merge may concern both."""
    await signals.add("INC-1", "press", {}, "p1")
    await signals.add("INC-2", "press", {}, "p1")

    assert await signals.after("INC-2", 0) is not None


async def test_a_signal_is_kept_over_a_restart(memory, signals):
    """It was acknowledged."""
    await signals.add("INC-1", "press", {"action": "approve"}, "p1")
    memory.reopen()

    assert (await memory.signals.after("INC-1", 0)).body == {"action": "approve"}


async def test_an_unknown_incident_is_refused(signals):
    """Nobody would ever hear it."""
    with pytest.raises(NotFound, match="INC-9"):
        await signals.add("INC-9", "press", {}, "p1")
