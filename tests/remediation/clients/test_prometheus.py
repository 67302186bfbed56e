"""The Prometheus client over HTTP, against a face that refuses in Prometheus' own words."""

import asyncio
import base64
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from remediation.clients.prometheus import PrometheusClient
from remediation.errors import Forbidden, NotFound, Unreachable, Unusable
from remediation.terms import Window
from tests.remediation.made import NOW
from tests.remediation.prometheus_face import TOKEN, Face, prometheus

HOUR = Window(since=NOW - timedelta(hours=1), until=NOW)
EXECUTION = {"status": "error", "errorType": "execution", "error": "found duplicate series for the match group {} on the right hand-side"}
TIMEOUT = {"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}


async def asked(face, query, *, over=None, token=TOKEN, **limits):
    async with prometheus(face):
        client = PrometheusClient(f"{face.url}/", token=token, **limits)
        try:
            return await (client.over(query, over) if over else client.now(query, NOW))
        finally:
            await client.close()


async def test_a_range_is_asked_in_steps_and_comes_back_as_series():
    """With labels, without points that are no number, the name among the labels as the metric."""
    labels = {"__name__": "up", "pod": "api-1"}
    answer = await asked(Face(series={"up": [(labels, [1.0, float("nan"), float("inf"), 3.0])]}), "up", over=HOUR)

    (series,) = answer.series
    assert (series.metric, series.labels) == ("up", {"pod": "api-1"})
    assert series.points == ((NOW.timestamp() - 90, 1.0), (NOW.timestamp(), 3.0))


async def test_a_long_window_never_asks_for_too_many_points():
    """Prometheus refuses more than 11,000."""
    month = Window(since=NOW - timedelta(days=30), until=NOW)

    assert (await asked(Face(), "up", over=month)).series == ()


async def test_a_partial_answer_says_so():
    """Warnings are kept beside what came."""
    face = Face(series={"up": [({"pod": "a"}, [1.0])]}, warnings=["remote_read: fanout: store-2 unavailable"])

    assert (await asked(face, "up")).warnings == ("remote_read: fanout: store-2 unavailable",)


@pytest.mark.parametrize("knows_limit", [True, False])
async def test_no_more_series_than_asked_for_and_it_is_said(knows_limit):
    """A server that knows `limit` says it itself; for an older one we do."""
    face = Face(series={"up": [({"pod": str(n)}, [1.0]) for n in range(9)]}, knows_limit=knows_limit)
    answer = await asked(face, "up", most=5)

    assert len(answer.series) == 5
    assert answer.warnings


@pytest.mark.parametrize(
    ("face", "query", "error", "said"),
    [
        (Face(), "up(", Unusable, "unclosed left parenthesis"),
        (Face(), " ", Unusable, "no expression found"),
        (Face(trouble={"up": (422, EXECUTION)}), "up", Unusable, "duplicate series"),
        (Face(trouble={"up": (503, TIMEOUT)}), "up", Unreachable, "timed out"),
        (Face(trouble={"up": (502, "<html>Bad Gateway</html>")}), "up", Unreachable, "502"),
        (Face(trouble={"up": (429, "slow down")}), "up", Unreachable, "429"),
        (Face(trouble={"up": (403, "tenant not allowed password=hunter2hunter2")}), "up", Forbidden, "PROMETHEUS_TOKEN"),
        (Face(trouble={"up": (200, "<html>Sign in</html>")}), "up", Unusable, "something else than its API"),
        (Face(trouble={"up": (302, "")}), "up", Unusable, "PROMETHEUS_URL"),
        (Face(trouble={"up": (404, "404 page not found")}), "up", NotFound, "ends before /api/v1"),
    ],
)
async def test_what_it_refuses_is_our_error_with_its_reason(face, query, error, said):
    """And no secret in it."""
    with pytest.raises(error) as raised:
        await asked(face, query)

    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert TOKEN not in str(raised.value)


async def test_a_wrong_token_is_named_and_not_shown():
    """The setting is, the value is not."""
    with pytest.raises(Forbidden, match="PROMETHEUS_TOKEN") as raised:
        await asked(Face(), "up", token="wrong-token")

    assert "wrong-token" not in str(raised.value)


async def test_a_name_and_password_travel_as_basic():
    """Where no token is set."""
    seen = []

    async def answer(request):
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response({"status": "success", "data": {"resultType": "scalar", "result": [1, "7"]}})

    app = web.Application()
    app.router.add_get("/prom/api/v1/query", answer)
    async with TestServer(app) as server:
        client = PrometheusClient(str(server.make_url("/prom/")), username="reader", password="pass-word")
        found = await client.now("7", NOW)
        await client.close()

    assert found.series[0].points == ((1.0, 7.0),)
    assert base64.b64decode(seen[0].removeprefix("Basic ")).decode() == "reader:pass-word"


async def test_silence_and_absence_are_unreachable():
    """In the time that it may take, and at once."""

    async def hang(_):
        await asyncio.sleep(5)
        return web.Response()

    app = web.Application()
    app.router.add_get("/{path:.*}", hang)
    async with TestServer(app) as server:
        slow = PrometheusClient(str(server.make_url("/")), seconds=0.1)
        with pytest.raises(Unreachable, match=r"did not answer in 0\.1 s"):
            await slow.now("up", NOW)
        await slow.close()
    gone = PrometheusClient("http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="cannot be reached"):
        await gone.version()
    await gone.close()


@pytest.mark.parametrize("url", ["prometheus:9090", "ftp://x", "http://"])
async def test_what_is_no_address_is_said_by_its_setting(url):
    """Not a traceback of the SDK."""
    client = PrometheusClient(url)
    with pytest.raises((Unusable, Unreachable), match="PROMETHEUS_URL"):
        await client.version()
    await client.close()
