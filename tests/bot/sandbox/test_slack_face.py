"""The sandbox's Slack, used as the bot uses it: slack_sdk's AsyncWebClient over HTTP."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, HeaderBlock, SectionBlock
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox import slack_methods
from bot.sandbox.environment import SLACK_CHANNEL
from bot.sandbox.slack import SCOPES, Message, SlackState
from bot.sandbox.slack_face import slack_face

TOKEN = "xoxb-test"


class Clock:
    """Time that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """Epoch seconds."""
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(clock):
    return SlackState(clock)


@pytest.fixture
async def url(serve, state):
    return await serve(lambda url: Starlette(routes=[Mount("/slack", slack_face(state, token=TOKEN, origin=url))]))


@pytest.fixture
def client(url):
    return AsyncWebClient(token=TOKEN, base_url=f"{url}/slack/api/", retry_handlers=[])


async def refused(call):
    """The error of a call that must not succeed."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_a_message_gets_a_ts_and_is_found_again_with_its_metadata_only_when_asked(client):
    """Metadata is the only idempotency key that chat.postMessage has: reading it back must work as in real Slack."""
    said = {"event_type": "suture_incident", "event_payload": {"incident_id": "i1", "key": "k"}}
    posted = await client.chat_postMessage(channel=SLACK_CHANNEL, text="hello", metadata=said)

    plain = await client.conversations_history(channel=SLACK_CHANNEL)
    whole = await client.conversations_history(channel=SLACK_CHANNEL, include_all_metadata=True)

    assert posted["ts"] == "1700000000.000000"
    assert posted["message"]["metadata"] == said
    assert "metadata" not in plain["messages"][0]
    assert whole["messages"][0]["metadata"] == said


async def test_a_thread_is_its_head_and_its_replies_in_pages(client):
    """conversations.replies gives the head first and goes on by cursor."""
    head = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="head"))["ts"]
    for n in range(5):
        await client.chat_postMessage(channel=SLACK_CHANNEL, text=f"reply {n}", thread_ts=head)

    texts = []
    async for page in await client.conversations_replies(channel=SLACK_CHANNEL, ts=head, limit=2):
        texts += [message["text"] for message in page["messages"]]
    first = (await client.conversations_replies(channel=SLACK_CHANNEL, ts=head))["messages"][0]

    assert texts == ["head", *(f"reply {n}" for n in range(5))]
    assert first["reply_count"] == 5
    assert first["thread_ts"] == head


async def test_only_what_lies_between_oldest_and_latest_is_listed(client):
    """The bounds are exclusive unless `inclusive` is set."""
    stamps = [(await client.chat_postMessage(channel=SLACK_CHANNEL, text=str(n)))["ts"] for n in range(3)]
    window = {"channel": SLACK_CHANNEL, "oldest": stamps[0], "latest": stamps[2]}

    between = await client.conversations_history(**window)
    within = await client.conversations_history(**window, inclusive=True)

    assert [m["text"] for m in between["messages"]] == ["1"]
    assert [m["text"] for m in within["messages"]] == ["2", "1", "0"]


async def test_an_update_keeps_the_ts_and_says_that_it_was_edited(client, state):
    """The head message is updated in place through the whole incident."""
    ts = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="before"))["ts"]
    await client.chat_update(channel=SLACK_CHANNEL, ts=ts, text="after")

    assert state.find(SLACK_CHANNEL, ts).text == "after"
    assert state.find(SLACK_CHANNEL, ts).edited["user"] == "U_SUTURE"


async def test_what_does_not_exist_is_refused_in_slacks_words(client, state):
    """A bot that is wrong about a channel, a thread or a message is told so."""
    theirs = state.add(Message(channel=SLACK_CHANNEL, ts=state.next_ts(), user="U_BOB", text="hi", bot=False))
    head = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="head"))["ts"]
    reply = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="reply", thread_ts=head))["ts"]

    assert (await refused(client.chat_postMessage(channel="C0NOWHERE", text="x")))["error"] == "channel_not_found"
    assert (await refused(client.chat_postMessage(channel="C0GENERAL", text="x")))["error"] == "not_in_channel"
    assert (await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="x", thread_ts="1.1")))["error"] == "thread_not_found"
    assert (await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="x", thread_ts=reply)))["error"] == "cannot_reply_to_message"
    assert (await refused(client.chat_update(channel=SLACK_CHANNEL, ts="1.1", text="x")))["error"] == "message_not_found"
    assert (await refused(client.chat_update(channel=SLACK_CHANNEL, ts=theirs.ts, text="x")))["error"] == "cant_update_message"
    assert (await refused(client.conversations_replies(channel=SLACK_CHANNEL, ts="1.1")))["error"] == "thread_not_found"
    assert (await refused(client.api_call("chat.postNothing")))["error"] == "unknown_method"


async def test_a_message_without_words_or_with_too_many_is_refused(client):
    """Slack wants text or blocks, and not for ever."""
    ts = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="x"))["ts"]

    assert (await refused(client.api_call("chat.postMessage", json={"channel": SLACK_CHANNEL})))["error"] == "no_text"
    assert (await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="x" * 40_001)))["error"] == "msg_too_long"
    assert (await refused(client.chat_update(channel=SLACK_CHANNEL, ts=ts, text="x" * 4_001)))["error"] == "msg_too_long"


async def test_a_wrong_token_is_no_token(url):
    """Every call is authenticated."""
    stranger = AsyncWebClient(token="xoxb-other", base_url=f"{url}/slack/api/", retry_handlers=[])
    nobody = AsyncWebClient(base_url=f"{url}/slack/api/", retry_handlers=[])

    assert (await refused(stranger.auth_test()))["error"] == "invalid_auth"
    assert (await refused(nobody.auth_test()))["error"] == "not_authed"


async def test_blocks_are_checked_and_the_fault_is_named_by_its_pointer(client):
    """`invalid_blocks` says which, as the real one does; the SDK's own models do not reach these."""
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="x", blocks=long))

    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == ["must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
    assert answer["response_metadata"]["messages"] == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]


async def test_blocks_of_the_sdk_are_taken_from_json_and_from_a_form(client, url, state):
    """slack_sdk posts JSON; other clients send a form with JSON inside."""
    blocks = [
        HeaderBlock(text="Memory"),
        SectionBlock(text="*api* was killed"),
        ActionsBlock(elements=[ButtonElement(text="Approve", action_id="approve", value="digest")]),
    ]
    await client.chat_postMessage(channel=SLACK_CHANNEL, text="x", blocks=blocks)
    form = {"token": TOKEN, "channel": "#incidents", "blocks": json.dumps([block.to_dict() for block in blocks])}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/slack/api/chat.postMessage", data=form) as response:
        answer = await response.json()

    assert answer["ok"] is True
    assert state.messages[0].blocks == state.messages[1].blocks


async def test_all_blocks_together_may_be_too_long(client):
    """About 13,200 characters of JSON a message: undocumented, and met in practice."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5

    answer = await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="x", blocks=blocks))

    assert answer["error"] == "msg_blocks_too_long"


async def test_an_ephemeral_message_is_seen_by_one_and_found_by_none(client, state):
    """It shows in the record with whom it was shown to, and not in the channel."""
    await client.chat_postEphemeral(channel=SLACK_CHANNEL, user="U_STRANGER", text="You may not approve this.")

    assert (await client.conversations_history(channel=SLACK_CHANNEL))["messages"] == []
    assert state.messages[0].ephemeral_to == "U_STRANGER"
    assert (await refused(client.chat_postEphemeral(channel=SLACK_CHANNEL, user="U_NOBODY", text="x")))["error"] == "user_not_in_channel"


async def test_a_trigger_opens_one_view_within_three_seconds(client, state, clock):
    """A trigger_id is spent by use and by time."""
    view = {
        "type": "modal",
        "callback_id": "reject",
        "title": {"type": "plain_text", "text": "Reject"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "why",
                "label": {"type": "plain_text", "text": "Why?"},
                "element": {"type": "plain_text_input", "action_id": "text"},
            }
        ],
    }
    fresh, late = state.new_trigger("U_ALICE"), state.new_trigger("U_BOB")

    opened = await client.views_open(trigger_id=fresh, view=view)
    again = await refused(client.views_open(trigger_id=fresh, view=view))
    unknown = await refused(client.views_open(trigger_id="1.2.3", view=view))
    clock.now += 3.1
    expired = await refused(client.views_open(trigger_id=late, view=view))
    updated = await client.views_update(
        view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=view | {"title": {"type": "plain_text", "text": "Why"}}
    )
    stale = await refused(client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=view))

    assert state.view_of("U_ALICE")["title"]["text"] == "Why"
    assert [r["error"] for r in (again, unknown, expired, stale)] == [
        "exchanged_trigger_id",
        "invalid_trigger_id",
        "expired_trigger_id",
        "hash_conflict",
    ]
    assert updated["view"]["callback_id"] == "reject"


async def test_a_view_that_slack_would_not_take_is_refused_with_the_reason(client, state):
    """A modal with inputs needs a submit, and its title is short."""
    trigger = state.new_trigger("U_ALICE")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x" * 25}, "blocks": [{"type": "divider"}]}

    answer = await refused(client.views_open(trigger_id=trigger, view=view))

    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]


async def test_posting_faster_than_the_channel_takes_is_answered_429_with_the_wait(client, state):
    """About one message a second a channel, over a small burst; a setting, so that stories stay quick."""
    state.rate_limited = True
    for n in range(5):
        await client.chat_postMessage(channel=SLACK_CHANNEL, text=str(n))

    answer = await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="too much"))

    assert answer.status_code == 429
    assert answer["error"] == "ratelimited"
    assert answer.headers["Retry-After"] == "1"


async def test_a_flood_is_answered_429_without_any_setting(client, state):
    """No story comes near it; another channel still takes messages."""
    for n in range(100):
        await client.chat_postMessage(channel=SLACK_CHANNEL, text=str(n))

    answer = await refused(client.chat_postMessage(channel=SLACK_CHANNEL, text="too much"))
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")


@pytest.mark.parametrize(
    ("method", "arguments", "needed"),
    [
        ("usergroups.list", {}, "usergroups:read"),
        ("reactions.add", {"channel": SLACK_CHANNEL, "timestamp": "1.2", "name": "eyes"}, "reactions:write"),
        ("conversations.join", {"channel": "C0GENERAL"}, "channels:join"),
        ("conversations.info", {"channel": SLACK_CHANNEL}, "channels:read"),
        ("files.getUploadURLExternal", {"filename": "x", "length": "3"}, "files:write"),
    ],
)
async def test_what_the_manifest_does_not_ask_for_is_not_granted(client, method, arguments, needed):
    """As Slack answers: what it takes, and what the token was given."""
    answer = await refused(client.api_call(method, params=arguments))

    assert (answer["error"], answer["needed"]) == ("missing_scope", needed)
    assert answer["provided"].split(",") == sorted(SCOPES)
    assert answer.headers["x-oauth-scopes"] == answer["provided"]


def test_the_token_was_granted_what_the_manifest_asks_for():
    """Whoever adds a scope to the one adds it to the other."""
    manifest = yaml.safe_load((Path(__file__).parents[3] / "deploy/slack/manifest.yaml").read_text())

    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


@pytest.fixture
def granted(state):
    """An app that was installed with every scope that a method here takes."""
    state.scopes = frozenset(slack_methods.SCOPES.values())


@pytest.mark.usefixtures("granted")
async def test_a_file_is_uploaded_in_three_steps_into_a_thread(client, state):
    """files_upload_v2 of the SDK: ask for a URL, send the bytes, say that it is done."""
    head = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="head"))["ts"]

    await client.files_upload_v2(channel=SLACK_CHANNEL, thread_ts=head, filename="log.txt", content="a long log", title="Log")

    assert state.messages[-1].thread_ts == head
    assert state.messages[-1].files[0]["title"] == "Log"


@pytest.mark.usefixtures("granted")
async def test_people_groups_and_channels_are_told(client):
    """What the bot looks up to name people."""
    assert (await client.auth_test())["user_id"] == "U_SUTURE"
    assert (await client.users_info(user="U_ALICE"))["user"]["name"] == "alice"
    assert (await client.usergroups_users_list(usergroup="S_ONCALL"))["users"] == ["U_ALICE", "U_BOB"]
    assert (await client.usergroups_list())["usergroups"][0]["handle"] == "oncall"
    assert {c["name"] for c in (await client.conversations_list())["channels"]} == {"incidents", "general"}
    assert (await client.conversations_info(channel=SLACK_CHANNEL))["channel"]["is_member"] is True
    assert (await client.conversations_join(channel="C0GENERAL"))["channel"]["is_member"] is True
    assert (await refused(client.users_info(user="U_NOBODY")))["error"] == "user_not_found"
    assert (await refused(client.usergroups_users_list(usergroup="S_NONE")))["error"] == "no_such_subteam"


@pytest.mark.usefixtures("granted")
async def test_a_message_can_be_linked_reacted_to_and_deleted(client, state):
    """The small things around a message."""
    head = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="head"))["ts"]
    link = (await client.chat_getPermalink(channel=SLACK_CHANNEL, message_ts=head))["permalink"]
    await client.reactions_add(channel=SLACK_CHANNEL, timestamp=head, name="eyes")
    twice = await refused(client.reactions_add(channel=SLACK_CHANNEL, timestamp=head, name="eyes"))
    await client.chat_delete(channel=SLACK_CHANNEL, ts=head)

    assert link.endswith(f"/archives/{SLACK_CHANNEL}/p{head.replace('.', '')}")
    assert twice["error"] == "already_reacted"
    assert state.messages == []


async def test_a_restart_goes_on_where_the_workspace_was(client, state):
    """Everything but open views and triggers survives."""
    head = (await client.chat_postMessage(channel=SLACK_CHANNEL, text="head"))["ts"]
    await client.chat_postMessage(channel=SLACK_CHANNEL, text="reply", thread_ts=head)

    later = SlackState(lambda: 1.0)
    later.restore(json.loads(json.dumps(state.snapshot())))

    assert later.messages == state.messages
    assert later.next_ts() > head


async def test_calls_at_once_get_different_stamps(client):
    """A ts names a message: no two are the same."""
    posted = await asyncio.gather(*(client.chat_postMessage(channel=SLACK_CHANNEL, text=str(n)) for n in range(10)))

    assert len({answer["ts"] for answer in posted}) == 10
