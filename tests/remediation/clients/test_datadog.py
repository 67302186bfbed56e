"""The Datadog client through the real SDK: against the sandbox's face, against recorded bodies, and against a server in trouble."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.datadog import DatadogState
from bot.sandbox.datadog_face import datadog_face
from bot.sandbox.datadog_nouns import Monitor
from bot.sandbox.deliveries import Deliveries
from remediation.clients.datadog import DatadogClient
from remediation.errors import Forbidden, NotFound, Unreachable, Unusable
from remediation.terms import Window
from tests.shared import corpus

NOW = 1_750_000_000
AT = datetime.fromtimestamp(NOW, UTC)
WINDOW = Window(since=AT - timedelta(hours=1), until=AT)
MEMORY = "max:kubernetes.memory.usage_pct{kube_namespace:shop} by {kube_deployment}"
KEY, APP_KEY = "0123456789abcdef0123456789abcdef", "fedcba98fedcba98fedcba98fedcba9876543210"


@pytest.fixture
async def datadog(serve):
    deliveries = Deliveries(retry_seconds={})
    state = DatadogState(deliveries, webhook_token="t", origin="http://127.0.0.1:1", clock=lambda: float(NOW))
    state.register(
        Monitor(
            id=42,
            name="Memory",
            query=f"max(last_5m):{MEMORY} > 90",
            message="",
            tags=["env:prod"],
            thresholds={"critical": 90.0},
            group="kube_deployment:api",
        )
    )
    state.record("kubernetes.memory.usage_pct", 97.5, ["kube_namespace:shop", "kube_deployment:api"], at=NOW - 60)
    state.log("boom", service="api", tags=["kube_namespace:shop"], status="error", at=NOW - 30)
    url = await serve(lambda _url: Starlette(routes=[Mount("/datadog", datadog_face(state, api_key=KEY, app_key=APP_KEY))]))
    yield f"{url}/datadog"
    await deliveries.aclose()


@pytest.fixture
async def client(datadog):
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=datadog)
    yield client
    await client.close()


async def test_a_monitor_comes_with_its_groups(client):
    """Definition, thresholds and states in one read."""
    monitor = await client.monitor("42")
    assert monitor["options"]["thresholds"] == {"critical": 90.0}
    assert monitor["query"].startswith("max(last_5m)")


async def test_logs_come_newest_first_as_events(client):
    """Raw, as Datadog gave them."""
    events = await client.logs("service:api", WINDOW)
    assert [event["attributes"]["message"] for event in events] == ["boom"]
    assert await client.logs("service:web", WINDOW) == []
    assert await client.events("*", WINDOW) == []


async def test_a_metric_comes_as_series_by_group(client):
    """With epoch seconds and the group's labels."""
    series = await client.metric(MEMORY, WINDOW)
    assert series[0].metric == "kubernetes.memory.usage_pct"
    assert series[0].labels == {"kube_deployment": "api"}
    assert [value for _, value in series[0].points] == [97.5]
    assert series[0].points[0][0] == pytest.approx(NOW - 60, abs=60)


async def test_each_key_is_tried_by_itself(client, datadog):
    """So that the wrong one can be named; and Datadog's own word for it is told."""
    await client.validate()
    await client.try_monitors()
    for keys, attempt in (({"api_key": "wrong", "app_key": APP_KEY}, "validate"), ({"api_key": KEY, "app_key": "wrong"}, "try_monitors")):
        wrong = DatadogClient(**keys, api_url=datadog)
        with pytest.raises(Forbidden, match="Forbidden"):
            await getattr(wrong, attempt)()
        await wrong.close()


@pytest.mark.parametrize("monitor_id", ["7", "abc", ""])
async def test_a_monitor_that_is_not_there_is_not_found(client, monitor_id):
    """Whether Datadog says so or its number cannot be one."""
    with pytest.raises(NotFound):
        await client.monitor(monitor_id)


async def test_a_bad_query_is_unusable(client):
    """With Datadog's words."""
    with pytest.raises(Unusable, match="query"):
        await client.metric("avg:(", WINDOW)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(401, b"{}", Forbidden), (403, b'{"errors":["Forbidden"]}', Forbidden), (404, b'{"errors":["Monitor not found"]}', NotFound),
     (400, b'{"errors":["unable to parse"]}', Unusable), (418, b"short and stout", Unreachable), (200, b"<html>", Unusable)],
)  # fmt: skip
async def test_a_refusal_has_a_kind_and_holds_no_key(scripted, status, body, kind):
    """No secret reaches an error."""
    server = await scripted((status, body))
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=server.url)
    with pytest.raises(kind) as raised:
        await client.monitor("1")
    told = f"{raised.value} {raised.value!r} {raised.value.__cause__!r}"
    assert KEY not in told
    assert APP_KEY not in told
    assert server.asked[0][2]["DD-API-KEY"] == KEY
    assert server.asked[0][3] == b""
    await client.close()


async def test_it_does_not_wait_longer_than_it_was_told(scripted):
    """Datadog asks to wait an hour, or is not there: Unreachable, in time."""
    server = await scripted((503, b"{}"))
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=server.url, seconds=0.3)
    with pytest.raises(Unreachable, match=r"did not answer in 0\.3 s"):
        await client.validate()
    await client.close()
    gone = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="cannot be reached"):
        await gone.validate()
    await gone.close()


async def test_recorded_answers_are_read(scripted):
    """A timeseries and a monitor as Datadog really sent them."""
    series = _recorded("v1_query_timeseries_points_returns_ok_response.json", -1)
    monitor = _recorded("v1_get_a_monitors_details_with_downtime_returns_ok_response.json", 2)
    server = await scripted((200, series), (200, monitor))
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=server.url)
    (idle,) = await client.metric("system.cpu.idle{*}", WINDOW)
    assert (idle.metric, len(idle.points), idle.points[0]) == ("system.cpu.idle", 288, (1641344100.0, 91.4583840476142))
    assert (await client.monitor("1"))["overall_state"] == "No Data"
    assert server.asked[1][1] == "/api/v1/monitor/1?group_states=all&with_downtimes=true"
    await client.close()


def _recorded(name, index):
    return json.dumps(json.loads(corpus("datadog_api", name).read_text())[index]["response"]["body"]).encode()


@pytest.mark.parametrize(
    ("query", "metric"),
    [
        (f"max(last_5m):{MEMORY} > 90", MEMORY),
        ("avg(last_15m):avg:system.load.1{*} / 2 >= 1.5e-3", "avg:system.load.1{*} / 2"),
        ("change(avg(last_5m),last_5m):sum:x{*} < -10", "sum:x{*}"),
        ("pct_change(avg(last_5m),last_5m):sum:x{*} < -10", "sum:x{*}"),
        ('logs("service:a").index("main").rollup("count").last("5m") > 2', ""),
        ('"http.can_connect".over("a").by("host").last(4).count_by_status()', ""),
        ("", ""),
    ],
)
def test_the_metric_of_a_monitor_is_cut_out_of_its_query(query, metric):
    """Without window and threshold; nothing for what watches no metric."""
    assert DatadogClient(api_key=KEY, app_key=APP_KEY).watched(query) == metric


async def test_logs_are_counted_by_status(client):
    """Without reading them."""
    assert await client.counts("kube_namespace:shop", WINDOW) == {"error": 1}
    assert await client.counts("kube_namespace:nowhere", WINDOW) == {}


async def test_a_connection_that_was_closed_while_it_lay_idle_is_no_outage():
    """Incidents are minutes apart, and no server keeps a connection so long: the next one must not do without its logs."""
    met = []

    async def answer_and_hang_up(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        met.append(head.split(b" ")[1])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"data":[]}')
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer_and_hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=f"http://127.0.0.1:{port}")
    try:
        for _ in range(2):
            both = await asyncio.gather(client.logs("service:api", WINDOW), client.events("service:api", WINDOW))
            assert both == [[], []]
            await asyncio.sleep(0.1)
    finally:
        await client.close()
        server.close()
        await server.wait_closed()
    assert len(met) == 4


ODD = [
    b"[]",
    b"null",
    b'{"data":{"buckets":1},"series":{}}',
    b'{"data":[1],"series":[1]}',
    b'{"data":[{"attributes":"x"}],"series":[{"pointlist":[["a",1]]}]}',
]


@pytest.mark.parametrize("body", ODD)
async def test_an_answer_of_another_shape_is_unusable(scripted, body):
    """A proxy's, or a newer Datadog's: what came is said, and nothing of ours breaks."""
    server = await scripted((200, body))
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=server.url)
    ways = (
        client.logs("*", WINDOW),
        client.events("*", WINDOW),
        client.downtimes(),
        client.metric(MEMORY, WINDOW),
        client.counts("*", WINDOW),
    )
    said = await asyncio.gather(*ways, return_exceptions=True)
    assert [type(each) for each in said] == [Unusable] * len(said)
    assert all("in a shape that cannot be read" in str(each) for each in said)
    await client.close()


@pytest.mark.parametrize(
    "body", [b"[]", b'{"tags":"env:prod"}', b'{"options":{"thresholds":{"critical":"high"}}}', b'{"state":{"groups":[]}}']
)
async def test_a_monitor_of_another_shape_is_unusable(scripted, body):
    """What is read of it further on is there as it is read."""
    server = await scripted((200, body))
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=server.url)
    with pytest.raises(Unusable, match="in a shape that cannot be read"):
        await client.monitor("1")
    await client.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", Unreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", Unusable),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", Unusable),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_of_its_kind(answer, kind):
    """Not a bug of ours, whatever the SDK makes of it."""

    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        with pytest.raises(kind):
            await client.monitor("1")
    finally:
        await client.close()
        server.close()
        await server.wait_closed()
