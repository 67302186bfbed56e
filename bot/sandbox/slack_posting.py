"""Slack's methods that write messages, and what a response URL does."""

from bot.sandbox.slack import BOT_USER, PEOPLE, Channel, Json, Message, SlackState
from bot.sandbox.slack_blocks import problems, too_long
from bot.sandbox.slack_calls import Call, Refusal
from bot.sandbox.slack_reading import told

POSTED_TEXT, UPDATED_TEXT = 40_000, 4_000
"""Characters of text in a new and in an updated message."""


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
    if not ("blocks" in call.arguments or "text" in call.arguments):
        blocks = message.blocks
    if "metadata" in call.arguments:
        message.metadata = _metadata(call)
    message.edit(text, blocks, call.state.next_ts())
    call.state.changed()
    shown = {name: value for name, value in told(message).items() if name not in ("ts", "thread_ts")}
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


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
        original.edit(text, blocks, state.next_ts())
        state.changed()
        return
    only_to = None if body.get("response_type") == "in_channel" else about["user"]
    thread_ts = body.get("thread_ts") or about.get("thread_ts")
    fresh = {"channel": about["channel"], "ts": state.next_ts(), "text": text, "blocks": blocks}
    state.add(Message(user=BOT_USER, thread_ts=thread_ts, ephemeral_to=only_to, **fresh))


def numbered(blocks: list[Json]) -> list[Json]:
    """The blocks, each with the block_id that Slack gives to one that has none."""
    return [{"block_id": f"b{n}", **block} for n, block in enumerate(blocks)]


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
