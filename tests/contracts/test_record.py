"""What everyone may rely on of ports.Record and ports.Inbox."""

import asyncio

import pytest

from remediation.entries import AlertJoined, Called, Ended, Investigated, Opened, PhaseBegan, Verified
from remediation.errors import Conflict, NotFound
from remediation.ports import Kept
from remediation.terms import Outcome, Target
from tests.remediation.made import STANDING, TARGET, an_alert, investigated, later, up_to_the_merge

OPENED = Opened(target=TARGET, standing=STANDING, alert=an_alert())


async def opened(memory, incident_id="INC-1", entry=OPENED):
    return await memory.record.write(incident_id, "opened", entry)


async def test_an_incident_is_what_its_entries_tell(memory):
    """Read back, also after a restart, it equals what each write returned."""
    await opened(memory)
    for number, entry in enumerate(up_to_the_merge()):
        memory.clock.move(seconds=1)
        written = await memory.record.write("INC-1", f"entry/{number}", entry)

    assert await memory.record.incident("INC-1") == written
    memory.reopen()
    assert await memory.record.incident("INC-1") == written
    assert written.attempts[0].progress.state == "applied"


async def test_a_key_that_stands_changes_nothing(memory):
    """A step that is run again writes the same entry again; the first one stands, with its time."""
    first = await opened(memory)
    once = await memory.record.write("INC-1", "called", Called(reason="first"), 3)
    memory.clock.move(minutes=1)
    again = await memory.record.write("INC-1", "called", Called(reason="second"), 9)

    assert again == once
    assert (again.called, again.heard, again.updated_at) == (("first",), 3, first.updated_at)


async def test_a_key_stands_for_one_kind_of_entry(memory):
    """Two kinds under one key are a bug, and must not be silent."""
    await opened(memory)

    with pytest.raises(Conflict, match="Opened under the key 'opened'"):
        await memory.record.write("INC-1", "opened", Called(reason="x"))


async def test_what_is_not_there_is_not_found(memory):
    """Neither to read, nor to write to, nor to ask the history of."""
    for asked in (
        memory.record.incident("INC-9"),
        memory.record.write("INC-9", "k", Called(reason="x")),
        memory.record.history("INC-9", "Deployment/shop/api"),
        memory.record.entries("INC-9"),
    ):
        with pytest.raises(NotFound, match="INC-9"):
            await asked


async def test_an_entry_that_makes_no_sense_leaves_no_trace(memory):
    """What cannot be folded is not written."""
    before = await opened(memory)

    with pytest.raises(ValueError, match="unpack"):
        await memory.record.write("INC-1", "verified", Verified(cured=True, reason="x"))

    assert await memory.record.incident("INC-1") == before
    assert len(await memory.record.entries("INC-1")) == 1


async def test_many_writers_lose_nothing(memory):
    """Fifty at once: each stands once, in one order for all."""
    await opened(memory)

    await asyncio.gather(*(memory.record.write("INC-1", f"called/{n}", Called(reason=str(n))) for n in range(50)))

    incident = await memory.record.incident("INC-1")
    assert sorted(incident.called, key=int) == [str(n) for n in range(50)]
    assert [line.seq for line in await memory.record.entries("INC-1")] == list(range(1, 52))


async def test_open_are_those_whose_phase_is_not_done(memory):
    """Oldest first; an ended one that is not remembered yet is still open."""
    for incident_id in ("INC-2", "INC-1", "INC-3"):
        await opened(memory, incident_id)
        memory.clock.move(seconds=1)
    await memory.record.write("INC-2", "ended", Ended(outcome=Outcome(name="inconclusive", reason="")))
    await memory.record.write("INC-3", "done", PhaseBegan(phase="done"))

    assert list(await memory.record.open_now()) == ["INC-2", "INC-1"]
    assert await memory.record.open_by_status() == {"escalated": 1, "detected": 1}


async def test_untold_is_what_no_effect_says_was_told(memory):
    """In the order of writing; an effect that is only intended tells nothing."""
    await opened(memory)
    await memory.record.write("INC-1", "a", Called(reason="a"))
    await memory.record.write("INC-1", "b", Called(reason="b"))
    await memory.effects.made("told/INC-1/opened", "1.1")
    await memory.effects.intend("told/INC-1/a")

    assert [(key, entry.reason) for key, entry in await memory.record.untold("INC-1")] == [("a", "a"), ("b", "b")]


async def test_a_stored_alert_waits_until_it_is_placed(memory):
    """Stored twice it waits once; placed, it stands in the incident under its key."""
    first, second = an_alert(cycle="c1"), an_alert(cycle="c2")
    await memory.inbox.store([first, second])
    await memory.inbox.store([second, first])

    assert list(await memory.inbox.waiting(10)) == [first, second]
    assert list(await memory.inbox.waiting(1)) == [first]
    await memory.inbox.place(first, "INC-1", Opened(target=TARGET, standing=STANDING, alert=first))
    await memory.inbox.place(second, "INC-1", AlertJoined(alert=second))

    assert list(await memory.inbox.waiting(10)) == []
    assert (await memory.record.incident("INC-1")).alerts == (first, second)
    assert [line.key for line in await memory.record.entries("INC-1")] == [f"alert/{first.alert_id}", f"alert/{second.alert_id}"]


async def test_only_a_joined_alert_is_a_signal(memory):
    """Nobody listens yet when an incident is opened; placing again signals nothing again."""
    first, second = an_alert(cycle="c1"), an_alert(state="recovered", cycle="c1")
    await memory.inbox.store([first, second])
    for _ in range(2):
        await memory.inbox.place(first, "INC-1", Opened(target=TARGET, standing=STANDING, alert=first))
        await memory.inbox.place(second, "INC-1", AlertJoined(alert=second))

    signal = await memory.signals.after("INC-1", 0)
    assert (signal.kind, signal.body["alert_id"]) == ("alert", second.alert_id)
    assert await memory.signals.after("INC-1", signal.seq) is None


async def test_placing_is_one_act(memory):
    """An incident that is not there leaves the alert waiting."""
    alert = an_alert()
    await memory.inbox.store([alert])

    with pytest.raises(NotFound):
        await memory.inbox.place(alert, "INC-9", AlertJoined(alert=alert))

    assert list(await memory.inbox.waiting(10)) == [alert]


async def test_an_ignored_alert_waits_no_more(memory):
    """And one that was never stored cannot be ignored."""
    alert = an_alert()
    await memory.inbox.store([alert])
    await memory.inbox.ignore(alert.alert_id, "recovered before anything was known")

    assert list(await memory.inbox.waiting(10)) == []
    with pytest.raises(NotFound):
        await memory.inbox.ignore("unknown", "x")


async def test_the_newest_incident_of_a_target_is_found_by_either_name(memory):
    """As the alert named it, and as evidence corrected it; open or ended."""
    pod = Target(kind="workload", place="sandbox", path="shop/Pod/api-1")
    assert await memory.inbox.newest_incident_of(pod) is None

    await opened(memory, "INC-1", Opened(target=pod, standing=STANDING, alert=an_alert()))
    found = investigated()
    await memory.record.write("INC-1", "i", Investigated(evidence=found.evidence, findings=found.findings, target=TARGET))
    for target in (pod, TARGET):
        assert (await memory.inbox.newest_incident_of(target)).incident_id == "INC-1"

    memory.clock.move(minutes=1)
    await opened(memory, "INC-2")
    assert (await memory.inbox.newest_incident_of(TARGET)).incident_id == "INC-2"
    assert (await memory.inbox.newest_incident_of(pod)).incident_id == "INC-1"


async def test_history_counts_the_last_hour_of_a_target(memory):
    """This one included."""
    for minutes in range(0, 100, 20):
        memory.clock.at = later(minutes)
        await opened(memory, f"INC-{minutes}")

    assert (await memory.record.history("INC-80", "Deployment/shop/api")).incidents_last_hour == 3


async def test_the_incident_of_a_cycle_is_found_without_its_target(memory):
    """The newest one that an alert of this source and cycle was placed with; waiting alerts and other sources do not count."""
    first, again = an_alert(), an_alert(at=later(60))
    await memory.inbox.store([first, again])
    assert await memory.inbox.incident_of_cycle("datadog", "c1") is None

    await memory.inbox.place(first, "INC-1", Opened(target=TARGET, standing=STANDING, alert=first))
    assert (await memory.inbox.incident_of_cycle("datadog", "c1")).incident_id == "INC-1"
    await memory.inbox.place(again, "INC-2", Opened(target=TARGET, standing=STANDING, alert=again))
    assert (await memory.inbox.incident_of_cycle("datadog", "c1")).incident_id == "INC-2"
    assert await memory.inbox.incident_of_cycle("grafana", "c1") is None
    assert await memory.inbox.incident_of_cycle("datadog", "") is None


async def test_an_incident_that_ended_meanwhile_takes_no_alert(memory):
    """Decided before it ended, placed after: nobody would hear it there. It waits, to be decided again."""
    late = an_alert(at=later(1))
    await memory.inbox.store([late])
    await opened(memory)
    await memory.record.write("INC-1", "ended", Ended(outcome=Outcome(name="fixed", reason="")))

    with pytest.raises(Conflict, match="INC-1"):
        await memory.inbox.place(late, "INC-1", AlertJoined(alert=late))

    assert list(await memory.inbox.waiting(10)) == [late]


async def test_what_was_handed_over_still_takes_its_own_alerts(memory):
    """The same cycle firing on belongs there; placed again it changes nothing, also when it recovered since."""
    late, recovered = an_alert(at=later(1)), an_alert("recovered", at=later(2))
    await memory.inbox.store([late, recovered])
    await opened(memory)
    await memory.record.write("INC-1", "ended", Ended(outcome=Outcome(name="handed_over", reason="")))
    for alert in (late, recovered, late):
        await memory.inbox.place(alert, "INC-1", AlertJoined(alert=alert))

    assert (await memory.record.incident("INC-1")).alerts == (an_alert(), late, recovered)


async def test_an_id_opens_one_incident(memory):
    """Two alerts whose incidents would have one id: the second is not appended to the first's incident, where nobody looks for it."""
    other = an_alert(cycle="c2")
    await memory.inbox.store([other])
    await opened(memory)

    with pytest.raises(Conflict, match="INC-1"):
        await memory.inbox.place(other, "INC-1", Opened(target=TARGET, standing=STANDING, alert=other))

    assert list(await memory.inbox.waiting(10)) == [other]
    assert await opened(memory) == await memory.record.incident("INC-1")


async def test_what_is_open_is_told_with_how_much_stands_of_it(memory):
    """So that what has not moved need not be read: the same ids as the open incidents, each with its number of entries."""
    for incident_id in ("INC-2", "INC-1", "INC-3"):
        await opened(memory, incident_id)
        memory.clock.move(seconds=1)
    await memory.record.write("INC-1", "called", Called(reason="x"))
    await memory.record.write("INC-3", "done", PhaseBegan(phase="done"))

    assert list((await memory.record.open_now()).items()) == [("INC-2", 1), ("INC-1", 2)]
    assert [(await memory.record.incident(one)).entries for one in ("INC-2", "INC-1")] == [1, 2]


async def test_what_stands_under_a_key_and_what_was_so_then(memory):
    """A step that is run again finds what the first run wrote; a phase that is replayed begins where it began."""
    await opened(memory)
    called = await memory.record.write("INC-1", "called", Called(reason="first"))
    await memory.record.write("INC-1", "again", Called(reason="second"))

    assert await memory.record.under("INC-1", "called") == Kept(seq=2, at=called.updated_at, entry=Called(reason="first"))
    assert await memory.record.under("INC-1", "nothing") is None
    assert await memory.record.incident("INC-1", called.entries) == called


async def test_what_did_not_move_is_read_once(memory, monkeypatch):
    """The reconciler asks several times a second, and mostly nothing happened."""
    await opened(memory)
    first = await memory.record.open_now(), await memory.inbox.waiting(10)
    with monkeypatch.context() as closed:
        closed.setattr(memory.database.reader, "read_now", None)
        closed.setattr(memory.database.reader, "read", None)
        assert (await memory.record.open_now(), await memory.inbox.waiting(10)) == first == ({"INC-1": 1}, [])

    await memory.inbox.store([an_alert()])
    await memory.record.write("INC-1", "called", Called(reason="x"))
    assert await memory.record.open_now() == {"INC-1": 2}
    assert len(await memory.inbox.waiting(10)) == 1
