"""Slack's views methods: what a bot may open, push, update and publish."""

from bot.sandbox import slack_views
from bot.sandbox.slack import PEOPLE, Json
from bot.sandbox.slack_calls import Call, Refusal


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
