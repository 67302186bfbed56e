"""adjust_probe: port, path, protocol and patience, each as the evidence shows it or not at all."""

from dataclasses import replace

import pytest

from remediation.remedies import intended_edits
from tests.remediation.remedies.offering import CATALOGUE, a_pod, event, not_offered, offer, revisions, workload

LIVENESS = "spec.template.spec.containers[name=api].livenessProbe"
READINESS = "spec.template.spec.containers[name=api].readinessProbe"


def probing(kind="readiness", path="/healthz", **more):
    """Workload, pod and nothing else: a container on port 8080 that is asked by HTTP."""
    return workload({"ports": [{"containerPort": 8080}], f"{kind}Probe": {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 10, **more}})


def failing(of, message, kind="Readiness"):
    """The workload, its pod, and the kubelet's event about it."""
    made = a_pod(of)
    return of, made, event(made, "Unhealthy", f"{kind} probe failed: {message}")


async def test_a_probe_asks_the_only_port_that_its_container_declares():
    """The port alone changes."""
    of = workload({"ports": [{"containerPort": 8080}], "livenessProbe": {"httpGet": {"path": "/", "port": 9090}}})
    refused = 'Get "http://10.0.0.7:9090/": dial tcp 10.0.0.7:9090: connect: connection refused'
    offered = await offer(*failing(of, refused, "Liveness"), remedy="adjust_probe")

    assert offered.edits == [(f"{LIVENESS}.httpGet.port", "replace", 9090, 8080)]
    assert (await offered.critique()).decision == "APPROVED"
    assert (await offered.critique(port=22)).decision == "REJECTED"
    assert offered.in_git()["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["httpGet"] == {"path": "/", "port": 8080}


async def test_a_grpc_probe_asks_the_port_that_its_container_declares_too():
    """Its handler is kept."""
    of = workload({"ports": [{"containerPort": 9000}], "readinessProbe": {"grpc": {"port": 50051}}})
    refused = 'timeout: failed to connect service "10.0.0.7:50051" within 1s: context deadline exceeded'
    offered = await offer(*failing(of, refused), remedy="adjust_probe")

    assert offered.edits == [(f"{READINESS}.grpc.port", "replace", 50051, 9000)]


async def test_a_path_that_the_log_shows_answering_is_asked():
    """The only path of health that answers 2xx."""
    log = '10.0.0.1 - - "GET /healthz HTTP/1.1" 404 19\n10.0.0.2 - - "GET /health HTTP/1.1" 200 2\n10.0.0.2 - - "GET /orders HTTP/1.1" 200 90'
    offered = await offer(*failing(probing(), "HTTP probe failed with statuscode: 404"), log=log, remedy="adjust_probe")

    assert offered.edits == [(f"{READINESS}.httpGet.path", "replace", "/healthz", "/health")]
    assert (await offered.critique()).decision == "APPROVED"


async def test_a_path_of_an_earlier_revision_comes_before_a_log():
    """What ran is better proof than a line."""
    now = probing()
    sets = revisions(now, probing(path="/ready"))
    offered = await offer(*failing(now, "HTTP probe failed with statuscode: 404"), *sets, log='"GET /health HTTP/1.1" 200 2', remedy="adjust_probe")

    assert offered.plan.parameters["path"] == "/ready"


@pytest.mark.parametrize("log", ["", '"GET /health HTTP/1.1" 200 2\n"GET /status HTTP/1.1" 200 2', '"GET /health HTTP/1.1" 500 2'])
async def test_a_path_that_nothing_or_too_much_shows_is_for_a_person(log):
    """Nothing is guessed."""
    await not_offered(*failing(probing(), "HTTP probe failed with statuscode: 404"), log=log)


async def test_an_application_that_answers_with_its_own_error_is_not_asked_elsewhere():
    """A failing program is no failing probe."""
    await not_offered(*failing(probing(), "HTTP probe failed with statuscode: 500"), log='"GET /health HTTP/1.1" 200 2')


async def test_a_path_that_is_forbidden_is_not_another_path():
    """401 wants credentials."""
    await not_offered(*failing(probing(), "HTTP probe failed with statuscode: 401"), log='"GET /health HTTP/1.1" 200 2')


@pytest.mark.parametrize(("said", "now", "scheme"), [
    ("http: server gave HTTP response to HTTPS client", "HTTPS", "HTTP"),
    ('net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01"', "HTTP", "HTTPS"),
])  # fmt: skip
async def test_the_protocol_is_the_other_one(said, now, scheme):
    """The kubelet's words say which."""
    of = workload({"ports": [{"containerPort": 8080}], "readinessProbe": {"httpGet": {"path": "/", "port": 8080, "scheme": now}}})
    offered = await offer(*failing(of, said), remedy="adjust_probe")

    assert offered.edits == [(f"{READINESS}.httpGet.scheme", "replace", now, scheme)]


SLOW = 'Get "http://10.0.0.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'


async def test_a_probe_waits_half_as_long_again_as_its_answer_takes():
    """The log shows how long."""
    offered = await offer(*failing(probing(), SLOW), log="GET /healthz 200 in 2300 ms", remedy="adjust_probe")

    assert offered.edits == [(f"{READINESS}.timeoutSeconds", "add", None, 4)]


async def test_a_probe_whose_answer_takes_an_unknown_time_is_for_a_person():
    """A program that hangs is not cured by patience."""
    await not_offered(*failing(probing(), SLOW), log="GET /healthz received")


async def test_a_slow_start_is_given_half_as_long_again_before_the_container_is_killed():
    """90 s are needed, 30 s are given."""
    refused = 'Get "http://10.0.0.7:8080/healthz": dial tcp 10.0.0.7:8080: connect: connection refused'
    of = probing("liveness", failureThreshold=3)
    offered = await offer(*failing(of, refused, "Liveness"), log="Started Application in 90.4 seconds (process running for 91)", remedy="adjust_probe")

    assert offered.edits == [(f"{LIVENESS}.failureThreshold", "replace", 3, 14)]


async def test_a_probe_is_as_patient_again_as_in_the_revision_before():
    """The change made it impatient."""
    refused = 'Get "http://10.0.0.7:8080/healthz": dial tcp 10.0.0.7:8080: connect: connection refused'
    now, before = probing("liveness", failureThreshold=1), probing("liveness", failureThreshold=30)
    offered = await offer(*failing(now, refused, "Liveness"), *revisions(now, before), remedy="adjust_probe")

    assert offered.edits == [(f"{LIVENESS}.failureThreshold", "replace", 1, 30)]


async def test_a_plan_with_nothing_to_change_leaves_the_probe_where_it_is():
    """A model that names only the probe must not take it away."""
    offered = await offer(*failing(probing(), SLOW), log="GET /healthz 200 in 2300 ms", remedy="adjust_probe")
    bare = {"container": "api", "probe": "readiness", "handler": "httpGet"}

    assert intended_edits(replace(offered.plan, parameters=bare), CATALOGUE["adjust_probe"], offered.live) == ()
