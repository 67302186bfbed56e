"""Datadog monitor alerts: POST /webhooks/datadog. Body: docs/datadog-webhook.json, or any of the shapes that people write for themselves.

Datadog has no body of its own: whoever adds the webhook writes one out of `$VARIABLES`. So every value may stand under more than one
name, be text, a number or a list, and a variable that Datadog did not know arrives as it was written.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from remediation.errors import Unreadable
from remediation.masking import mask
from remediation.quantities import parse_time
from remediation.terms import Alert, AlertState, Severity
from webhooks.senders.labels import labels_of
from webhooks.senders.numbers import number, read_query, value_and_threshold
from webhooks.senders.sender import Delivery, Sender

Scalar = str | int | float | bool | None
Listed = Scalar | list[Scalar]

_TITLE_LIMIT, _TEXT_LIMIT, _QUERY_LIMIT, _KEY_LIMIT = 500, 16_000, 4_000, 200  # characters
_TAGS_LIMIT = 200
_FORM_FIELDS = 200
_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*")
_PREFIX = re.compile(
    r"\s*(?:\[P[1-5]\]\s*)?\[(?P<transition>Re-Triggered|Triggered|Recovered|Re-No Data|No Data|Re-Warn|Warn|Renotify)"
    r"(?:\s+on\s+\{(?P<scope>[^{}]*)\})?\]\s*(?:\[P[1-5]\]\s*)?",
    re.IGNORECASE,
)
_WORDS = ("title", "text", "cycle", "transition", "monitor_id", "metric", "query", "url")  # of an alert, and may hold a secret
_STATES: dict[str, AlertState] = {
    **dict.fromkeys(("triggered", "re-triggered", "warn", "re-warn", "no data", "re-no data", "renotify", "error", "warning"), "firing"),
    **dict.fromkeys(("recovered", "success", "ok", "resolved"), "recovered"),
    **dict.fromkeys(("info", "user_update"), "ignored"),
}
_SEVERITIES: dict[str, Severity] = {
    "p1": "critical", "p2": "high", "p3": "medium", "p4": "low", "p5": "low",
    "1": "critical", "2": "high", "3": "medium", "4": "low", "5": "low",
    "critical": "critical", "high": "high", "medium": "medium", "low": "low",
}  # fmt: skip


class MonitorEvent(msgspec.Struct):
    """What a stranger wrote. Each value under the names of Datadog's own variables and under those that common templates give it."""

    title: Scalar = None
    event_title: Scalar = None
    alert_title: Scalar = None
    body: Scalar = None
    event_msg: Scalar = None
    message: Scalar = None
    text_only_msg: Scalar = None
    description: Scalar = None
    alert_transition: Scalar = None
    transition: Scalar = None
    alert_type: Scalar = None
    event_type: Scalar = None
    alert_cycle_key: Scalar = None
    aggreg_key: Scalar = None
    alert_id: Scalar = None
    monitor_id: Scalar = None
    id: Scalar = None
    alert_metric: Scalar = None
    metric: Scalar = None
    alert_query: Scalar = None
    query: Scalar = None
    alert_status: Scalar = None
    value: Scalar = None
    threshold: Scalar = None
    alert_scope: Listed = None
    scopes: Listed = None
    scope: Listed = None
    tags: Listed = None
    hostname: Scalar = None
    host: Scalar = None
    alert_priority: Scalar = None
    priority: Scalar = None
    severity: Scalar = None
    date: Scalar = None
    last_updated: Scalar = None
    link: Scalar = None
    url: Scalar = None


_Events = MonitorEvent | list[MonitorEvent]
_EVENTS = msgspec.json.Decoder(_Events)
_FIELD = re.compile(r" - at `\$\.?(.*)`$")


def alerts(delivery: Delivery) -> list[Alert]:
    """The alerts in one delivery: one for a body, as many as it holds for a list of bodies. Raises Unreadable naming the field."""
    events = _decoded(delivery)
    if isinstance(events, MonitorEvent):
        return [_alert(events, delivery.at, "")]
    if not events:
        raise Unreadable("The list is empty.", "Send at least one alert.")
    return [_alert(event, delivery.at, f"[{index}].") for index, event in enumerate(events)]


def _decoded(delivery: Delivery) -> _Events:
    try:
        if not delivery.form:
            return _from_json(delivery.body)
        fields = dict(parse_qsl(delivery.body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS))
        return _from_json(fields["payload"]) if set(fields) == {"payload"} else msgspec.convert(fields, MonitorEvent)
    except msgspec.ValidationError as error:
        place = _FIELD.search(str(error))
        what = _FIELD.sub("", str(error))
        raise Unreadable(f"{what}.", "Compare the payload with docs/datadog-webhook.json.", field=place[1] if place else "body") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Unreadable(f"The body cannot be read: {error}.", "Send JSON, or a form of text fields.") from None


def _from_json(text: bytes | str) -> _Events:
    events: _Events = _EVENTS.decode(text)
    return events


def _alert(event: MonitorEvent, received_at: datetime, place: str) -> Alert:
    written = _first(event.event_title, event.alert_title, event.title)[:_TITLE_LIMIT]
    if not written:
        raise Unreadable("There is no title.", "Put `$EVENT_TITLE` there, as docs/datadog-webhook.json does.", field=f"{place}title")
    prefix = _PREFIX.match(written)
    title = (written[prefix.end() :] if prefix else "") or written
    text = _text(event)
    query = read_query(_first(event.alert_query, event.query)[:_QUERY_LIMIT])
    scope = _items(event.alert_scope) or _items(event.scopes) or _items(event.scope) or _split((prefix and prefix["scope"]) or "")
    tags = _items(event.tags)
    host = _first(event.hostname, event.host)
    named = [*scope, *tags, f"host:{host}", *query.tags]
    transition = _first(event.alert_transition, event.transition) or ((prefix and prefix["transition"]) or "")
    date = _first(event.date, event.last_updated)
    monitor_id, event_id = _ids(event)
    cycle = _first(event.alert_cycle_key, event.aggreg_key) or _cycle_of(monitor_id or title, scope or labels_of(named, title).values())
    value, threshold = _numbers(event, title, text)
    return _masked(
        Alert(
            alert_id=_digest(cycle, transition, monitor_id, event_id, date or f"{received_at:%Y-%m-%dT%H}", written, text),
            source="datadog",
            cycle=cycle if len(cycle) <= _KEY_LIMIT else _digest(cycle),
            state=_state(transition, event),
            transition=transition[:_KEY_LIMIT],
            title=title,
            text=text,
            started_at=_moment(date, f"{place}date") if date else received_at,
            severity=_severity(event),
            monitor_id=monitor_id[:_KEY_LIMIT],
            labels=labels_of(named, title, text),
            tags=tuple(tags[:_TAGS_LIMIT]),
            metric=(_first(event.alert_metric, event.metric) or query.metric)[:_KEY_LIMIT],
            query=query.text,
            value=value,
            threshold=threshold if threshold is not None else query.threshold,
            url=_url(_first(event.link, event.url)),
        )
    )


def _first(*values: Scalar) -> str:
    """The first value that says something: not empty, not null, and no variable that Datadog left as it was."""
    for value in values:
        if value is None or isinstance(value, bool):
            continue
        text = value.strip() if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)
        if text and not (text[0] == "$" and _VARIABLE.fullmatch(text)):
            return text
    return ""


def _items(listed: Listed) -> list[str]:
    """Tags as a list or as text with commas."""
    if isinstance(listed, list):
        return [text for value in listed if (text := _first(value))]
    return _split(_first(listed))


def _split(text: str) -> list[str]:
    return [tag for part in text.split(",") if (tag := part.strip())]


def _text(event: MonitorEvent) -> str:
    """The message without Datadog's markdown fences, cut where it is no message any more."""
    text = _first(event.event_msg, event.body, event.message, event.text_only_msg, event.description)
    text = text.removeprefix("%%%").removesuffix("%%%").strip()
    left_out = len(text) - _TEXT_LIMIT
    return f"{text[:_TEXT_LIMIT]} … ({left_out} characters left out)" if left_out > 0 else text


def _ids(event: MonitorEvent) -> tuple[str, str]:
    """The monitor's id and the event's: `alert_id` is Datadog's word for the first, but the second where `monitor_id` stands beside it."""
    monitor_id, alert_id, event_id = _first(event.monitor_id), _first(event.alert_id), _first(event.id)
    return (monitor_id, event_id or alert_id) if monitor_id else (alert_id, event_id)


def _cycle_of(monitor: str, scope: Iterable[str]) -> str:
    return f"{monitor}|{','.join(sorted(tag.lower() for tag in scope))}"


def _state(transition: str, event: MonitorEvent) -> AlertState:
    """Datadog's transition says it; without one (or with `Null`) the alert's and the event's type do, and what says nothing fires."""
    for word in (transition, _first(event.alert_type), _first(event.event_type)):
        known = _STATES.get(word.lower())
        if known:
            return known
    return "firing"


def _severity(event: MonitorEvent) -> Severity:
    said = _first(event.alert_priority, event.priority, event.severity)
    return _SEVERITIES.get(said.lower(), "unknown")


def _numbers(event: MonitorEvent, title: str, text: str) -> tuple[float | None, float | None]:
    """Value and threshold: as fields of their own, else as Datadog's status or the message words them."""
    value, threshold = number(_first(event.value)), number(_first(event.threshold))
    for said in (_first(event.alert_status), title, text):
        if said and (value is None or threshold is None):
            value_said, threshold_said = value_and_threshold(said)
            value = value if value is not None else value_said
            threshold = threshold if threshold is not None else threshold_said
    return value, threshold


def _moment(date: str, field: str) -> datetime:
    try:
        return parse_time(date)
    except (ValueError, OverflowError):
        raise Unreadable("The date is no time.", "Put `$DATE` there: epoch milliseconds.", field=field) from None


def _url(text: str) -> str:
    return text[:_QUERY_LIMIT] if text.startswith(("https://", "http://")) else ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _masked(alert: Alert) -> Alert:
    """The alert without secrets; looked for in all of it at once first, for most hold none."""
    listed = (*alert.labels.values(), *alert.tags)
    whole = "\n".join([*(getattr(alert, name) for name in _WORDS), *listed])
    if mask(whole) == whole:
        return alert
    words = {name: mask(getattr(alert, name)) for name in _WORDS}
    labels = {name: mask(value) for name, value in alert.labels.items()}
    return replace(alert, labels=labels, tags=tuple(mask(tag) for tag in alert.tags), **words)  # type: ignore[arg-type]


SENDER = Sender(paths=("/webhooks/datadog", "/datadog-webhook"), token="DATADOG_WEBHOOK_TOKEN", alerts=alerts)  # noqa: S106 - its name
