"""The pages: what they show, and that what a stranger wrote is only ever text."""

from dataclasses import replace

import httpx
from fastapi import FastAPI

from remediation.entries import Closed, Ended, Turned
from remediation.terms import Outcome
from tests.bot.slack import made
from tests.webhooks.conftest import called, whole
from webhooks.dashboard import chosen, dashboard_routes, diff_lines, place, sure, web


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
    app.include_router(dashboard_routes(Listed(), called))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as reader:
        assert "that ended before" not in (await reader.get("/")).text
        listed |= {"incidents": [one], "more": 812}
        assert "… and 812 that ended before" in (await reader.get("/")).text


def listed(number, status, environment, outcome=None):
    """One row of the list."""
    return {"incident_id": f"INC-{number}", "status": status, "outcome": outcome, "environment": environment}


def test_what_is_open_comes_first_and_each_choice_keeps_the_other():
    """Whoever is paged sees what needs somebody; a filter is an address that can be kept."""
    rows = [listed(4, "resolved", "dev", "fixed"), listed(3, "escalated", "production", "handed_over"),
            listed(2, "detected", "dev"), listed(1, "failed", "production", "rolled_back")]  # fmt: skip

    def ids(state, environment):
        some = chosen(rows, state, environment)
        return [one["incident_id"][-1] for one in some["open"]], [one["incident_id"][-1] for one in some["ended"]]

    assert ids("", "") == (["3", "2"], ["4", "1"])
    assert ids("open", "") == (["3", "2"], [])
    assert ids("ended", "dev") == ([], ["4"])
    assert ids("nonsense", "nowhere") == ids("", "")
    states, environments = chosen(rows, "open", "dev")["filters"]
    assert [(one["label"], one["query"], one["on"]) for one in states] == [
        ("all", "environment=dev", False), ("open", "environment=dev&state=open", True), ("ended", "environment=dev&state=ended", False),
    ]  # fmt: skip
    assert [one["label"] for one in environments if one["on"]] == ["dev"]


async def test_a_filter_that_leaves_nothing_has_a_way_back(program, write):
    """The page of open incidents is empty on a good day."""
    await write(whole())
    page = (await program.get("/?state=open&environment=production")).text

    assert "fixed" not in page
    assert "None." in page
    assert 'href="/?environment=production&amp;state=ended"' in page


def test_a_target_is_told_as_people_say_it():
    """The tables' own form is for programs; a path may hold colons."""
    assert place("workload:prod:shop/Deployment/api") == "shop/Deployment/api in prod"
    assert place("service::http://shop:8080") == "http://shop:8080"
    assert place("x") == "x"


async def test_an_incident_is_told_whole(program, write):
    """Timeline, finding, diff, rulings, decision, merge request, both YAMLs, evidence."""
    page = (await program.get(f"/incidents/{await write(whole())}")).text

    for said in ("OOMKilled (exit 137)", '<span class="added">+              memory: 512Mi', "bounds: 512Mi is within", "Approved by Alice of U_ALICE",
                 "Merge request !1", "remedy: raise_memory_limit", "decision: APPROVED", "<b>E3</b>", "Remembered for the next time."):  # fmt: skip
        assert said in page


async def test_people_are_called_by_name_wherever_a_page_names_them(program, write):
    """In decisions, the timeline and the outcome's sentence; who pressed in vain, and who closed it, too. No other word is taken for one."""
    told = made.Told()
    told.threaded(), told.investigated(), told.reasoned(), told.asked()
    told.put(Turned(user="U_STRANGER", action="approve", reason="Only the approvers may decide this: ask U_ALICE or U_BOB."))
    told.put(Ended(outcome=Outcome(name="handed_over", reason="UNKNOWN image; <@U_BOB> escalated.")))
    told.put(Closed(by="U0CAROL", reason="WAITED long enough."))
    page = (await program.get(f"/incidents/{await write(told)}")).text

    for said in ("Alice of U_STRANGER pressed approve in vain", "ask Alice of U_ALICE or Alice of U_BOB", "UNKNOWN image; Alice of U_BOB escalated",
                 "Closed by Alice of U0CAROL: WAITED long enough"):  # fmt: skip
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


def test_a_findings_item_is_named_once():
    """Behind it, as a citation."""
    assert sure("E3: container api was OOMKilled") == "container api was OOMKilled"
    assert sure("Error: no such host") == "Error: no such host"


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
