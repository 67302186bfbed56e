"""Whatever a file holds, it is read or kept as text; nothing raises."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.explaining import explain
from remediation.reading.documents import documents
from remediation.reading.logs import Line, read_line
from remediation.reading.text import read
from remediation.remedies import catalogue

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WIDE = """NAMESPACE   NAME    READY   STATUS             RESTARTS      AGE   IP         NODE   NOMINATED NODE   READINESS GATES
shop        api-0   0/1     CrashLoopBackOff   5 (10s ago)   8m    10.0.0.1   n1     <none>           <none>
"""


def test_a_wide_table_gives_its_pods():
    """With namespace, node, restarts and the reason that it waits for."""
    (part,) = read(WIDE, "x", NOW)
    pod = part.readings[0][1]

    assert pod["metadata"] | {} == {"name": "api-0", "namespace": "shop", "creationTimestamp": "2026-02-28T23:52:00Z"}
    assert pod["spec"]["nodeName"] == "n1"
    assert pod["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "CrashLoopBackOff"}}


def test_a_json_line_is_read_by_its_keys():
    """Message and error together, with the level."""
    line = read_line('{"level":"error","ts":"2026-03-01T00:00:00Z","msg":"cannot save","error":"disk full"}', Line(text=""))

    assert (line.level, line.text, line.at) == ("error", "cannot save: disk full", "2026-03-01T00:00:00Z")


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text):
    """Files are hostile."""
    read(text, "x.txt", NOW)


@pytest.mark.parametrize(
    "text", ['{"kind": "Pod", "metadata": {"name": "x"}}', '{"pods": [{"name": "a"}]}', "[]", "kind: Pod", "{}", "\ufeff", "a: [b"]
)
async def test_odd_documents_are_explained_too(tmp_path, text):
    """An object without a spec is still an object."""
    (tmp_path / "x.json").write_text(text, "utf-8")

    await explain([tmp_path], "what is wrong?", catalogue())


def test_a_document_that_holds_itself_is_kept_as_text():
    """A recursive alias is YAML, and nobody could walk it to its end; one that is used twice is no ring."""
    assert documents("apiVersion: v1\nkind: Pod\nmetadata: &a {name: x, self: *a}\n") == ()
    shared = documents("apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: &l {app: x}, annotations: *l}\n")
    assert shared[0]["metadata"]["annotations"] == {"app": "x"}


def test_a_dump_of_a_cluster_is_lists_that_follow_each_other_and_logs():
    """`kubectl cluster-info dump` prints all into one stream."""
    pods = json.dumps({"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "mill-1", "namespace": "farm"}}]}, indent=4)
    nodes = json.dumps({"kind": "NodeList", "apiVersion": "v1", "items": [{"metadata": {"name": "n1"}}]}, indent=4)
    mark = "logs for container stone of pod farm/mill-1 ===="

    parts = read(
        f"{nodes}\n{pods}\n==== START {mark}\nstone broke\n==== END {mark}\n{nodes}\n", "dump.txt", datetime(2026, 3, 1, tzinfo=UTC)
    )

    assert [thing["kind"] for part in parts for _, thing in part.readings] == ["Node", "Pod", "Node"]
    assert [(part.place["pod"], part.place["container"], part.text) for part in parts if part.kind == "logs"] == [
        ("mill-1", "stone", "stone broke")
    ]
