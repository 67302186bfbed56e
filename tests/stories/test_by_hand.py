"""Somebody mends it by hand while the card is open."""

from unittest.mock import AsyncMock

import pytest

from bot.sandbox.apiserver import Write
from bot.sandbox.kinds import kind_named
from bot.sandbox.stories import oom

LIMITS = (b'"256Mi"', b"256Mi ")


def with_memory(stage, amount):
    """The manifest of the api as it is in Git, with another amount of memory."""
    repository = next(iter(stage.world.gitlab.projects.values())).repository
    content = repository.contents(repository.commits[repository.branches["main"]])[oom.MANIFEST]
    for written in LIMITS:
        content = content.replace(written, written.replace(b"256Mi", amount))
    return {oom.MANIFEST: content}


async def awaiting(stage):
    await stage.play("oom")
    incident_id = await stage.opened()
    return await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")


@pytest.mark.parametrize(("amount", "said"), [(b"512Mi", "made this change by hand"), (b"1Gi", "says '1Gi' now")])
async def test_what_a_person_mended_in_git_did_not_heal_by_itself(stage, amount, said):
    """The very fix, or more of it: the alert recovers, nothing is merged, and the outcome does not claim that nothing was changed."""
    document = await awaiting(stage)
    stage.world.developer_pushes("bob", "api: more memory, now", with_memory(stage, amount))
    document = await stage.ended(document["incident_id"])

    assert document["outcome"] == "self_healed"
    assert "not by Suture" in document["outcome_reason"]
    assert said in document["outcome_reason"]
    assert (await stage.state())["gitlab"]["merge_requests"] == []


async def test_what_is_approved_after_it_was_made_by_hand_is_not_made_again(stage, monkeypatch):
    """The value stands already, and the alert fires on: people are told, nothing is opened."""
    document = await awaiting(stage)
    monkeypatch.setattr(stage.world.datadog, "evaluate", AsyncMock())  # no recovery between a new pod and its next kill
    stage.world.nature.demands[oom.PLACE] = oom.Demand(memory=4 * oom.NEEDED, since=stage.world.time())
    stage.world.developer_pushes("bob", "api: more memory, now", with_memory(stage, b"512Mi"))
    await stage.sandbox_until(
        lambda s: any(
            "512Mi" in str(o["spec"]) for o in s["kubernetes"]["objects"] if o["metadata"]["name"] == "api" and o["kind"] == "Deployment"
        )
    )
    await stage.press(document["incident_id"], "approve")
    document = await stage.ended(document["incident_id"])

    assert document["outcome"] == "handed_over"
    assert "somebody made this change by hand" in document["outcome_reason"]
    assert (await stage.state())["gitlab"]["merge_requests"] == []


async def test_an_alert_that_fell_silent_with_its_workload_healed_nothing(stage):
    """Deleted while the card is open: a person must know, and nobody reads that all is well."""
    document = await awaiting(stage)
    stage.world.server.delete(kind_named("Deployment"), "shop", "api", Write(manager="kubectl"))
    document = await stage.ended(document["incident_id"])

    assert document["outcome"] == "handed_over"
    assert "Deployment/shop/api is not in the cluster" in document["outcome_reason"]


async def test_an_approved_merge_request_that_runs_into_a_conflict_calls_people_once(stage):
    """The same line changed under it: nobody can merge it, and the head says what to do."""
    document = await awaiting(stage)
    await stage.press(document["incident_id"], "approve")
    await stage.until(document["incident_id"], lambda d: d["gitlab_mr"])
    stage.world.developer_pushes("bob", "api: a little more memory", with_memory(stage, b"384Mi"))
    document = await stage.until(document["incident_id"], lambda d: any("conflict" in step["what"] for step in d["timeline"]))
    thread = await stage.thread(document)

    assert sum("cannot be merged: GitLab says conflict" in said["text"] for said in thread) == 1


async def test_what_git_overwrote_after_the_merge_is_said_at_once_and_never_judged(stage):
    """The fix never ran: who changed it is named, no revert is promised, and nothing is learned of the remedy."""
    document = await awaiting(stage)
    await stage.press(document["incident_id"], "approve")
    document = await stage.until(document["incident_id"], lambda d: d["gitlab_mr"])
    await stage.merge(document["gitlab_mr"]["iid"])
    await stage.sandbox_until(lambda s: s["gitlab"]["merge_requests"][0]["state"] == "merged")
    merged = with_memory(stage, b"256Mi")[oom.MANIFEST]
    stage.world.developer_pushes("alice", "api: much more memory", {oom.MANIFEST: merged.replace(b"512Mi", b"2Gi")})
    document = await stage.ended(document["incident_id"])

    assert document["outcome"] == "handed_over"
    assert document["outcome_reason"].startswith("It was merged, but ")
    assert "changed it to 2Gi since: " in document["outcome_reason"]
    assert len(document["gitlab_mrs"]) == 1
