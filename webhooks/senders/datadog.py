"""Datadog monitor alerts: POST /webhooks/datadog. Body: docs/datadog-webhook.json, or any of the shapes that people write for themselves.

Datadog has no body of its own: whoever adds the webhook writes one out of `$VARIABLES`. So every value may stand under more than one
name, be text, a number or a list, and a variable that Datadog did not know arrives as it was written.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter

import msgspec

from remediation.errors import Unreadable
from remediation.masking import mask
from remediation.quantities import parse_time
from remediation.terms import Alert, AlertState, Json, Severity
from webhooks.senders.decoding import form_fields, from_json
from webhooks.senders.described import KEY_LIMIT, QUERY_LIMIT, Said, describe, masked
from webhooks.senders.numbers import number
from webhooks.senders.sender import Delivery, Sender

Scalar = str | int | float | None
Listed = Scalar | tuple[Scalar, ...]

_REMEMBERED = 8_000  # characters of one event: of longer ones a thousand would fill the memory
_NEVER = datetime.min.replace(tzinfo=UTC)
MOST_ALERTS = 1_000  # in one delivery: reading them holds the loop
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?:/[a-z0-9_.-]{1,15})*(?:\?id=\d+)?")  # holds no secret
_VARIABLE = re.compile(r"\$[A-Z][A-Z0-9_]*")
_PREFIX = re.compile(
    r"\s*(?:\[(?:P[1-5]|TEST)\]\s*){0,2}"
    r"(?:\[(?P<transition>Re-Triggered|Triggered|Recovered|Resolved|Re-No Data|No Data|Re-Warn|Warn|Renotify)"
    r"(?:\s+on\s+\{(?P<scope>[^{}]*)\})?\]|(?P<word>Triggered|Recovered|Resolved)(?:\s+on\s+\{(?P<on>[^{}]*)\})?:)\s*(?:\[P[1-5]\]\s*)?",
    re.IGNORECASE,
)
_RECOVERED = (
    "recovered", "success", "ok", "resolved", "recovery", "alert.recovered", "alert.resolved", "alert.recovery", "alert_recovered",
    "alert_resolved", "metric_alert_recovered", "metric_alert_resolved",
)  # fmt: skip
_STATES: dict[str, AlertState] = {
    **dict.fromkeys(("triggered", "re-triggered", "warn", "re-warn", "no data", "re-no data", "renotify", "error", "warning"), "firing"),
    **dict.fromkeys(_RECOVERED, "recovered"),
    **dict.fromkeys(("info", "user_update"), "ignored"),
}
_SEVERITIES: dict[str, Severity] = {
    "p1": "critical", "p2": "high", "p3": "medium", "p4": "low", "p5": "low",
    "1": "critical", "2": "high", "3": "medium", "4": "low", "5": "low",
    "sev1": "critical", "sev2": "high", "sev3": "medium", "sev4": "low", "sev5": "low", "warning": "medium",
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
    text: Scalar = None
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
    status: Scalar = None
    state: Scalar = None
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


@dataclass(frozen=True, kw_only=True)
class _Notice:
    """All of an event but when it was and which one it was: what a monitor says again each time that it fires for the same thing.

    alert: with the fields of one event empty.  place, digest: as in Described.
    """

    alert: Alert
    place: str
    digest: str


_EVENTS: msgspec.json.Decoder[MonitorEvent | list[MonitorEvent]] = msgspec.json.Decoder(MonitorEvent | list[MonitorEvent])
_LISTS: msgspec.json.Decoder[tuple[Scalar, ...]] = msgspec.json.Decoder(tuple[Scalar, ...])
_LISTED = frozenset({"alert_scope", "scopes", "scope", "tags"})
_OF_ONE_EVENT = frozenset({"id", "alert_id", "monitor_id", "alert_cycle_key", "aggreg_key", "date", "last_updated", "link", "url"})
_OF_A_NOTICE = tuple(name for name in MonitorEvent.__struct_fields__ if name not in _OF_ONE_EVENT)
_words_of = attrgetter(*_OF_A_NOTICE)


def alerts(delivery: Delivery) -> list[Alert]:
    """The alerts in one delivery: one for a body, as many as it holds for a list of bodies. Raises Unreadable naming the field."""
    events = _decoded(delivery)
    if isinstance(events, MonitorEvent):
        return [_alert(events, delivery.at, "")]
    if not events:
        raise Unreadable("The list is empty.", "Send at least one alert.")
    if len(events) > MOST_ALERTS:
        raise Unreadable(f"The list holds {len(events)} alerts, more than {MOST_ALERTS}.", "Send it in parts.")
    return [_alert(event, delivery.at, f"[{index}].") for index, event in enumerate(events)]


def _decoded(delivery: Delivery) -> MonitorEvent | list[MonitorEvent]:
    if not delivery.form:
        return from_json(delivery.body, _EVENTS)
    fields = form_fields(delivery.body, _LISTED)
    return from_json(fields["payload"], _EVENTS) if set(fields) == {"payload"} else msgspec.convert(fields, MonitorEvent)


def _alert(event: MonitorEvent, received_at: datetime, place: str) -> Alert:
    words: tuple[Json, ...] = _words_of(event)
    notice = _same_again(words) if _length(words) <= _REMEMBERED else _notice(words)
    if notice is None:
        raise Unreadable("There is no title.", "Put `$EVENT_TITLE` there, as docs/datadog-webhook.json does.", field=f"{place}title")
    date = _first(event.date, event.last_updated)
    started_at = _moment(date, f"{place}{'date' if _first(event.date) else 'last_updated'}") if date else received_at
    monitor_id, event_id = _ids(event)
    cycle = _first(event.alert_cycle_key, event.aggreg_key) or f"{monitor_id or notice.alert.title}|{notice.place}"
    moment = started_at if date else received_at.replace(minute=0, second=0, microsecond=0)  # an hour later it is news
    return _again(
        notice.alert,
        alert_id=_alert_id(moment, cycle, notice.alert.transition or notice.alert.state, monitor_id, event_id, notice.digest),
        cycle=_key(cycle),
        started_at=started_at,
        monitor_id=_key(monitor_id),
        url=_url(_first(event.link, event.url)),
    )


def _again(alert: Alert, **own: str | datetime) -> Alert:
    """`dataclasses.replace` in a tenth of its time, which was a third of reading an alert: a frozen class sets its fields one by one."""
    copied = object.__new__(Alert)
    vars(copied).update(vars(alert), **own)
    return copied


def _length(words: tuple[Json, ...]) -> int:
    written = [word for word in words if word is not None and isinstance(word, (str, tuple))]  # most are absent
    return len(words) + sum([len(word) if isinstance(word, str) else _length(word) for word in written])


def _notice(words: tuple[Json, ...]) -> _Notice | None:
    """What these values, in the order of `_OF_A_NOTICE`, say; None without a title."""
    event = MonitorEvent(**dict(zip(_OF_A_NOTICE, words, strict=True)))
    title = _first(event.event_title, event.alert_title, event.title)
    if not title:
        return None
    prefix = _PREFIX.match(title)
    said = describe(_said(event, title, prefix))
    named = (prefix["transition"] or prefix["word"]) if prefix else ""
    transition = _first(event.alert_transition, event.transition) or named
    value, threshold = number(_first(event.value)), number(_first(event.threshold))
    alert = Alert(
        alert_id="",
        source="datadog",
        cycle="",
        state=_state(transition, named, *map(_first, (event.event_type, event.status, event.state, event.alert_status, event.alert_type))),
        transition=_key(transition),
        title=said.title,
        text=said.text,
        started_at=_NEVER,
        severity=_severity(event.alert_priority, event.priority, event.severity),
        labels=said.labels,
        tags=said.tags,
        metric=_key(_first(event.alert_metric, event.metric)) or said.metric,
        query=said.query,
        value=value if value is not None else said.value,
        threshold=threshold if threshold is not None else said.threshold,
    )
    return _Notice(alert=alert, place=said.place, digest=said.digest)


_same_again = lru_cache(maxsize=1_000)(_notice)


def _said(event: MonitorEvent, title: str, prefix: re.Match[str] | None) -> Said:
    """Its words: the title without `[Triggered on {…}]`, the message without Datadog's markdown fences."""
    text = _first(event.event_msg, event.body, event.message, event.text, event.text_only_msg, event.description)
    fired_for = (prefix["scope"] or prefix["on"] or "") if prefix else ""
    scope = _items(event.alert_scope) or _items(event.scopes) or _items(event.scope) or _split(fired_for)
    host = _first(event.hostname, event.host)
    return Said(
        title=(title[prefix.end() :] if prefix else "") or title,
        text=text.removeprefix("%%%").removesuffix("%%%").strip(),
        scope=tuple(scope),
        tags=tuple(_items(event.tags)) if not host else (*_items(event.tags), f"host:{host}"),
        query=_first(event.alert_query, event.query),
        status=_first(event.alert_status),
    )


def _first(*values: Scalar) -> str:
    """The first value that says something: not empty, not null, and no variable that Datadog left as it was."""
    for value in values:
        if value is None:
            continue
        text = value.strip() if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)
        if text and not (text[0] == "$" and _VARIABLE.fullmatch(text)):
            return text
    return ""


def _items(listed: Listed) -> list[str]:
    """Tags as a list, as text with commas, or as the text of a JSON list."""
    if isinstance(listed, tuple):
        return [text for value in listed if (text := _first(value))]
    text = _first(listed)
    return _split(text) if not text.startswith("[") else _listed(text)


def _listed(text: str) -> list[str]:
    try:
        return _items(_LISTS.decode(text))
    except msgspec.DecodeError:
        return _split(text.removeprefix("[").removesuffix("]"))  # written like a list, without JSON's quotes


def _split(text: str) -> list[str]:
    return [tag for part in text.split(",") if (tag := part.strip())]


def _ids(event: MonitorEvent) -> tuple[str, str]:
    """The monitor's id and the event's: `alert_id` is Datadog's word for the first, but the second where `monitor_id` stands beside it."""
    monitor_id, alert_id, event_id = _first(event.monitor_id), _first(event.alert_id), _first(event.id)
    return (monitor_id, event_id or alert_id) if monitor_id else (alert_id, event_id)


def _state(*words: str) -> AlertState:
    """What the first known word says; what says nothing fires, for an alert must not be lost.

    words: what happened before how grave its monitor is, for a monitor that is an `error` recovers too.
    """
    known = [state for word in words if (state := _STATES.get(word.lower()))]
    return next((state for state in known if state != "ignored"), "ignored" if known else "firing")


def _severity(*words: Scalar) -> Severity:
    """What the first known word says: `normal` is a priority of Datadog's events, and hides no severity."""
    return next((severity for word in words if (severity := _SEVERITIES.get(_first(word).lower()))), "unknown")


def _moment(date: str, field: str) -> datetime:
    try:
        return parse_time(date)
    except (ValueError, OverflowError):
        raise Unreadable("The date is no time.", "Put `$DATE` there: epoch milliseconds.", field=field) from None


def _key(text: str) -> str:
    """An identifier, masked unless it cannot need it; one that is too long is replaced by its digest."""
    if len(text) > KEY_LIMIT:
        return hashlib.sha256(text.encode()).hexdigest()
    return text if text.isdecimal() else masked(text)


def _url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        return ""
    return text if _PLAIN_URL.fullmatch(text) else mask(text[:QUERY_LIMIT])


def _alert_id(moment: datetime, *parts: str) -> str:
    """The same for a repeated delivery. It begins with the time, so that rows that are written together stand together in the index."""
    epoch = moment.timestamp()
    digest = hashlib.sha256("\x1f".join((repr(epoch), *parts)).encode()).hexdigest()
    return f"{int(epoch) & 0xFFFFFFFF:08x}{digest[:24]}"


SENDER = Sender(paths=("/webhooks/datadog", "/datadog-webhook"), token="DATADOG_WEBHOOK_TOKEN", alerts=alerts)  # noqa: S106 - its name
