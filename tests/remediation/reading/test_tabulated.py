"""Rows of exported tables: objects, events, logs, spans, metrics and inventories in the columns of many tools."""

import json
from datetime import UTC, datetime

import pytest

from remediation.reading.text import read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POD = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "mill-1", "namespace": "farm"}, "status": {"phase": "Pending"}}


def _objects(text, name="export.csv"):
    return [thing for part in read(text, name, NOW) for _, thing in part.readings]


def _logs(text):
    return [(part.place["pod"] or part.place["service"], part.text) for part in read(text, "export.csv", NOW) if part.kind == "logs"]


def _series(text):
    return [
        (one.metric, dict(one.labels), [value for _, value in one.points]) for part in read(text, "export.csv", NOW) for one in part.series
    ]


def _quoted(value):
    return '"' + json.dumps(value).replace('"', '""') + '"'


def test_objects_stand_in_cells_with_the_envelope_of_a_watch():
    """The newest version counts, wherever in the table it stands; what was deleted is gone."""
    running = {**POD, "status": {"phase": "Running"}}
    gone = {**POD, "metadata": {"name": "mill-2", "namespace": "farm"}}
    rows = [("10:02", {"type": "MODIFIED", "object": running}), ("10:01", {"type": "ADDED", "object": POD}), ("10:01", gone),
            ("10:03", {"type": "DELETED", "object": gone})]  # fmt: skip
    text = "Timestamp\tBody\n" + "".join(f"2026-03-01 {at}:00.000000000\t{_quoted(value)}\n" for at, value in rows)

    assert [(thing["metadata"]["name"], thing["status"]["phase"]) for thing in _objects(text)] == [("mill-1", "Running")]


def test_an_object_may_stand_there_as_python_prints_it():
    """A notebook's table of dictionaries."""
    assert _objects(f"time\tobject\n1772359200\t{POD!r}\n")[0]["metadata"] == POD["metadata"]


@pytest.mark.parametrize(
    "text",
    [
        'Namespace,Last Seen,Type,Reason,Object,Message\nfarm,5m,Warning,BackOff,pod/mill-1,"Back-off, again"\n',
        (
            'TimeGenerated [UTC],ObjectKind,Namespace,Name,Reason,Message,KubeEventType\n"3/1/2026, 11:55:00.000 AM",Pod,farm,mill-1,BackOff,'
            '"Back-off, again",Warning\n'
        ),
        (
            "Body,SeverityText,ResourceAttributes,LogAttributes,Timestamp\n\"Back-off, again\",Warning,\"{'k8s.object.kind':'Pod',"
            "'k8s.object.name':'mill-1'}\",\"{'k8s.event.reason':'BackOff','k8s.namespace.name':'farm'}\",2026-03-01 11:55:00\n"
        ),
    ],
)
def test_rows_of_events_are_events(text):
    """Kubectl's columns, those of Azure's tables, and OpenTelemetry's receiver of events."""
    (event,) = _objects(text)

    assert event["involvedObject"] == {"kind": "Pod", "namespace": "farm", "name": "mill-1"}
    assert (event["reason"], event["message"], event["type"]) == ("BackOff", "Back-off, again", "Warning")
    assert event["lastTimestamp"].startswith("2026-03-01T11:55:00")


@pytest.mark.parametrize(
    ("text", "log"),
    [
        ('Time,labels,Line\n1772359200000,"{""pod"":""mill-1""}",stone broke\n', ("mill-1", "2026-03-01T10:00:00.000Z stone broke")),
        ('@timestamp,kubernetes.pod.name,log.level,message\n"Mar 1, 2026 @ 10:00:00.000",mill-1,error,"stone broke\n\tat x.Y"\n',
         ("mill-1", "2026-03-01T10:00:00.000Z ERROR stone broke\n\tat x.Y")),
        ('TimeGenerated,PodName,LogMessage\n2026-03-01T10:00:00Z,mill-1,"{""level"":""error"",""msg"":""stone broke""}"\n',
         ("mill-1", '2026-03-01T10:00:00.000Z {"level":"error","msg":"stone broke"}')),
        ("time,timestamp,container_name,message,level\n1772359200,1772359200000000000,mill,stone broke,error\n",
         ("mill", "2026-03-01T10:00:00.000Z ERROR stone broke")),
        ("Timestamp\tSeverityText\tServiceName\tBody\n2026-03-01 10:00:00\tERROR\tmill\tstone broke\n",
         ("mill", "2026-03-01T10:00:00.000Z ERROR stone broke")),
    ],
)  # fmt: skip
def test_rows_of_logs_are_lines_of_who_wrote_them(text, log):
    """Loki's, Kibana's and Azure's exports, and a collector's."""
    assert _logs(text) == [log]


def test_a_span_fails_where_it_failed_first():
    """Whoever called it failed for that, and its line would name the wrong one."""
    text = ("Timestamp,TraceId,SpanId,ParentSpanId,SpanName,ServiceName,Duration,StatusCode,StatusMessage,SpanAttributes\n"
            "2026-03-01 10:00:00,t,a,,GET /bread,bakery,9000000,Error,,{}\n"
            "2026-03-01 10:00:00,t,b,a,grind,mill,8000000,Error,stone broke,\"{'server.address':'quarry'}\"\n")  # fmt: skip

    assert _logs(text) == [("mill", "2026-03-01T10:00:00.000Z ERROR stone broke: server.address=quarry (in grind)")]


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("timestamp,metric_name,value,namespace,pod\n1772359200,memory_bytes,7,farm,mill-1\n1772359260,memory_bytes,8,farm,mill-1\n",
         [("memory_bytes", {"namespace": "farm", "pod": "mill-1"}, [7, 8])]),
        ("time,mill_cpu,mill_memory,oven_cpu,oven_memory\n1772359200,1,2,3,4\n",
         [("cpu", {"service": "mill"}, [1]), ("memory", {"service": "mill"}, [2]), ("cpu", {"service": "oven"}, [3]),
          ("memory", {"service": "oven"}, [4])]),
        ('Time,"{__name__=""up"", pod=""mill-1""}"\n2026-03-01 10:00:00,1\n', [("up", {"pod": "mill-1"}, [1])]),
        ("Time,mill\n2026-03-01 10:00:00,1.5 KiB\n2026-03-01 10:01:00,\n", [("mill", {}, [1536])]),
        ("ResourceAttributes,MetricName,Attributes,TimeUnix,Value\n\"{'k8s.pod.name':'mill-1'}\",up,{},2026-03-01 10:00:00,1\n",
         [("up", {"pod": "mill-1"}, [1])]),
    ],
)  # fmt: skip
def test_tables_of_numbers_over_time_are_series(text, series):
    """A row for each value, a column for each series, a service's name before its metric's, a dashboard's units, a collector's."""
    assert _series(text) == series


def test_an_inventory_lists_objects():
    """As a spreadsheet of pods has it."""
    pods = _objects("Name,Namespace,Status,Restarts,Age\nmill-1,farm,CrashLoopBackOff,9,5m\noven-1,farm,Running,0,5m\n")

    assert [pod["status"]["conditions"][0]["status"] for pod in pods] == ["False", "True"]
    assert pods[0]["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "CrashLoopBackOff"}}


def test_an_inventory_of_containers_is_put_together_to_pods_as_they_were_last():
    """Azure writes a row for each container, again every minute."""
    columns = ("TimeGenerated", "Name", "Namespace", "PodStatus", "ControllerKind", "ControllerName", "ContainerName", "ContainerStatus",
               "ContainerStatusReason", "ContainerRestartCount", "ContainerLastStatus")  # fmt: skip
    ended = '"{""reason"":""OOMKilled"",""exitCode"":137}"'
    text = (f"{','.join(columns)}\n2026-03-01T10:00:00Z,mill-1,farm,Running,ReplicaSet,mill,u/stone,running,,0,\n"
            f"2026-03-01T10:01:00Z,mill-1,farm,Running,ReplicaSet,mill,u/stone,waiting,CrashLoopBackOff,3,{ended}\n")  # fmt: skip

    (pod,) = _objects(text)

    (status,) = pod["status"]["containerStatuses"]
    assert pod["metadata"]["ownerReferences"][0]["name"] == "mill"
    assert (status["name"], status["restartCount"], status["state"]) == ("stone", 3, {"waiting": {"reason": "CrashLoopBackOff"}})
    assert status["lastState"]["terminated"] == {"reason": "OOMKilled", "exitCode": 137}


def test_what_nobody_knows_stays_text():
    """And is searched."""
    (part,) = read("depot,shelf\nnorth,3\n", "depots.csv", NOW)

    assert (part.text, part.readings, part.series) == ("depot,shelf\nnorth,3", [], [])
