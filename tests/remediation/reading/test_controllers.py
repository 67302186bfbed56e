"""What controllers log of the objects that they look after."""

import time

import pytest

from remediation.reading import controllers, pods_logged
from remediation.reading.log_fields import fields_of


def told(text):
    """What a log tells of which object: `Kind/namespace/name` with the words."""
    found = []
    for thing in controllers.in_log(text):
        place = thing.get("involvedObject") or {"kind": thing["kind"], **thing["metadata"]}
        words = thing.get("message") or thing["status"]["conditions"][0]["message"]
        found.append(("/".join(place[key] for key in ("kind", "namespace", "name")), words))
    return found


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        (
            (
                'I0113 09:12:43.103120 7 store.go:361] "Ignoring ingress because of error while validating ingress class" ingress="bay/tide" '
                'error="ingress does not contain a valid IngressClass"'
            ),
            "Ingress/bay/tide",
            "ingress does not contain a valid IngressClass",
        ),
        (
            (
                '{"level":"error","msg":"Reconciler error","controllerKind":"HelmRelease","HelmRelease":{"name":"tide","namespace":"bay"},'
                '"namespace":"bay","name":"tide","error":"chart pull error"}'
            ),
            "HelmRelease/bay/tide",
            "chart pull error",
        ),
        (
            (
                '2024-05-01T10:00:00Z\tERROR\tReconciler error\t{"controller": "scaledobject", "object": {"name":"tide","namespace":"bay"}, '
                '"error": "no scale target"}'
            ),
            "ScaledObject/bay/tide",
            "no scale target",
        ),
        (
            (
                'time="2020-11-24T09:29:47Z" level=error msg="Cannot create service: service not found" ingress=tide namespace=bay '
                "serviceName=tide-web servicePort=80 providerName=kubernetescrd"
            ),
            "IngressRoute/bay/tide",
            "Cannot create service: service not found: tide-web",
        ),
        (
            (
                'E0608 10:11:12.123456 1 controller.go:158] cert-manager/controller/challenges "msg"="re-queuing item  due to error processing" '
                '"error"="no such host" "key"="bay/tide-tls-1"'
            ),
            "Challenge/bay/tide-tls-1",
            "no such host",
        ),
        (
            '2024-05-01 10:00:00.000 E | ceph-cluster-controller: failed to reconcile CephCluster "bay/reef". failed to start ceph monitors',
            "CephCluster/bay/reef",
            "failed to start ceph monitors",
        ),
        (
            "2024-05-01 10:00:00 ERROR AbstractOperator:284 - Reconciliation #3(timer) Kafka(bay/waves): createOrUpdate failed",
            "Kafka/bay/waves",
            "createOrUpdate failed",
        ),
    ],
)
def test_a_line_is_of_the_object_that_it_names(line, place, words):
    """Not of the program that wrote it: that does what it can."""
    assert told(line) == [(place, words)]


def test_what_went_well_afterwards_is_not_told():
    """A controller tries again until it works."""
    failed = '{"level":"error","msg":"Reconciler error","controllerKind":"HelmRelease","namespace":"bay","name":"tide","error":"locked"}'
    well = '{"level":"info","msg":"release reconciliation succeeded","controllerKind":"HelmRelease","namespace":"bay","name":"tide"}'

    assert told(f"{failed}\n{well}") == []
    assert told(f"{well}\n{failed}") == [("HelmRelease/bay/tide", "locked")]


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"error","msg":"Reconciler error","controllerKind":"Kafka","name":"x","error":"the object has been modified; try again"}',
        '{"level":"info","msg":"Reconciling","controllerKind":"Kafka","namespace":"bay","name":"x","error":""}',
        'level=error msg="payment refused" service=till error="card expired"',
    ],
)
def test_what_passes_and_what_is_of_an_application_is_no_objects(line):
    """Conflicts are tried again, and a shop's own `service=` is none of the cluster's."""
    assert told(line) == []


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ('E01 "msg"="x y" "key"="a/b"', {"msg": "x y", "key": "a/b"}),
        ('level=error err="a \\"b\\"" n=3', {"level": "error", "err": 'a "b"', "n": "3"}),
        ('ERROR\tx\t{"a": {"name": "n"}}', {"a.name": "n"}),
        ("no fields at all", {}),
    ],
)
def test_fields_are_read_in_every_form(line, fields):
    """As loggers of Go write them."""
    assert fields_of(line) == fields


@pytest.mark.parametrize(
    ("line", "about", "message"),
    [
        (
            (
                'E0 "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"sieve\\" with ErrImagePull: \\"rpc error: failed to '
                'pull and unpack image \\\\\\"r.test/sieve:2\\\\\\": not found\\"" pod="bay/tide-0" podUID=1'
            ),
            ("bay", "tide-0", "spec.containers{sieve}"),
            'Failed to pull image "r.test/sieve:2": not found',
        ),
        (
            'I0 "Probe failed" probeType="Readiness" pod="bay/tide-0" podUID="1" containerName="sieve" probeResult="failure" output="code: 500"',
            ("bay", "tide-0", "spec.containers{sieve}"),
            "Readiness probe failed: code: 500",
        ),
        (
            'I0 prober.go:114] Liveness probe for "tide-0_bay(1-2):sieve" failed (failure): HTTP probe failed with statuscode: 503',
            ("bay", "tide-0", "spec.containers{sieve}"),
            "Liveness probe failed: HTTP probe failed with statuscode: 503",
        ),
        (
            'level=error msg="PullImage \\"r.test/sieve:2\\" failed" error="denied"',
            ("", "", None),
            'Failed to pull image "r.test/sieve:2": denied',
        ),
    ],
)
def test_what_a_kubelet_logs_is_an_event_of_its_pod(line, about, message):
    """With the container that the line names; of a pod without a name where it names none."""
    (event,) = pods_logged.in_log(line)
    thing = event["involvedObject"]

    assert (thing["namespace"], thing["name"], thing.get("fieldPath")) == about
    assert event["message"] == message


@pytest.mark.parametrize("text", ['ingress="' + "a" * 40_000, 'ingress= "a"="' + "\\" * 40_000, "Reconciliation #1(x) " + "A" * 40_000,
                                  "can't be scheduled on " + "reason " * 6000, 'PullImage "x" failed ' * 2000])  # fmt: skip
def test_hostile_lines_take_no_longer_than_their_length(text):
    """Evidence comes from strangers."""
    began = time.process_time()
    list(controllers.in_log(text))
    list(pods_logged.in_log(text))

    assert time.process_time() - began < 1
