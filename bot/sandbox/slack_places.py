"""Slack's methods about the token, channels, people and user groups."""

from bot.sandbox.slack import BOT_ID, BOT_USER, GROUPS, PEOPLE, TEAM_ID, Channel, Json
from bot.sandbox.slack_calls import Call, Refusal


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


def _channel(channel: Channel) -> Json:
    flags = {"is_channel": True, "is_private": False, "is_archived": False, "is_im": False, "is_mpim": False}
    return {"id": channel.id, "name": channel.name, "is_member": channel.member, **flags}
