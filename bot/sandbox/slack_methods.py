"""The methods of Slack's Web API that the sandbox knows, by name; all others are `unknown_method`."""

from collections.abc import Callable

from bot.sandbox import slack_files, slack_modals, slack_places, slack_posting, slack_reading
from bot.sandbox.slack import Json
from bot.sandbox.slack_calls import Call

METHODS: dict[str, Callable[[Call], Json]] = {
    "api.test": slack_places.api_test,
    "auth.test": slack_places.auth_test,
    "chat.delete": slack_posting.delete,
    "chat.getPermalink": slack_reading.permalink,
    "chat.postEphemeral": slack_posting.post_ephemeral,
    "chat.postMessage": slack_posting.post_message,
    "chat.update": slack_posting.update,
    "conversations.history": slack_reading.history,
    "conversations.info": slack_places.conversations_info,
    "conversations.join": slack_places.conversations_join,
    "conversations.list": slack_places.conversations_list,
    "conversations.replies": slack_reading.replies,
    "files.completeUploadExternal": slack_files.complete_upload,
    "files.getUploadURLExternal": slack_files.upload_url,
    "reactions.add": slack_posting.reactions_add,
    "usergroups.list": slack_places.usergroups_list,
    "usergroups.users.list": slack_places.usergroups_users_list,
    "users.info": slack_places.users_info,
    "views.open": slack_modals.views_open,
    "views.publish": slack_modals.views_publish,
    "views.push": slack_modals.views_push,
    "views.update": slack_modals.views_update,
}
POSTING = ("chat.postMessage", "chat.postEphemeral")
SCOPES: dict[str, str] = {
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.info": "channels:read",
    "conversations.join": "channels:join",
    "conversations.list": "channels:read",
    "conversations.replies": "channels:history",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "reactions.add": "reactions:write",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
}
"""What a token must be granted to call it (of public channels, as all here are); the others ask for nothing."""
