"""What people do with a card: nothing, two things at once, or no to taking a fix back."""

import asyncio
import re

import pytest

from tests.stage import staged
from tests.stories.checker import check


@pytest.fixture
async def impatient(tmp_path, monkeypatch):
    """A stage on which people are called after half a second of silence."""
    async with staged(tmp_path, monkeypatch, SUTURE_ANSWER_MINUTES="0.008") as stage:
        yield stage
        await check(stage, tmp_path)


async def awaiting(stage):
    await stage.play("oom")
    incident_id = await stage.opened()
    return await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")


def pressable(message):
    """The actions of a message's buttons."""
    return [e["action_id"] for block in message["blocks"] or () if block["type"] == "actions" for e in block["elements"]]


async def whispered(stage, user):
    """What Slack showed to this person alone last."""
    state = await stage.sandbox_until(lambda s: any(m.get("ephemeral_to") == user for m in s["slack"]["messages"]))
    return next(m["text"] for m in reversed(state["slack"]["messages"]) if m.get("ephemeral_to") == user)


async def test_silence_calls_people_by_name_and_keeps_the_buttons_alive(impatient):
    """Who was called can still answer on the same card, and the incident goes on from there."""
    incident_id = (await awaiting(impatient))["incident_id"]
    document = await impatient.until(incident_id, lambda d: any("Nobody answered" in line["what"] for line in d["timeline"]))
    await impatient.sandbox_until(lambda s: any("Nobody answered" in m["text"] for m in s["slack"]["messages"]))
    thread = await impatient.thread(document)

    assert document["status"] == "awaiting_approval"
    assert [m["text"].count("<!subteam^S_ONCALL>") for m in thread if "Nobody answered" in m["text"]] == [1]
    assert [m for m in thread if "approve" in pressable(m)]
    await impatient.press(incident_id, "approve")
    assert (await impatient.until(incident_id, lambda d: d["gitlab_mr"]))["gitlab_mr"]["state"] == "opened"


async def test_of_two_people_who_press_at_once_the_first_row_decides(stage):
    """One answer stands; the other person is told, alone, that it was decided."""
    incident_id = (await awaiting(stage))["incident_id"]
    both = await asyncio.gather(stage.press(incident_id, "approve", user="U_ALICE"), stage.press(incident_id, "escalate", user="U_BOB"))
    assert both == [200, 200]
    document = await stage.until(incident_id, lambda d: any("in vain" in line["what"] for line in d["timeline"]))

    answers = [decision["answer"] for attempt in document["attempts"] for decision in attempt["decisions"]]
    assert len(answers) == 1
    late = "U_BOB" if answers == ["approved"] else "U_ALICE"
    state = await stage.sandbox_until(lambda s: any(m.get("ephemeral_to") for m in s["slack"]["messages"]))
    assert [m["ephemeral_to"] for m in state["slack"]["messages"] if m.get("ephemeral_to")] == [late]


async def test_a_late_press_is_told_who_decided_and_how_to_stop_it_now(stage):
    """Before the merge by closing the merge request, which is named with its link; after it by reverting it. No reason is asked for."""
    incident_id = (await awaiting(stage))["incident_id"]
    await stage.press(incident_id, "approve", user="U_ALICE")
    iid = (await stage.until(incident_id, lambda d: d["gitlab_mr"]))["gitlab_mr"]["iid"]
    await stage.sandbox.post("/control/press", json={"incident": incident_id, "action": "escalate", "user": "U_BOB"})
    said = await whispered(stage, "U_BOB")
    assert "approved by <@U_ALICE> at " in said
    assert re.search(rf"To stop it now, close merge request <http\S+/merge_requests/{iid}\|!{iid}> in GitLab", said)

    await stage.merge(iid)
    await stage.ended(incident_id)
    await stage.press(incident_id, "approve", user="U_CAROL")
    assert re.search(rf"to take it back, revert merge request <http\S+\|!{iid}> in GitLab", await whispered(stage, "U_CAROL"))


async def test_a_rejected_revert_leaves_the_fix_and_says_that_it_is_not_fixed(stage):
    """The revert's merge request is opened without a press; a no on its card closes it, and people take it from there."""
    await stage.play("not-cured")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    await stage.press(incident_id, "approve")
    fix = await stage.until(incident_id, lambda d: d["gitlab_mr"])
    await stage.merge(fix["gitlab_mr"]["iid"])
    await stage.until(incident_id, lambda d: any(one["reverts"] for one in d["gitlab_mrs"]))
    await stage.press(incident_id, "reject", user="U_BOB", reason="It helped a little; keep it.")
    document = await stage.ended(incident_id)

    assert document["outcome"] == "not_fixed"
    states = {one["reverts"]: one["state"] for one in document["gitlab_mrs"]}
    assert (states[False], states[True]) == ("merged", "closed")
    assert any("It helped a little; keep it." in str(m["blocks"]) for m in await stage.thread(document))


async def test_a_fix_is_rolled_back_only_when_the_old_value_is_live_again(stage):
    """Decided, merged, seen in the cluster, and only then ended: in this order, for the record and for the thread."""
    document = await stage.played("not-cured")

    told = [line["what"] for line in document["timeline"]]
    ends = [
        next(i for i, what in enumerate(told) if what.startswith(start)) for start in ("gitlab:alice approved", "Undone: ", "Rolled back: ")
    ]
    merges = [i for i, what in enumerate(told) if what.startswith("The merge request was merged")]
    assert merges == sorted(merges)
    assert ends[0] < merges[-1] < ends[1] < ends[2]
    assert not any("Approved* (undoing" in message["text"] for message in await stage.thread(document))
