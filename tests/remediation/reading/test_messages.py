"""Sentences of the cluster's own parts without the event that they are the message of."""

from datetime import UTC, datetime

import pytest

from remediation.reading import messages
from remediation.reading.merging import UNNAMED, merged
from remediation.reading.text import read

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def places(events):
    """What each event is about, and its reason."""
    about = [(e["involvedObject"], e["reason"]) for e in events if e["kind"] == "Event"]
    return [("/".join(thing[k] for k in ("kind", "namespace", "name")), reason) for thing, reason in about]


def objects(text, name="paste.txt", labels=None):
    """Everything that a text is read into, by item."""
    readings = [(rank, 0, thing) for part in read(text, name, NOW) for rank, thing in part.readings]
    return merged(readings, (), labels or {}).get(0, [])


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        (
            (
                'I0818 03:45:45.4 15 schedule_one.go:11] "Unable to schedule pod; no fit; waiting" pod="shop/web-0" err="0/4 nodes are available: 4 '
                'Insufficient cpu."'
            ),
            "Pod/shop/web-0",
            "FailedScheduling",
        ),
        (
            (
                'I0607 12:27:30.7 1 event.go:221] Event(v1.ObjectReference{Kind:"HorizontalPodAutoscaler", Namespace:"shop", Name:"web", UID:"7", '
                "APIVersion:\"autoscaling/v2\", FieldPath:\"\"}): type: 'Warning' reason: 'FailedGetResourceMetric' missing request for cpu"
            ),
            "HorizontalPodAutoscaler/shop/web",
            "FailedGetResourceMetric",
        ),
        (
            (
                'I0101 10:00:00.0 1 event.go:307] "Event occurred" object="shop/web" fieldPath="" kind="HorizontalPodAutoscaler" apiVersion="v2" '
                'type="Warning" reason="FailedGetResourceMetric" message="missing request for cpu"'
            ),
            "HorizontalPodAutoscaler/shop/web",
            "FailedGetResourceMetric",
        ),
        (
            (
                'E1125 11:14:10.3 65 pod_workers.go:190] "Error syncing pod" err="Unable to attach or mount volumes: unmounted volumes=[data]: timed '
                'out" pod="shop/db-0" podUID=6c5b'
            ),
            "Pod/shop/db-0",
            "FailedMount",
        ),
    ],
)
def test_a_components_log_tells_events(line, place, reason):
    """Of the object that the line names."""
    assert places(messages.in_log(line)) == [(place, reason)]


def test_a_log_that_names_no_pod_tells_none():
    """An operator speaks of others' troubles in words of its own."""
    assert not list(messages.in_log("level=error msg='0/4 nodes are available: 4 Insufficient cpu.'"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0/3 nodes are available: 1 node(s) had taint {a: },\nthat the pod didn't tolerate, 2 Insufficient cpu.", "FailedScheduling"),
        ('Failed to pull image "ghcr.io/a/b:1": rpc error: code = NotFound', "Failed"),
        ('  Warning  Failed  4m11s (x6 over 4m53s)  kubelet, node-1  Error: secret "token" not found', "Failed"),
        (
            '> Warning  FailedMount  13m (x18 over 2d)  kubelet  MountVolume.SetUp failed for volume "a" : configmap "b" not found',
            "FailedMount",
        ),
    ],
)
def test_a_message_alone_is_of_a_pod_that_nobody_names(text, reason):
    """Which goes by a name that says so, or by the one that the symptom has."""
    assert places(objects(text)) == [(f"Pod/default/{UNNAMED}", reason)]
    assert places(objects(text, labels={"pod": "web-0"})) == [("Pod/default/web-0", reason)]


def test_a_message_goes_on_where_a_line_was_broken():
    """A terminal breaks it at its edge."""
    (event,) = objects("0/3 nodes are available: 1 node(s) had taint {a: },\nthat the pod didn't tolerate, 2 Insufficient cpu.")

    assert event["message"].endswith("tolerate, 2 Insufficient cpu.")


def test_of_several_that_wait_the_first_one_is_meant_where_one_workload_made_them():
    """They all wait for the same."""
    waiting = "NAME                   READY   STATUS    RESTARTS   AGE\n"
    rows = "web-6b474476c4-dq26w   0/1     Pending   0          37m\nweb-6b474476c4-wjblx   0/1     Pending   0          37m\n"
    told = "\n0/1 nodes are available: 1 Insufficient cpu."

    assert ("Pod/default/web-6b474476c4-dq26w", "FailedScheduling") in places(
        t for t in objects(waiting + rows + told) if t["kind"] == "Event"
    )
    others = rows.replace("web-6b474476c4-wjblx", "api-7d9c5f8b6c-x2x9k")
    assert places(objects(waiting + others + told)) == [("Pod/default/", "FailedScheduling")]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (
            'Warning  FailedCreate  8m  replicaset-controller  Error creating: pods "web-5c644fc9cc-" is forbidden: no',
            "ReplicaSet/default/web-5c644fc9cc",
        ),
        ("Warning  FailedNeedsStart  3m  cronjob-controller  Cannot determine if job needs to be started", f"CronJob/default/{UNNAMED}"),
        ("Normal  NodeNotReady  3m  kubelet  Node is not ready", f"Node//{UNNAMED}"),
    ],
)
def test_who_reports_tells_what_an_event_is_about(row, place):
    """Each controller reports on what it makes pods for."""
    assert [found for found, _ in places(objects(row))] == [place]


def test_what_a_command_describes_is_what_its_events_are_about():
    """Even where nothing but these is left of its answer."""
    text = "$ kubectl describe cronjob nightly -n shop\n  Warning  FailedNeedsStart  3m  cronjob-controller  Cannot determine if job needs to be started"

    assert places(objects(text)) == [("CronJob/shop/nightly", "FailedNeedsStart")]
