"""Evidence of which one value is of another type than it should be."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediation.explaining import explain
from remediation.remedies import catalogue

CASES = Path(__file__).resolve().parents[2] / "cases"
LARGEST = 60_000  # bytes of a file: larger ones take too long to read again and again
ODD = (None, 5, -1, 1.5, True, "x", "", [], {}, [None], ["a", 5], {"a": None}, {"a": [1]}, [[1]], [{}], float("nan"))


@cache
def structured():
    """Every JSON and YAML file of our cases, in a stable order; some are called so, and hold what a person pasted."""
    files = sorted(path for path in CASES.glob("*/evidence/*") if path.suffix in {".json", ".yaml"})
    return [path for path in files if path.stat().st_size < LARGEST and loads(path)]


def loads(path):
    """Whether a file is YAML or JSON as its name says."""
    try:
        return any(isinstance(document, dict | list) and document for document in read(path))
    except yaml.YAMLError:
        return False


def read(path):
    """The documents of a file."""
    return list(yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader))


def places(value):
    """Each container with each of its keys or numbers, at any depth."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()):
        yield value, key
        yield from places(inner)


@st.composite
def mutated(draw):
    """A file of a case with one value replaced: its path and its text."""
    path = draw(st.sampled_from(structured()))
    documents = read(path)
    holder, key = draw(st.sampled_from(list(places(documents))))
    holder[key] = deepcopy(draw(st.sampled_from(ODD)))
    text = json.dumps(documents[0]) if path.suffix == ".json" else yaml.safe_dump_all(documents, sort_keys=False)
    return path, text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(change=mutated())
async def test_one_value_of_another_type_is_answered_all_the_same(change, tmp_path):
    """A tool that redacts, or a person who pastes, breaks a field; the rest of the evidence still says what it says."""
    original, text = change
    beside = [
        path for path in original.parents[1].rglob("*") if path.is_file() and path not in (original, original.parents[1] / "expected.yaml")
    ]
    (tmp_path / original.name).write_text(text)

    explained = await explain([tmp_path / original.name, *beside], "", catalogue())

    assert explained.document()["findings"] is not None


@pytest.mark.parametrize("cell", ["²", "9" * 5000, "true", "[null]", ""])
async def test_a_number_that_is_none_costs_that_number_and_nothing_else(tmp_path, cell):
    """Of a pasted description: what else it says is read."""
    (tmp_path / "described.txt").write_text(DESCRIBED.replace("COUNT", cell))

    explained = await explain([tmp_path], "", catalogue())

    assert explained.leading.kind == "oom_killed"
    assert explained.unread == ()


async def test_a_file_that_stops_its_reader_is_searched_as_text(tmp_path):
    """And said to be: what the other files show is found as ever."""
    (tmp_path / "described.txt").write_text(DESCRIBED.replace("COUNT", "3"))
    (tmp_path / "events.txt").write_text(
        f"Events:\n  Type  Reason  Age  From  Message\n  Warning  Failed  2m (x{'9' * 5000} over 3m)  kubelet  no\n"
    )

    explained = await explain([tmp_path], "", catalogue())

    assert explained.leading.kind == "oom_killed"
    assert "events.txt was only searched as text" in explained.unread[0]


NINES = "9" * 4400
POD = """apiVersion: v1
kind: Pod
metadata: {name: till-5d9c8b6f5-aaaa1, namespace: stall, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: till-5d9c8b6f5}]}
spec: {containers: [{name: till, image: "acme/till:1", resources: {limits: {memory: 128Mi}}}]}
status: {phase: Running, containerStatuses: [{name: till, ready: false, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}},
  lastState: {terminated: {reason: OOMKilled, exitCode: %s}}}]}
"""
DEPLOYMENT = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till, namespace: stall}\nspec: {replicas: %s}\n"
REVISED = """---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: till-5d9c8b6f5, namespace: stall, annotations: {deployment.kubernetes.io/revision: "%s"}}
"""
NODE = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {allocatable: {pods: '%s'}}\n"
WAITS = "LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\n2m  Warning  FailedScheduling  pod/x-1  0/%s nodes are available: %s Insufficient cpu.\n"
ROUTE = "Name: store\nNamespace: a\nAPI Version: gateway.networking.k8s.io/v1\nKind: HTTPRoute\nMetadata:\n  UID: 1\nSpec:\n  Hos\n"
RELEASE = "Name: p\nNamespace: a\nAPI Version: helm.toolkit.fluxcd.io/v2\nKind: HelmRelease\nMetadata:\n  UID: 1\nStatus:\n  Conditions:\n    Last\n"


@pytest.mark.parametrize(
    "text",
    [
        POD % "", POD % NINES, POD % "137" + DEPLOYMENT % -1, POD % "137" + REVISED % NINES, POD % "137" + REVISED % "²", POD % "137" + NODE % NINES,
        POD % "137" + NODE % "²", WAITS % (NINES, NINES), WAITS % ("²", "²"), ROUTE, RELEASE,
    ],
)  # fmt: skip
async def test_no_finder_gives_up_over_an_odd_number_or_a_description_that_breaks_off(tmp_path, text):
    """What it would have found is found."""
    (tmp_path / ("all.yaml" if text.startswith("apiVersion") else "described.txt")).write_text(text)

    explained = await explain([tmp_path], "", catalogue())

    assert [finding.text for finding in explained.findings if finding.kind == "not_understood"] == []
    assert ("OOMKilled" in text) == (explained.leading is not None and explained.leading.kind == "oom_killed")


DESCRIBED = """\
Name:         till-7d9c5b6f4-x2x9z
Namespace:    stall
Status:       Running
Containers:
  till:
    Image:          acme/till:1
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
    Ready:          False
    Restart Count:  COUNT
    Limits:
      memory:  128Mi
"""
