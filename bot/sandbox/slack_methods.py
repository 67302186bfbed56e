"""The methods of Slack's Web API that the sandbox knows: each takes a `Call` and answers its fields, or refuses."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox import slack_views
from bot.sandbox.slack import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    GROUPS,
    PEOPLE,
    TEAM_ID,
    Channel,
    Json,
    Message,
    SlackState,
)
from bot.sandbox.slack_blocks import problems, too_long

POSTED_TEXT, UPDATED_TEXT = 40_000, 4_000
"""Characters of text in a new and in an updated message."""
MOST = 999
DEFAULT_LIMIT = 100


class Refusal(Exception):
    """Slack's no: `{"ok": false, "error": …}`, with the reasons where Slack gives them."""

    def __init__(self, error: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.body: Json = {"ok": False, "error": error}
        if reasons:
            messages = [f"[ERROR] {reason}" for reason in reasons]
            self.body |= {"errors": list(reasons), "response_metadata": {"messages": messages}}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: the workspace, the sandbox's address, and the decoded arguments."""

    state: SlackState
    origin: str
    arguments: Json

    def text(self, name: str) -> str:
        """An argument as text, empty when it is not there."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A boolean as slack_sdk writes it in JSON, query or form."""
        return self.text(name).lower() in ("1", "true")

    def channel(self) -> Channel:
        """The channel named in the arguments."""
        found = self.state.channel(self.text("channel"))
        if found is None:
            raise Refusal("channel_not_found")
        return found


# -- who and where


def auth_test(call: Call) -> Json:
    """Who the token belongs to."""
    identity = {"team": "Sandbox", "user": "suture", "team_id": TEAM_ID, "user_id": BOT_USER, "bot_id": BOT_ID}
    return {"url": f"{call.origin}/", **identity, "is_enterprise_install": False}


def api_test(call: Call) -> Json:
    """Says back what it was told."""
    if error := call.text("error"):
        raise Refusal(error)
    return {"args": {name: value for name, value in call.arguments.items() if name != "token"}}


def conversations_info(call: Call) -> Json:
    """One channel."""
    return {"channel": _channel(call.channel())}


def conversations_list(call: Call) -> Json:
    """Every channel."""
    channels = [_channel(channel) for channel in call.state.channels.values()]
    return {"channels": channels, "response_metadata": {"next_cursor": ""}}


def conversations_join(call: Call) -> Json:
    """The bot becomes a member."""
    channel = call.channel()
    channel.member = True
    call.state.changed()
    return {"channel": _channel(channel)}


def users_info(call: Call) -> Json:
    """One person, or the bot."""
    user = call.text("user")
    if user not in PEOPLE:
        raise Refusal("user_not_found")
    name = PEOPLE[user]
    profile = {"real_name": name.title(), "display_name": name, "email": f"{name}@shop.example"}
    known = {"id": user, "team_id": TEAM_ID, "name": name, "real_name": name.title(), "profile": profile}
    return {"user": {**known, "deleted": False, "is_bot": user == BOT_USER, "tz": "Etc/UTC", "tz_offset": 0}}


def usergroups_list(_call: Call) -> Json:
    """The user groups, without their members."""
    groups = [
        {"id": key, "team_id": TEAM_ID, "is_usergroup": True, "name": group["name"], "handle": group["handle"]}
        | {"user_count": len(group["users"]), "date_delete": 0}
        for key, group in GROUPS.items()
    ]
    return {"usergroups": groups}


def usergroups_users_list(call: Call) -> Json:
    """The members of one user group."""
    group = GROUPS.get(call.text("usergroup"))
    if group is None:
        raise Refusal("no_such_subteam")
    return {"users": list(group["users"])}


# -- messages


def post_message(call: Call) -> Json:
    """chat.postMessage."""
    channel = call.channel()
    if not channel.member:
        raise Refusal("not_in_channel")
    text, blocks = _content(call.arguments, POSTED_TEXT)
    message = Message(
        channel=channel.id,
        ts=call.state.next_ts(),
        user=BOT_USER,
        text=text,
        blocks=blocks,
        thread_ts=_thread(call, channel),
        metadata=_metadata(call),
    )
    call.state.add(message)
    shown = told(message)
    if message.metadata is not None:
        shown["metadata"] = message.metadata
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> Json:
    """chat.update: only what the bot itself posted; a field that is not given stays."""
    channel = call.channel()
    message = call.state.find(channel.id, call.text("ts"))
    if message is None:
        raise Refusal("message_not_found")
    if not message.bot:
        raise Refusal("cant_update_message")
    text, blocks = _content({"text": message.text, **call.arguments}, UPDATED_TEXT)
    message.text = text
    if "blocks" in call.arguments or "text" in call.arguments:
        message.blocks = blocks
    if "metadata" in call.arguments:
        message.metadata = _metadata(call)
    message.edited = {"user": BOT_USER, "ts": call.state.next_ts()}
    call.state.changed()
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told(message)}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: one user sees it, nobody finds it again."""
    channel, user = call.channel(), call.text("user")
    if user not in PEOPLE:
        raise Refusal("user_not_in_channel")
    if not channel.member:
        raise Refusal("not_in_channel")
    text, blocks = _content(call.arguments, POSTED_TEXT)
    message = Message(
        channel=channel.id,
        ts=call.state.next_ts(),
        user=BOT_USER,
        text=text,
        blocks=blocks,
        thread_ts=_thread(call, channel),
        ephemeral_to=user,
    )
    call.state.add(message)
    return {"message_ts": message.ts}


def delete(call: Call) -> Json:
    """chat.delete: only what the bot itself posted."""
    channel = call.channel()
    message = call.state.find(channel.id, call.text("ts"))
    if message is None:
        raise Refusal("message_not_found")
    if not message.bot:
        raise Refusal("cant_delete_message")
    call.state.messages.remove(message)
    call.state.changed()
    return {"channel": channel.id, "ts": message.ts}


def permalink(call: Call) -> Json:
    """chat.getPermalink."""
    channel = call.channel()
    message = call.state.find(channel.id, call.text("message_ts"))
    if message is None:
        raise Refusal("message_not_found")
    link = f"{call.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def history(call: Call) -> Json:
    """conversations.history: the heads, newest first."""
    channel = call.channel()
    if not channel.member:
        raise Refusal("not_in_channel")
    heads = [m for m in reversed(call.state.heads(channel.id)) if _between(call, m.ts)]
    return _page(call, heads, "history")


def replies(call: Call) -> Json:
    """conversations.replies: the head, then its replies, oldest first."""
    channel = call.channel()
    if not channel.member:
        raise Refusal("not_in_channel")
    thread = call.state.thread(channel.id, call.text("ts"))
    if not thread:
        raise Refusal("thread_not_found")
    return _page(call, [m for m in thread if m.ts == call.text("ts") or _between(call, m.ts)], "replies")


def reactions_add(call: Call) -> Json:
    """reactions.add."""
    message = call.state.find(call.channel().id, call.text("timestamp"))
    if message is None:
        raise Refusal("message_not_found")
    name = call.text("name").strip(":")
    if not name:
        raise Refusal("invalid_name")
    known = next((reaction for reaction in message.reactions if reaction["name"] == name), None)
    if known is not None and BOT_USER in known["users"]:
        raise Refusal("already_reacted")
    message.reactions.append({"name": name, "users": [BOT_USER], "count": 1})
    call.state.changed()
    return {}


# -- files


def upload_url(call: Call) -> Json:
    """files.getUploadURLExternal: where to send the bytes."""
    name, length = call.text("filename"), call.text("length")
    if not name or not length.isdigit() or not int(length):
        raise Refusal("invalid_arguments")
    file_id = call.state.new_id("F")
    call.state.files[file_id] = {"id": file_id, "name": name, "size": int(length), "uploaded": False, "content": ""}
    return {"upload_url": f"{call.origin}/slack/upload/v1/{file_id}", "file_id": file_id}


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: the uploaded files appear, in a channel or thread if one is named."""
    asked = call.arguments.get("files")
    if not isinstance(asked, list) or not asked:
        raise Refusal("invalid_arguments")
    files = [_uploaded(call, wanted) for wanted in asked]
    if call.text("channel_id"):
        channel = call.state.channel(call.text("channel_id"))
        if channel is None:
            raise Refusal("channel_not_found")
        text, thread_ts = call.text("initial_comment"), call.text("thread_ts") or None
        ts = call.state.next_ts()
        message = Message(channel=channel.id, ts=ts, user=BOT_USER, text=text, thread_ts=thread_ts, files=files)
        call.state.add(message)
    return {"files": files}


def _uploaded(call: Call, wanted: object) -> Json:
    file = call.state.files.get(str(wanted.get("id"))) if isinstance(wanted, dict) else None
    if file is None or not file["uploaded"] or not isinstance(wanted, dict):
        raise Refusal("file_not_found")
    file["title"] = wanted.get("title") or file["name"]
    return {name: file[name] for name in ("id", "name", "title", "size")} | {"mode": "hosted", "user": BOT_USER}


# -- views


def views_open(call: Call) -> Json:
    """views.open: a modal for the one whose trigger it is."""
    return {"view": slack_views.open_view(call.state, call.text("trigger_id"), _view(call, "modal"))}


def views_push(call: Call) -> Json:
    """views.push: on top of the modal that is open."""
    return {"view": slack_views.push_view(call.state, call.text("trigger_id"), _view(call, "modal"))}


def views_update(call: Call) -> Json:
    """views.update: in place of one that is open, if its hash is still the same."""
    old = slack_views.known_view(call.state, call.text("view_id"), call.text("external_id"))
    if old is None:
        raise Refusal("not_found")
    if call.text("hash") and call.text("hash") != old["hash"]:
        raise Refusal("hash_conflict")
    return {"view": slack_views.replace_view(call.state, old, _view(call, "modal"))}


def views_publish(call: Call) -> Json:
    """views.publish: a user's App Home."""
    user = call.text("user_id")
    if user not in PEOPLE:
        raise Refusal("user_not_found")
    return {"view": slack_views.publish_home(call.state, user, _view(call, "home"))}


def _view(call: Call, kind: str) -> Json:
    view = call.arguments.get("view")
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", ["missing required field: view"])
    if reasons := slack_views.view_problems(view, kind):
        raise Refusal("invalid_arguments", reasons)
    if kind == "modal" and call.text("trigger_id"):
        trigger = call.state.triggers.get(call.text("trigger_id"))
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if trigger.until < call.state.clock():
            raise Refusal("expired_trigger_id")
    elif kind == "modal" and not (call.text("view_id") or call.text("external_id")):
        raise Refusal("invalid_arguments", ["missing required field: trigger_id"])
    return view


# -- what a message is made of


def told(message: Message) -> Json:
    """A message as the API tells it, without metadata, which must be asked for."""
    shown: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text, "team": TEAM_ID}
    if message.bot:
        profile = {"id": BOT_ID, "app_id": APP_ID, "name": "suture", "deleted": False, "team_id": TEAM_ID}
        shown |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": profile}
    for name in ("blocks", "thread_ts", "edited", "reactions", "files"):
        if value := getattr(message, name):
            shown[name] = value
    return shown


def respond(state: SlackState, about: Json, body: object) -> None:
    """What was posted to a response_url, which is bound to a channel, a user, and perhaps a message."""
    if not isinstance(body, dict):
        raise Refusal("invalid_payload")
    original = state.find(about["channel"], about.get("ts"))
    if body.get("delete_original") and original is not None:
        state.messages.remove(original)
        state.changed()
        return
    text, blocks = _content(body, POSTED_TEXT)
    if body.get("replace_original") and original is not None:
        original.text, original.blocks = text, blocks
        original.edited = {"user": BOT_USER, "ts": state.next_ts()}
        state.changed()
        return
    only_to = None if body.get("response_type") == "in_channel" else about["user"]
    thread_ts = body.get("thread_ts") or about.get("thread_ts")
    fresh = {"channel": about["channel"], "ts": state.next_ts(), "text": text, "blocks": blocks}
    state.add(Message(user=BOT_USER, thread_ts=thread_ts, ephemeral_to=only_to, **fresh))


def _content(arguments: Json, most: int) -> tuple[str, list[Json]]:
    """Text and blocks, or the refusal that they deserve."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not isinstance(text, str):
        raise Refusal("invalid_arguments")
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > most:
        raise Refusal("msg_too_long")
    if isinstance(blocks, str):
        raise Refusal("invalid_blocks_format")
    if reasons := problems(blocks):
        raise Refusal("invalid_blocks", reasons)
    if too_long(blocks):
        raise Refusal("msg_blocks_too_long")
    return text, numbered(blocks)


def numbered(blocks: list[Json]) -> list[Json]:
    """The blocks, each with the block_id that Slack gives to one that has none."""
    return [{"block_id": f"b{n}", **block} for n, block in enumerate(blocks)]


def _thread(call: Call, channel: Channel) -> str | None:
    ts = call.text("thread_ts")
    if not ts:
        return None
    head = call.state.find(channel.id, ts)
    if head is None:
        raise Refusal("thread_not_found")
    if head.is_reply:
        raise Refusal("cannot_reply_to_message")
    return ts


def _metadata(call: Call) -> Json | None:
    metadata = call.arguments.get("metadata")
    if metadata is None or metadata == "":
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise Refusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _between(call: Call, ts: str) -> bool:
    oldest, latest = call.text("oldest") or "0", call.text("latest") or "9999999999.999999"
    if call.flag("inclusive"):
        return oldest <= ts <= latest
    return oldest < ts < latest


def _page(call: Call, messages: list[Message], kind: str) -> Json:
    """One page, told with metadata where `include_all_metadata` asks for it."""
    limit = call.text("limit") or str(DEFAULT_LIMIT)
    if not limit.isdigit() or not 1 <= int(limit) <= MOST:
        raise Refusal("invalid_limit")
    begin, end = _cursor(call), _cursor(call) + int(limit)
    page = []
    for message in messages[begin:end]:
        shown = told(message) | _thread_facts(call.state, message)
        if message.metadata is not None and call.flag("include_all_metadata"):
            shown["metadata"] = message.metadata
        page.append(shown)
    more = end < len(messages)
    answer: Json = {"messages": page, "has_more": more}
    if kind == "history":
        answer |= {"pin_count": 0}
    if more:
        cursor = base64.b64encode(f"next:{end}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _cursor(call: Call) -> int:
    if not (cursor := call.text("cursor")):
        return 0
    try:
        mark, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if mark == "next":
            return int(number)
    except ValueError:
        pass
    raise Refusal("invalid_cursor")


def _thread_facts(state: SlackState, message: Message) -> Json:
    """What Slack adds in a thread: who began it; on its head, how long it is."""
    if message.thread_ts is None:
        return {}
    if message.is_reply:
        head = state.find(message.channel, message.thread_ts)
        return {"parent_user_id": head.user} if head else {}
    below = [m for m in state.thread(message.channel, message.ts) if m.is_reply]
    people = sorted({m.user for m in below})
    counts = {"reply_count": len(below), "reply_users_count": len(people), "reply_users": people}
    return counts | {"latest_reply": below[-1].ts if below else message.ts, "subscribed": False, "is_locked": False}


def _channel(channel: Channel) -> Json:
    flags = {"is_channel": True, "is_private": False, "is_archived": False, "is_im": False, "is_mpim": False}
    return {"id": channel.id, "name": channel.name, "is_member": channel.member, **flags}


METHODS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
    "conversations.history": history,
    "conversations.info": conversations_info,
    "conversations.join": conversations_join,
    "conversations.list": conversations_list,
    "conversations.replies": replies,
    "files.completeUploadExternal": complete_upload,
    "files.getUploadURLExternal": upload_url,
    "reactions.add": reactions_add,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroups_users_list,
    "users.info": users_info,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.push": views_push,
    "views.update": views_update,
}
POSTING = ("chat.postMessage", "chat.postEphemeral")
