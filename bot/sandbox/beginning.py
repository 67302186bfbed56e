"""How the world is before any story: nodes, people, three days of quiet history."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.sandbox.environment import Credentials
from bot.sandbox.fields import Object
from bot.sandbox.gitlab import DEVELOPER, MAINTAINER, Project, User
from bot.sandbox.repositories import walked

if TYPE_CHECKING:
    from bot.sandbox.cluster import Cluster

PROJECT = 1
PAST = timedelta(days=3)  # how long everything has been there
_IMAGE = re.compile(rb'image:\s*"?(registry\.shop\.example/[^\s"#]+)')
_EARLIER = {"staging/web/web.yaml": (b"web:2.4.0", b"web:2.3.9"), "production/api/api.yaml": (b"api:4.12.0", b"api:4.11.2")}
_METRICS_SERVER: Object = {
    "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": True,
    "service": {"name": "metrics-server", "namespace": "kube-system", "port": 443},
}  # fmt: skip
NODES = ("node-a", "node-b", "node-c")


def users() -> dict[str, User]:
    """The accounts of the sandbox's GitLab, by name."""
    people = [("alice", "Alice Arnold", MAINTAINER), ("bob", "Bob Brandt", MAINTAINER), ("carol", "Carol Conti", MAINTAINER)]
    people += [("suture", "Suture", DEVELOPER), ("suture-merge", "Suture (merges by policy)", MAINTAINER)]
    return {name: User(id=n, username=name, name=title, level=level) for n, (name, title, level) in enumerate(people, 11)}


def tokens(credentials: Credentials) -> dict[str, str]:
    """Access token → account."""
    return {credentials.gitlab_token: "suture", credentials.gitlab_merge_token: "suture-merge"}


def project() -> Project:
    """The shop's project, still without a commit."""
    return Project(id=PROJECT, path="platform/shop", name="shop")


def shop() -> dict[str, bytes]:
    """The Git tree: path → content."""
    return dict(walked(files("bot.sandbox") / "shop"))


def earlier_shop() -> dict[str, bytes]:
    """The Git tree one release before."""
    tree = shop()
    return tree | {path: tree[path].replace(*change) for path, change in _EARLIER.items()}


def images() -> set[str]:
    """What the registry holds: every image that the tree names or named."""
    trees = [*shop().values(), *earlier_shop().values()]
    return {found.decode() for content in trees for found in _IMAGE.findall(content)}


def populate(cluster: Cluster) -> None:
    """What is in the cluster without being in Git."""
    for name in ("default", "kube-system", "shop", "shop-staging"):
        metadata = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
        made = cluster.write({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, "kubectl")
        cluster.set_status(made, {"phase": "Active"})
    for number, name in enumerate(NODES):
        made = cluster.write(_node(name), "kubelet")
        cluster.set_status(made, _node_status(cluster, f"10.0.0.{10 + number}"))
    storage = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "standard"}}
    cluster.write({**storage, "provisioner": "csi.shop.example", "allowVolumeExpansion": True}, "kubectl")
    metrics = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"}}
    served = cluster.write({**metrics, "spec": _METRICS_SERVER}, "kubectl")
    passed = {"type": "Available", "status": "True", "reason": "Passed", "message": "all checks passed"}
    cluster.set_status(served, {"conditions": [{**passed, "lastTransitionTime": cluster.now()}]})
    secret: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "postgres", "namespace": "shop"}, "type": "Opaque"}
    cluster.write({**secret, "data": {"POSTGRES_PASSWORD": "dHIwdWI0ZG9yLWFuZC0z"}}, "kubectl")


def _node(name: str) -> Object:
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {"podCIDR": "10.244.0.0/24"}}


def _node_status(cluster: Cluster, address: str) -> Object:
    times = {"lastHeartbeatTime": cluster.now(), "lastTransitionTime": cluster.now()}
    healthy = (
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    )
    conditions = [{"type": t, "status": s, "reason": r, "message": m, **times} for t, s, r, m in healthy]
    room = {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    machine = uuid.uuid5(uuid.NAMESPACE_DNS, address).hex
    info = {"kubeletVersion": "v1.35.4", "kubeProxyVersion": "", "containerRuntimeVersion": "containerd://2.1.4", "architecture": "amd64"}
    info |= {"osImage": "Debian GNU/Linux 12 (bookworm)", "kernelVersion": "6.1.0-40-amd64", "operatingSystem": "linux"}
    info |= {"machineID": machine, "systemUUID": machine, "bootID": machine}
    allocatable = {**room, "cpu": "7800m", "memory": "31Gi"}
    addresses = [{"type": "InternalIP", "address": address}]
    return {"capacity": room, "allocatable": allocatable, "conditions": conditions, "addresses": addresses, "nodeInfo": info}
