"""Prometheus' query API over loopback HTTP: answers from given series, and refuses what Prometheus 2.42 refuses, in its own words."""

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "prom-token"


@dataclass
class Face:
    """series: by a part of the query that asks for them: (labels, values over time, the last one now).  queries: everything that was asked.

    trouble: by a part of the query: a status and a body.
    """

    series: Mapping[str, Sequence[tuple[Mapping[str, str], Sequence[float]]]] = field(default_factory=dict)
    trouble: Mapping[str, tuple[int, object]] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    knows_limit: bool = True
    url: str = ""
    queries: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """One request."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401, text="Unauthorized\n")
        if request.path == "/api/v1/status/buildinfo":
            return web.json_response({"status": "success", "data": {"version": "2.42.0"}})
        if request.path not in ("/api/v1/query", "/api/v1/query_range"):
            return web.Response(status=404, text="404 page not found\n")
        asked = request.query
        self.queries.append(asked.get("query", ""))
        if refusal := _refused(asked, ranged=request.path.endswith("_range")):
            return web.json_response({"status": "error", "errorType": "bad_data", "error": refusal}, status=400)
        for part, (status, body) in self.trouble.items():
            if part in asked["query"]:
                return web.json_response(body, status=status) if isinstance(body, dict) else web.Response(status=status, text=str(body))
        return web.json_response(self._success(asked, ranged=request.path.endswith("_range")))

    def _success(self, asked: Mapping[str, str], *, ranged: bool) -> dict[str, object]:
        found = [one for part, series in self.series.items() if part in asked["query"] for one in series]
        limit = int(asked.get("limit", "0")) if self.knows_limit else 0
        warnings = [*self.warnings, *(["results truncated due to limit"] if limit and len(found) > limit else [])]
        shown = found[:limit] if limit else found
        at = float(asked.get("end") or asked["time"])
        data = {"resultType": "matrix" if ranged else "vector", "result": [_shown(one, at, asked, ranged=ranged) for one in shown]}
        return {"status": "success", "data": data, **({"warnings": warnings} if warnings else {})}


def _shown(one: tuple[Mapping[str, str], Sequence[float]], at: float, asked: Mapping[str, str], *, ranged: bool) -> dict[str, object]:
    labels, values = one
    if not ranged:
        return {"metric": dict(labels), "value": [at, _number(values[-1])]}
    step = float(asked["step"])
    points = [[at - step * (len(values) - 1 - place), _number(value)] for place, value in enumerate(values)]
    return {"metric": dict(labels), "values": points}


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else "+Inf" if math.isinf(value) else f"{value:g}"


def _refused(asked: Mapping[str, str], *, ranged: bool) -> str:
    """The sentence of a 400, empty for a request that it takes."""
    query = asked.get("query", "")
    if ranged and (wrong := _wrong_span(asked)):
        return wrong
    if not query.strip():
        return 'invalid parameter "query": 1:1: parse error: no expression found in input'
    if query.count("(") != query.count(")"):
        return f'invalid parameter "query": 1:{query.index("(") + 2}: parse error: unclosed left parenthesis'
    return ""


def _wrong_span(asked: Mapping[str, str]) -> str:
    for name in ("start", "end"):
        try:
            float(asked.get(name, ""))
        except ValueError:
            return f'invalid parameter "{name}": cannot parse "{asked.get(name, "")}" to a valid timestamp'
    if float(asked["end"]) < float(asked["start"]):
        return 'invalid parameter "end": end timestamp must not be before start time'
    step = float(asked.get("step") or 0)
    if step <= 0:
        return 'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer'
    if (float(asked["end"]) - float(asked["start"])) / step > 11_000:
        return "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
    return ""


@asynccontextmanager
async def prometheus(face: Face) -> AsyncIterator[Face]:
    """Listening, its address in `url`."""
    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", face.answer)
    async with TestServer(app) as server:
        face.url = str(server.make_url("")).rstrip("/")
        yield face
