"""The branch that a fix is merged into moves while the fix is on its way."""

from dataclasses import replace

import pytest

from bot.sandbox.pace import Pace
from bot.sandbox.stories import oom
from tests.stage import staged
from tests.stories.checker import check

WEB = "staging/web/web.yaml"


@pytest.fixture
async def slow(tmp_path, monkeypatch):
    """A stage whose pipelines take a second: time enough to push meanwhile."""
    async with staged(tmp_path, monkeypatch, pace=replace(Pace.quick(), pipeline=1.0)) as stage:
        yield stage
        await check(stage, tmp_path)


def pushed(stage, path, more):
    """A developer adds a line to a file of the shop's project."""
    repository = next(iter(stage.world.gitlab.projects.values())).repository
    content = repository.contents(repository.commits[repository.branches["main"]])[path]
    stage.world.developer_pushes("carol", "meanwhile", {path: content + more})


async def automatic(stage):
    """The bad-image story, with its merge request open and its pipeline running."""
    await stage.play("bad-image")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["gitlab_mr"])
    return incident_id


async def test_another_file_that_moves_stops_no_automatic_merge(slow):
    """Proven again on the base as it is, byte-identical: merged."""
    incident_id = await automatic(slow)
    pushed(slow, oom.MANIFEST, b"# meanwhile\n")

    assert (await slow.ended(incident_id))["outcome"] == "fixed"


async def test_the_same_file_that_moves_stops_the_automatic_merge_and_calls_people(slow):
    """What was rehearsed is not what would be merged: it stays open, and somebody is called by name."""
    incident_id = await automatic(slow)
    pushed(slow, WEB, b"# meanwhile\n")
    document = await slow.until(incident_id, lambda d: any("called" in line["what"] for line in d["timeline"]))

    called = next(line["what"] for line in document["timeline"] if "called" in line["what"])
    assert "by policy" in called or "by itself" in called
    await slow.sandbox_until(lambda state: any("S_ONCALL" in message["text"] for message in state["slack"]["messages"]))
    assert [request["state"] for request in (await slow.state())["gitlab"]["merge_requests"]] == ["opened"]


async def awaiting(stage):
    await stage.play("oom")
    incident_id = await stage.opened()
    await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    return incident_id


async def test_an_approval_holds_while_the_result_is_byte_identical(stage):
    """The base moved between card and approval, elsewhere: proven again, delivered under the same digest."""
    incident_id = await awaiting(stage)
    pushed(stage, WEB, b"# meanwhile\n")
    await stage.press(incident_id, "approve")
    document = await stage.until(incident_id, lambda d: d["gitlab_mr"])

    assert len(document["attempts"]) == 1


async def test_an_approval_of_what_is_another_change_now_asks_again(stage):
    """The same file moved: a new card says why, the first approval opens nothing, the second one does."""
    incident_id = await awaiting(stage)
    pushed(stage, oom.MANIFEST, b"# meanwhile\n")
    await stage.press(incident_id, "approve")
    document = await stage.until(incident_id, lambda d: len(d["attempts"]) == 2 and d["status"] == "awaiting_approval")

    first, second = (one["rehearsal"]["digest"] for one in document["attempts"])
    assert first != second
    assert (await stage.state())["gitlab"]["merge_requests"] == []
    said = f"Asked again: {oom.MANIFEST} moved in main of platform/shop since it was rehearsed"
    assert any(said in str(message["blocks"]) for message in await stage.thread(document))
    await stage.press(incident_id, "approve")
    assert (await stage.until(incident_id, lambda d: d["gitlab_mr"]))["gitlab_mr"]["iid"] == 1
