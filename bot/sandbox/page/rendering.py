"""Values of the world as pieces of HTML: messages, the open modal, merge requests. Templates escape everything."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.sandbox.page import diffs, mrkdwn
from bot.sandbox.shown import diff_of
from bot.sandbox.slack import BOT_USER, PEOPLE, Json, Message, SlackState

if TYPE_CHECKING:
    from bot.sandbox.gitlab import MergeRequest, Project

TEMPLATES = Path(__file__).parent / "templates"


def page(**values: Any) -> str:
    """The whole page."""
    return _environment().get_template("page.html").render(values)


def head(state: SlackState, one: Message) -> Json:
    """A message of the channel itself, with the way into its thread."""
    replies = [m for m in state.thread(one.channel, one.ts) if m.is_reply]
    return _item(one, replies=replies) | {"head": one.ephemeral_to is None}


def reply(one: Message) -> Json:
    """A message within a thread."""
    return _item(one, replies=[])


def modal(view: Json, errors: dict[str, str]) -> Json:
    """The modal that a person has open."""
    html = _environment().get_template("modal.html").render(view=view, errors=errors)
    return {"id": f"{view['id']}-{view['hash']}", "view_id": view["id"], "html": html}


def merge_request(project: "Project", one: "MergeRequest") -> Json:
    """A merge request with its pipeline, description, diff and notes."""
    pipeline = project.pipeline_of(one.sha)
    template = _environment().get_template("merge_request.html")
    html = template.render(one=one, project=project, pipeline=pipeline, files=diffs.files(diff_of(project, one)), people=PEOPLE)
    return {"id": one.iid, "iid": one.iid, "title": one.title, "state": one.state, "html": html}


def markdown(text: str) -> Markup:
    """A description as GitLab shows it; raw HTML in it stays text."""
    html = _markdown().render(text).replace("<li>[x] ", "<li>☑ ").replace("<li>[ ] ", "<li>☐ ")
    return Markup(html)  # noqa: S704 - the parser escapes, with html off


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"mrkdwn": mrkdwn.mrkdwn, "plain": mrkdwn.plain_text, "markdown": markdown, "linked": mrkdwn.linked}
    environment.globals |= {"mention": mrkdwn.mention, "moment": _moment, "emoji": mrkdwn.EMOJI}
    return environment


def _item(one: Message, replies: list[Message]) -> Json:
    template = _environment().get_template("message.html")
    name = "Suture" if one.user == BOT_USER else PEOPLE.get(one.user, one.user).title()
    html = template.render(one=one, name=name, replies=replies)
    return {"id": f"{one.ts}{one.ephemeral_to or ''}", "ts": one.ts, "html": html}


def _moment(at: Any) -> Markup:
    """A time of day, as a Slack ts, epoch seconds or datetime; the page shows it in the reader's zone."""
    when = at if isinstance(at, datetime) else datetime.fromtimestamp(float(at), tz=UTC)
    return Markup('<time datetime="{}">{:%H:%M}</time>').format(when.isoformat(timespec="seconds"), when)
