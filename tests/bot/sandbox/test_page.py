"""The sandbox's page in a real browser: what a person reads, presses and writes. Skipped where no Chromium is installed."""

import asyncio
import json
import shutil
from socket import create_server
from urllib.parse import parse_qs

import gitlab
import pytest
from playwright.async_api import async_playwright, expect
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from bot.sandbox.app import serving
from bot.sandbox.environment import SLACK_CHANNEL, Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.world import World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "<script>document.title='owned'</script> <img src=x onerror=\"document.title='owned'\"> <javascript:alert(1)|click>"
MODAL = {
    "type": "modal",
    "callback_id": "why",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to show the page in")


@pytest.fixture
async def world():
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    world = World(origin=f"http://127.0.0.1:{port}", credentials=Credentials.of(port), pace=Pace.quick())
    async with serving(world, port):
        yield world


@pytest.fixture
def slack(world):
    return AsyncWebClient(token=world.credentials.slack_bot_token, base_url=f"{world.origin}/slack/api/")


@pytest.fixture
async def head(slack, world, serve):
    """An incident with a card, hostile words, and a bot that asks why and says the reason in the thread."""
    said = {"event_type": "suture_incident", "event_payload": {"incident_id": "i1", "key": "k"}}
    head = (await slack.chat_postMessage(channel=SLACK_CHANNEL, text=f"*api* is down {HOSTILE}", metadata=said))["ts"]
    button = {"type": "button", "text": {"type": "plain_text", "text": "Reject"}, "action_id": "reject", "value": "d"}
    await slack.chat_postMessage(channel=SLACK_CHANNEL, thread_ts=head, text="card", blocks=[{"type": "actions", "elements": [button]}])

    async def bot(request: Request):
        form = parse_qs((await request.body()).decode())
        payload = json.loads(form["payload"][0]) if "payload" in form else {}
        if payload.get("type") == "block_actions":
            await slack.views_open(trigger_id=payload["trigger_id"], view=MODAL)
        if payload.get("type") == "view_submission":
            reason = payload["view"]["state"]["values"]["reason"]["text"]["value"]
            if reason == "no":
                return JSONResponse({"response_action": "errors", "errors": {"reason": "Say more."}})
            await slack.chat_postMessage(channel=SLACK_CHANNEL, thread_ts=head, text=f"Rejected: {reason}")
        return PlainTextResponse("")

    world.deliveries.bot_url = await serve(lambda _url: Starlette(routes=[Route("/{path:path}", bot, methods=["POST"])]))
    return head


@pytest.fixture
async def page(world, head):
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        page.faults = []
        page.on("pageerror", lambda problem: page.faults.append(str(problem)))
        page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
        await page.goto(world.origin)
        yield page
        assert page.faults == []
        await browser.close()


async def test_hostile_words_are_read_and_not_run(page):
    """What a log line says must not act on the person who reads it."""
    await expect(page.locator("#channel")).to_contain_text("document.title='owned'")
    assert await page.title() == "Suture sandbox"
    assert await page.locator("#channel img, #channel script, #channel a").count() == 0


async def test_a_person_rejects_with_a_reason(page, world):
    """Button, modal, the error beside the input, and the answer in the thread."""
    await page.click("[data-action=reject]")
    await page.fill(".modal input", "no")
    await page.click(".modal [type=submit]")
    await expect(page.locator(".modal .error")).to_have_text("Say more.")
    assert await page.input_value(".modal input") == "no"
    await page.fill(".modal input", "It hides a leak")
    await page.click(".modal [type=submit]")

    await expect(page.locator("#thread")).to_contain_text("Rejected: It hides a leak")
    assert await page.locator(".modal").count() == 0


async def test_a_person_merges_what_they_read(page, world):
    """The diff stands beside the button, and the state changes in place."""
    project, alice = world.gitlab.projects[1], "alice"
    path = "production/api/api.yaml"

    def propose():
        with gitlab.Gitlab(f"{world.origin}/gitlab", private_token=world.credentials.gitlab_token) as client:
            shop = client.projects.get("platform/shop")
            text = shop.files.get(path, ref="main").decode().decode().replace("memory: 256Mi", "memory: 512Mi", 1)
            action = {"action": "update", "file_path": path, "content": text}
            shop.commits.create({"branch": "fix", "start_branch": "main", "commit_message": "Raise", "actions": [action]})
            fields = {"source_branch": "fix", "target_branch": "main", "title": "Raise the limit", "description": f"## Why\n{HOSTILE}"}
            shop.mergerequests.create(fields)

    await asyncio.to_thread(propose)
    await expect(page.locator("tr.added")).to_contain_text("memory: 512Mi")
    await expect(page.locator(".pipeline.success")).to_be_visible()
    await page.click("[data-merge]")

    await expect(page.locator(".state")).to_have_text("Merged")
    assert next(iter(project.merge_requests.values())).merged_by == alice
    assert await page.title() == "Suture sandbox"


async def test_from_1200_pixels_up_the_channel_and_its_box_stand_beside_the_thread(page):
    """Whoever reads a thread on a laptop still sees the other incidents, and can type `/suture`."""
    for width in (1200, 1300):
        await page.set_viewport_size({"width": width, "height": 700})
        for part in ("#thread", "#channel", "#command input", "#no-requests"):
            await expect(page.locator(part)).to_be_visible()


async def test_the_narrow_page_shows_one_thing_at_a_time(page):
    """On a telephone: tabs, and the thread in place of the channel."""
    await page.set_viewport_size({"width": 420, "height": 800})
    await expect(page.locator("#thread")).to_be_visible()
    await expect(page.locator("#channel")).to_be_hidden()
    await page.click("#close-thread")
    await expect(page.locator("#channel")).to_be_visible()
    await page.click(".tabs [data-tab=gitlab]")
    await expect(page.locator("#no-requests")).to_be_visible()
    await expect(page.locator("#channel")).to_be_hidden()
