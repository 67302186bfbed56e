"""Slack's upload of files in three steps."""

from bot.sandbox.slack import BOT_USER, Json, Message
from bot.sandbox.slack_calls import Call, Refusal


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
