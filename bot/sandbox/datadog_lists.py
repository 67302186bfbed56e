"""Logs and events as Datadog lists them: filter, time window, order, pages by cursor; and log counts by facet."""

import base64
import json
import math
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.sandbox.datadog import DatadogState
from bot.sandbox.datadog_nouns import Event, Log
from bot.sandbox.datadog_search import BadSearch, Item, search

Json = dict[str, Any]
Thing = TypeVar("Thing")

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
RELATIVE = re.compile(r"now(?:-(\d+)([smhdw]))?")
MOST = 1000
DEFAULT_LIMIT = 10


class BadRequest(Exception):
    """Datadog's 400; the message is what stands in `errors`."""


def logs(state: DatadogState, body: Json) -> Json:
    """The body of a logs search."""
    found = _found(state, body, state.logs, _log_item, lambda log: log.at)
    page, after = _page(body, found)
    links = {"next": f"{state.origin}/datadog/api/v2/logs/events?page%5Bcursor%5D={after}"} if after else None
    meta: Json = {"elapsed": 1, "request_id": secrets.token_urlsafe(24), "status": "done"}
    answer: Json = {"data": [_log(log) for log in page], "meta": meta}
    if links:
        meta["page"] = {"after": after}
        answer["links"] = links
    return answer


def events(state: DatadogState, body: Json) -> Json:
    """The body of an events search (v2)."""
    found = _found(state, body, state.events, _event_item, lambda event: event.at * 1000)
    page, after = _page(body, found)
    if not after:
        return {"data": [_event(event) for event in page]}
    return {"data": [_event(event) for event in page], "meta": {"page": {"after": after}}}


def events_v1(state: DatadogState, wanted: Mapping[str, str]) -> Json:
    """The body of GET /api/v1/events."""
    try:
        begin, end = int(wanted["start"]), int(wanted["end"])
    except (KeyError, ValueError):
        raise BadRequest("start and end are required and must be integers") from None
    tags = [tag for tag in wanted.get("tags", "").split(",") if tag]
    sources = [source for source in wanted.get("sources", "").split(",") if source]
    found = [e for e in state.events if begin <= e.at <= end and all(tag in e.tags for tag in tags)]
    return {"events": [_event_v1(e, state) for e in reversed(found) if not sources or e.source in sources]}


def downtimes(state: DatadogState, wanted: Mapping[str, str]) -> Json:
    """The body of GET /api/v2/downtime, which `current_only` narrows to the active ones."""
    current = wanted.get("current_only", "").lower() == "true"
    found = [one for one in state.downtimes if not current or one["attributes"]["status"] == "active"]
    first, most = int(wanted.get("page[offset]", "0")), int(wanted.get("page[limit]", "30"))
    return {"data": found[first : first + most], "meta": {"page": {"total_filtered_count": len(found)}}}


def aggregate(state: DatadogState, body: Json) -> Json:
    """Counts of logs, by the facets asked for, most first."""
    computes = body.get("compute") or [{"aggregation": "count"}]
    if any(compute.get("aggregation") != "count" or compute.get("type") == "timeseries" for compute in computes):
        raise BadRequest("input_validation_error(Field 'compute' is invalid: the sandbox computes total counts only)")
    facets = body.get("group_by") or []
    counts: Counter[tuple[str, ...]] = Counter()
    for log in _found(state, body, state.logs, _log_item, lambda log: log.at):
        values = tuple(_facet(log, str(facet.get("facet"))) for facet in facets)
        if None not in values:
            counts[tuple(str(value) for value in values)] += 1
    most = math.prod(int(facet.get("limit", DEFAULT_LIMIT)) for facet in facets)
    names = [str(facet.get("facet")) for facet in facets]
    buckets = [
        {"by": dict(zip(names, values, strict=True)), "computes": {f"c{n}": count for n in range(len(computes))}}
        for values, count in counts.most_common(most)
    ]
    meta = {"elapsed": 1, "request_id": secrets.token_urlsafe(24), "status": "done"}
    return {"data": {"buckets": buckets}, "meta": meta}


def _found(
    state: DatadogState,
    body: Json,
    things: Sequence[Thing],
    item: Callable[[Thing], Item],
    at_ms: Callable[[Thing], int],
) -> list[Thing]:
    """What the filter takes, in the order asked for: newest first unless `sort` is `timestamp`."""
    wanted = body.get("filter") or {}
    if body.get("sort") not in (None, "timestamp", "-timestamp"):
        raise BadRequest(f"input_validation_error(Field 'sort' is invalid: {body['sort']!r})")
    now = state.clock()
    begin, end = _moment(wanted.get("from", "now-15m"), now, "from"), _moment(wanted.get("to", "now"), now, "to")
    try:
        test = search(str(wanted.get("query") or "*"))
    except BadSearch as problem:
        raise BadRequest(f"input_validation_error(Field 'filter.query' is invalid: {problem})") from None
    found = [thing for thing in things if begin <= at_ms(thing) <= end and test(item(thing))]
    return sorted(found, key=at_ms, reverse=body.get("sort") != "timestamp")


def _moment(text: object, now: float, name: str) -> float:
    """Epoch milliseconds from ISO 8601, `now-15m` or milliseconds as text."""
    said = str(text)
    if relative := RELATIVE.fullmatch(said):
        back = int(relative[1]) * SECONDS[relative[2]] if relative[1] else 0
        return (now - back) * 1000
    if said.isdigit():
        return float(said)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise BadRequest(f"input_validation_error(Field 'filter.{name}' is invalid: {said!r})") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _page(body: Json, found: list[Thing]) -> tuple[list[Thing], str]:
    """One page, and the cursor of the next; empty when this is the last."""
    page = body.get("page") or {}
    limit = str(page.get("limit", DEFAULT_LIMIT))
    if not limit.isdigit() or not 1 <= int(limit) <= MOST:
        raise BadRequest(f"input_validation_error(Field 'page.limit' is invalid: must be between 1 and {MOST})")
    begin = _cursor(str(page.get("cursor") or ""))
    end = begin + int(limit)
    after = base64.urlsafe_b64encode(json.dumps({"after": end}).encode()).decode() if end < len(found) else ""
    return found[begin:end], after


def _cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor))["after"])
    except (ValueError, KeyError, TypeError):
        raise BadRequest("input_validation_error(Field 'page' is invalid: invalid cursor)") from None


def _facet(log: Log, facet: str) -> str | None:
    item = _log_item(log)
    name = facet.removeprefix("@")
    if name in item.fields:
        return str(item.fields[name])
    return next((tag.removeprefix(f"{name}:") for tag in log.tags if tag.startswith(f"{name}:")), None)


def _log_item(log: Log) -> Item:
    fields = {**log.attributes, "service": log.service, "status": log.status, "host": log.host}
    return Item(text=log.message, fields=fields, tags=log.tags)


def _event_item(event: Event) -> Item:
    fields = {"source": event.source, "status": event.alert_type, "host": event.host, "monitor_id": event.monitor_id}
    return Item(text=f"{event.title}\n{event.text}", fields=fields, tags=event.tags)


def _log(log: Log) -> Json:
    attributes: Json = {"service": log.service, "status": log.status, "timestamp": _iso(log.at), "host": log.host}
    attributes |= {"message": log.message, "tags": log.tags}
    if log.attributes:
        attributes["attributes"] = log.attributes
    return {"attributes": attributes, "type": "log", "id": log.id}


def _event(event: Event) -> Json:
    inner: Json = {"title": event.title, "source_type_name": event.source, "timestamp": event.at * 1000}
    inner |= {"status": event.alert_type, "hostname": event.host, "aggregation_key": event.aggregation_key}
    inner |= {"evt": {"id": str(event.id), "name": event.title, "source_id": 0, "type": event.source}}
    if event.monitor_id is not None:
        inner |= {"monitor_id": event.monitor_id, "monitor_groups": []}
    outer = {"attributes": inner, "message": event.text, "tags": event.tags, "timestamp": _iso(event.at * 1000)}
    return {"id": str(event.id), "type": "event", "attributes": outer}


def _event_v1(event: Event, state: DatadogState) -> Json:
    return {
        "id": event.id,
        "id_str": str(event.id),
        "title": event.title,
        "text": event.text,
        "date_happened": event.at,
        "alert_type": event.alert_type,
        "priority": "normal",
        "host": event.host,
        "tags": event.tags,
        "source": event.source,
        "monitor_id": event.monitor_id,
        "url": f"{state.origin}/datadog/event/event?id={event.id}",
    }


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
