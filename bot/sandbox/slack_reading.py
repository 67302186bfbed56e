"""Slack's methods that read messages: history, threads, permalinks, and how a message is told."""

import base64

from bot.sandbox.slack import APP_ID, BOT_ID, TEAM_ID, Json, Message, SlackState
from bot.sandbox.slack_calls import Call, Refusal

MOST, DEFAULT_LIMIT = 999, 100
"""Messages on a page."""


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
