"""SIGKILL while an incident waits for a system that does not answer: the wait goes on where it was."""

from tests.kills.test_kills import mortal_stage
from tests.stories.checker import check
from tests.stories.test_silence import DOWN, outage, told, waiting

NEVER = 0  # no request has this number: the test kills by itself


async def test_a_death_in_the_wait_changes_nothing(tmp_path):
    """The next life knows when to look again, says nothing twice, and ends the story."""
    async with mortal_stage(tmp_path, NEVER, "handled", SUTURE_SILENCE_MINUTES="0.05") as (stage, bot):
        document = await waiting(stage, "500")
        bot.kill()
        bot.start()
        asked = (await stage.state())["kubernetes"]["calls"]
        await stage.sandbox_until(lambda state: state["kubernetes"]["calls"] != asked)  # it looked again
        bot.kill()
        await outage(stage, "kubernetes", "")
        bot.start()
        document = await stage.until(document["incident_id"], lambda d: d["status"] == "awaiting_approval")

        assert len(await told(stage, document, DOWN)) == 1
        await check(stage, tmp_path)
    assert bot.deaths == 3
