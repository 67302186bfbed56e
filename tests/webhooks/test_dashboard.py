"""The pages: what they show, and that what a stranger wrote is only ever text."""

from dataclasses import replace

import httpx
from fastapi import FastAPI

from tests.bot.slack import made
from tests.webhooks.conftest import whole
from webhooks.dashboard import dashboard_routes, diff_lines, web


async def test_the_list_leads_to_each_incident(program, write):
    """Newest first; an empty one says that it is."""
    empty = (await program.get("/")).text
    incident_id = await write(whole())
    listed = (await program.get("/")).text

    assert "No incident yet" in empty
    assert f'href="/incidents/{incident_id}"' in listed
    assert "fixed" in listed


async def test_the_list_says_how_many_it_leaves_out():
    """Nobody takes it for the whole record."""
    listed = {"incidents": [], "more": 0}
    one = {"incident_id": "INC-1", "status": "detected", "outcome": None, "title": "t", "target": "x", "environment": "dev",
           "severity": "low", "timestamp": "2026-03-04T03:11:05Z"}  # fmt: skip

    class Listed:
        async def all(self):
            return listed

    app = FastAPI()
    app.include_router(dashboard_routes(Listed()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as reader:
        assert "that ended before" not in (await reader.get("/")).text
        listed |= {"incidents": [one], "more": 812}
        assert "… and 812 that ended before" in (await reader.get("/")).text


async def test_an_incident_is_told_whole(program, write):
    """Timeline, finding, diff, rulings, decision, merge request, both YAMLs, evidence."""
    page = (await program.get(f"/incidents/{await write(whole())}")).text

    for said in ("OOMKilled (exit 137)", '<span class="added">+              memory: 512Mi', "bounds: 512Mi is within", "Approved by U_ALICE",
                 "Merge request !1", "remedy: raise_memory_limit", "decision: APPROVED", "<b>E3</b>", "Remembered for the next time."):  # fmt: skip
        assert said in page


async def test_an_open_incident_refreshes_and_an_ended_one_rests(program, write):
    """A page that is watched keeps up; one that is read stays still."""
    told = made.Told()
    told.threaded(), told.investigated()
    running = (await program.get(f"/incidents/{await write(told)}")).text
    ended = whole()
    ended.incident = replace(ended.incident, incident_id="inc-ended")
    resting = (await program.get(f"/incidents/{await write(ended)}")).text

    assert 'http-equiv="refresh"' in running
    assert 'http-equiv="refresh"' not in resting


async def test_hostile_text_is_text(program, write):
    """An alert's title runs no script, on either page; nothing may be loaded from elsewhere."""
    title = '<script>alert(1)</script>"onmouseover=x <img src=//evil.example>'
    incident_id = await write(whole(title=title))
    for path in ("/", f"/incidents/{incident_id}"):
        answer = await program.get(path)

        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_an_unknown_incident_has_a_page(program):
    """With the way back."""
    answer = await program.get("/incidents/inc-none")

    assert answer.status_code == 404
    assert "There is no incident inc-none" in answer.text


def test_only_web_addresses_are_links():
    """A merge request's address comes from outside."""
    assert web("https://gitlab.example/x") == "https://gitlab.example/x"
    assert web("javascript:alert(1)") == ""
    assert web(None) == ""


def test_a_diff_knows_its_lines():
    """Headers are not removals."""
    assert [kind for kind, _ in diff_lines("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z")] == [
        "file",
        "file",
        "place",
        "removed",
        "added",
        "same",
    ]
