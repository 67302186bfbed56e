"""What everyone may rely on of ports.Effects."""

import asyncio

from remediation.entries import Called, Opened
from remediation.ports import Effect
from tests.remediation.made import STANDING, TARGET, an_alert


async def test_an_effect_is_fresh_once(memory):
    """The second intention must look whether the first one succeeded."""
    assert await memory.effects.intend("post/1") == Effect(made=None, fresh=True)
    assert await memory.effects.intend("post/1") == Effect(made=None, fresh=False)


async def test_what_was_made_is_known_for_good(memory):
    """Also after a restart, and the first note stands."""
    await memory.effects.intend("post/1")
    await memory.effects.made("post/1", "171.5")
    await memory.effects.made("post/1", "other")
    memory.reopen()

    assert await memory.effects.intend("post/1") == Effect(made="171.5", fresh=False)


async def test_keys_do_not_meet(memory):
    """One is made, the other fresh."""
    await memory.effects.made("post/1", "a")

    assert await memory.effects.intend("post/2") == Effect(made=None, fresh=True)


async def test_what_is_announced_is_fresh_without_another_note(memory):
    """It stands since the commit of the entry that it is made of; whoever comes second, and whoever comes after a death, must look."""
    await memory.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()), intends="told/1")
    await memory.record.write("INC-1", "called", Called(reason="x"), intends="told/2")

    assert await memory.effects.intend("told/1") == Effect(made=None, fresh=True)
    assert await memory.effects.intend("told/1") == Effect(made=None, fresh=False)
    memory.reopen()
    assert await memory.effects.intend("told/2") == Effect(made=None, fresh=False)


async def test_an_entry_that_stands_announces_nothing_again(memory):
    """A replay writes it once more; what it makes of it may stand already."""
    for _ in range(2):
        await memory.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()), intends="told/1")
        memory.reopen()

    assert await memory.effects.intend("told/1") == Effect(made=None, fresh=False)


async def test_what_is_made_before_its_writer_hears_of_the_commit_is_fresh_once(memory):
    """Another task may read a committed entry first and tell it; the message would stand twice if the writer's own turn were fresh, too."""
    opened = Opened(target=TARGET, standing=STANDING, alert=an_alert())
    writing = asyncio.create_task(memory.record.write("INC-1", "opened", opened, intends="told/1"))
    await asyncio.sleep(0)
    while await memory.record.under("INC-1", "opened") is None:
        pass  # it reads in this thread, so the task that writes has no turn
    await memory.effects.intend("told/1")
    await memory.effects.made("told/1", "171.5")
    await writing

    assert await memory.effects.intend("told/1") == Effect(made="171.5", fresh=False)
