"""Datadog's API over HTTP: v1 monitors, queries and events; v2 logs, events, aggregates and downtimes."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from bot.sandbox import datadog_lists, datadog_metrics, datadog_monitors
from bot.sandbox.datadog import DatadogState
from bot.sandbox.datadog_lists import BadRequest

Endpoint = Callable[[Request], Awaitable[Response]]
Answer = Callable[[DatadogState, Request], Awaitable[Any]]


def datadog_face(state: DatadogState, *, api_key: str, app_key: str) -> Router:
    """The ASGI app to mount at /datadog."""

    def asked(answer: Answer, *, application: bool = True) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            if (refused := _refused(request, api_key, app_key if application else None)) is not None:
                return refused
            try:
                return JSONResponse(await answer(state, request))
            except BadRequest as problem:
                return _errors(400, str(problem))
            except datadog_monitors.UnknownMonitor:
                return _errors(404, "Monitor not found")

        return endpoint

    return Router(
        [
            Route("/api/v1/validate", asked(_validate, application=False), methods=["GET"]),
            Route("/api/v1/monitor", asked(_monitors), methods=["GET"]),
            Route("/api/v1/monitor/search", asked(_monitor_search), methods=["GET"]),
            Route("/api/v1/monitor/groups/search", asked(_group_search), methods=["GET"]),
            Route("/api/v1/monitor/{monitor_id:int}", asked(_monitor), methods=["GET"]),
            Route("/api/v1/query", asked(_query), methods=["GET"]),
            Route("/api/v1/events", asked(_events_v1), methods=["GET"]),
            Route("/api/v2/events", asked(_events), methods=["GET"]),
            Route("/api/v2/events/search", asked(_events_search), methods=["POST"]),
            Route("/api/v2/logs/events", asked(_logs), methods=["GET"]),
            Route("/api/v2/logs/events/search", asked(_logs_search), methods=["POST"]),
            Route("/api/v2/logs/analytics/aggregate", asked(_aggregate), methods=["POST"]),
            Route("/api/v2/downtime", asked(_downtimes), methods=["GET"]),
            Route("/api/v2/monitor/{monitor_id:int}/downtime_matches", asked(_downtime_matches), methods=["GET"]),
        ],
        default=_not_found,
    )


async def _validate(_state: DatadogState, _request: Request) -> Any:
    return {"valid": True}


async def _monitors(state: DatadogState, request: Request) -> Any:
    return datadog_monitors.listed(state, request.query_params)


async def _monitor(state: DatadogState, request: Request) -> Any:
    return datadog_monitors.monitor(state, request.path_params["monitor_id"], request.query_params)


async def _monitor_search(state: DatadogState, request: Request) -> Any:
    return datadog_monitors.search_monitors(state, request.query_params)


async def _group_search(state: DatadogState, request: Request) -> Any:
    return datadog_monitors.search_groups(state, request.query_params)


async def _downtimes(state: DatadogState, request: Request) -> Any:
    return datadog_lists.downtimes(state, request.query_params)


async def _downtime_matches(state: DatadogState, request: Request) -> Any:
    datadog_monitors.known(state, request.path_params["monitor_id"])
    return {"data": [], "meta": {"page": {"total_filtered_count": 0}}}


async def _query(state: DatadogState, request: Request) -> Any:
    wanted = request.query_params
    if not {"from", "to", "query"} <= wanted.keys():
        raise BadRequest("Missing required parameters: from, to, query")
    try:
        begin, end = int(wanted["from"]), int(wanted["to"])
    except ValueError:
        raise BadRequest("from and to must be integers") from None
    if end <= begin:
        raise BadRequest("Invalid time range: to must be after from")
    try:
        return datadog_metrics.answer(state.series, state.units, wanted["query"], begin, end)
    except datadog_metrics.Unparsable as problem:
        raise BadRequest(str(problem)) from None


async def _events_v1(state: DatadogState, request: Request) -> Any:
    return datadog_lists.events_v1(state, request.query_params)


async def _events(state: DatadogState, request: Request) -> Any:
    return datadog_lists.events(state, _from_query(request))


async def _events_search(state: DatadogState, request: Request) -> Any:
    return datadog_lists.events(state, await _body(request))


async def _logs(state: DatadogState, request: Request) -> Any:
    return datadog_lists.logs(state, _from_query(request))


async def _logs_search(state: DatadogState, request: Request) -> Any:
    return datadog_lists.logs(state, await _body(request))


async def _aggregate(state: DatadogState, request: Request) -> Any:
    return datadog_lists.aggregate(state, await _body(request))


async def _not_found(scope: Any, receive: Any, send: Any) -> None:
    await _errors(404, "Not found")(scope, receive, send)


def _from_query(request: Request) -> dict[str, Any]:
    """`filter[query]`, `page[limit]` … of a GET as the body of the same POST."""
    wanted = request.query_params
    groups: dict[str, Any] = {"filter": {}, "page": {}}
    for name, value in wanted.items():
        group, _, inner = name.partition("[")
        if group in groups and inner.endswith("]"):
            groups[group][inner[:-1]] = value
    return groups | ({"sort": wanted["sort"]} if "sort" in wanted else {})


async def _body(request: Request) -> dict[str, Any]:
    text = await request.body()
    try:
        body = json.loads(text or b"{}")
    except ValueError:
        raise BadRequest("Invalid JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("Invalid JSON structure")
    return body


def _refused(request: Request, api_key: str, app_key: str | None) -> Response | None:
    """403 with Datadog's words for a key that is missing or wrong."""
    given = request.headers.get("dd-api-key") or request.query_params.get("api_key")
    if not given:
        return _errors(403, "API key required")
    application = request.headers.get("dd-application-key") or request.query_params.get("application_key")
    if given != api_key or app_key not in (None, application):
        return _errors(403, "Forbidden")
    return None


def _errors(status: int, message: str) -> Response:
    headers = {"Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())}
    return JSONResponse({"errors": [message]}, status, headers)
