"""The whole sandbox over HTTP: what a program may ask of /control, and what the page serves."""

import asyncio
import json
from socket import create_server

import aiohttp
import pytest
from slack_sdk.models.blocks import ActionsBlock, ButtonElement
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.app import serving
from bot.sandbox.environment import SLACK_CHANNEL, Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.stories import STORIES
from bot.sandbox.world import World


class Heard(list):
    """What a bot heard: path, headers and body of each request."""

    def __init__(self) -> None:
        super().__init__()
        self.more = asyncio.Condition()

    async def take(self, request: Request) -> PlainTextResponse:
        """Keep a request and answer 200."""
        async with self.more:
            self.append((request.url.path, dict(request.headers), await request.body()))
            self.more.notify_all()
        return PlainTextResponse("")

    async def first(self, path: str):
        """The first request to this path, waited for."""
        async with asyncio.timeout(20), self.more:
            await self.more.wait_for(lambda: any(one[0] == path for one in self))
        return next(one for one in self if one[0] == path)


@pytest.fixture
def port():
    with create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
async def world(port, tmp_path):
    world = World(origin=f"http://127.0.0.1:{port}", credentials=Credentials.of(port), pace=Pace.quick(), folder=tmp_path)
    async with serving(world, port):
        yield world


@pytest.fixture
async def http(world):
    async with aiohttp.ClientSession(world.origin) as session:
        yield session


@pytest.fixture
async def heard(serve, http):
    """A bot that answers 200 to everything and keeps what it heard; the sandbox knows its address."""
    heard = Heard()
    url = await serve(lambda _url: Starlette(routes=[Route("/{path:path}", heard.take, methods=["POST"])]))
    async with http.post("/control/bot", json={"url": url}) as response:
        assert (response.status, await response.json()) == (200, {"url": url})
    return heard


async def answered(http, path, body=None, **options):
    async with http.post(path, json=body, **options) as response:
        return response.status, await response.json()


async def state_of(http):
    async with http.get("/control/state") as response:
        return await response.json()


async def announce(world):
    client = AsyncWebClient(token=world.credentials.slack_bot_token, base_url=f"{world.origin}/slack/api/")
    said = {"event_type": "suture_incident", "event_payload": {"incident_id": "i1", "key": "k"}}
    head = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="head", metadata=said))["ts"]
    buttons = ActionsBlock(elements=[ButtonElement(text="Approve", action_id="approve", value="digest")])
    await client.chat_postMessage(channel=SLACK_CHANNEL, text="card", thread_ts=head, blocks=[buttons])
    await client.chat_postEphemeral(channel=SLACK_CHANNEL, user="U_BOB", text="psst")


async def test_the_state_has_the_promised_shape(world, http):
    """Programs rely on these names."""
    await announce(world)
    state = await state_of(http)

    assert set(state) == {"slack", "gitlab", "kubernetes", "datadog", "models"}
    head, card, secret = state["slack"]["messages"]
    assert {"channel", "ts", "thread_ts", "user", "text", "blocks", "edited", "metadata"} == set(head)
    assert head["metadata"]["event_payload"]["incident_id"] == "i1"
    assert card["thread_ts"] == head["ts"]
    assert secret["ephemeral_to"] == "U_BOB"
    assert state["slack"]["calls"] == {"chat.postEphemeral": 1, "chat.postMessage": 2}
    assert state["gitlab"] == {"merge_requests": [], "calls": {}}
    assert {"Deployment", "Pod", "ReplicaSet"} <= {o["kind"] for o in state["kubernetes"]["objects"]}
    assert state["datadog"]["deliveries"] == []
    assert state["models"] == {"calls": []}


async def test_calls_of_the_other_faces_are_counted_by_method_and_template(world, http):
    """Not by the values in the path, or nobody could count them."""
    gitlab = {"PRIVATE-TOKEN": world.credentials.gitlab_token}
    kubernetes = {"Authorization": f"Bearer {world.credentials.kubernetes_token}"}
    datadog = {"DD-API-KEY": world.credentials.dd_api_key, "DD-APPLICATION-KEY": world.credentials.dd_app_key}
    for path, headers in (
        ("/gitlab/api/v4/projects/platform%2Fshop", gitlab),
        ("/gitlab/api/v4/projects/1", gitlab),
        ("/kubernetes/api/v1/namespaces/shop/pods/none", kubernetes),
        ("/datadog/api/v1/monitor/7", datadog),
        ("/ollama/api/tags", {}),
    ):
        async with http.get(path, headers=headers):
            pass
    state = await state_of(http)
    async with http.get("/control/requests") as response:
        ordered = (await response.json())["requests"]

    assert list(state["gitlab"]["calls"].values()) == [2]
    assert list(state["kubernetes"]["calls"].values()) == [1]
    assert state["datadog"]["calls"] == {"GET /api/v1/monitor/{monitor_id}": 1}
    assert [(r["n"], r["face"], r["status"]) for r in ordered] == [
        (1, "gitlab", 200),
        (2, "gitlab", 200),
        (3, "kubernetes", 404),
        (4, "datadog", 404),
        (5, "ollama", 200),
    ]


async def test_a_story_reaches_the_bot_as_a_delivery_of_the_documented_payload(world, http, heard):
    """A change in the world, a monitor that sees it, a webhook with the token."""
    assert await answered(http, "/control/stories/oom") == (200, {"story": "oom"})
    _, headers, body = await heard.first("/webhooks/datadog")
    delivery = (await state_of(http))["datadog"]["deliveries"][0]

    assert headers["x-suture-token"] == world.credentials.datadog_webhook_token
    assert json.loads(body)["alert_transition"] == "Triggered"
    assert delivery["transition"] == "Triggered"
    assert delivery["status"] == 200
    assert delivery["body"] == json.loads(body)


async def test_a_press_is_told_with_the_bots_status(world, http, heard):
    """By incident and action; the user is an approver unless one is named."""
    await announce(world)

    assert await answered(http, "/control/press", {"incident": "i1", "action": "approve"}) == (200, {"status": 200})
    assert await answered(http, "/control/press", {"incident": "i1", "action": "approve", "user": "U_STRANGER"}) == (200, {"status": 200})
    assert b"U_ALICE" in heard[0][2]
    assert b"U_STRANGER" in heard[1][2]
    status, body = await answered(http, "/control/press", {"incident": "i1", "action": "escalate"})
    assert (status, body["error"]) == (409, "No button escalate stands in the thread of i1.")


async def test_a_merge_while_the_pipeline_runs_says_when_it_merges(world, http):
    """It is set to merge, and merges by itself; the reply says so where it is not merged yet."""
    world.gitlab.pipeline_seconds = 3600
    api, token = f"{world.origin}/gitlab/api/v4/projects/platform%2Fshop", {"PRIVATE-TOKEN": world.credentials.gitlab_token}
    action = {"action": "create", "file_path": "notes.txt", "content": "x"}
    commit = {"branch": "fix", "start_branch": "main", "commit_message": "Note", "actions": [action]}
    for path, body in (("commits", commit), ("merge_requests", {"source_branch": "fix", "target_branch": "main", "title": "Note"})):
        called = f"{api}/repository/{path}" if path == "commits" else f"{api}/{path}"
        async with http.post(called, json=body, headers=token) as response:
            assert response.status == 201

    while (reply := await answered(http, "/control/merge", {"iid": 1}))[0] != 200:  # it is checked first, as GitLab does
        await asyncio.sleep(0.02)

    assert (reply[1]["state"], reply[1]["message"]) == ("opened", "!1 merges when its pipeline succeeds.")


async def test_a_bot_that_is_not_there_is_a_502(world, http):
    """With the reason."""
    await announce(world)

    status, body = await answered(http, "/control/press", {"incident": "i1", "action": "approve"})

    assert (status, body["status"]) == (502, 0)
    assert "No bot is known" in body["error"]


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/control/press", {"action": "approve"}, 422, "incident"),
        ("/control/press", {"incident": 1, "action": "approve"}, 422, "incident"),
        ("/control/press", {"incident": "i1", "action": "agree"}, 422, "action"),
        ("/control/press", [], 422, "body"),
        ("/control/bot", {"url": "nowhere"}, 422, "url"),
        ("/control/bot", {}, 422, "url"),
        ("/control/merge", {}, 422, "iid"),
        ("/control/merge", {"iid": "1"}, 422, "iid"),
        ("/control/close", {"iid": True}, 422, "iid"),
        ("/control/merge", {"iid": 7}, 404, None),
        ("/control/close", {"iid": 7, "note": "no"}, 404, None),
        ("/control/stories/no-such", {}, 404, None),
    ],
)
async def test_bad_input_is_refused_with_what_is_wrong(http, path, body, status, field):
    """422 names the field; 404 says what there is."""
    found, answer = await answered(http, path, body)

    assert (found, answer.get("field")) == (status, field)
    assert answer["error"]


async def test_an_unknown_story_is_answered_with_the_known_ones(http):
    """So that one need not look them up."""
    _, answer = await answered(http, "/control/stories/no-such")

    assert answer["stories"] == sorted(STORIES)


async def test_undecodable_json_is_the_bodys_fault(http):
    """Field `body`, as everywhere."""
    async with http.post("/control/press", data=b"{") as response:
        assert (response.status, (await response.json())["field"]) == (422, "body")


async def test_a_page_of_another_site_may_not_press_anything(http, world):
    """A browser on this machine must not lend a stranger's page our buttons."""
    for path in ("/control/bot", "/page/press"):
        status, _ = await answered(http, path, {"url": "http://evil.example"}, headers={"Origin": "http://evil.example"})
        assert status == 403
    for path in ("/control/state", "/page/state"):
        async with http.get(path, headers={"Host": "evil.example"}) as response:
            assert response.status == 403
    status, _ = await answered(http, "/control/bot", {"url": "http://127.0.0.1:9"}, headers={"Origin": world.origin})
    assert status == 200


async def test_hooks_fire_when_a_request_was_handled_and_when_it_was_answered(world, http):
    """The kill tests hang on this: before the answer leaves, and after."""
    fired = []
    undo = world.requests.on_request(lambda n: fired.append(("handled", n)), after="handled")
    world.requests.on_request(lambda n: fired.append(("answered", n)), after="answered")
    for _ in range(2):
        async with http.get("/ollama/api/version") as response:
            await response.read()
    undo()
    async with http.get("/ollama/api/version") as response:
        await response.read()
    await asyncio.sleep(0.05)

    assert fired == [("handled", 1), ("answered", 1), ("handled", 2), ("answered", 2), ("answered", 3)]


async def test_the_page_loads_nothing_from_elsewhere(http):
    """No external asset, and a policy that forbids one."""
    async with http.get("/") as response:
        html, policy = await response.text(), response.headers["Content-Security-Policy"]
    for asset in ("/static/page.css", "/static/page.js", "/static/icon.svg"):
        async with http.get(asset) as response:
            assert response.status == 200
            assert "://" not in (await response.text()).replace("http://www.w3.org/2000/svg", "")

    assert "default-src 'none'" in policy
    assert "://" not in html
    assert 'data-story="oom"' in html


async def test_the_page_shows_a_person_what_that_person_may_see(world, http):
    """Heads, threads, and an ephemeral message to its one reader."""
    await announce(world)
    head = world.slack.messages[0].ts

    async def page(user):
        async with http.get("/page/state", params={"user": user, "thread": head}) as response:
            return await response.json()

    bob, alice = await page("U_BOB"), await page("U_ALICE")

    assert "1 reply" in alice["channel"][0]["html"]
    assert 'data-action="approve"' in alice["thread"][1]["html"]
    assert [len(bob["channel"]), len(alice["channel"])] == [2, 1]
    assert "Only visible to you" in bob["channel"][1]["html"]


async def test_a_press_on_the_page_is_the_press_of_a_person(world, http, heard):
    """The same signed request; a button that is gone says so."""
    await announce(world)
    card = world.slack.messages[1]
    press = {"ts": card.ts, "block_id": card.blocks[0]["block_id"], "action_id": "approve", "user": "U_BOB"}

    assert (await answered(http, "/page/press", press))[1]["status"] == 200
    assert b"U_BOB" in heard[0][2]
    assert (await answered(http, "/page/press", press | {"action_id": "gone"}))[0] == 409


async def test_a_command_typed_on_the_page_or_sent_by_a_program_reaches_the_bot(http, heard):
    """Both as Slack sends slash commands."""
    assert (await answered(http, "/page/command", {"text": "status"}))[0] == 200
    assert (await answered(http, "/control/command", {"text": "help"})) == (200, {"status": 200})
    assert [b"text=status" in heard[0][2], b"text=help" in heard[1][2]] == [True, True]


async def test_a_system_that_is_down_hangs_or_answers_500_until_it_is_up(http):
    """As its real counterpart does; the others answer meanwhile, and each request is counted with its status."""
    asked = {"path": "/kubernetes/version", "answers": 401}  # who brings no token is told so once it is up

    async def down(how):
        return await http.post("/control/outage", json={"system": "kubernetes", "how": how})

    await down("500")
    async with http.get(asked["path"]) as answer:
        assert answer.status == 500
        assert (await answer.json())["message"] == "etcdserver: request timed out"
    await down("hang")
    with pytest.raises(TimeoutError):
        await http.get(asked["path"], timeout=aiohttp.ClientTimeout(total=0.2))
    async with http.get("/datadog/api/v1/validate") as answer:
        assert answer.status != 500
    await down("")
    async with http.get(asked["path"]) as answer:
        assert answer.status == asked["answers"]


@pytest.mark.parametrize(("body", "field"), [({"system": "pagerduty"}, "system"), ({"system": "slack", "how": "slowly"}, "how")])
async def test_an_outage_that_nobody_knows_is_refused(http, body, field):
    """By the name of the field."""
    async with http.post("/control/outage", json=body) as answer:
        assert answer.status == 422
        assert (await answer.json())["field"] == field
