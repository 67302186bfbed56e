"""Datadog monitor alerts: POST /webhooks/datadog. Body: docs/datadog-webhook.json, or any of the shapes that people write for themselves.

Datadog has no body of its own: whoever adds the webhook writes one out of `$VARIABLES`. So every value may stand under more than one
name, be text, a number or a list, and a variable that Datadog did not know arrives as it was written.
"""

import hashlib
import re
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from remediation.errors import Unreadable
from remediation.masking import mask
from remediation.quantities import parse_time
from remediation.terms import Alert, AlertState, Severity
from webhooks.senders.described import KEY_LIMIT, QUERY_LIMIT, Said, describe, masked
from webhooks.senders.numbers import number
from webhooks.senders.sender import Delivery, Sender

Scalar = str | int | float | bool | None
Listed = Scalar | list[Scalar]

_FORM_FIELDS = 200
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?:/[a-z0-9_.-]{1,15})*(?:\?id=\d+)?")  # holds no secret
_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*")
_PREFIX = re.compile(
    r"\s*(?:\[P[1-5]\]\s*)?\[(?P<transition>Re-Triggered|Triggered|Recovered|Re-No Data|No Data|Re-Warn|Warn|Renotify)"
    r"(?:\s+on\s+\{(?P<scope>[^{}]*)\})?\]\s*(?:\[P[1-5]\]\s*)?",
    re.IGNORECASE,
)
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
    written = _first(event.event_title, event.alert_title, event.title)
    if not written:
        raise Unreadable("There is no title.", "Put `$EVENT_TITLE` there, as docs/datadog-webhook.json does.", field=f"{place}title")
    prefix = _PREFIX.match(written)
    said = describe(_said(event, written, prefix))
    transition = _first(event.alert_transition, event.transition) or (prefix["transition"] if prefix else "")
    date = _first(event.date, event.last_updated)
    started_at = _moment(date, f"{place}date") if date else received_at
    monitor_id, event_id = _ids(event)
    cycle = _first(event.alert_cycle_key, event.aggreg_key) or f"{monitor_id or said.title}|{said.place}"
    value, threshold = number(_first(event.value)), number(_first(event.threshold))
    moment = date or f"{received_at:%Y-%m-%dT%H}"  # a body without a date that comes an hour later is another alert
    return Alert(
        alert_id=_alert_id(started_at, cycle, transition, monitor_id, event_id, moment, said.digest),
        source="datadog",
        cycle=_key(cycle),
        state=_state(transition, event),
        transition=_key(transition),
        title=said.title,
        text=said.text,
        started_at=started_at,
        severity=_SEVERITIES.get(_first(event.alert_priority, event.priority, event.severity).lower(), "unknown"),
        monitor_id=_key(monitor_id),
        labels=said.labels,
        tags=said.tags,
        metric=_key(_first(event.alert_metric, event.metric)) or said.metric,
        query=said.query,
        value=value if value is not None else said.value,
        threshold=threshold if threshold is not None else said.threshold,
        url=_url(_first(event.link, event.url)),
    )


def _said(event: MonitorEvent, written: str, prefix: re.Match[str] | None) -> Said:
    """Its words: the title without `[Triggered on {…}]`, the message without Datadog's markdown fences."""
    text = _first(event.event_msg, event.body, event.message, event.text_only_msg, event.description)
    scope = _items(event.alert_scope) or _items(event.scopes) or _items(event.scope) or _split((prefix and prefix["scope"]) or "")
    host = _first(event.hostname, event.host)
    return Said(
        title=(written[prefix.end() :] if prefix else "") or written,
        text=text.removeprefix("%%%").removesuffix("%%%").strip(),
        scope=tuple(scope),
        tags=tuple(_items(event.tags)) if not host else (*_items(event.tags), f"host:{host}"),
        query=_first(event.alert_query, event.query),
        status=_first(event.alert_status),
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


def _ids(event: MonitorEvent) -> tuple[str, str]:
    """The monitor's id and the event's: `alert_id` is Datadog's word for the first, but the second where `monitor_id` stands beside it."""
    monitor_id, alert_id, event_id = _first(event.monitor_id), _first(event.alert_id), _first(event.id)
    return (monitor_id, event_id or alert_id) if monitor_id else (alert_id, event_id)


def _state(transition: str, event: MonitorEvent) -> AlertState:
    """Datadog's transition says it; without one (or with `Null`) the alert's and the event's type do, and what says nothing fires."""
    for word in (transition, _first(event.alert_type), _first(event.event_type)):
        known = _STATES.get(word.lower())
        if known:
            return known
    return "firing"


def _moment(date: str, field: str) -> datetime:
    try:
        return parse_time(date)
    except (ValueError, OverflowError):
        raise Unreadable("The date is no time.", "Put `$DATE` there: epoch milliseconds.", field=field) from None


def _key(text: str) -> str:
    """An identifier, masked unless it cannot need it; one that is too long is replaced by its digest."""
    if len(text) > KEY_LIMIT:
        return hashlib.sha256(text.encode()).hexdigest()
    return text if text.isalnum() else masked(text)


def _url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        return ""
    return text if _PLAIN_URL.fullmatch(text) else mask(text[:QUERY_LIMIT])


def _alert_id(started_at: datetime, *parts: str) -> str:
    """The same for a repeated delivery. It begins with the time, so that rows that are written together stand together in the index."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{int(started_at.timestamp()) & 0xFFFFFFFF:08x}{digest[:24]}"


SENDER = Sender(paths=("/webhooks/datadog", "/datadog-webhook"), token="DATADOG_WEBHOOK_TOKEN", alerts=alerts)  # noqa: S106 - its name
