"""A person's no: rejected in the thread, closed in GitLab, and what that means for the next incident of the same kind."""


async def awaiting(stage, known=0):
    """The oom story at its card."""
    await stage.play("oom")
    incident_id = await stage.opened(known)
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    return incident_id


async def test_a_closed_merge_request_blocks_its_fix_in_the_next_incident(stage):
    """Whatever its values: nothing is opened, and the thread says who said no, and why."""
    first = await awaiting(stage)
    await stage.press(first, "approve")
    document = await stage.until(first, lambda d: d["gitlab_mr"])
    await stage.close(document["gitlab_mr"]["iid"], "Not before the sale.")
    await stage.ended(first)

    await stage.play("oom")
    second = await stage.ended(await stage.opened(known=1))

    assert second["outcome"] == "handed_over"
    assert "alice closed this fix" in second["outcome_reason"]
    assert "Not before the sale." in second["outcome_reason"]
    assert any("Not before the sale." in str(message["blocks"]) for message in await stage.thread(second))
    assert len((await stage.state())["gitlab"]["merge_requests"]) == 1


async def test_a_rejection_blocks_the_same_fix_in_the_next_incident(stage):
    """Nobody is asked for the very same thing again; what was refused, and why, stands in the second thread."""
    first = await awaiting(stage)
    await stage.press(first, "reject", user="U_BOB", reason="We deploy the leak's fix at nine.")
    rejected = (await stage.ended(first))["attempts"][-1]["plan"]["parameters"]

    await stage.play("oom")
    second_id = await stage.opened(known=1)
    second = await stage.until(second_id, lambda d: d["outcome"] or d["status"] == "awaiting_approval")

    assert second["attempts"]
    offered = [one["plan"]["parameters"] for one in second["attempts"] if one["verdict"]["status"] != "DENIED"]
    assert rejected not in offered
    assert any("We deploy the leak's fix at nine." in str(message["blocks"]) for message in await stage.thread(second))
