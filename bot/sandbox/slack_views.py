"""Modals and App Homes of the sandbox's Slack: what Slack refuses in a view, and which view stands open for whom."""

import hashlib
from typing import Any

from bot.sandbox.slack import APP_ID, BOT_ID, TEAM_ID, Json, SlackState
from bot.sandbox.slack_blocks import VIEW_BLOCKS, problems

GIVEN = (
    "type",
    "blocks",
    "title",
    "submit",
    "close",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)
TITLE, CALLBACK, PRIVATE = 24, 255, 3000
"""Characters of a modal's title, submit and close; of its callback_id; of its private_metadata."""


def view_problems(view: Json, kind: str) -> list[str]:
    """What Slack would say against this view; empty when it is fine."""
    if view.get("type") != kind:
        return [f"unsupported type: {view.get('type')} [json-pointer:/view/type]"]
    found = problems(view.get("blocks"), at="/view/blocks", most=VIEW_BLOCKS)
    if kind == "modal":
        found += [problem for name in ("title", "submit", "close") for problem in _label(view, name)]
        if _has_input(view) and not view.get("submit"):
            found.append("missing required field: submit [json-pointer:/view]")
    found += _too_long(view, "callback_id", CALLBACK)
    return found + _too_long(view, "private_metadata", PRIVATE)


def open_view(state: SlackState, trigger_id: str, view: Json) -> Json:
    """A modal for the trigger's user, in place of whatever they had open."""
    user = _spend(state, trigger_id)
    for key in [key for key, other in state.views.items() if other["user"] == user]:
        del state.views[key]
    return _keep(state, user, view, root=None, previous=None)


def push_view(state: SlackState, trigger_id: str, view: Json) -> Json:
    """A modal on top of the one that the trigger's user has open."""
    user = _spend(state, trigger_id)
    below = state.view_of(user)
    root = below["root_view_id"] if below else None
    return _keep(state, user, view, root=root, previous=below["id"] if below else None)


def replace_view(state: SlackState, old: Json, view: Json) -> Json:
    """New content for a view that keeps its id."""
    fresh = _filled(view) | {name: old[name] for name in ("id", "user", "root_view_id", "previous_view_id")}
    state.views[old["id"]] = fresh | {"hash": _hash(state, view)}
    state.changed(old["user"])
    return public_view(state.views[old["id"]])


def publish_home(state: SlackState, user: str, view: Json) -> Json:
    """What this user sees under the app's Home tab."""
    state.homes[user] = _filled(view) | {"id": state.new_id("V"), "hash": _hash(state, view), "user": user}
    state.changed()
    return public_view(state.homes[user])


def known_view(state: SlackState, view_id: str, external_id: str) -> Json | None:
    """An open view by its id, or by the app's own."""
    if view_id:
        return state.views.get(view_id)
    return next((view for view in state.views.values() if external_id and view["external_id"] == external_id), None)


def close_view(state: SlackState, view_id: str) -> None:
    """The user is done with it."""
    if state.views.pop(view_id, None) is not None:
        state.changed()


def public_view(view: Json) -> Json:
    """The view as Slack tells it; whose it is stays with us."""
    return {name: value for name, value in view.items() if name != "user"}


def _spend(state: SlackState, trigger_id: str) -> str:
    trigger = state.triggers[trigger_id]
    trigger.used = True
    return trigger.user


def _keep(state: SlackState, user: str, view: Json, *, root: str | None, previous: str | None) -> Json:
    view_id = state.new_id("V")
    ids = {"id": view_id, "user": user, "root_view_id": root or view_id, "previous_view_id": previous}
    state.views[view_id] = _filled(view) | ids | {"hash": _hash(state, view)}
    state.changed(user)
    return public_view(state.views[view_id])


def _filled(view: Json) -> Json:
    """The view with every field that Slack adds."""
    given: dict[str, Any] = {name: view.get(name) for name in GIVEN}
    blocks = [{"block_id": f"b{n}", **block} for n, block in enumerate(view["blocks"])]
    texts = {name: given[name] or "" for name in ("private_metadata", "callback_id", "external_id")}
    flags = {name: bool(given[name]) for name in ("clear_on_close", "notify_on_close")}
    app = {"team_id": TEAM_ID, "app_id": APP_ID, "app_installed_team_id": TEAM_ID, "bot_id": BOT_ID}
    return given | texts | flags | app | {"blocks": blocks, "state": {"values": {}}}


def _hash(state: SlackState, view: Json) -> str:
    return f"{int(state.clock())}.{hashlib.sha256(repr((state.version, view)).encode()).hexdigest()[:8]}"


def _has_input(view: Json) -> bool:
    blocks = view.get("blocks")
    return isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)


def _label(view: Json, name: str) -> list[str]:
    """Title, submit and close are short plain texts; a title must be there."""
    label = view.get(name)
    if label is None:
        return ["missing required field: title [json-pointer:/view]"] if name == "title" else []
    if not isinstance(label, dict) or label.get("type") != "plain_text" or not label.get("text"):
        return [f"must provide a plain_text object [json-pointer:/view/{name}]"]
    if len(str(label["text"])) > TITLE:
        return [f"must be less than {TITLE + 1} characters [json-pointer:/view/{name}/text]"]
    return []


def _too_long(view: Json, name: str, most: int) -> list[str]:
    if len(str(view.get(name) or "")) > most:
        return [f"must be less than {most + 1} characters [json-pointer:/view/{name}]"]
    return []
