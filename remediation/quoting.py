"""Hostile text on its way out: one function per medium, so that nothing from outside acts where it is shown.

Slack's mrkdwn has no escape for its own marks, and GitLab reads quick actions from the raw text, before Markdown. Both are met here once.
"""

import re
from collections.abc import Mapping

import yaml

from remediation.terms import Json

_JOINER = "\u2060"  # no width, no break: parts a sigil from what it would name
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_FORMATS = "\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f"  # direction, width, tags
_INVISIBLE = re.compile(f"[{_CONTROLS}{_FORMATS}\ud800-\udfff]")

_SLACK_MARKS = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
_SLACK_ACTING = re.compile(r"`|(?<![^\W_])[*_~]+|[*_~]+(?![^\W_])|\*+|~+")
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
_FENCE = 8  # characters of "```\n" and "\n```"

_GITLAB_MARKS = re.compile(r"[\\`*\[\]<>|{}]|(?<![^\W_])_+|_+(?![^\W_])")
_GITLAB_SIGILS = re.compile(r"[@#!%~$&^](?=\S)|~|(?<=\S)@")
_GITLAB_LINE_START = re.compile(r"^([-+=/:#]|\d+(?=[.)]))", re.MULTILINE)
_COMMAND = re.compile(r"^([^\S\n]*)/", re.MULTILINE)


def visible(text: str) -> str:
    r"""The text with what a reader cannot see written out (`\u202e`): controls, direction marks, zero widths. Tabs and line ends stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", lines)


def plain(text: str, limit: int = 600) -> str:
    """Words inside a line of Slack's mrkdwn: no mention, link, style or line of their own. `_` inside a word stays as it is.

    limit: characters of the text that are kept; what was cut ends in `…`.
    """
    line = " ".join(visible(text).split())
    line = line if len(line) <= limit else f"{line[: limit - 1]}…"
    inert = _SLACK_ACTING.sub(lambda found: found[0].translate(_SLACK_MARKS), line)
    return _escaped(inert)


def code(text: str, limit: int = 3000) -> str:
    """A code block of Slack, at most `limit` characters; what does not fit is cut at a line, and said."""
    parted = re.sub("`(?=`)", f"`{_JOINER}", visible(text).strip("\n"))
    whole = _escaped(parted)
    body = fit(whole, limit - _FENCE)
    return f"```\n{body or ' '}\n```"


def markdown(text: str) -> str:
    """Words in GitLab Markdown, line by line as they came: no quick action, mention, reference, HTML, heading, list or link."""
    lines = "\n".join(" ".join(line.split()) for line in visible(text).split("\n"))
    inert = _GITLAB_MARKS.sub(lambda found: "".join(f"\\{mark}" for mark in found[0]), lines)
    inert = _GITLAB_SIGILS.sub(lambda found: f"\\{found[0]}{_JOINER}", inert)
    inert = inert.replace("://", f":{_JOINER}//")
    return _GITLAB_LINE_START.sub(_escaped_start, inert)


def fenced(text: str, language: str = "") -> str:
    """A GitLab code block whose fence is longer than any inside; ends with a line end.

    GitLab looks for quick actions with a pattern that knows fences of three only, so a line that begins like one is parted as well.
    """
    body = _COMMAND.sub(rf"\1{_JOINER}/", visible(text).rstrip("\n"))
    longest = max((len(run) for run in re.findall("`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{re.sub(r'[^A-Za-z0-9+-]', '', language)}\n{body}\n{fence}\n"


def fit(text: str, limit: int) -> str:
    """At most `limit` characters: the first whole lines, then how much was left out."""
    if len(text) <= limit:
        return text
    lines = text.split("\n")
    kept: list[str] = []
    room = limit - len(_left_out(len(lines), "lines")) - 1
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    if kept:
        return "\n".join([*kept, _left_out(len(lines) - len(kept), "lines")])
    return _cut_line(text, limit)


def yaml_block(value: Json) -> str:
    """YAML in block style, keys as they were given, long words on lines of their own (`|`)."""
    return yaml.dump(_listed(value), Dumper=_BlockDumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=110)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped_start(found: re.Match[str]) -> str:
    r"""A number keeps its digits (`1\.` is no list); any other start of a line takes a backslash."""
    return f"{found[0]}\\" if found[0].isdecimal() else f"\\{found[0]}"


def _left_out(count: int, unit: str) -> str:
    return f"… {count} more {unit} left out"


def _cut_line(text: str, limit: int) -> str:
    """The beginning of a first line that does not fit whole; for a very small limit, without a word about it."""
    note = _left_out(len(text), "characters")
    keep = limit - len(note) - 1
    if keep < 1:
        return text[: max(0, limit)]
    start = _HALF_ENTITY.sub("", text[:keep].rstrip("\n"))
    return f"{start} {_left_out(len(text) - len(start), 'characters')}"


def _listed(value: Json) -> Json:
    """Tuples as lists and mappings as dicts, all the way down."""
    if isinstance(value, Mapping):
        return {str(key): _listed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_listed(inner) for inner in value]
    return value


class _BlockDumper(yaml.CSafeDumper):
    """Text of several lines stands as it is written, and no value is folded into an alias."""

    def ignore_aliases(self, data: Json) -> bool:  # noqa: ARG002 - the name is PyYAML's
        return True


def _text(dumper: _BlockDumper, text: str) -> yaml.ScalarNode:
    """Half a character, which libyaml cannot write, is written out."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return dumper.represent_scalar("tag:yaml.org,2002:str", whole, style="|" if "\n" in whole else None)


_BlockDumper.add_representer(str, _text)
