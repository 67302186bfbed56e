"""What a story is: a change in the world, the monitor that watches it, what people do, how it should end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from bot.sandbox.datadog_nouns import Monitor

if TYPE_CHECKING:
    from bot.sandbox.cluster import Cluster
    from bot.sandbox.fields import Object
    from bot.sandbox.world import World

CLUSTER_TAGS = ["integration:kubernetes", "kube_cluster_name:sandbox"]
PULL_ERRORS = ("ErrImagePull", "ImagePullBackOff")


@dataclass(frozen=True, kw_only=True)
class Press:
    """A person presses a button of the incident's newest card. `user`: a Slack id."""

    action: Literal["approve", "reject", "escalate", "show_evidence"]
    user: str = "U_ALICE"
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Merge:
    """A person merges, once its pipeline has passed, the merge request of the fix or of its revert."""

    which: Literal["fix", "revert"]
    user: str = "alice"


Step = Press | Merge


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story. `target`: namespace/Kind/name; `measure`: what its monitor reads off the cluster, firing at 1.

    `project`: the id of the GitLab project that holds the target.
    """

    name: str
    title: str
    target: str
    monitor: Monitor
    measure: Callable[[Cluster], float]
    begin: Callable[[World], None]
    calm: Callable[[World], None]
    person: tuple[Step, ...]
    outcome: str
    project: int = 1


def oom_monitor(number: int, target: str) -> Monitor:
    """Datadog's recommended monitor for OOMKilled containers, for one workload."""
    namespace, _, name = target.split("/")
    scope = f"kube_namespace:{namespace},kube_deployment:{name}"
    metric = f"max:kubernetes.containers.state.terminated{{reason:oomkilled,{scope}}} by {{kube_namespace,kube_deployment}}"
    text = "Containers of {{kube_deployment.name}} were killed for lack of memory in namespace {{kube_namespace.name}}. @webhook-suture"
    return Monitor(
        id=number,
        name=f"[kubernetes] {name} is OOMKilled in {namespace}",
        query=f"max(last_5m):{metric} >= 1",
        message=text,
        tags=[*CLUSTER_TAGS, *_standing(namespace), f"service:{name}"],
        thresholds={"critical": 1.0},
        group=scope,
        priority=2,
    )


def image_monitor(number: int, target: str) -> Monitor:
    """Datadog's recommended monitor for images that cannot be pulled, for one workload."""
    namespace, _, name = target.split("/")
    scope = f"kube_namespace:{namespace},kube_deployment:{name}"
    metric = "kubernetes_state.container.status_report.count.waiting"
    text = "A pod of {{kube_deployment.name}} waits for an image in namespace {{kube_namespace.name}}. @webhook-suture"
    return Monitor(
        id=number,
        name=f"[kubernetes] {name} is in ImagePullBackOff in {namespace}",
        query=f"max(last_10m):max:{metric}{{reason:imagepullbackoff,{scope}}} by {{kube_namespace,kube_deployment}} >= 1",
        message=text,
        tags=[*CLUSTER_TAGS, *_standing(namespace), f"service:{name}"],
        thresholds={"critical": 1.0},
        group=scope,
        priority=4,
    )


def killed(target: str) -> Callable[[Cluster], float]:
    """How many containers of a workload were killed for lack of memory and are not well again."""

    def measure(cluster: Cluster) -> float:
        statuses = [s for pod in _pods(cluster, target) for s in pod["status"].get("containerStatuses", [])]
        ended = [s["lastState"].get("terminated") or s["state"].get("terminated") or {} for s in statuses if not s["ready"]]
        return float(sum(end.get("reason") == "OOMKilled" for end in ended))

    return measure


def without_image(target: str) -> Callable[[Cluster], float]:
    """How many containers of a workload wait for an image that does not come."""

    def measure(cluster: Cluster) -> float:
        statuses = [s for pod in _pods(cluster, target) for s in pod["status"].get("containerStatuses", [])]
        return float(sum(s["state"].get("waiting", {}).get("reason") in PULL_ERRORS for s in statuses))

    return measure


def relieved(place: str) -> Callable[[World], None]:
    """The process there needs no more memory than usual again."""

    def calm(world: World) -> None:
        world.nature.demands.pop(place, None)

    return calm


def shop_file(path: str) -> bytes:
    """A file of the shop's Git tree as it was in the beginning."""
    return (files("bot.sandbox") / "shop" / path).read_bytes()


def _pods(cluster: Cluster, target: str) -> list[Object]:
    namespace, kind, name = target.split("/")
    roots = [(pod, cluster.root(pod)) for pod in cluster.all("Pod", namespace)]
    return [pod for pod, root in roots if (root["kind"], root["metadata"]["name"]) == (kind, name)]


def _standing(namespace: str) -> list[str]:
    return ["env:staging" if namespace.endswith("-staging") else "env:production", "team:shop"]
