"""The sandbox's Datadog, used through datadog-api-client, async and sync, over HTTP."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from datadog_api_client import ApiClient, AsyncApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.events_api import EventsApi as EventsV1
from datadog_api_client.v1.api.metrics_api import MetricsApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.api.events_api import EventsApi
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.logs_aggregate_request import LogsAggregateRequest
from datadog_api_client.v2.model.logs_aggregation_function import LogsAggregationFunction
from datadog_api_client.v2.model.logs_compute import LogsCompute
from datadog_api_client.v2.model.logs_group_by import LogsGroupBy
from datadog_api_client.v2.model.logs_list_request import LogsListRequest
from datadog_api_client.v2.model.logs_list_request_page import LogsListRequestPage
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.datadog import DatadogState
from bot.sandbox.datadog_face import datadog_face
from bot.sandbox.datadog_nouns import Monitor
from bot.sandbox.deliveries import Deliveries

NOW = 1_750_000_000
GROUP = "kube_namespace:shop,kube_deployment:api"
QUERY = "max(last_5m):max:kubernetes.memory.usage_pct{kube_namespace:shop} by {kube_namespace,kube_deployment} > 90"


@pytest.fixture
async def deliveries():
    deliveries = Deliveries(retry_seconds={})
    yield deliveries
    await deliveries.aclose()


@pytest.fixture
def state(deliveries):
    state = DatadogState(deliveries, webhook_token="token", origin="http://127.0.0.1:1", clock=lambda: float(NOW))
    state.register(
        Monitor(
            id=42,
            name="Memory of api",
            query=QUERY,
            message="api is out of memory @webhook-suture",
            tags=["env:prod", "service:api"],
            thresholds={"critical": 90.0},
            group=GROUP,
            priority=2,
        )
    )
    return state


@pytest.fixture
async def configuration(serve, state):
    url = await serve(lambda _url: Starlette(routes=[Mount("/datadog", datadog_face(state, api_key="api", app_key="app"))]))
    configuration = Configuration(host=f"{url}/datadog")
    configuration.api_key |= {"apiKeyAuth": "api", "appKeyAuth": "app"}
    return configuration


@pytest.fixture
async def client(configuration):
    async with AsyncApiClient(configuration) as client:
        yield client


async def refused(call):
    with pytest.raises(ApiException) as caught:
        await call
    return caught.value.status, json.loads(caught.value.body)["errors"] if isinstance(caught.value.body, str) else caught.value.body[
        "errors"
    ]


async def test_a_key_is_validated_and_a_wrong_one_refused(configuration, client):
    """What `suture check` asks."""
    assert (await AuthenticationApi(client).validate()).valid is True

    configuration.api_key = {"apiKeyAuth": "wrong", "appKeyAuth": "app"}
    assert await refused(AuthenticationApi(client).validate()) == (403, ["Forbidden"])
    configuration.api_key = {"apiKeyAuth": "api", "appKeyAuth": "wrong"}
    assert await refused(MonitorsApi(client).get_monitor(42)) == (403, ["Forbidden"])


async def test_a_monitor_is_told_with_the_states_of_its_groups(state, client):
    """Query, thresholds, groups and recent state are evidence."""
    await state.evaluate(42, firing=True, value=97.0)

    monitor = await MonitorsApi(client).get_monitor(42, group_states="all", with_downtimes=True)

    assert monitor.query == QUERY
    assert monitor.options.thresholds.critical == 90.0
    assert str(monitor.overall_state) == "Alert"
    assert str(monitor.state.groups[GROUP].status) == "Alert"
    assert monitor.state.groups[GROUP].last_triggered_ts == NOW
    assert monitor.matching_downtimes == []


async def test_the_sync_client_reads_the_same(configuration, state):
    """Two transports of one SDK: urllib3 here, aiosonic elsewhere."""

    def read():
        with ApiClient(configuration) as client:
            return MonitorsApi(client).get_monitor(42)

    assert (await asyncio.to_thread(read)).name == "Memory of api"


async def test_what_is_not_there_or_not_understood_is_refused_in_datadogs_words(client):
    """The bodies are the recorded ones."""
    assert await refused(MonitorsApi(client).get_monitor(7)) == (404, ["Monitor not found"])
    assert await refused(MonitorsApi(client).list_monitors(group_states="notagroupstate")) == (400, ["Invalid group_state filters."])
    assert await refused(MonitorsApi(client).search_monitor_groups(query="status:notastatus")) == (
        400,
        ["Query parsing error: 'notastatus' is not a valid monitor status"],
    )


async def test_monitors_and_groups_are_listed_and_searched(state, client):
    """By name, by tag, by status."""
    await state.evaluate(42, firing=True, value=97.0)
    api = MonitorsApi(client)

    assert [m.id for m in await api.list_monitors(monitor_tags="service:api")] == [42]
    assert await api.list_monitors(monitor_tags="service:web") == []
    assert (await api.search_monitors(query="service:api")).monitors[0].id == 42
    assert (await api.search_monitor_groups(query="status:alert")).groups[0].group == GROUP
    assert (await api.search_monitor_groups(query="status:ok")).groups == []
    assert (await DowntimesApi(client).list_monitor_downtimes(42)).data == []


async def test_downtimes_are_listed_the_active_ones_alone_where_that_is_asked_for(state, client):
    """As the SDK's own models read them."""
    state.mute("kube_namespace:shop", "Moving the database", until="2026-11-22T00:00:00+00:00")
    state.mute("*", status="ended")
    api = DowntimesApi(client)

    (active,) = (await api.list_downtimes(current_only=True)).data
    assert (active.attributes.scope, active.attributes.message) == ("kube_namespace:shop", "Moving the database")
    assert len((await api.list_downtimes()).data) == 2


async def test_points_come_back_as_the_query_asks(state, client):
    """By scope, by group, rolled up; the shape is the recorded one."""
    for second in range(10):
        at = NOW - 60 + second
        state.record("kubernetes.memory.usage", 100.0 + second, ["kube_namespace:shop", "pod_name:a"], at=at)
        state.record("kubernetes.memory.usage", 200.0, ["kube_namespace:shop", "pod_name:b"], at=at)
        state.record("kubernetes.memory.usage", 900.0, ["kube_namespace:other", "pod_name:c"], at=at)
    api, window = MetricsApi(client), {"_from": NOW - 3600, "to": NOW}

    together = await api.query_metrics(query="max:kubernetes.memory.usage{kube_namespace:shop}", **window)
    by_pod = await api.query_metrics(query="avg:kubernetes.memory.usage{kube_namespace:shop} by {pod_name}.rollup(max, 10)", **window)
    nothing = await api.query_metrics(query="avg:no.such.metric{*}", **window)

    assert [p.value[1] for p in together.series[0].pointlist] == [200.0]
    assert together.series[0].interval == 20
    assert {s.scope: s.pointlist[-1].value[1] for s in by_pod.series} == {
        "kube_namespace:shop,pod_name:a": 109.0,
        "kube_namespace:shop,pod_name:b": 200.0,
    }
    assert nothing.series == []


@pytest.mark.parametrize("query", ["avg:system.cpu.idle", "avg(system.cpu)", "", "avg:a{b}.derivative()", "median:a{*}"])
async def test_a_query_that_does_not_read_is_a_400(client, query):
    """The real one names the place."""
    status, errors = await refused(MetricsApi(client).query_metrics(_from=NOW - 60, to=NOW, query=query))

    assert status == 400
    assert errors[0].startswith("Error parsing query")


async def test_logs_are_found_by_the_search_language_newest_first(state, client):
    """Facets, words, phrases, negation, brackets; pages by cursor; counts by facet."""
    tags = ["kube_namespace:shop", "pod_name:api-1"]
    for n in range(5):
        state.log(f"request {n} took long", service="api", tags=tags, at=NOW - 100 + n)
    state.log(
        "Out of memory: killed process", service="api", tags=tags, status="error", at=NOW - 50, attributes={"http": {"status_code": 503}}
    )
    state.log("other", service="web", tags=["kube_namespace:web"], at=NOW - 40)
    api = LogsApi(client)

    async def found(query):
        body = LogsListRequest(filter=LogsQueryFilter(query=query, _from="now-15m", to="now"))
        return [log.attributes.message for log in (await api.list_logs(body=body)).data]

    body = LogsListRequest(filter=LogsQueryFilter(query="service:api", _from="now-15m", to="now"), page=LogsListRequestPage(limit=4))
    first = await api.list_logs(body=body)
    body.page.cursor = first.meta.page.after
    second = await api.list_logs(body=body)

    assert await found("service:api status:error") == ["Out of memory: killed process"]
    assert await found('"took long" -request*4') == [f"request {n} took long" for n in (3, 2, 1, 0)]
    assert await found("kube_namespace:(web OR none) OR @http.status_code:>=500") == ["other", "Out of memory: killed process"]
    assert await found("NOT (service:api OR service:web)") == []
    assert await found("@http.status_code:[500 TO 599]") == ["Out of memory: killed process"]
    assert len(first.data) == 4
    assert [log.attributes.message for log in second.data] == ["request 1 took long", "request 0 took long"]


async def test_logs_are_counted_by_facet(state, client):
    """What is frequent, without reading it all."""
    for status in ("error", "error", "info"):
        state.log("x", service="api", tags=[], status=status)
    body = LogsAggregateRequest(
        compute=[LogsCompute(aggregation=LogsAggregationFunction.COUNT)],
        filter=LogsQueryFilter(query="service:api", _from="now-15m", to="now"),
        group_by=[LogsGroupBy(facet="status")],
    )

    buckets = (await LogsApi(client).aggregate_logs(body=body)).data.buckets

    assert [(b.by["status"], b.computes["c0"].value if hasattr(b.computes["c0"], "value") else b.computes["c0"]) for b in buckets] == [
        ("error", 2),
        ("info", 1),
    ]


async def test_a_wrong_search_or_cursor_is_a_400(client):
    """Nothing is silently everything."""
    api = LogsApi(client)
    bad = [
        LogsListRequest(filter=LogsQueryFilter(query="service:api AND", _from="now-15m", to="now")),
        LogsListRequest(filter=LogsQueryFilter(query="(a", _from="now-15m", to="now")),
        LogsListRequest(filter=LogsQueryFilter(query="*", _from="yesterday", to="now")),
        LogsListRequest(filter=LogsQueryFilter(query="*", _from="now-15m", to="now"), page=LogsListRequestPage(cursor="????")),
    ]
    for body in bad:
        status, errors = await refused(api.list_logs(body=body))
        assert status == 400
        assert errors[0].startswith("input_validation_error(Field ")


async def test_events_are_found_in_both_versions_of_the_api(state, client):
    """A monitor's transition is an event as well."""
    await state.evaluate(42, firing=True, value=97.0)
    since = datetime.fromtimestamp(NOW, tz=UTC) - timedelta(hours=1)

    new = await EventsApi(client).list_events(filter_query="source:alert", filter_from=since.isoformat(), filter_to="now")
    old = await EventsV1(client).list_events(start=NOW - 3600, end=NOW + 1, tags="service:api")

    assert new.data[0].attributes.attributes.title == f"[Triggered on {{{GROUP}}}] Memory of api"
    assert old.events[0].title == f"[Triggered on {{{GROUP}}}] Memory of api"


async def test_a_cycle_is_delivered_from_trigger_to_recovery_under_one_key(state, deliveries):
    """Triggered, Re-Triggered and Recovered, rendered from the documented payload; a new cycle, a new key."""
    state.monitors[42].renotify_seconds = 0.0001
    now = [float(NOW)]
    state.clock = lambda: now[0]
    for firing in (False, True, True, False, False, True):
        await state.evaluate(42, firing=firing, value=97.0 if firing else 40.0)
        now[0] += 60

    bodies = [delivery["body"] for delivery in state.deliveries()]
    keys = [body["alert_cycle_key"] for body in bodies]

    assert [b["alert_transition"] for b in bodies] == ["Triggered", "Re-Triggered", "Recovered", "Triggered"]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert bodies[0]["alert_metric"] == "kubernetes.memory.usage_pct"
    assert bodies[0]["alert_status"] == f"kubernetes.memory.usage_pct over {GROUP} was > 90.0 at least once during the last 5m."
    assert bodies[0]["date"] == str((NOW + 60) * 1000)
    assert bodies[0]["priority"] == "P2"
    assert bodies[0]["scopes"] == GROUP
    assert bodies[0]["body"].startswith("%%%\napi is out of memory")
    assert bodies[0]["tags"] == "env:prod,kube_deployment:api,kube_namespace:shop,monitor,service:api"
    assert "$" not in json.dumps(bodies)


def test_a_restart_goes_on_where_the_account_was(state):
    """Also in the middle of an alert."""
    state.record("a", 1.0, ["x:y"])
    state.log("line", service="api", tags=["x:y"])
    state.event("title", "text", ["x:y"])

    later = DatadogState(state._deliveries, webhook_token="token", origin="http://127.0.0.1:1")
    later.restore(json.loads(json.dumps(state.snapshot())))

    assert (later.monitors, later.groups, later.series, later.logs, later.events) == (
        state.monitors,
        state.groups,
        state.series,
        state.logs,
        state.events,
    )
