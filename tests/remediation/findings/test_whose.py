"""Whose log it is, and whose metric: no line and no number of another counts for what is asked about."""

import pytest

from remediation.deliberation.rulebook import Rulebook
from remediation.findings import find
from remediation.findings.finding import living_containers
from remediation.findings.writers import texts_of, writer_of
from remediation.observed import Observed
from remediation.reading.logs import lines_of, title
from remediation.remedies import catalogue
from remediation.terms import Case, Evidence, Standing, Target
from remediation.workloads import object_ref
from tests.remediation.findings.made import NOW, TARGET, container, deployment, event, fine, items, oomed, pod, replica_set, series

RULEBOOK = Rulebook(catalogue())
API = {"app": "api"}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api", "namespace": "shop"},
           "spec": {"selector": API, "ports": [{"port": 80, "targetPort": 8080}]}}  # fmt: skip
PROBE = {"livenessProbe": {"httpGet": {"path": "/live", "port": 8080}, "initialDelaySeconds": 5, "periodSeconds": 5, "failureThreshold": 3}}
KILLED = {"name": "api", "ready": False, "restartCount": 4, "state": {"running": {}},
          "lastState": {"terminated": {"exitCode": 137, "reason": "Error"}}}  # fmt: skip
REFUSED = 'Liveness probe failed: Get "http://10.0.0.7:8080/live": dial tcp 10.0.0.7:8080: connect: connection refused'
LATE = 'Liveness probe failed: Get "http://10.0.0.7:8080/live": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'


def log(writer, pod_, *lines):
    return Evidence(kind="logs", source="t", title=title(writer, pod_), at=NOW, text="\n".join(lines), item=f"E9{len(lines)}{writer}")


def workload(name, *statuses, containers=None, tail="5f6d7c8b9f-zzzzz"):
    """A Deployment whose pods have its name as a label, with its pod."""
    thing = deployment(name, containers=containers)
    thing["spec"]["template"]["metadata"] = {"labels": {"app": name}}
    one = pod(f"{name}-{tail}", *(statuses or [fine(name)]), owner=f"{name}-5f6d7c8b9f", containers=containers, ready=not statuses)
    one["metadata"]["labels"] = {"app": name}
    return thing, one


async def answered(*things, logs=(), measured=(), target=TARGET):
    """Findings by kind, the first of each, and plans."""
    evidence = (*items(*things, series=measured), *logs)
    found = find(evidence, target)
    case = Case(incident_id="i", target=target, standing=Standing(), alerts=(), evidence=evidence, findings=found, precedents=())
    by_kind = {finding.kind: finding for finding in reversed(found)}
    return by_kind, (await RULEBOOK.propose(case)).plans


@pytest.mark.parametrize("shown", [True, False])
async def test_a_port_of_what_is_called_likewise_is_no_port_of_a_service(shown):
    """`api` is not `api-gateway`, whether the gateway's workload is shown or only its log."""
    gateway = workload("api-gateway") if shown else ()
    port = log("api-gateway", "api-gateway-7d9f8b6c54-abcde", "INFO server listening on port 3000")

    found, plans = await answered(*workload("api"), SERVICE, *gateway, logs=[port])

    assert "service_broken" not in found
    assert not plans


async def test_a_port_that_its_own_pod_says_is_the_services():
    """The twin: the log is of the Service's own workload, whose pod is gone meanwhile."""
    port = log("api", "api-7d9f8b6c54-abcde", "INFO server listening on port 3000")

    found, plans = await answered(*workload("api"), SERVICE, logs=[port])

    assert found["service_broken"].facts["ports"] == "3000"
    assert plans[0].parameters["target_port"] == 3000


async def test_of_several_containers_nothing_tells_which_one_a_service_means():
    """A proxy's port for its own administration is not where the Service should lead."""
    both = [container(), container("proxy", "r.example/proxy:1")]
    port = log("proxy", "api-5f6d7c8b9f-zzzzz", "INFO admin listening on port 9901")

    found, plans = await answered(*workload("api", fine(), fine("proxy"), containers=both), SERVICE, logs=[port])

    assert "service_broken" not in found
    assert not plans


@pytest.mark.parametrize(("writer", "cause"), [("proxy", "timeout"), ("api", "wrong_port")])
async def test_the_port_of_a_sidecar_is_not_that_which_a_probe_should_ask(writer, cause):
    """Only the container's own log says where it listens."""
    both = [container() | PROBE, container("proxy", "r.example/proxy:1")]
    thing, one = workload("api", KILLED, fine("proxy"), containers=both)
    late = event(one["metadata"]["name"], "Unhealthy", LATE)

    found, plans = await answered(thing, one, late, logs=[log(writer, "api-5f6d7c8b9f-zzzzz", "INFO server listening on port 9901")])

    assert found["probe_failing"].facts["cause"] == cause
    assert [plan.parameters["port"] for plan in plans if "port" in plan.parameters] == [9901] * (writer == "api")


@pytest.mark.parametrize("writer", ["proxy", "api"])
async def test_what_a_sidecar_says_draws_no_value_for_a_probe(writer):
    """Neither how long it takes to start, nor the path that is answered."""
    both = [container() | PROBE, container("proxy", "r.example/proxy:1")]
    thing, one = workload("api", KILLED, fine("proxy"), containers=both)
    said = log(writer, "api-5f6d7c8b9f-zzzzz", "INFO warming up", "INFO worker ready in 90 s", 'INFO "GET /stub_status HTTP/1.1" 200')
    refused = event(one["metadata"]["name"], "Unhealthy", REFUSED)
    lost = event(one["metadata"]["name"], "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404")

    slow, missing = [(await answered(thing, one, each, logs=[said]))[1] for each in (refused, lost)]

    assert bool(slow) is (writer == "api")
    assert bool(missing) is (writer == "api")


async def test_each_container_has_its_own_probe_that_fails():
    """Of two that fail in one pod both are told."""
    both = [container() | {"readinessProbe": {"httpGet": {"path": "/a", "port": 8080}}, "ports": [{"containerPort": 8080}]},
            container("side", "r.example/side:1") | {"readinessProbe": {"httpGet": {"path": "/b", "port": 9000}}}]  # fmt: skip
    said = [event("api-1-x", "Unhealthy", f"Readiness probe failed: HTTP probe failed with statuscode: {code}") for code in (503, 404)]
    for one, name in zip(said, ("api", "side"), strict=True):
        one["metadata"]["name"] += name
        one["involvedObject"] = one["involvedObject"] | {"fieldPath": f"spec.containers{{{name}}}"}
    things = pod("api-1-x", fine() | {"ready": False}, fine("side") | {"ready": False}, containers=both), *said

    found = {f.subject.rpartition("/")[2]: f.facts["cause"] for f in find(items(*things), TARGET) if f.kind == "probe_failing"}

    assert found == {"api": "application", "side": "wrong_path"}


@pytest.mark.parametrize(("where", "peak"), [({}, 900), ({"namespace": "shop"}, 900), ({"kube_namespace": "staging"}, None)])
def test_a_metric_of_another_namespace_is_no_measure(where, peak):
    """A namesake's memory says nothing of what this one used."""
    things = deployment(), replica_set("api-1", 1, "r.example/api:1.1", replicas=1), pod("api-1-x", oomed())
    used = series("container_memory_working_set_bytes", 900, container="api", pod="api-1-x", **where)

    (killed,) = (f for f in find(items(*things, series=[used]), TARGET) if f.kind == "oom_killed")

    assert killed.facts["peak_bytes"] == peak


@pytest.mark.parametrize(
    ("name", "writer"),
    [("api-7d9f8b6c54-abcde", "Deployment/shop/api"), ("api", "Deployment/shop/api"), ("api.log", "Deployment/shop/api"),
     ("api-gateway-7d9f8b6c54-abcde", "Pod//api-gateway-7d9f8b6c54-abcde"), ("api-gateway-0", "Pod//api-gateway-0"),
     ("redis-0", "StatefulSet/shop/redis"), ("redis-sentinel-0", "Pod//redis-sentinel-0"),
     ("api.csv", "Deployment/shop/api"), ("api.log.gz", "Deployment/shop/api")],
)  # fmt: skip
def test_a_log_is_of_the_workload_that_names_pods_so(name, writer):
    """Not of one whose name another's only begins with; of two namespaces the symptom's."""
    stateful = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "redis", "namespace": "shop"}}
    others = {**stateful, "metadata": {"name": "redis", "namespace": "staging"}}
    observed = Observed(items(deployment("api", "staging"), deployment(), others, stateful))
    item = Evidence(kind="logs", source="t", title=title("", name), at=NOW, text="hello", item="E9")

    assert str(writer_of(lines_of(item)[0], observed, Target(kind="workload", place="", path="shop/Deployment/api"))) == writer


@pytest.mark.parametrize(
    ("labels", "own"),
    [({"container": "api", "pod": "api-1-x"}, True), ({"kube_container_name": "api", "pod_name": "api-1-x", "kube_namespace": "shop"}, True),
     ({"container": "api", "kube_deployment": "api"}, True), ({"container": "api", "kube_deployment": "orders"}, False),
     ({"container": "api", "pod": "api-1-y"}, False), ({"container": "proxy", "pod": "api-1-x"}, False),
     ({"container": "api", "pod": "api-1-x", "namespace": "staging"}, False)],
)  # fmt: skip
def test_a_metric_is_of_the_container_that_its_labels_name(labels, own):
    """Of no other pod, workload or namespace, however Prometheus and Datadog call them."""
    observed = Observed(items(deployment(), replica_set("api-1", 1, "r.example/api:1.1", replicas=1), pod("api-1-x", fine())))

    assert living_containers(observed)[0].is_measured_by(series("memory", 1, **labels)) is own


@pytest.mark.parametrize(
    ("annotations", "asked", "heard"),
    [
        ({}, "proxy", ["hello"]),
        ({}, "api", []),
        ({"kubectl.kubernetes.io/default-container": "api"}, "api", ["hello"]),
        ({}, "", ["hello"]),
    ],
)
def test_a_log_that_names_no_container_is_of_the_one_that_kubectl_shows(annotations, asked, heard):
    """The first, or the one that its pod's annotation names."""
    thing, one = workload("api", fine("proxy"), fine(), containers=[container("proxy"), container()])
    one["metadata"]["annotations"] = annotations
    observed = Observed((*items(thing, one), log("", one["metadata"]["name"], "hello")))

    assert list(texts_of(object_ref(thing), observed, TARGET, asked)) == heard


@pytest.mark.parametrize("name", ["quotes.csv", "quotes.tsv", "quotes.log", "quotes.jsonl", "quotes.log.gz"])
def test_the_name_of_a_file_makes_no_pod(name):
    """It is a hint: where nothing goes by it, the one who wrote the log has no name."""
    line = lines_of(Evidence(kind="logs", source="t", title=title("", name), at=NOW, text="hello", item="E9"))[0]

    assert writer_of(line, Observed(()), Target(kind="workload", place="", path="")).name == ""
