"""Kills for memory: what counts, what does not, and the facts that a remedy needs."""

from tests.remediation.findings.made import container, deployment, event, findings, fine, oomed, pod, replica_set, series

LIMITED = [container(limits={"memory": "256Mi"}, requests={"memory": "128Mi"})]


def test_a_kill_is_found_with_limit_request_and_restarts():
    """Of the workload at the top of the chain, citing the pod."""
    (finding,) = findings(replica_set("api-1", 2, "r.example/api:1.1"), pod("api-1-x", oomed(), containers=LIMITED))
    assert (finding.finding_id, finding.kind, finding.subject, finding.cites) == ("F1", "oom_killed", "Deployment/shop/api/api", ("E2",))
    assert finding.facts == {
        "container": "api", "init": False, "cause": "limit", "node": "", "memory_limit": "256Mi", "memory_request": "128Mi", "exit_code": 137, "restarts": 3, "pods": 1,
        "last_at": "2026-11-21T02:55:00Z", "peak_bytes": None,
    }  # fmt: skip
    assert finding.text == "E2: container api was OOMKilled, exit 137, 3 restarts; its limit is 256Mi"


def test_one_restart_is_one():
    """The first thing that people read of an incident."""
    (finding,) = findings(pod("api-1-x", oomed(restarts=1)))
    assert ", 1 restart;" in finding.text


def test_all_pods_of_a_workload_make_one_finding():
    """With the most restarts and the newest kill."""
    pods = [pod("api-1-x", oomed(restarts=2)), pod("api-1-y", oomed(restarts=7, at="2026-11-21T02:59:00Z"))]
    (finding,) = findings(*pods)
    assert (finding.facts["pods"], finding.facts["restarts"], finding.facts["last_at"]) == (2, 7, "2026-11-21T02:59:00Z")
    assert finding.cites == ("E1", "E2")


def test_the_container_that_was_killed_is_named_not_its_neighbour():
    """A sidecar's kill is the sidecar's."""
    containers = [container(), container("proxy", limits={"memory": "64Mi"})]
    (finding,) = findings(pod("api-1-x", fine(), oomed("proxy"), owner="api-5d59d67564", containers=containers))
    assert (finding.subject, finding.facts["memory_limit"]) == ("Deployment/shop/api/proxy", "64Mi")


def test_an_init_container_is_told_as_one():
    """It has a place of its own in the manifest."""
    killed = {"name": "migrate", "restartCount": 1, "state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
    (finding,) = findings(pod("api-1-x", init=[killed]))
    assert finding.facts["init"] is True


def test_a_kill_without_a_limit_is_the_nodes():
    """Then no limit can be raised."""
    (finding,) = findings(pod("api-1-x", oomed()))
    assert finding.facts["memory_limit"] == ""
    assert "the node ran out" in finding.text


def test_an_exit_137_that_is_no_oom_is_not_called_one():
    """A failed probe kills with the same code."""
    assert "oom_killed" not in {finding.kind for finding in findings(pod("api-1-x", oomed(reason="Error")))}


def test_a_kill_long_ago_of_what_has_been_well_since_explains_nothing():
    """But one of a container that is still not ready does."""
    (over,) = findings(pod("api-1-x", oomed(at="2026-11-20T12:00:00Z", ready=True)))
    assert (over.kind, over.facts["was"]) == ("not_broken", "oom_killed")
    assert findings(pod("api-1-x", oomed(at="2026-11-20T12:00:00Z", ready=False)))[0].kind == "oom_killed"


def test_pods_of_an_older_revision_do_not_count_once_the_newest_is_ready():
    """An old ReplicaSet going away is not broken."""
    sets = [replica_set("api-1", 1, "r.example/api:1.0"), replica_set("api-2", 2, "r.example/api:1.1")]
    old = pod("api-1-x", oomed(), owner="api-1")
    assert findings(*sets, old, pod("api-2-x", fine(), owner="api-2", ready=True)) == ()
    assert findings(*sets, old, pod("api-2-x", fine(), owner="api-2", ready=False)) != ()


def test_the_peak_is_of_this_container_and_its_item_is_cited():
    """From whichever metric of memory in use is the highest."""
    metrics = [
        series("kubernetes.memory.usage", 100e6, 250e6, 90e6, kube_container_name="api"),
        series("kubernetes.memory.usage", 900e6, kube_container_name="proxy"),
        series("kubernetes.memory.usage_pct", 0.97, kube_container_name="api"),
    ]
    (finding,) = findings(pod("api-1-x", oomed(), containers=LIMITED), series=metrics)
    assert finding.facts["peak_bytes"] == 250_000_000
    assert finding.cites == ("E1", "E2")


def test_what_the_target_is_comes_first():
    """Others of the namespace follow."""
    other = pod("web-1-x", oomed(), owner="web-5d59d67564")
    mine = pod("api-1-x", oomed(), owner="api-5d59d67564")
    assert [finding.subject for finding in findings(other, mine)] == ["Deployment/shop/api/api", "Deployment/shop/web/api"]


def test_a_peak_above_the_limit_belongs_to_an_earlier_one():
    """The kernel allows no more than the limit, so that the two beside each other would make no sense."""
    for peak, said in ((416 * 2**20, "its limit is 256Mi; it was seen to use 416Mi under an earlier, higher limit"),
                       (250 * 2**20, "its limit is 256Mi; it was seen to use 250Mi")):  # fmt: skip
        memory = series("kubernetes.memory.usage", 100e6, float(peak), kube_container_name="api")
        (finding,) = findings(pod("api-1-x", oomed(), containers=LIMITED), series=[memory])
        assert finding.text.endswith(said)


def test_a_point_that_is_no_number_is_no_peak():
    """Prometheus answers NaN for what it could not divide."""
    metrics = [series("kubernetes.memory.usage", float("nan"), 9e6, kube_container_name="api")]
    (finding,) = findings(pod("api-1-x", oomed(), containers=LIMITED), series=metrics)
    assert finding.facts["peak_bytes"] == 9_000_000


def test_a_kill_by_the_node_raises_nothing():
    """SystemOOM on its node, and nothing that shows it near its own limit."""
    killed = pod("api-1-x", oomed(), containers=LIMITED)
    killed["spec"]["nodeName"] = "n1"
    said = event("n1", "SystemOOM", "System OOM encountered, victim process: java, pid: 7", kind="Node")
    said["involvedObject"]["namespace"] = ""
    (finding,) = (f for f in findings(killed, said) if f.kind == "oom_killed")

    assert (finding.facts["cause"], finding.facts["node"]) == ("node", "n1")
    assert "System OOM encountered" in finding.text


def test_a_kill_far_below_the_limit_is_not_of_the_limit():
    """Where a metric shows its use over time; one point says nothing of the moment of the kill."""
    used = series("container_memory_working_set_bytes", 60e6, 70e6, 75e6, container="api")
    (finding,) = findings(pod("api-1-x", oomed(), containers=LIMITED), series=[used])
    (once,) = findings(pod("api-1-x", oomed(), containers=LIMITED), series=[series("memory_usage_bytes", 60e6, container="api")])

    assert (finding.facts["cause"], once.facts["cause"]) == ("far_below", "limit")


def test_a_container_that_the_template_does_not_have_is_injected():
    """Its limit stands elsewhere than in the workload's manifest."""
    containers = [container(), container("mesh-proxy", limits={"memory": "64Mi"})]
    killed = pod("api-5d59d67564-x2x4k", fine(), oomed("mesh-proxy"), owner="api-5d59d67564", containers=containers)
    (finding,) = findings(deployment(), killed)

    assert (finding.facts["container"], finding.facts["cause"]) == ("mesh-proxy", "injected")


def test_of_two_revisions_the_one_that_is_declared_now_is_told():
    """An old pod that died last still has the limit from before."""
    raised = [container(limits={"memory": "1Gi"})]
    (finding,) = findings(
        deployment(containers=raised),
        replica_set("api-1", 2, "r.example/api:1.1"),
        pod("api-1-x", oomed(at="2026-11-21T02:59:00Z"), containers=LIMITED),
        pod("api-1-y", oomed(at="2026-11-21T02:50:00Z"), containers=raised),
    )
    assert finding.facts["memory_limit"] == "1Gi"
