"""Slack's mrkdwn as HTML, and as plain text for a terminal. Nothing of the text reaches the page unescaped, whoever wrote it."""

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.sandbox.slack import GROUPS, PEOPLE

FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
ANGLE = re.compile(r"<([^<>\n]+)>")
STYLES = tuple(
    (re.compile(rf"(?<![\w{mark}]){re.escape(mark)}(?=\S)([^{mark}\n]+?)(?<=\S){re.escape(mark)}(?![\w{mark}])"), tag)
    for mark, tag in (("*", "strong"), ("_", "em"), ("~", "s"))
)
EMOJI_NAME = re.compile(r":([a-z0-9_+-]+):")
HELD, HELD_MARK = "\ue000{}\ue001", re.compile("\ue000(\\d+)\ue001")
RESERVED = re.compile("[\ue000\ue001]")
EMOJI = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "x": "❌",
    "warning": "⚠️",
    "rotating_light": "🚨",
    "hourglass_flowing_sand": "⏳",
    "hourglass": "⌛",
    "eyes": "👀",
    "tada": "🎉",
    "mag": "🔍",
    "wrench": "🔧",
    "hammer_and_wrench": "🛠️",
    "thread": "🧵",
    "rocket": "🚀",
    "memo": "📝",
    "bell": "🔔",
    "lock": "🔒",
    "brain": "🧠",
    "bulb": "💡",
    "red_circle": "🔴",
    "large_yellow_circle": "🟡",
    "large_green_circle": "🟢",
    "large_blue_circle": "🔵",
    "white_circle": "⚪",
    "thumbsup": "👍",
    "+1": "👍",
    "-1": "👎",
    "speech_balloon": "💬",
    "arrows_counterclockwise": "🔄",
    "rewind": "⏪",
    "no_entry": "⛔",
    "sos": "🆘",
    "page_facing_up": "📄",
    "bar_chart": "📊",
    "link": "🔗",
    "stethoscope": "🩺",
    "adhesive_bandage": "🩹",
}


def mrkdwn(text: str) -> Markup:
    """A mrkdwn text: fences, quotes, code, links, mentions, bold, italic, struck, emoji."""
    held: list[str] = []

    def hold(html: str) -> str:
        held.append(html)
        return HELD.format(len(held) - 1)

    plain = RESERVED.sub("", text)
    plain = FENCE.sub(lambda found: hold(f"<pre>{_raw(found[1])}</pre>"), plain)
    plain = CODE.sub(lambda found: hold(f"<code>{_raw(found[1])}</code>"), plain)
    plain = ANGLE.sub(lambda found: hold(_angle(found[1])), plain)
    html = "".join(_quoted(_raw(plain).split("\n")))
    for pattern, tag in STYLES:
        html = pattern.sub(rf"<{tag}>\1</{tag}>", html)
    return Markup(_released(_emoji(html), held))  # noqa: S704 - every part was escaped above


def without_marks(text: str) -> str:
    """A mrkdwn text as a terminal shows it: people and groups by name, a link as its words with the address behind them."""
    held: list[str] = []

    def hold(words: str) -> str:
        held.append(words)
        return HELD.format(len(held) - 1)

    plain = RESERVED.sub("", text)
    for pattern in (FENCE, CODE):
        plain = pattern.sub(lambda found: hold(_unescaped(found[1])), plain)
    plain = ANGLE.sub(lambda found: hold(_words(found[1])), plain)
    for pattern, _ in STYLES:
        plain = pattern.sub(r"\1", plain)
    return HELD_MARK.sub(lambda mark: held[int(mark[1])], _emoji(_unescaped(plain)))


def plain_text(text: str) -> Markup:
    """A plain_text: escaped, with its line breaks and emoji."""
    return Markup(_emoji(escape(text)).replace("\n", "<br>"))  # noqa: S704 - escaped


def linked(url: str, label: str) -> Markup:
    """A link that leaves the page alone; anything but http, https and mailto stays text."""
    if urlsplit(url).scheme not in ("http", "https", "mailto"):
        return Markup(escape(label))  # noqa: S704 - escaped
    return Markup(f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>')  # noqa: S704


def mention(user: str) -> Markup:
    """A person or the bot by name."""
    return Markup(f'<span class="mention">@{escape(PEOPLE.get(user, user))}</span>')  # noqa: S704 - escaped


def _raw(text: str) -> str:
    """Slack's three escapes undone, then escaped for HTML: `&amp;lt;` shows as `&lt;`."""
    return escape(_unescaped(text))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(inside: str) -> str:
    """What stands between < and >, in words."""
    shown = Markup(_angle(inside)).striptags()  # noqa: S704 - it goes to no page
    address, _, label = inside.partition("|")
    return f"{shown} ({_unescaped(address)})" if label and urlsplit(address).scheme in ("http", "https") else shown


def _angle(inside: str) -> str:
    """What stands between < and >: a mention, a channel, a group, a date, a link."""
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return mention(target[1:])
    if target.startswith("#"):
        return f'<span class="mention">#{_raw(label or target[1:])}</span>'
    if target.startswith("!subteam^"):
        group = GROUPS.get(target.removeprefix("!subteam^"))
        return f'<span class="mention">@{_raw(str(group["handle"]) if group else label or target)}</span>'
    if target.startswith("!"):
        return _raw(label or target) if target.startswith("!date^") else f'<span class="mention">@{_raw(target[1:])}</span>'
    if urlsplit(target).scheme in ("http", "https", "mailto"):
        return linked(target.replace("&amp;", "&"), label.replace("&amp;", "&") or target)
    return _raw(f"<{inside}>")


def _quoted(lines: list[str]) -> list[str]:
    """Lines that begin with > stand together in a quote; the others are broken as written."""
    parts: list[str] = []
    for n, line in enumerate(lines):
        if line.startswith("&gt;"):
            parts.append(f"<blockquote>{line.removeprefix('&gt;').lstrip()}</blockquote>")
        else:
            parts.append(line + ("<br>" if n < len(lines) - 1 else ""))
    return ["".join(parts).replace("</blockquote><blockquote>", "<br>")]


def _emoji(html: str) -> str:
    return EMOJI_NAME.sub(lambda found: EMOJI.get(found[1], found[0]), html)


def _released(html: str, held: list[str]) -> str:
    """Put back what was held; a fence needs no line break around it."""
    found: Callable[[re.Match[str]], str] = lambda mark: held[int(mark[1])]  # noqa: E731 - a substitution
    return re.sub(r"(</pre>)<br>|<br>(<pre>)", r"\1\2", HELD_MARK.sub(found, html))
