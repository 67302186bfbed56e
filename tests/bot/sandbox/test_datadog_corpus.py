"""The sandbox's Datadog beside recorded answers of the real one: the same fields, the same refusals."""

import json
import re
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.datadog import DatadogState
from bot.sandbox.datadog_face import datadog_face
from bot.sandbox.datadog_nouns import Monitor
from bot.sandbox.deliveries import Deliveries
from tests.shared import corpus, specs

KEYS = {"DD-API-KEY": "api", "DD-APPLICATION-KEY": "app"}
NOW = 1_750_000_000
LATER = {
    "enable_logs_sample",
    "escalation_message",
    "evaluation_delay",
    "groupby_simple_monitor",
    "no_data_timeframe",
    "notification_preset_name",
    "on_missing_data",
    "renotify_interval",
    "timeout_h",
}
"""Options that a monitor has only when its author set them."""


@pytest.fixture
async def http(serve):
    deliveries = Deliveries(retry_seconds={})
    state = DatadogState(deliveries, webhook_token="t", origin="http://127.0.0.1:1", clock=lambda: float(NOW))
    state.register(
        Monitor(
            id=42,
            name="m",
            query="avg(last_5m):avg:system.cpu.idle{*} > 1",
            message="x @slack-y",
            tags=["env:ci"],
            thresholds={"critical": 1.0},
        )
    )
    await state.evaluate(42, firing=True, value=2.0)
    state.units["system.cpu.idle"] = "percent"
    state.record("system.cpu.idle", 91.4, ["host:a"])
    state.log("Index page hit", service="s", tags=["env:ci"], host="h", attributes={"duration": 1})
    state.log("Another", service="s", tags=["env:ci"])
    url = await serve(lambda _url: Starlette(routes=[Mount("/datadog", datadog_face(state, api_key="api", app_key="app"))]))
    async with aiohttp.ClientSession(url, headers=KEYS) as session:
        yield session
    await deliveries.aclose()


def recorded(name, nth=-1):
    """Status and body of a recorded answer."""
    response = json.loads(corpus("datadog_api", f"{name}.json").read_text())[nth]["response"]
    return response["status"]["code"], response["body"]


async def asked(http, path, **options):
    async with http.request("POST" if "json" in options else "GET", f"/datadog/api/{path}", **options) as response:
        return response.status, await response.json()


def names(value):
    """The names of an object's fields, in depth; a list stands for its first item."""
    if isinstance(value, dict):
        return {name: names(inner) for name, inner in value.items()}
    return [names(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


async def test_a_monitor_has_the_fields_of_a_real_one(http):
    """All that the real one always has."""
    status, real = recorded("v1_get_a_monitors_details_returns_ok_response", 1)
    found, ours = await asked(http, "v1/monitor/42?with_downtimes=true")

    assert found == status
    assert set(real) <= set(ours) | {"restriction_policy"}
    assert set(real["options"]) - LATER <= set(ours["options"])
    assert set(real["creator"]) == set(ours["creator"])


@pytest.mark.parametrize(
    ("name", "path", "key"),
    [
        ("v1_monitors_search_returns_ok_response", "v1/monitor/search", "monitors"),
        ("v1_monitors_group_search_returns_ok_response", "v1/monitor/groups/search", "groups"),
    ],
)
async def test_a_search_has_the_fields_of_a_real_one(http, name, path, key):
    """Counts, rows and pages."""
    _, real = recorded(name)
    _, ours = await asked(http, path)

    assert set(ours) == set(real)
    assert set(ours[key][0]) == set(real[key][0])
    assert names(ours["counts"]) == names(real["counts"])
    assert names(ours["metadata"]) == names(real["metadata"])


async def test_points_have_the_fields_of_real_ones(http):
    """A series, its unit and the frame around it."""
    _, real = recorded("v1_query_timeseries_points_returns_ok_response")
    _, ours = await asked(http, f"v1/query?from={NOW - 86_400}&to={NOW}&query=system.cpu.idle%7B*%7D")

    assert names(ours) == names(real)
    assert ours["series"][0]["interval"] == real["series"][0]["interval"]


async def test_logs_have_the_fields_of_real_ones(http):
    """Also the cursor to the next page."""
    _, real = recorded("v2_search_logs_returns_ok_response_with_pagination", 0)
    body = {"filter": {"from": "now-15m", "to": "now", "indexes": ["main"]}, "page": {"limit": 1}, "sort": "timestamp"}
    _, ours = await asked(http, "v2/logs/events/search", json=body)

    assert set(ours) == set(real)
    assert set(real["data"][0]["attributes"]) <= set(ours["data"][0]["attributes"])
    assert ours["meta"]["page"].keys() == real["meta"]["page"].keys()
    assert ours["links"].keys() == real["links"].keys()


@pytest.mark.parametrize(
    ("name", "path", "headers"),
    [
        ("v1_get_a_monitors_details_returns_monitor_not_found_error_response", "v1/monitor/12345", KEYS),
        ("v1_get_all_monitors_returns_bad_request_response", "v1/monitor?group_states=notagroupstate", KEYS),
        ("v1_monitors_group_search_returns_bad_request_response", "v1/monitor/groups/search?query=status%3Anotastatus", KEYS),
        ("v1_validate_api_key_returns_forbidden_response", "v1/validate", {"DD-API-KEY": ""}),
    ],
)
async def test_a_refusal_is_the_recorded_one(http, name, path, headers):
    """Status and body, to the letter."""
    assert await asked(http, path, headers=headers) == recorded(name)


async def test_the_paths_are_those_of_the_official_documents():
    """Nothing is served that Datadog does not have."""
    routes = {route.path for route in datadog_face(DatadogState(Deliveries(), webhook_token="", origin=""), api_key="", app_key="").routes}
    text = specs("datadog_v1_openapi.yaml").read_text() + specs("datadog_v2_openapi.yaml").read_text()

    missing = [path for path in routes if f"\n  {path.replace(':int', '')}:\n" not in text]

    assert missing == []


def test_every_variable_of_the_payload_is_a_documented_one_or_listed_by_datadog():
    """A misspelt variable would arrive as itself."""
    payload = (Path(__file__).parents[3] / "docs" / "datadog-webhook.json").read_text()
    used = set(re.findall(r"\$[A-Z_]+", payload))
    known = corpus("alerts", "datadog", "webhook_variables.yaml").read_text()
    known += corpus("alerts", "datadog", "template_list_webhook_variables_to_notebook.json").read_text()

    assert {name for name in used if name not in known} == set()
    assert {"$ALERT_CYCLE_KEY", "$AGGREG_KEY", "$ALERT_SCOPE", "$ALERT_QUERY", "$ALERT_METRIC", "$ALERT_STATUS", "$DATE", "$TAGS"} <= used
