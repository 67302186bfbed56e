"""Datadog's API as raw JSON through datadog-api-client's AsyncApiClient: monitors, logs, metrics, events.

Its generated models are never imported: they cost 80 MB. The SDK itself is imported at the first call, off the loop.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from remediation.clients import datadog_answers as answers
from remediation.clients.lazily import imported
from remediation.errors import Forbidden, Late, NotFound, RemediationError, Unreachable, Unusable
from remediation.masking import mask
from remediation.terms import Json, Series, Window

_FACETS = 20  # values of a facet that are counted
_TRIES_MORE = 2  # after a 429 or 5xx, within the time that one answer may take
_IDLE_AT_MOST = 5  # connections that a pool gives back before it makes a new one: as many as ask at once
_EVALUATION = re.compile(
    r"^\s*\w+\((?:\w+\(last_\w+\)\s*,\s*)?last_\w+\)\s*:"
    r"\s*(?P<query>.+?)\s*(?:[<>]=?|==|!=)\s*-?[\d.]+(?:e-?\d+)?\s*$",
    re.DOTALL,
)
_NOT_METRICS = re.compile(r"^\s*(?:logs|events|rum|error-tracking|ci-pipelines|trace-analytics|database-monitoring|synthetics)\(")


class DatadogClient:
    """One organisation. site: `datadoghq.eu`; api_url: instead of the site's own, without a path of the API.

    seconds: how long one answer may take, tries included. Every method raises Unreachable, Forbidden, NotFound or Unusable.
    """

    def __init__(self, *, api_key: str, app_key: str, site: str = "datadoghq.com", api_url: str = "", seconds: float = 10.0) -> None:
        self._headers = {
            "DD-API-KEY": api_key,
            "DD-APPLICATION-KEY": app_key,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        self._host = api_url.rstrip("/") or f"https://api.{site}"
        self._seconds = seconds
        self._api: Any = None
        self._connecting = asyncio.Lock()

    async def monitor(self, monitor_id: str) -> dict[str, Json]:
        """The monitor's definition with the state of all its groups and its downtimes. Raises NotFound."""
        if not monitor_id.isdecimal():
            raise NotFound(f"{monitor_id[:40]!r} is no number of a Datadog monitor.", "Send $ALERT_ID as monitor_id.")
        asked = {"group_states": "all", "with_downtimes": "true"}
        return answers.monitor(await self._ask("GET", f"/api/v1/monitor/{monitor_id}", asked))

    async def logs(self, query: str, window: Window, limit: int = 200) -> list[dict[str, Json]]:
        """Log events that match, newest first: each `{id, attributes: {timestamp, message, status, service, host, tags, attributes}}`."""
        return await self._search("/api/v2/logs/events/search", query, window, limit)

    async def events(self, query: str, window: Window, limit: int = 50) -> list[dict[str, Json]]:
        """Events that match, newest first: each `{id, attributes: {timestamp, message, tags, attributes}}`."""
        return await self._search("/api/v2/events/search", query, window, limit)

    async def downtimes(self, limit: int = 100) -> list[dict[str, Json]]:
        """The downtimes that are active: each `{id, attributes: {scope, message, monitor_identifier, schedule, status}}`."""
        return answers.things(await self._ask("GET", "/api/v2/downtime", {"current_only": "true", "page[limit]": str(limit)}))

    async def counts(self, query: str, window: Window, facet: str = "status") -> dict[str, int]:
        """How many log events match, by a facet's value; the most first."""
        span = {"query": query, "from": window.since.isoformat(), "to": window.until.isoformat()}
        by = {"facet": facet, "limit": _FACETS, "sort": {"type": "measure", "aggregation": "count", "order": "desc"}}
        body = {"filter": span, "compute": [{"aggregation": "count", "type": "total"}], "group_by": [by]}
        return answers.counts(await self._ask("POST", "/api/v2/logs/analytics/aggregate", body=body), facet)

    async def metric(self, query: str, window: Window) -> list[Series]:
        """One series per group of a metric query; missing points are left out."""
        begin, end = int(window.since.timestamp()), int(window.until.timestamp())
        return answers.series(await self._ask("GET", "/api/v1/query", {"from": str(begin), "to": str(end), "query": query}))

    def watched(self, monitor_query: str) -> str:
        """The metric that a monitor watches, without its window and threshold; empty for a monitor of logs, events or checks."""
        match = _EVALUATION.match(monitor_query)
        query = match["query"] if match else ""
        return "" if _NOT_METRICS.match(query) else query

    async def validate(self) -> None:
        """Try the API key. Raises Forbidden when it is wrong."""
        await self._ask("GET", "/api/v1/validate")

    async def try_monitors(self) -> None:
        """Try whether the application key may read monitors. Raises Forbidden when it may not, or is wrong."""
        await self._ask("GET", "/api/v1/monitor", {"page": "0", "page_size": "1"})

    async def close(self) -> None:
        """Close its connections."""
        if self._api is not None:
            await self._api.__aexit__(None, None, None)
            self._api = None

    async def _search(self, path: str, query: str, window: Window, limit: int) -> list[dict[str, Json]]:
        span = {"query": query, "from": window.since.isoformat(), "to": window.until.isoformat()}
        return answers.things(await self._ask("POST", path, body={"filter": span, "sort": "-timestamp", "page": {"limit": limit}}))

    async def _ask(self, method: str, path: str, query: Mapping[str, str] | None = None, body: Json = None) -> Any:
        api = await self._connected()
        sonic, exceptions = imported("aiosonic.exceptions"), imported("datadog_api_client.exceptions")

        async def ask() -> bytes:
            answer = await api.rest_client.request(
                method, self._host + path, query_params=dict(query or {}), headers=dict(self._headers), body=body
            )
            text: bytes = await answer.content()
            return text

        try:
            async with asyncio.timeout(self._seconds):
                text = await _in_spite_of_closed_connections(ask, (OSError, sonic.ConnectionDisconnected))
        except exceptions.ApiException as refused:
            raise _error_of(int(refused.status or 0), refused.body) from None  # its text would repeat the request's headers
        except (TimeoutError, sonic.BaseTimeout):
            raise Late.of("Datadog", self._seconds, "Check status.datadoghq.com, then ask again.") from None
        except (OSError, EOFError, sonic.AiosonicError):
            raise Unreachable("Datadog cannot be reached.", "Check DD_SITE or DD_API_URL, and the network.") from None
        except ValueError as garbled:  # such as a length that is no number
            raise Unusable("Datadog's answer is no HTTP.", "Check DD_SITE or DD_API_URL, and what stands before it.") from garbled
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise Unusable("Datadog answered with something that is no JSON.", "Check DD_SITE or DD_API_URL.") from error

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._api is None:
                sdk = await asyncio.to_thread(imported, "datadog_api_client")
                connections = await asyncio.to_thread(imported, "remediation.clients.datadog_connections")
                configuration = sdk.Configuration(host=self._host, enable_retry=True, max_retries=_TRIES_MORE)
                self._api = sdk.AsyncApiClient(configuration)
                self._api.rest_client._client.connector = connections.connector()  # noqa: SLF001 - the SDK has no setting for it
        return self._api


async def _in_spite_of_closed_connections(ask: Callable[[], Awaitable[bytes]], lost: tuple[type[Exception], ...]) -> bytes:
    """A connection that lay idle may be closed by now, which is seen only when it is used; all that we ask is reading, so ask again."""
    for _ in range(_IDLE_AT_MOST):
        with suppress(*lost):
            return await ask()
    return await ask()


def _error_of(status: int, body: bytes | str | Mapping[str, Json] | None) -> RemediationError:
    """Our error for Datadog's status and its `{"errors": […]}`."""
    said = mask(_first_error(body))
    known: Mapping[int, RemediationError] = {
        400: Unusable(f"Datadog does not take the query: {said}", "Look at the monitor's query."),
        401: Forbidden("Datadog does not know our keys.", "Check DD_API_KEY and DD_APP_KEY."),
        403: Forbidden(f"Datadog refused: {said}", "Check DD_API_KEY, DD_APP_KEY, its scopes, and DD_SITE."),
        404: NotFound(f"Datadog has no such thing: {said}", "Check the monitor's id and DD_SITE."),
        429: Unreachable("Datadog's rate limit is used up.", "Ask again later."),
    }
    return known.get(status) or Unreachable(f"Datadog answered {status}: {said}", "Check status.datadoghq.com.")


def _first_error(body: bytes | str | Mapping[str, Json] | None) -> str:
    try:
        errors = (body if isinstance(body, Mapping) else msgspec.json.decode(body or b"{}"))["errors"]
        return str(errors[0])[:300]
    except (msgspec.DecodeError, KeyError, IndexError, TypeError):
        return "no reason"
