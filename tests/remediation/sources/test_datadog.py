"""What the Datadog source makes of logs and events: against the sandbox's face, through the real SDK."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.datadog import DatadogState
from bot.sandbox.datadog_face import datadog_face
from bot.sandbox.deliveries import Deliveries
from remediation.clients.datadog import DatadogClient
from remediation.errors import Forbidden
from remediation.sources.datadog import DatadogSource
from remediation.terms import Target, Window
from tests.bot.sandbox.conftest import serve
from tests.remediation.made import an_incident

__all__ = ["serve"]
NOW = 1_750_000_000
AT = datetime.fromtimestamp(NOW, UTC)
KEY, APP_KEY = "0123456789abcdef0123456789abcdef", "fedcba98fedcba98fedcba98fedcba9876543210"
TAGS = ["kube_namespace:shop", "kube_deployment:api"]


@pytest.fixture
async def state():
    deliveries = Deliveries(retry_seconds={})
    yield DatadogState(deliveries, webhook_token="t", origin="http://127.0.0.1:1", clock=lambda: float(NOW))
    await deliveries.aclose()


@pytest.fixture
async def observed(serve, state):
    url = await serve(lambda _url: Starlette(routes=[Mount("/datadog", datadog_face(state, api_key=KEY, app_key=APP_KEY))]))
    client = DatadogClient(api_key=KEY, app_key=APP_KEY, api_url=f"{url}/datadog")

    async def observe(**changed):
        for name, answer in changed.items():
            setattr(client, name, answer)
        incident = replace(an_incident(), target=Target(kind="workload", place="", path="shop/Deployment/api"), alerts=())
        items = await DatadogSource(client).observe(incident, Window(since=AT - timedelta(hours=1), until=AT))
        return {item.title.split(" (")[0]: item for item in items}

    yield observe
    await client.close()


async def test_the_one_error_among_thousands_is_there(state, observed):
    """It is older than the newest hundred lines; how many there are of each status is said."""
    state.log("cannot reach postgres", service="api", tags=TAGS, status="error", at=NOW - 1800)
    for n in range(500):
        state.log(f"request {n} served", service="api", tags=TAGS, status="info", at=NOW - 600 + n)
    item = (await observed())["Logs in Datadog"]

    assert item.title == "Logs in Datadog (of 500 info, 1 error)"
    assert item.text.splitlines()[0].endswith("error api: cannot reach postgres")
    assert item.text.splitlines()[-1].endswith("request 499 served")
    assert item.left_out == 501 - len(item.text.splitlines())


async def test_what_may_not_be_counted_is_read_all_the_same(state, observed):
    """Counting wants nothing more than reading does, but some keys are odd."""

    async def refused(*_args, **_kwargs):
        raise Forbidden("Datadog refused: Forbidden", "Check DD_APP_KEY.")

    state.log("boom", service="api", tags=TAGS, status="error", at=NOW - 10)
    items = await observed(counts=refused)

    assert items["Logs in Datadog"].text.endswith("boom")
    assert not any(item.failed for item in items.values())


async def test_events_of_the_workload_are_read_and_a_refusal_is_an_item(state, observed):
    """A deployment that somebody told Datadog about."""
    state.event("Deployed api 4.12.0", "by alice", tags=TAGS, at=NOW - 300)
    state.event("Deployed web", "by bob", tags=["kube_namespace:shop", "kube_deployment:web"], at=NOW - 300)
    item = (await observed())["Events in Datadog"]

    assert "Deployed api 4.12.0" in item.text
    assert "web" not in item.text

    async def refused(*_args, **_kwargs):
        raise Forbidden("Datadog refused: events_read is missing", "Check DD_APP_KEY.")

    failed = (await observed(events=refused))["Events in Datadog: not read"]
    assert failed.failed
    assert "events_read" in failed.text


async def test_a_downtime_of_the_workload_is_told_and_one_of_another_is_not(state, observed):
    """Why an alert was silent, or what somebody is doing to it just now."""
    state.mute("kube_namespace:(shop OR cart) AND kube_deployment:api", "Moving the database\nby alice", until="2026-11-22T00:00:00+00:00")
    state.mute("kube_namespace:billing", "Something else")
    state.mute("kube_namespace:shop", "Over", status="ended")
    item = (await observed())["Downtimes in Datadog"]

    (line,) = item.text.splitlines()
    assert line.startswith("active downtime of kube_namespace:(shop OR cart) AND kube_deployment:api since ")
    assert line.endswith("until 2026-11-22T00:00:00+00:00: Moving the database")

    async def refused(*_args, **_kwargs):
        raise Forbidden("Datadog refused: monitors_downtime is missing", "Check DD_APP_KEY.")

    assert (await observed(downtimes=refused))["Downtimes in Datadog: not read"].failed
