"""Documents of collectors, tracers, log stores, journals, runtimes and the API server's audit log, and pages of metrics."""

import json
from datetime import UTC, datetime

import pytest

from remediation.reading.text import read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NANO = "1772359200000000000"
MILL = [{"key": "k8s.pod.name", "value": {"stringValue": "mill-1"}}, {"key": "k8s.namespace.name", "value": {"stringValue": "farm"}}]
RUN = {"io.kubernetes.pod.name": "mill-1", "io.kubernetes.pod.namespace": "farm", "io.kubernetes.container.name": "stone"}


def _read(document):
    return read(document if isinstance(document, str) else json.dumps(document), "answer.json", NOW)


def _logs(document):
    return [(part.place.get("namespace", ""), part.place.get("pod") or part.place.get("service", ""), part.text)
            for part in _read(document) if part.kind == "logs"]  # fmt: skip


def _objects(document):
    return [thing for part in _read(document) for _, thing in part.readings]


def _typed(value):
    """A value as OpenTelemetry's JSON types it."""
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": _typed(inner)} for key, inner in value.items()]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


@pytest.mark.parametrize(
    "document",
    [
        {"resourceLogs": [{"resource": {"attributes": MILL}, "scopeLogs": [{"logRecords": [
            {"timeUnixNano": NANO, "severityText": "ERROR", "body": {"stringValue": "stone broke"}}]}]}]},
        {"hits": {"hits": [{"_source": {"@timestamp": "2026-03-01T10:00:00.000Z", "message": "stone broke", "log": {"level": "error"},
                                        "kubernetes": {"pod": {"name": "mill-1"}, "namespace": "farm"}}}]}},
        [{"timestamp": "2026-03-01T10:00:00.000Z", "severity": "ERROR", "jsonPayload": {"message": "stone broke"},
          "resource": {"labels": {"pod_name": "mill-1", "namespace_name": "farm"}}}],
        {"tables": [{"columns": [{"name": name} for name in ("TimeGenerated", "PodName", "PodNamespace", "LogMessage", "LogLevel")],
                     "rows": [["2026-03-01T10:00:00Z", "mill-1", "farm", "stone broke", "error"]]}]},
        {"results": [[{"field": "@timestamp", "value": "2026-03-01 10:00:00.000"}, {"field": "@message", "value": "stone broke"},
                      {"field": "kubernetes.pod_name", "value": "mill-1"}, {"field": "kubernetes.namespace_name", "value": "farm"},
                      {"field": "level", "value": "error"}]]},
    ],
)  # fmt: skip
def test_entries_of_log_stores_are_lines_of_who_wrote_them(document):
    """OpenTelemetry, Elasticsearch, Google, Azure, CloudWatch's queries."""
    assert _logs(document) == [("farm", "mill-1", "2026-03-01T10:00:00.000Z ERROR stone broke")]


def test_what_a_collector_on_the_node_added_to_the_words_tells_who_wrote_them():
    """CloudWatch's events hold the whole entry as JSON in their message."""
    message = json.dumps({"log": "stone broke", "kubernetes": {"pod_name": "mill-1", "namespace_name": "farm"}})

    (log,) = _logs({"events": [{"logStreamName": "x", "timestamp": 1772359200000, "message": message, "ingestionTime": 1}]})

    assert log == ("farm", "mill-1", f"2026-03-01T10:00:00.000Z {message}")


def test_fields_beside_a_message_are_kept():
    """They often say more than it does."""
    payload = {"message": "call failed", "upstream": "https://quarry.example.com", "status": 503}
    entry = {"timestamp": "2026-03-01T10:00:00Z", "severity": "ERROR", "jsonPayload": payload, "resource": {"labels": {"pod_name": "m"}}}

    assert '"status":503' in _logs([entry])[0][2]


def test_records_of_a_collector_hold_objects_and_events():
    """With the envelope of a watch, or as its receiver of events tells them."""
    event = {"kind": "Event", "apiVersion": "v1", "reason": "BackOff", "count": 5, "metadata": {"name": "e"},
             "involvedObject": {"kind": "Pod", "name": "mill-1"}}  # fmt: skip
    told = [{"key": "k8s.event.reason", "value": {"stringValue": "Killing"}}]
    about = [{"key": f"k8s.object.{key}", "value": {"stringValue": value}} for key, value in (("kind", "Pod"), ("name", "mill-2"))]
    records = [{"timeUnixNano": NANO, "body": _typed({"type": "ADDED", "object": event})},
               {"timeUnixNano": NANO, "body": {"stringValue": "Stopping"}, "attributes": told}]  # fmt: skip

    found = _objects({"resourceLogs": [{"resource": {"attributes": about}, "scopeLogs": [{"logRecords": records}]}]})

    assert {(one["reason"], one["involvedObject"]["name"], one["count"]) for one in found} == {
        ("BackOff", "mill-1", 5),
        ("Killing", "mill-2", 1),
    }


def test_metrics_of_a_collector_are_series():
    """Gauges and sums; numbers may be text."""
    points = {"dataPoints": [{"timeUnixNano": NANO, "asInt": "7", "attributes": [{"key": "state", "value": {"stringValue": "used"}}]}]}
    document = {
        "resourceMetrics": [{"resource": {"attributes": MILL}, "scopeMetrics": [{"metrics": [{"name": "memory", "gauge": points}]}]}]
    }

    (series,) = _read(document)[0].series

    assert (series.metric, series.points[0][1]) == ("memory", 7)
    assert series.labels == {"pod": "mill-1", "namespace": "farm", "state": "used"}


def _spans(resource):
    failed = {"traceId": "t", "spanId": "b", "parentSpanId": "a", "name": "grind", "startTimeUnixNano": NANO, "endTimeUnixNano": NANO,
              "status": {"code": 2}, "events": [{"attributes": [{"key": "exception.message", "value": {"stringValue": "stone broke"}}]}]}  # fmt: skip
    return [{"resource": {"attributes": resource}, "scopeSpans": [{"spans": [failed]}]}]


@pytest.mark.parametrize(
    "document",
    [
        {"resourceSpans": _spans([{"key": "service.name", "value": {"stringValue": "mill"}}])},
        {"batches": _spans([{"key": "service.name", "value": {"stringValue": "mill"}}])},
        {"data": [{"traceID": "t", "processes": {"p": {"serviceName": "mill"}}, "spans": [
            {"traceID": "t", "spanID": "b", "operationName": "grind", "startTime": 1772359200000000, "duration": 5, "processID": "p",
             "tags": [{"key": "error", "value": True}], "logs": [{"fields": [{"key": "message", "value": "stone broke"}]}]}]}]},
    ],
)  # fmt: skip
def test_failed_spans_read_as_lines_of_their_service(document):
    """OpenTelemetry's, Tempo's and Jaeger's."""
    assert _logs(document) == [("", "mill", "2026-03-01T10:00:00.000Z ERROR stone broke (in grind)")]


def test_a_journal_reads_as_journalctl_prints_it():
    """Bytes that are no UTF-8 come as a list of numbers."""
    entries = [{"__REALTIME_TIMESTAMP": "1772359200000000", "_SYSTEMD_UNIT": "kubelet.service", "_HOSTNAME": "node-1", "PRIORITY": "3",
                "MESSAGE": "no cgroup"},
               {"__REALTIME_TIMESTAMP": "1772359201000000", "_SYSTEMD_UNIT": "x.service", "MESSAGE": list(b"a \xff b")}]  # fmt: skip

    ((_, _, text),) = _logs("\n".join(map(json.dumps, entries)))

    assert text == "Mar 01 10:00:00 node-1 kubelet: ERROR no cgroup\nMar 01 10:00:01 - x: a \ufffd b"


@pytest.mark.parametrize(
    "document",
    [
        [{"Name": "/k8s_stone_mill-1_farm_uid_3", "State": {"Status": "exited", "OOMKilled": True, "ExitCode": 137},
          "HostConfig": {"Memory": 134217728}, "Config": {"Image": "mill:1", "Labels": RUN, "Env": ["A=b"]}}],
        {"status": {"metadata": {"attempt": 3}, "state": "CONTAINER_EXITED", "exitCode": 137, "reason": "OOMKilled", "labels": RUN,
                    "image": {"image": "mill:1"}, "resources": {"linux": {"memoryLimitInBytes": "134217728"}}}, "info": {}},
    ],
)  # fmt: skip
def test_an_inspected_container_is_its_pods(document):
    """Docker's and crictl's: state, exit, limit and how often it was started anew."""
    (pod,) = _objects(document)
    (status,) = pod["status"]["containerStatuses"]

    assert (pod["metadata"]["namespace"], pod["metadata"]["name"]) == ("farm", "mill-1")
    assert (status["name"], status["restartCount"], status["state"]["terminated"]["reason"]) == ("stone", 3, "OOMKilled")
    assert pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == "128Mi"


def _audited(message, code, verb="create", user="system:serviceaccount:kube-system:replicaset-controller"):
    return {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": verb, "user": {"username": user}, "requestURI": "/x",
            "objectRef": {"resource": "pods", "namespace": "farm"}, "responseStatus": {"code": code, "message": message},
            "stageTimestamp": "2026-03-01T10:00:00.000000Z"}  # fmt: skip


def test_what_the_api_server_refused_is_the_event_of_what_was_refused():
    """Of a pod it is its ReplicaSet's; a refusal for want of rights names who lacks them; what is granted or not there says nothing."""
    quota = 'pods "mill-7c9d8b6f5-x2k4q" is forbidden: exceeded quota: bread, requested: pods=1, used: pods=4, limited: pods=4'
    rights = 'pods is forbidden: User "system:serviceaccount:farm:miller" cannot list resource "pods"'
    entries = [_audited(quota, 403), _audited(rights, 403, "list", "system:serviceaccount:farm:miller"), _audited("not found", 404, "get"),
               _audited("", 201)]  # fmt: skip
    text = "\n".join(map(json.dumps, entries))

    (event,) = _objects(text)

    assert (event["involvedObject"]["kind"], event["involvedObject"]["name"]) == ("ReplicaSet", "mill-7c9d8b6f5")
    assert event["message"] == f"Error creating: {quota}"
    assert ("farm", "miller") in {log[:2] for log in _logs(text)}
    assert "not found" not in str(_logs(text))


def test_a_page_of_metrics_is_series_and_the_state_of_objects():
    """kube-state-metrics tells of pods and workloads what the API would."""
    page = """\
# TYPE kube_pod_container_status_waiting_reason gauge
kube_pod_container_status_waiting_reason{namespace="farm",pod="mill-1",container="stone",reason="CrashLoopBackOff"} 1
kube_pod_container_status_waiting_reason{namespace="farm",pod="oven-1",container="fire",reason="CrashLoopBackOff"} 0
kube_pod_container_status_last_terminated_reason{namespace="farm",pod="mill-1",container="stone",reason="OOMKilled"} 1
kube_pod_container_status_restarts_total{namespace="farm",pod="mill-1",container="stone"} 9
kube_pod_container_resource_limits{namespace="farm",pod="mill-1",container="stone",resource="memory"} 1.34217728e+08
kube_deployment_spec_replicas{namespace="farm",deployment="mill"} 2
kube_node_status_condition{node="n1",condition="Ready",status="false"} 1
"""
    found = {(thing["kind"], thing["metadata"]["name"]): thing for thing in _objects(page)}
    (status,) = found["Pod", "mill-1"]["status"]["containerStatuses"]

    assert status["state"] == {"waiting": {"reason": "CrashLoopBackOff"}}
    assert status["lastState"] == {"terminated": {"reason": "OOMKilled"}}
    assert found["Pod", "mill-1"]["spec"]["containers"][0]["resources"] == {"limits": {"memory": "128Mi"}}
    assert "state" not in found["Pod", "oven-1"]["status"]["containerStatuses"][0]
    assert found["Deployment", "mill"]["spec"]["replicas"] == 2
    assert found["Node", "n1"]["status"]["conditions"] == [{"type": "Ready", "status": "False"}]


def test_an_application_as_argo_cds_own_tool_prints_it_has_its_kind():
    """The tool leaves it out."""
    (application,) = _objects({"metadata": {"name": "farm"}, "spec": {}, "status": {"operationState": {"phase": "Failed"}}})

    assert application["kind"] == "Application"


@pytest.mark.parametrize(
    "entry",
    [
        {"labels": {"pod": "mill-1", "namespace": "farm"}, "line": "stone broke", "timestamp": "2026-03-01T10:00:00.000Z"},
        {"_index": "x", "_source": {"message": "stone broke", "@timestamp": "2026-03-01T10:00:00.000Z",
                                    "kubernetes": {"pod": {"name": "mill-1"}, "namespace": "farm"}}},
        {"Timestamp": "2026-03-01 10:00:00", "Body": "stone broke",
         "ResourceAttributes": {"k8s.pod.name": "mill-1", "k8s.namespace.name": "farm"}},
    ],
)  # fmt: skip
def test_entries_may_stand_a_line_each(entry):
    """As Loki's tool, Elasticsearch's dumps and ClickHouse write them."""
    assert _logs("\n".join([json.dumps(entry)] * 2)) == [("farm", "mill-1", "\n".join(["2026-03-01T10:00:00.000Z stone broke"] * 2))]
