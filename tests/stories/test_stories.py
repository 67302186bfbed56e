"""The five stories of the sandbox, each from its alert to what is remembered, through the real SDKs over real HTTP."""

import pytest

from bot.sandbox.stories import STORIES
from tests.bot.sandbox.stories import needs

FIRST_WORDS = ("incident_id", "timestamp", "status", "outcome", "context_bundle", "ai_analysis", "recommended_action")


@pytest.mark.parametrize("story", sorted(STORIES))
async def test_a_story_ends_as_it_should(stage, story):
    """What the person of the story does leads to the story's outcome."""
    needs(story)
    document = await stage.played(story)

    assert document["outcome"] == STORIES[story].outcome


async def test_a_drift_is_called_so_where_people_read_it(stage):
    """The word, both values and whose hand it was: in the thread and in how it ended."""
    needs("drift")
    document = await stage.played("drift")

    said = "Git says '512Mi', the cluster says '256Mi' (drift), set by kubectl-edit"
    assert said in document["outcome_reason"]
    assert any(said in str(message["text"]) for message in await stage.thread(document))


async def test_the_fix_is_one_line_of_one_file(stage):
    """Reviewed in a glance: one file, the limit's line and the request's, and GitLab shows what the thread showed."""
    document = await stage.played("oom")

    request = (await stage.state())["gitlab"]["merge_requests"][0]
    changed = [line for line in request["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert request["diff"].count("+++ b/") == 1
    assert [line.split(":")[0].strip("+- ") for line in changed] == ["memory"] * len(changed)
    assert {"suture", "automated", "production", "shop"} <= set(request["labels"])
    assert document["gitlab_mr"]["state"] == "merged"


async def test_the_document_holds_what_programs_rely_on(stage):
    """The keys that are promised, filled in a finished incident."""
    document = await stage.played("oom")

    for key in FIRST_WORDS:
        assert document[key], key
    assert set(document["context_bundle"]) >= {"alert", "monitor", "k8s_context", "logs", "metrics", "similar_incidents"}
    assert set(document["gitlab_mr"]) >= {"url", "branch", "state", "iid"}
    assert set(document["slack_notification"]) >= {"channel", "message_ts"}
    assert document["learning"]["vector_db_stored"] is True
    assert all(set(line) == {"at", "what"} for line in document["timeline"])


async def test_played_again_the_thread_cites_the_first(stage):
    """Likeness above 0.8, the same leading finding: a precedent."""
    first = await stage.played("oom")
    second = await stage.played("oom")

    assert [p["incident_id"] for p in second["context_bundle"]["similar_incidents"]] == [first["incident_id"]]
    assert second["learning"]["similar_incidents_found"] == 1
    assert any(first["incident_id"] in str(message["blocks"]) for message in await stage.thread(second))


async def test_a_press_by_a_stranger_changes_nothing_and_tells_the_stranger_alone(stage):
    """The stored row decides; nobody else reads that someone tried."""
    await stage.play("oom")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")

    assert await stage.press(incident_id, "approve", user="U_STRANGER") == 200
    state = await stage.sandbox_until(lambda s: any(m.get("ephemeral_to") for m in s["slack"]["messages"]))
    told = [m for m in state["slack"]["messages"] if m.get("ephemeral_to")]
    assert [m["ephemeral_to"] for m in told] == ["U_STRANGER"]
    assert state["gitlab"]["merge_requests"] == []


async def test_a_press_on_an_old_oom_button_is_answered_to_its_presser_alone(stage):
    """A stale client presses a button that was taken away: the bot takes the press, and the presser alone is told."""
    document = await stage.played("oom")

    assert await stage.press(document["incident_id"], "approve", user="U_BOB") == 200
    state = await stage.sandbox_until(lambda s: any(m.get("ephemeral_to") for m in s["slack"]["messages"]))
    told = [m for m in state["slack"]["messages"] if m.get("ephemeral_to")]
    assert [m["ephemeral_to"] for m in told] == ["U_BOB"]
    assert "has ended already" in told[0]["text"]
    assert len(state["gitlab"]["merge_requests"]) == 1


async def test_a_rejection_keeps_its_reason_and_blocks_the_same_fix(stage):
    """Handed over with the person's words; the next incident of that kind is told, and nobody is asked for the same thing again."""
    await stage.play("oom")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    assert await stage.press(incident_id, "reject", user="U_BOB", reason="We deploy the leak's fix at nine.") == 200
    document = await stage.ended(incident_id)

    assert document["outcome"] == "handed_over"
    assert "We deploy the leak's fix at nine." in document["outcome_reason"]
    assert (await stage.state())["gitlab"]["merge_requests"] == []


async def test_escalate_names_the_people_and_hands_over(stage):
    """The user group of settings is called in the thread."""
    await stage.play("oom")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    await stage.press(incident_id, "escalate", user="U_ALICE")
    document = await stage.ended(incident_id)

    assert document["outcome"] == "handed_over"
    assert any("S_ONCALL" in message["text"] for message in await stage.thread(document))


async def test_a_closed_merge_request_is_a_no_with_its_last_note(stage):
    """A person said no in GitLab: its reason is kept."""
    await stage.play("oom")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    await stage.press(incident_id, "approve")
    document = await stage.until(incident_id, lambda d: d["gitlab_mr"])
    await stage.close(document["gitlab_mr"]["iid"], "Not before the sale.")
    document = await stage.ended(incident_id)

    assert document["outcome"] == "handed_over"
    assert document["outcome_reason"] == "The merge request was closed by alice: Not before the sale."
    lines = [line["what"] for line in document["timeline"] if "closed by" in line["what"]]
    told = [str(message["text"]) for message in await stage.thread(document) if "closed by" in str(message["text"])]
    for said in (lines, told):  # a look between note and end tells the note by itself before
        assert [text.count("closed by alice: Not before the sale.") for text in said] == [1]
        assert said[0].count("sale") == 1
