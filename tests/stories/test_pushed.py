"""A reviewer pushes to the fix's branch before merging it: what was merged is not what was approved."""

import pytest

from bot.sandbox.stories import oom


async def pushed(stage, amount, *, message="api: as much as it needs"):
    """The oom story, approved; carol writes another amount on the fix's branch, and somebody merges it."""
    await stage.play("oom")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    await stage.press(incident_id, "approve")
    document = await stage.until(incident_id, lambda d: d["gitlab_mr"])
    _push(stage, document["gitlab_mr"]["branch"], amount, message)
    await stage.merge(document["gitlab_mr"]["iid"])
    return await stage.ended(incident_id)


def _push(stage, branch, amount, message):
    gitlab = stage.world.gitlab
    project = next(iter(gitlab.projects.values()))
    repository, carol = project.repository, gitlab.users["carol"]
    files = repository.contents(repository.commits[repository.branches[branch]])
    files = {**files, oom.MANIFEST: files[oom.MANIFEST].replace(b"512Mi", amount)}
    repository.commit(branch, files, message, author=carol.author, parents=(repository.branches[branch],), at=gitlab.clock())
    gitlab.branch_moved(project, branch, carol)


async def told(stage, document):
    return "\n".join(str(message["text"]) for message in await stage.thread(document))


async def test_what_a_reviewer_pushed_is_verified_as_what_was_merged(stage):
    """Said who pushed what, verified like any merge, and no success of a plan that never ran."""
    document = await pushed(stage, b"640Mi")

    text = await told(stage, document)
    assert document["outcome"] == "fixed"
    assert "What was merged is another change than was approved" in text
    assert "640Mi" in document["outcome_reason"]
    assert "carol" in document["outcome_reason"].lower()
    assert "Not cured" not in text
    assert "and nothing of" in text

    again = await stage.played("oom")
    precedent = again["context_bundle"]["similar_incidents"][0]
    assert (precedent["remedy"], precedent["outcome"]) == ("", "fixed")


@pytest.mark.parametrize("amount", [b"300Mi", b"256Mi"])
async def test_what_a_reviewer_pushed_and_does_not_cure_is_for_people(stage, amount):
    """Too little, or the old value again: not ours to revert, and no failure of the plan that was approved."""
    document = await pushed(stage, amount)

    assert document["outcome"] == "handed_over"
    assert "with another change than was approved" in document["outcome_reason"]
    assert len(document["gitlab_mrs"]) == 1


async def test_a_push_that_leaves_the_fix_alone_changes_nothing_of_its_way(stage):
    """Another commit on the branch, the very same fields: fixed, and people are told that the branch moved."""
    document = await pushed(stage, b"0.5Gi")

    assert document["outcome"] == "fixed"
    assert "the fields of the fix are as they were approved" in await told(stage, document)
