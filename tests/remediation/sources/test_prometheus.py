"""What Prometheus is asked about a target, and what becomes of its answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from remediation.clients.prometheus import PrometheusClient
from remediation.errors import Unusable
from remediation.evidence import number
from remediation.findings import find
from remediation.sources.prometheus import PrometheusSource
from remediation.sources.queries import names_of, prometheus_queries
from remediation.terms import Evidence, Target, Window
from tests.remediation.findings.made import container, fine, pod
from tests.remediation.made import NOW, an_alert, an_incident
from tests.remediation.prometheus_face import TOKEN, Face, prometheus

WINDOW = Window(since=NOW - timedelta(hours=1), until=NOW)


def workload(path, kind="workload"):
    return Target(kind=kind, place="", path=path)


async def observed(face, path="shop/Deployment/api", alert=None, seconds=5.0):
    async with prometheus(face):
        client = PrometheusClient(face.url, token=TOKEN)
        source = PrometheusSource(client, prometheus_queries(), seconds=seconds)
        incident = replace(an_incident(alert=alert or an_alert(at=NOW)), target=workload(path))
        try:
            return await source.observe(incident, WINDOW)
        finally:
            await client.close()


def of_api(*values):
    return [({"namespace": "shop", "pod": "api-1-x", "container": "api"}, values)]


async def test_findings_read_what_prometheus_measured():
    """Throttled in six of ten periods."""
    throttled, periods = of_api(0, 60), of_api(0, 100)
    items = await observed(Face(series={"cfs_throttled_periods_total": throttled, "cpu_cfs_periods_total": periods}))
    limited = pod("api-1-x", fine(), owner="api-1", containers=[container(limits={"cpu": "500m"})], ready=True)
    shown = Evidence(kind="objects", source="kubernetes", title="Pods", at=NOW, text="", objects=(limited,))

    finding = find(number([shown, *items]), workload("shop/Deployment/api"))[0]
    assert (finding.kind, finding.facts["throttled"]) == ("cpu_throttled", 0.6)


async def test_a_text_says_query_series_and_amounts():
    """For people and models: from, to, when, last."""
    (item,) = await observed(Face(series={"memory_working_set": of_api(2e8, 2.6e8, 2.5e8)}))

    query, line = item.text.splitlines()
    assert query.startswith('max by (namespace, pod, container) (container_memory_working_set_bytes{namespace="shop", pod=~"api-[a-z0-9]+-')
    assert line == "namespace=shop,pod=api-1-x,container=api: 191Mi to 248Mi (at 02:59:30Z), last 238Mi, 3 points"
    assert item.series[0].metric == "container_memory_working_set_bytes"


async def test_of_many_series_the_most_telling_are_shown():
    """The highest, and of room on volumes the lowest; what is left out is counted."""
    many = [({"persistentvolumeclaim": f"data-{n}"}, [float(n)]) for n in range(30)]
    items = {item.title.split(", ")[1]: item for item in await observed(Face(series={"kubelet_volume_stats": many}))}

    assert [s.points[0][1] for s in items["volumes_available)"].series[:2]] == [0.0, 1.0]
    assert [s.points[0][1] for s in items["volumes_capacity)"].series[:2]] == [29.0, 28.0]
    assert items["volumes_capacity)"].left_out == 10


async def test_a_query_that_fails_is_an_item_and_the_others_are_there():
    """With Prometheus' reason; a warning is told too."""
    body = {"status": "error", "errorType": "execution", "error": "query processing would load too many samples into memory"}
    face = Face(series={"ALERTS": [({"alertname": "Hot"}, [1.0])]}, trouble={"cpu_usage": (422, body)}, warnings=["store-2 is down"])
    items = await observed(face)

    (failed,) = [item for item in items if item.failed]
    assert "too many samples" in failed.text
    assert any("Prometheus warns, the answer may be partial: store-2 is down" in item.text for item in items if not item.failed)


async def test_a_prometheus_that_does_not_know_it_says_so():
    """Perhaps another one scrapes that cluster."""
    (item,) = await observed(Face())

    assert "None of 9 queries has a series" in item.text
    assert not item.failed


async def test_the_alerts_expression_is_asked_where_it_is_promql():
    """Of Alertmanager's alerts, not of Datadog's."""
    face = Face(series={"errors": [({"job": "api"}, [0.2])]})
    alert = an_alert(at=NOW, query='sum(rate(errors{code="500"}[5m])) > 0.1')
    assert not any("expression" in item.title for item in await observed(face, alert=alert))
    items = await observed(face, alert=replace(alert, source="alertmanager"))

    assert items[0].title.startswith("The alert's expression")


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (workload("shop/Deployment/api.v2"), {"namespace": "shop", "kind": "Deployment", "name": "api.v2", "pods": "api[.]v2-[a-z0-9]+-[a-z0-9]+"}),
        (workload("shop/StatefulSet/db"), {"namespace": "shop", "kind": "StatefulSet", "name": "db", "pods": "db-[0-9]+"}),
        (workload("shop/Pod/db-0"), {"namespace": "shop", "kind": "Pod", "name": "db-0", "pods": "db-0"}),
        (workload("shop/Service/db"), {"namespace": "shop", "kind": "Service", "name": "db"}),
        (workload("shop//"), {"namespace": "shop", "pods": ".+"}),
        (workload("/Node/node-a"), {"node": "node-a"}),
        (workload("web-3", "host"), {"node": "web-3"}),
        (workload('shop/Deployment/x"} or vector(1) or up{a="'), {}),
        (workload('sh"op/Deployment/x'), {}),
        (workload("tts", "model"), {}),
    ],
)
def test_a_query_names_only_what_an_object_can_be_called(target, names):
    """Names come from strangers: none of them becomes a query of its own."""
    assert names_of(target) == names
    assert PrometheusSource(None, prometheus_queries()).suits(target) is bool(names)


def test_your_own_queries_stand_beside_ours(tmp_path):
    """One of the same name stands in for ours."""
    own = tmp_path / "queries.yaml"
    own.write_text("queries:\n- {name: memory_used, title: Ours, kind: instant, metric: m, query: 'm{n=\"{{ name }}\"}'}\n")
    queries = {query.name: query for query in prometheus_queries(own)}

    assert queries["memory_used"].about({"name": "api"}) == 'm{n="api"}'
    assert queries["memory_used"].about({"namespace": "shop"}) == ""
    assert "alerts_firing" in queries


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("queries: [{name: a, title: t, kind: range, metric: m, query: 'm{x=\"{{ secret }}\"}'}]", "secret is no name of a target"),
        ("queries: [{name: a, title: t, kind: range, metric: m, query: '{{'}]", "query"),
        ("queries: [{name: a, title: t, kind: sometimes, metric: m, query: m}]", "kind"),
        ("queries: [{name: a, title: t, kind: range, metric: m, query: m}, {name: a, title: t, kind: range, metric: m, query: m}]", "a is there twice"),
        ("nothing: 1", "queries"),
    ],
)
def test_a_wrong_catalogue_names_the_field(tmp_path, text, said):
    """At the start, not in the incident."""
    own = tmp_path / "queries.yaml"
    own.write_text(text)
    with pytest.raises(Unusable, match=said):
        prometheus_queries(own)
