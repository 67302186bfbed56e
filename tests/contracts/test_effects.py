"""What everyone may rely on of ports.Effects."""

from remediation.ports import Effect


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
