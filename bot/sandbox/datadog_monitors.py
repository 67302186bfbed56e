"""Monitors as Datadog tells of them: one, all, and the two searches over monitors and over their groups."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.datadog import ORG_ID, DatadogState
from bot.sandbox.datadog_lists import BadRequest
from bot.sandbox.datadog_nouns import Group, Monitor
from bot.sandbox.datadog_search import BadSearch, Item, Test, search

Json = dict[str, Any]

STATES = {"all", "alert", "warn", "no data", "ok"}
STATUSES = {"alert", "warn", "no data", "ok", "ignored", "skipped", "unknown"}
CREATOR = {"name": "Alice", "handle": "alice@shop.example", "email": "alice@shop.example", "id": 1001}
BY = re.compile(r"\bby\s*\{")
SCOPE = re.compile(r"\{([^{}]*)\}")


class UnknownMonitor(KeyError):
    """No monitor has this id."""


def known(state: DatadogState, monitor_id: int) -> Monitor:
    """The monitor of this id. Raises UnknownMonitor."""
    if monitor_id not in state.monitors:
        raise UnknownMonitor(monitor_id)
    return state.monitors[monitor_id]


def monitor(state: DatadogState, monitor_id: int, wanted: Mapping[str, str]) -> Json:
    """The body of GET /api/v1/monitor/{id}: with its groups' states and its downtimes where those are asked for."""
    found = known(state, monitor_id)
    states = _states(wanted)
    body = _body(state, found)
    if states:
        groups = {g.name: _group(g) for g in state.groups[found.id].values() if states & {"all", g.status.lower()}}
        body["state"] = {"groups": groups}
    if wanted.get("with_downtimes", "").lower() == "true":
        body["matching_downtimes"] = []
    return body


def listed(state: DatadogState, wanted: Mapping[str, str]) -> list[Json]:
    """The body of GET /api/v1/monitor: those with the name and all the tags asked for, a page if one is asked for."""
    tags = [tag for tag in wanted.get("monitor_tags", "").split(",") if tag]
    scopes = [tag for tag in wanted.get("tags", "").split(",") if tag]
    name = wanted.get("name", "").lower()
    found = [
        m.id
        for m in state.monitors.values()
        if name in m.name.lower() and set(tags) <= set(m.tags) and all(scope in m.query for scope in scopes)
    ]
    bodies = [monitor(state, monitor_id, {"with_downtimes": "true", **wanted}) for monitor_id in sorted(found)]
    _states(wanted)
    if "page" not in wanted:
        return bodies
    page, size = int(wanted["page"]), int(wanted.get("page_size", "100"))
    return bodies[page * size : (page + 1) * size]


def search_monitors(state: DatadogState, wanted: Mapping[str, str]) -> Json:
    """The body of GET /api/v1/monitor/search."""
    test = _test(wanted)
    found = [m for m in state.monitors.values() if test(_item(m, state.overall_state(m.id)))]
    rows = [_found_monitor(state, m) for m in found]
    return _paged("monitors", rows, wanted, [tag for m in found for tag in m.tags])


def search_groups(state: DatadogState, wanted: Mapping[str, str]) -> Json:
    """The body of GET /api/v1/monitor/groups/search."""
    pairs = [(m, group) for m in state.monitors.values() for group in state.groups[m.id].values()]
    test = _test(wanted)
    found = [(m, group) for m, group in pairs if test(_item(m, group.status, group))]
    rows = [_found_group(m, group) for m, group in found]
    return _paged("groups", rows, wanted, [tag for m, _ in found for tag in m.tags])


def _body(state: DatadogState, found: Monitor) -> Json:
    groups = state.groups[found.id].values()
    changed = max((max(g.triggered, g.resolved) for g in groups), default=0)
    created = _iso(found.created)
    return {
        "id": found.id,
        "org_id": ORG_ID,
        "type": found.type,
        "name": found.name,
        "message": found.message,
        "tags": found.tags,
        "query": found.query,
        "options": {
            "notify_audit": False,
            "locked": False,
            "include_tags": True,
            "thresholds": found.thresholds,
            "new_host_delay": 300,
            "require_full_window": True,
            "notify_no_data": False,
            **({"renotify_interval": max(int(found.renotify_seconds / 60), 1)} if found.renotify_seconds else {}),
            "silenced": {},
        },
        "multi": BY.search(found.query) is not None,
        "created_at": int(found.created) * 1000,
        "created": created,
        "modified": created,
        "deleted": None,
        "restricted_roles": None,
        "priority": found.priority,
        "overall_state_modified": _iso(changed) if changed else None,
        "overall_state": state.overall_state(found.id),
        "creator": CREATOR,
    }


def _group(group: Group) -> Json:
    return {
        "name": group.name,
        "status": group.status,
        "last_triggered_ts": group.triggered or None,
        "last_resolved_ts": group.resolved or None,
        "last_notified_ts": int(group.notified) or None,
        "last_nodata_ts": None,
    }


def _states(wanted: Mapping[str, str]) -> set[str]:
    states = {state.strip().lower() for state in wanted.get("group_states", "").split(",") if state.strip()}
    if states - STATES:
        raise BadRequest("Invalid group_state filters.")
    return states


def _test(wanted: Mapping[str, str]) -> Test:
    query = wanted.get("query", "")
    for status in re.findall(r'status:\(?"?([\w ]+?)"?\)?(?=\s|$)', query):
        if status.lower() not in STATUSES:
            raise BadRequest(f"Query parsing error: '{status}' is not a valid monitor status")
    try:
        return search(query)
    except BadSearch as problem:
        raise BadRequest(f"Query parsing error: {problem}") from None


def _item(found: Monitor, status: str, group: Group | None = None) -> Item:
    fields: Json = {"id": found.id, "status": status, "tag": found.tags, "type": _classification(found)}
    fields |= {"title": found.name, "priority": f"p{found.priority}" if found.priority else None}
    if group is not None:
        fields["group"] = group.name.split(",")
    return Item(text=found.name, fields=fields, tags=found.tags)


def _found_monitor(state: DatadogState, found: Monitor) -> Json:
    groups = state.groups[found.id].values()
    return {
        "status": state.overall_state(found.id),
        "scopes": [scope for scope in SCOPE.findall(found.query)[:1] if scope != "*"],
        "classification": _classification(found),
        "creator": {name: CREATOR[name] for name in ("handle", "id", "name")},
        "metrics": re.findall(r"(?:avg|max|min|sum|count):([\w.]+)\{", found.query),
        "notifications": [{"handle": h, "name": h} for h in re.findall(r"@([\w-]+)", found.message)],
        "muted_until_ts": None,
        "query": found.query,
        "id": found.id,
        "last_triggered_ts": max((g.triggered for g in groups), default=0) or None,
        "name": found.name,
        "tags": found.tags,
        "org_id": ORG_ID,
        "priority": found.priority,
        "overall_state_modified": None,
        "restricted_roles": [],
        "type": found.type,
    }


def _found_group(found: Monitor, group: Group) -> Json:
    return {
        "status": group.status,
        "last_nodata_ts": 0,
        "env_tags": [tag for tag in found.tags if tag.startswith("env:")],
        "muted_remaining": None,
        "muted_until_ts": None,
        "all_tags": [*found.tags, *group.name.split(",")],
        "monitor_name": found.name,
        "team_tags": [tag for tag in found.tags if tag.startswith("team:")],
        "last_triggered_ts": group.triggered,
        "group": group.name,
        "downtimes": [],
        "monitor_id": found.id,
        "priority": found.priority,
        "muted": False,
        "group_tags": group.name.split(","),
    }


def _paged(name: str, rows: list[Json], wanted: Mapping[str, str], tags: Iterable[str]) -> Json:
    page, size = int(wanted.get("page", "0")), int(wanted.get("per_page", "30"))
    statuses = Counter(row["status"] for row in rows)
    counts = {
        "status": _counted(statuses),
        "muted": [{"count": len(rows), "name": False}] if rows else [],
        "tag": _counted(Counter(tags)),
        "type": [{"count": len(rows), "name": "metric"}] if rows else [],
    }
    pages = -(-len(rows) // size)
    metadata = {"total_count": len(rows), "page_count": pages, "page": page, "per_page": size}
    return {"counts": counts, name: rows[page * size : (page + 1) * size], "metadata": metadata}


def _counted(counts: Mapping[str, int]) -> list[Json]:
    return [{"count": count, "name": name} for name, count in Counter(counts).most_common()]


def _classification(found: Monitor) -> str:
    return "log" if found.type == "log alert" else "metric"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat()
