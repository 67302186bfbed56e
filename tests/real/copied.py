"""The objects of the sandbox's cluster, applied to a real server by those who applied them in the sandbox."""

from collections.abc import Iterable
from typing import Any

from bot.sandbox.cluster import Cluster
from tests.real.administrator import Administrator

Object = dict[str, Any]
_FIRST = ("Namespace", "ServiceAccount", "Node", "StorageClass", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "Pod")
_LEFT_OUT = ("Secret", "Endpoints", "Job", "APIService")  # nobody reads them here; a Job's selector, an APIService's status is the server's own
_ADDRESSES = ("clusterIP", "clusterIPs")  # of the sandbox's own range


def copy(cluster: Cluster, administrator: Administrator) -> None:
    """All of it, owners before what they own, under the uids that the server gives."""
    uids: dict[str, str] = {}
    for thing in _ordered(cluster):
        again = 2 if thing["kind"] == "Node" else 1  # the server taints a new one as not ready; no controller takes that away here
        made = administrator.apply(*[_fitting(thing, uids)] * again, manager=_manager(thing))[-1]
        uids[thing["metadata"]["uid"]] = made["metadata"]["uid"]
        if thing["kind"] == "Namespace":  # pods need it, and no controller makes it here
            administrator.apply(
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": thing["metadata"]["name"]}}
            )


def _ordered(cluster: Cluster) -> Iterable[Object]:
    kinds = {kind for kind, *_ in cluster.stored}
    for kind in (*_FIRST, *sorted(kinds - {*_FIRST, *_LEFT_OUT, "Event"}), "Event"):
        yield from cluster.all(kind)


def _fitting(thing: Object, uids: dict[str, str]) -> Object:
    made = {key: value for key, value in thing.items() if key != "metadata"} | {"metadata": {**thing["metadata"]}}
    owners = made["metadata"].get("ownerReferences", ())
    if owners:
        made["metadata"]["ownerReferences"] = [{**owner, "uid": uids.get(owner["uid"], owner["uid"])} for owner in owners]
    if thing["kind"] == "Service":
        made["spec"] = {key: value for key, value in thing["spec"].items() if key not in _ADDRESSES}
    if thing["kind"] == "Node":  # nobody answers there; without an address the server says so at once
        made["status"] = {key: value for key, value in thing["status"].items() if key != "addresses"}
        made["spec"] = {"taints": [], **thing.get("spec", {})}
    if thing["kind"] == "Event":
        about = thing["involvedObject"]
        made["involvedObject"] = {
            key: value for key, value in {**about, "uid": uids.get(about.get("uid", ""), "")}.items() if key != "resourceVersion"
        }
    return made


def _manager(thing: Object) -> str:
    """Who applied it; else who wrote it first."""
    entries = thing["metadata"].get("managedFields", ())
    appliers = [entry["manager"] for entry in entries if entry["operation"] == "Apply"]
    return next(iter([*appliers, *(entry["manager"] for entry in entries), "kubectl"]))
