"""A monitor's webhook, rendered from the very payload that the documentation tells people to paste into Datadog."""

import functools
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.sandbox.datadog_nouns import Event, Group, Monitor

TEMPLATE = Path(__file__).parents[2] / "docs" / "datadog-webhook.json"
QUERY = re.compile(r"(?:(?P<aggregation>\w+)\(last_(?P<window>\w+)\):)?(?P<measured>.*?)\s*(?P<comparison>[<>]=?)\s*[\d.]+$")
PLACEHOLDER = re.compile(r"\{\{\s*([\w.-]+)\.name\s*\}\}")
METRIC = re.compile(r"(?:avg|max|min|sum|count|p\d+):([\w.]+)")


def rendered(values: dict[str, str]) -> Any:
    """The payload with every `$VARIABLE` replaced, longest names first, as Datadog does inside JSON strings."""
    names = sorted(values, key=len, reverse=True)
    variable = re.compile("|".join(re.escape(name) for name in names))
    return _filled(_template(), lambda text: variable.sub(lambda found: values[found[0]], text))


def variables(monitor: Monitor, group: Group, event: Event, transition: str, origin: str) -> dict[str, str]:
    """Every documented variable that the payload uses, by its name with the dollar sign. Absent values are empty."""
    milliseconds = str(event.at * 1000)
    words = told(monitor.message, group.name)
    message = _message(words, monitor, group, event, origin)
    return {
        "$ID": str(event.id),
        "$ALERT_ID": str(monitor.id),
        "$EVENT_TYPE": f"{monitor.type.replace(' ', '_')}_monitor",
        "$EVENT_TITLE": event.title,
        "$ALERT_TITLE": event.title,
        "$EVENT_MSG": f"%%%\n{message}\n%%%",
        "$TEXT_ONLY_MSG": words,
        "$ALERT_TRANSITION": transition,
        "$ALERT_TYPE": event.alert_type,
        "$ALERT_CYCLE_KEY": group.cycle,
        "$AGGREG_KEY": event.aggregation_key,
        "$ALERT_METRIC": _metric(monitor.query),
        "$ALERT_QUERY": monitor.query,
        "$ALERT_STATUS": _status(monitor, group),
        "$ALERT_SCOPE": "" if group.name == "*" else group.name,
        "$TAGS": ",".join(event.tags),
        "$HOSTNAME": event.host,
        "$ALERT_PRIORITY": f"P{monitor.priority}" if monitor.priority else "",
        "$DATE": milliseconds,
        "$LAST_UPDATED": milliseconds,
        "$LINK": f"{origin}/datadog/event/event?id={event.id}",
        "$ORG_ID": "311001",
        "$ORG_NAME": "Sandbox",
    }


@functools.cache
def _template() -> Any:
    return json.loads(TEMPLATE.read_text(encoding="utf-8"))


def _filled(value: Any, fill: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, fill) for name, inner in value.items()}
    return fill(value) if isinstance(value, str) else value


def told(text: str, group: str) -> str:
    """A monitor's title or message with `{{tag.name}}` filled in from the group, as Datadog does."""
    values = dict(tag.split(":", 1) for tag in group.split(",") if ":" in tag)
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _message(words: str, monitor: Monitor, group: Group, event: Event, origin: str) -> str:
    """The author's words and Datadog's footer, as they arrive between the fences."""
    when = datetime.fromtimestamp(group.triggered or event.at, tz=UTC).strftime("%a %b %d %Y %H:%M:%S UTC")
    page = f"{origin}/datadog/monitors/{monitor.id}"
    links = f"[[Monitor Status]({page}?group={quote(group.name)})] · [[Edit Monitor]({page}/edit)]"
    return f"{words}\n\nThe monitor was last triggered at {when}.\n\n- - -\n\n{links}"


def _metric(query: str) -> str:
    found = METRIC.search(query)
    return found[1] if found else ""


def _status(monitor: Monitor, group: Group) -> str:
    """`metric over tags was > 90.0 on average during the last 5m`; empty for what is no metric monitor."""
    found = QUERY.match(monitor.query)
    if found is None or not (metric := _metric(monitor.query)):
        return ""
    how = {"avg": "on average", "min": "at all times", "sum": "in total"}.get(found["aggregation"], "at least once")
    threshold = monitor.thresholds.get("critical", 0.0)
    return f"{metric} over {group.name} was {found['comparison']} {threshold} {how} during the last {found['window']}."
