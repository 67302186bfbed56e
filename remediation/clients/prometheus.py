"""Prometheus' HTTP API through httpx: instant and range queries. Thanos, Mimir and VictoriaMetrics answer the same way.

The SDK is imported at the first call, off the loop.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from remediation.clients.lazily import imported
from remediation.errors import Forbidden, Late, NotFound, RemediationError, Unreachable, Unusable
from remediation.masking import mask
from remediation.reading.metrics import series_of
from remediation.terms import Json, Series, Window

_LEAST_STEP, _MOST_POINTS = 15.0, 120  # seconds; points of one series
_MOST_BYTES = 8_000_000
_PARALLEL = 4


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The series, and what Prometheus says of them: a partial answer carries warnings."""

    series: tuple[Series, ...]
    warnings: tuple[str, ...] = ()


class PrometheusClient:
    """One Prometheus. token: a bearer token; else username and password; else nothing.

    seconds: how long one answer may take.  most: series of one answer. Every method raises Unreachable, Forbidden, NotFound or Unusable.
    """

    def __init__(
        self, url: str, *, token: str = "", username: str = "", password: str = "", seconds: float = 10.0, most: int = 500
    ) -> None:  # fmt: skip
        self._url = url.rstrip("/")
        self._token = token
        self._basic = (username, password) if username else None
        self._seconds = seconds
        self._most = most
        self._http: Any = None
        self._connecting = asyncio.Lock()
        self._limiter = asyncio.Semaphore(_PARALLEL)

    async def now(self, query: str, at: datetime) -> Answer:
        """An instant query. Raises Unusable, with its reason, for a query that it does not take."""
        return await self._query("/api/v1/query", {"query": query, "time": f"{at.timestamp():.3f}"})

    async def over(self, query: str, window: Window) -> Answer:
        """A range query, in steps that give at most 120 points."""
        seconds = (window.until - window.since).total_seconds()
        step = max(_LEAST_STEP, math.ceil(seconds / _MOST_POINTS))
        span = {"start": f"{window.since.timestamp():.3f}", "end": f"{window.until.timestamp():.3f}", "step": f"{step:g}"}
        return await self._query("/api/v1/query_range", {"query": query, **span})

    async def version(self) -> str:
        """What answers there, such as `3.5.0`; `unknown` where it does not say."""
        try:
            return str((await self._ask("/api/v1/status/buildinfo", {})).get("version") or "unknown")
        except NotFound:
            return "unknown"

    async def close(self) -> None:
        """Close its connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _query(self, path: str, asked: Mapping[str, str]) -> Answer:
        limits = {"timeout": f"{self._seconds:g}s", "limit": str(self._most)}
        body = await self._body(path, {**asked, **limits})
        series = tuple(one for one in series_of(_as_vector(body)) if one.points)
        warnings = tuple(mask(str(warning))[:300] for warning in body.get("warnings") or ())
        if len(series) > self._most:  # an older server knows no limit
            warnings = (*warnings, f"{len(series) - self._most} of {len(series)} series were left out")
        return Answer(series=series[: self._most], warnings=warnings)

    async def _ask(self, path: str, asked: Mapping[str, str]) -> Mapping[str, Json]:
        data = (await self._body(path, asked)).get("data")
        return data if isinstance(data, Mapping) else {}

    async def _body(self, path: str, asked: Mapping[str, str]) -> Mapping[str, Json]:
        http = await self._connected()
        httpx = imported("httpx")
        try:
            async with self._limiter, asyncio.timeout(self._seconds), http.stream("GET", self._url + path, params=dict(asked)) as response:
                text = await _capped(response)
        except (TimeoutError, httpx.TimeoutException):
            raise Late.of("Prometheus", self._seconds, "Ask for less, or check its load.") from None
        except httpx.InvalidURL:
            raise Unusable("PROMETHEUS_URL is no address.", "Write it like http://prometheus.monitoring:9090.") from None
        except (httpx.HTTPError, OSError):
            raise Unreachable("Prometheus cannot be reached.", "Check PROMETHEUS_URL and the network to it.") from None
        return _decoded(int(response.status_code), text)

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._http is None:
                httpx = await asyncio.to_thread(imported, "httpx")
                headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
                basic = None if self._token else self._basic
                self._http = httpx.AsyncClient(timeout=self._seconds, headers=headers, auth=basic, follow_redirects=False)
        return self._http


async def _capped(response: Any) -> bytes:
    text = bytearray()
    async for chunk in response.aiter_bytes():
        text += chunk
        if len(text) > _MOST_BYTES:
            raise Unusable(f"Prometheus answered with more than {_MOST_BYTES // 1_000_000} MB.", "Narrow the query.")
    return bytes(text)


def _decoded(status: int, text: bytes) -> Mapping[str, Json]:
    """The body of a success. Raises our error for Prometheus' own (`errorType`) or a proxy's."""
    try:
        body = msgspec.json.decode(text)
    except msgspec.DecodeError:
        body = None
    if not isinstance(body, dict):
        body = {"error": "" if status < 300 else _first_line(text)}  # noqa: PLR2004 - success
    if status < 300 and body.get("status") == "success":  # noqa: PLR2004
        return body
    raise _error(status, str(body.get("errorType") or ""), mask(str(body.get("error") or "")) or "no reason given")


def _error(status: int, kind: str, said: str) -> RemediationError:
    said = said[:300]
    if status in (401, 403):
        return Forbidden(f"Prometheus refuses us ({status}): {said}", "Check PROMETHEUS_TOKEN, or PROMETHEUS_USERNAME and its password.")
    if status == 404 or kind == "not_found":  # noqa: PLR2004
        return NotFound(f"Prometheus has no such thing: {said}", "Check PROMETHEUS_URL: it ends before /api/v1.")
    if kind in ("bad_data", "execution") or status in (400, 422):
        return Unusable(f"Prometheus does not take the query ({kind or status}): {said}", "Mend it in its catalogue.")
    if status == 429 or status >= 500 or kind in ("timeout", "canceled", "unavailable", "internal"):  # noqa: PLR2004
        return Unreachable(f"Prometheus answered {status} ({kind or 'no kind'}): {said}", "Ask again later, or check its load.")
    return Unusable(f"Prometheus answered {status} with something else than its API.", "Check PROMETHEUS_URL.")


def _first_line(text: bytes) -> str:
    return next(iter(text.decode("utf-8", "replace").strip().splitlines()), "")


def _as_vector(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """A scalar as the one series that it is."""
    data = body.get("data") or {}
    if data.get("resultType") == "scalar":
        return {"data": {"resultType": "vector", "result": [{"metric": {}, "value": data.get("result")}]}}
    return body
