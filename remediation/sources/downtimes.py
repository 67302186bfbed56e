"""Datadog's downtimes: whether one holds for what an alert is about, and what it says. Pure."""

import re
from collections.abc import Mapping, Sequence

from remediation.terms import Json

_TAG = re.compile(
    r"(?P<not>NOT\s{1,9}|-|!)?(?<![\w./])(?P<key>[\w./-]{1,200}):(?:\((?P<either>[^()]*)\)|(?P<value>[^\s(),]+))", re.IGNORECASE
)
_OR = re.compile(r"\sOR\s|,", re.IGNORECASE)


def downtime_holds(downtime: Mapping[str, Json], tags: Sequence[str], monitor_id: str) -> bool:
    """Whether it names the monitor, or all monitors, and nothing in its scope speaks against these tags.

    A scope is a query such as `env:prod AND kube_namespace:(shop OR cart)`; a key that is not among the tags is no objection.
    """
    named = downtime.get("monitor_identifier") or {}
    if named.get("monitor_id") is not None:
        return bool(monitor_id) and str(named["monitor_id"]) == monitor_id
    scope = str(downtime.get("scope") or "*")
    known: dict[str, set[str]] = {}
    for tag in tags:
        key, _, value = tag.partition(":")
        known.setdefault(key, set()).add(value)
    asked = [match for match in _TAG.finditer(scope) if match["key"] in known]
    enough = any if _OR.search(_TAG.sub("", scope)) else all
    return enough(_fits(match, known[match["key"]]) for match in asked) if asked else scope.strip() == "*"


def _fits(match: re.Match[str], values: set[str]) -> bool:
    wanted = _OR.split(match["either"]) if match["either"] is not None else [match["value"]]
    patterns = [re.escape(one.strip()).replace(r"\*", ".*") for one in wanted]
    fits = any(re.fullmatch(pattern, value) for pattern in patterns for value in values)
    return fits != bool(match["not"])


def downtime_text(downtime: Mapping[str, Json]) -> str:
    """Scope, monitors, since when and how long, and the first line of its message."""
    schedule = downtime.get("schedule") or {}
    span = schedule.get("current_downtime") or schedule
    tags = ", ".join(str(tag) for tag in (downtime.get("monitor_identifier") or {}).get("monitor_tags") or ())
    parts = [
        f"{downtime.get('status', 'active')} downtime of {downtime.get('scope') or '*'}",
        f"for monitors tagged {tags}" if tags and tags != "*" else "",
        f"since {span['start']}" if span.get("start") else "",
        f"until {span['end']}" if span.get("end") else "until somebody ends it",
    ]
    message = next(iter(str(downtime.get("message") or "").strip().splitlines()), "")
    return " ".join(filter(None, parts)) + (f": {message}" if message else "")
