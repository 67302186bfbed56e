"""We speak as fast as Slack allows, and heads first."""

import asyncio
from itertools import pairwise

from bot.slack.budget import Budget


async def order_of(budget, names):
    """Who got a turn, in order; names beginning with `head` go first."""
    served = []

    async def one(name):
        await budget.turn("C1", first=name.startswith("head"))
        served.append(name)

    await asyncio.gather(*(one(name) for name in names))
    return served


async def test_a_burst_passes_and_the_rest_waits():
    """After a silence three come at once, then one in each interval."""
    budget, loop, times = Budget(per_second=50, burst=3), asyncio.get_running_loop(), []
    for _ in range(6):
        await budget.turn("C1")
        times.append(loop.time())

    assert times[2] - times[0] < 0.015
    assert all(later - earlier > 0.015 for earlier, later in pairwise(times[2:]))


async def test_heads_overtake_what_waits():
    """A new incident is announced before the tenth reply of an old one."""
    served = await order_of(Budget(per_second=200, burst=1), ["a", "b", "c", "head 1", "head 2"])

    assert served == ["a", "head 1", "head 2", "b", "c"]


async def test_lines_do_not_wait_for_each_other():
    """The limit is a channel's, not the workspace's."""
    budget = Budget(per_second=0.01, burst=1)

    async with asyncio.timeout(1):
        await asyncio.gather(budget.turn("C1"), budget.turn("C2"))


async def test_a_pause_holds_the_line():
    """After 429 nobody speaks before Retry-After is over, whoever was waiting."""
    budget, loop = Budget(per_second=1000, burst=3), asyncio.get_running_loop()
    began = loop.time()
    budget.pause("C1", 0.05)
    await budget.turn("C1", first=True)

    assert loop.time() - began >= 0.05


async def test_who_gave_up_costs_no_turn():
    """A cancelled post leaves its turn to the next."""
    budget = Budget(per_second=20, burst=1)
    await budget.turn("C1")
    gone = asyncio.create_task(budget.turn("C1"))
    await asyncio.sleep(0)
    gone.cancel()
    began = asyncio.get_running_loop().time()
    await budget.turn("C1")

    assert asyncio.get_running_loop().time() - began < 0.09
