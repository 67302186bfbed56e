"""What the Kubernetes source reads of a whole namespace, against a cluster that shows given objects."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zlib import crc32

import pytest

from remediation.evaluation import cases_in
from remediation.evidence import Limits, cut, number
from remediation.explaining import explain
from remediation.findings import find
from remediation.remedies import catalogue
from remediation.sources.kubernetes import KubernetesSource, Spares
from remediation.sources.look import NEEDED
from remediation.sources.surroundings import CLUSTER_WIDE, LISTED
from remediation.terms import Target, Window
from tests.remediation.findings import made
from tests.remediation.made import NOW, an_incident, later
from tests.remediation.sources.shown import ShownCluster

CASES = Path(__file__).resolve().parents[2] / "cases"
WINDOW = Window(since=later(-60), until=later(5))


def deployment(name):
    thing = made.deployment(name)
    thing["spec"]["template"]["metadata"] = {"labels": {"app": name}}
    return thing


def pod(name, *statuses, owner="api-1", phase="Running", node="node-a"):
    thing = made.pod(name, *statuses, owner=owner, ready=phase == "Running")
    thing["status"]["phase"] = phase
    thing["spec"] |= {"nodeName": node} if node else {}
    return thing


def service(name, selector, port=80):
    spec = {"selector": selector, "ports": [{"port": port, "targetPort": 8080}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def an_event(kind, name, reason, message, namespace="shop"):
    involved = {"kind": kind, "namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": "Event", "metadata": {"name": f"{name}.{reason}", "namespace": namespace}, "type": "Warning",
            "involvedObject": involved, "reason": reason, "message": message, "lastTimestamp": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip


async def observed(cluster, path="shop/Deployment/api", window=WINDOW, **spares):
    source = KubernetesSource({"": cluster}, spares=Spares(**spares))
    target = Target(kind="workload", place="", path=path)
    return number(await source.observe(replace(an_incident(), target=target), window)), target


async def test_a_live_namespace_is_read_as_its_files_are():
    """A third of our cases, by their names, so that a new one moves no other, their objects served by a cluster: the same cause.

    Wherever the files' stands on objects and not on a log.
    """
    told = []
    for case in (case for case in cases_in(CASES) if crc32(case.name.encode()) % 3 == 0):
        explained = await explain([case], "", catalogue())
        leading = explained.leading
        cited = [item for item in explained.evidence if leading and item.item in leading.cites]
        if not leading or not all(item.objects for item in cited) or any(item.kind == "logs" for item in explained.evidence):
            continue
        if leading.subject.split("/")[0] not in (*LISTED, *NEEDED, *CLUSTER_WIDE):  # of other kinds no source knows
            continue
        objects = {(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]): o for e in explained.evidence for o in e.objects}
        at = explained.evidence[0].at
        path = explained.target.path if explained.target.name else f"{explained.target.namespace or leading.subject.split('/')[1]}//"
        evidence, target = await observed(ShownCluster(objects.values()), path, Window(since=at - timedelta(days=30), until=at))
        asked = [item for item in explained.evidence if item.kind == "alert"]
        found = next(iter(find([*asked, *cut(evidence, Limits())], target)), None)
        told.append((case.name, found and (found.kind, found.subject), (leading.kind, leading.subject)))

    otherwise = [one for one in told if one[1] != one[2] and not (_is_well(one[1]) and _is_well(one[2]))]
    assert len(otherwise) <= 0.08 * len(told), otherwise
    assert len(told) >= 40


def _is_well(found):
    """Nothing is the cause: ordinary events, which say that something was meant, are not read of a whole namespace."""
    return found is None or found[0] == "not_broken"


async def test_a_fault_beside_the_alerts_workload_is_seen():
    """The alert names the frontend; the Service that it calls has a selector that matches nothing."""
    frontend = deployment("frontend")
    frontend["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "API_URL", "value": "http://api:80"}]
    backend = deployment("api")
    wrong = service("api", {"app": "apii"})
    evidence, target = await observed(ShownCluster([frontend, backend, wrong]), "shop/Deployment/frontend")

    finding = find(evidence, target)[0]
    assert (finding.kind, finding.subject) == ("service_broken", "Service/shop/api")


async def test_what_rbac_forbids_is_one_item_that_names_it():
    """Not a failure: what may be read is read, and nothing is concluded from what may not."""
    cluster = ShownCluster([deployment("api"), service("api", {"app": "apii"})], forbidden=("Ingress", "NetworkPolicy", "PodDisruptionBudget"))
    evidence, target = await observed(cluster)

    (refused,) = [item for item in evidence if item.failed]
    assert refused.title == "Ingress, NetworkPolicy, PodDisruptionBudget: not read"
    assert "ClusterRole" in refused.text
    assert find(evidence, target)[0].kind == "service_broken"


async def test_a_list_that_hangs_costs_its_limit_and_no_more():
    """The others are there."""
    evidence, _ = await observed(ShownCluster([deployment("api")], hangs="Service"), seconds=0.05)

    assert [item.title for item in evidence if item.failed] == ["Service: not read"]
    assert evidence[0].title == "Deployment/shop/api"


async def test_beyond_the_cap_what_fails_is_still_seen():
    """Pods are listed by name: the pending one comes last, and its event too."""
    crowd = [pod(f"crowd-{n:03}", owner=None) for n in range(30)]
    waiting = pod("zebra-0", owner=None, phase="Pending", node="")
    noise = [an_event("Pod", f"crowd-{n:03}", "Pulled", "x") | {"type": "Normal"} for n in range(30)]
    told = an_event("Pod", "zebra-0", "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.")
    evidence, _ = await observed(ShownCluster([*crowd, waiting, *noise, told]), "shop//", cap=20)

    seen = {o["metadata"]["name"] for item in evidence for o in item.objects}
    assert "zebra-0" in seen
    assert "zebra-0.FailedScheduling" in seen
    assert any("There are more than 20" in item.text for item in evidence if item.failed)


async def test_what_a_selector_leaves_too_many_of_is_said_and_as_many_as_the_cap_are_all():
    """The pods of one node."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"}, "spec": {}}
    crowd = [pod(f"crowd-{n:03}", owner=None) for n in range(21)]
    for pods, failed in ((crowd, ["More of Pod: not read"]), (crowd[:20], [])):
        evidence, _ = await observed(ShownCluster([node, *pods]), "/Node/node-a", cap=20)
        assert [item.title for item in evidence if item.failed] == failed


async def test_no_service_is_called_broken_while_pods_were_cut_off():
    """Those that it selects may be among them."""
    crowd = [pod(f"crowd-{n:03}", owner=None) for n in range(30)]
    evidence, target = await observed(ShownCluster([*crowd, deployment("api"), service("zebra", {"app": "zebra"})]), cap=20)

    assert [f.kind for f in find(evidence, target)] == []


async def test_requests_are_few():
    """One look at a healthy namespace: a list of each kind, the object, one log."""
    cluster = ShownCluster([deployment("api"), pod("api-1"), service("api", {"app": "api"})])
    await observed(cluster)

    assert sum(cluster.asked.values()) <= 23
    assert "list Node" not in cluster.asked


async def test_of_a_node_its_pods_and_events_are_read():
    """Not those of the whole cluster."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"}, "spec": {}, "status": {"images": [{"names": ["x"]}], "conditions": [
        {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "container runtime is down"}]}}  # fmt: skip
    here, there = pod("api-1", owner=None), pod("api-2", owner=None, node="node-b")
    cluster = ShownCluster([node, here, there, an_event("Node", "node-a", "NodeNotReady", "Node node-a status is now: NodeNotReady", "default")])
    evidence, target = await observed(cluster, "/Node/node-a")

    assert find(evidence, target)[0].subject == "Node//node-a"
    assert {o["metadata"]["name"] for item in evidence for o in item.objects if o["kind"] == "Pod"} == {"api-1"}
    assert set(cluster.asked) == {"get Node", "list Pod", "list Event"}


ARGO = {
    "sync": {"status": "Synced", "revision": "4f1c2d"},
    "health": {"status": "Degraded"},
    "operationState": {"phase": "Succeeded", "message": "successfully synced", "syncResult": {"resources": ["much"]}},
    "history": [
        {"id": 1, "revision": "aaa111", "deployedAt": "2026-11-20T10:00:00Z"},
        {"id": 2, "revision": "4f1c2d", "deployedAt": "2026-11-21T02:30:00Z", "initiatedBy": {"username": "alice"}},
    ],
}
FLUX = {
    "lastAppliedRevision": "main@sha1:4f1c2d",
    "lastAttemptedRevision": "main@sha1:4f1c2d",
    "inventory": {"entries": ["much"]},
    "history": [{"digest": "sha256:1", "firstReconciled": "2026-11-21T02:30:00Z", "lastReconciledStatus": "ReconciliationSucceeded",
                 "metadata": {"revision": "main@sha1:4f1c2d"}}],
}  # fmt: skip
HELM = {
    "history": [
        {"name": "api", "version": 3, "chartName": "api", "chartVersion": "1.4.0", "status": "deployed", "lastDeployed": "2026-11-21T02:30:00Z"}
    ]
}


@pytest.mark.parametrize(
    ("applier", "status", "labels", "annotations", "said"),
    [
        (("Application", "argocd", "shop"), ARGO, {}, {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/api"}, "4f1c2d, by alice"),
        (("Application", "teams", "shop"), ARGO, {}, {"argocd.argoproj.io/tracking-id": "teams_shop:apps/Deployment:shop/api"}, "4f1c2d"),
        (("Kustomization", "flux-system", "shop"), FLUX, {"kustomize.toolkit.fluxcd.io/name": "shop",
         "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}, {}, "main@sha1:4f1c2d, ReconciliationSucceeded"),
        (("HelmRelease", "shop", "api"), HELM, {"helm.toolkit.fluxcd.io/name": "api", "helm.toolkit.fluxcd.io/namespace": "shop"}, {},
         "release 3 of api 1.4.0, deployed"),
    ],
)  # fmt: skip
async def test_who_applied_it_says_when(applier, status, labels, annotations, said):
    """The newest first, with its time."""
    kind, namespace, name = applier
    owner = deployment("api")
    owner["metadata"] |= {"labels": labels, "annotations": annotations}
    tool = {"kind": kind, "metadata": {"namespace": namespace, "name": name}, "status": status}
    evidence, _ = await observed(ShownCluster([owner, tool]))

    (item,) = [item for item in evidence if item.title.startswith("Applied by")]
    assert item.kind == "changes"
    assert f"2026-11-21 02:30:00Z (35m ago): {said}" in item.text
    assert "much" not in repr(item.objects)


async def test_of_a_config_map_keys_and_short_values_are_kept():
    """Files are not, and what looks like a secret is masked."""
    data = {"HOST": "postgres", "PASSWORD": "hunter2hunter2", "dashboard.json": "x" * 5000}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "api", "namespace": "shop"}, "data": data}
    evidence, _ = await observed(ShownCluster([deployment("api"), config]))

    (shown,) = [o for item in evidence for o in item.objects if o["kind"] == "ConfigMap"]
    assert set(shown["data"]) == set(data)
    assert (shown["data"]["HOST"], shown["data"]["dashboard.json"]) == ("postgres", "")
    assert "hunter2" not in repr(shown)


async def test_where_nothing_is_named_the_nodes_are_read():
    """A partial outage: a node is not ready, and so is what the cluster runs itself."""
    ready = {"type": "Ready", "status": "True"}
    nodes = [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"n{n}"}, "spec": {}, "status": {"conditions": [ready]}} for n in range(40)]
    nodes[39]["status"]["conditions"] = [{**ready, "status": "Unknown", "message": "Kubelet stopped posting node status."}]
    evidence, target = await observed(ShownCluster(nodes), "//")

    assert find(evidence, target)[0].subject == "Node//n39"


def custom(kind, name, api, status, **spec):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec, "status": status}


def metrics(status):
    available = {"type": "Available", "status": status, "reason": "MissingEndpoints", "message": "endpoints for service/metrics-server have no addresses"}
    return {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"}, "status": {"conditions": [available]}}


SCALER = {
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "api", "namespace": "shop"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api"}, "minReplicas": 1, "maxReplicas": 3},
}  # fmt: skip


async def test_a_metrics_api_that_does_not_answer_is_known_where_an_autoscaler_reads_it():
    """By the API server's own word; nobody asks for it where nothing scales."""
    cluster = ShownCluster([deployment("api"), SCALER, metrics("False")])
    evidence, target = await observed(cluster)

    (item,) = [item for item in evidence if item.title == "APIs that another server stands behind"]
    assert "Available=False (MissingEndpoints): endpoints for service/metrics-server have no addresses" in item.text
    assert ("component_down", "APIService//v1beta1.metrics.k8s.io") in {(f.kind, f.subject) for f in find(evidence, target)}

    alone = ShownCluster([deployment("api"), metrics("False")])
    await observed(alone)
    assert "get APIService" not in alone.asked


@pytest.mark.parametrize(("status", "told"), [("True", 1), ("False", 0)])
async def test_a_metrics_api_that_nobody_reads_is_told_where_it_answers_alone(status, told):
    """An autoscaler might be enabled then; where it does not, nothing suffers from it."""
    many = deployment("api")
    many["spec"]["replicas"] = 2
    evidence, _ = await observed(ShownCluster([many, metrics(status)]))

    assert len([item for item in evidence if item.title == "APIs that another server stands behind"]) == told


async def test_a_metrics_api_that_is_not_registered_is_no_failed_read():
    """The autoscaler's own conditions say the rest."""
    evidence, _ = await observed(ShownCluster([deployment("api"), SCALER]))

    assert not [item for item in evidence if item.failed or "APIs" in item.title]


async def test_where_nothing_is_named_every_api_that_does_not_answer_is_read():
    """And those that do are not."""
    down, up = metrics("False"), metrics("True")
    down["metadata"] = {"name": "v1.packages.operators.example"}
    up["metadata"] = {"name": "v1.apps"}
    evidence, _ = await observed(ShownCluster([down, up]), "//")

    assert [o["metadata"]["name"] for item in evidence for o in item.objects] == ["v1.packages.operators.example"]


async def test_argos_and_fluxs_objects_are_read_with_their_conditions_where_the_cluster_has_them():
    """Of the namespace; an Application where nothing applied what the alert names."""
    degraded = {"phase": "Degraded", "conditions": [{"type": "Progressing", "status": "False", "reason": "RolloutAborted", "message": "metric success-rate failed"}]}
    app = custom("Application", "shop", "argoproj.io/v1alpha1", {"sync": {"status": "OutOfSync"}, "conditions": [{"type": "SyncError", "message": "no such namespace"}]},
                 destination={"namespace": "shop"})  # fmt: skip
    app["metadata"]["namespace"] = "argocd"
    other = custom("Application", "other", "argoproj.io/v1alpha1", {}, destination={"namespace": "other"})
    cluster = ShownCluster([service("api", {"app": "api"}), custom("Rollout", "api", "argoproj.io/v1alpha1", degraded), app, other])
    evidence, _ = await observed(cluster)

    (item,) = [item for item in evidence if item.title == "Argo's and Flux's objects in shop"]
    assert "Rollout api: Degraded; Progressing=False (RolloutAborted): metric success-rate failed" in item.text
    assert "Application shop: sync OutOfSync; SyncError=None (): no such namespace" in item.text
    assert "Application other" not in item.text
    assert "list Kustomization" not in cluster.asked


async def test_a_pod_that_a_rollout_made_leads_to_the_rollout():
    """Its pods are looked for by its selector, and what is found is on it, as on a Deployment."""
    rollout = {**deployment("api"), "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    rollout["spec"]["selector"] = {"matchLabels": {"app": "api"}}
    owned = made.replica_set("api-1", 1, "r.example/api:1.1")
    owned["metadata"]["ownerReferences"] = made.controlled("Rollout", "api")
    killed = pod("api-1-a", made.oomed(), phase="Pending")
    killed["metadata"]["labels"] = {"app": "api"}
    evidence, target = await observed(ShownCluster([rollout, owned, killed]), "shop/Pod/api-1-a")

    assert any(thing["kind"] == "Rollout" for item in evidence for thing in item.objects)
    assert find(evidence, target)[0].subject == "Rollout/shop/api/api"
