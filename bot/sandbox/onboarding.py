"""A project comes into the cluster with a past: it is delivered in a cluster of its own three days ago, lives, and is taken over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.sandbox import beginning
from bot.sandbox.apiserver import ApiServer
from bot.sandbox.cluster import Cluster
from bot.sandbox.defaults import pod_specs
from bot.sandbox.delivery import Delivery
from bot.sandbox.kubelet import Kubelet
from bot.sandbox.life import Life
from bot.sandbox.renderers import check_installed
from bot.sandbox.repositories import Repository


async def onboard(repository: Repository, delivery: Delivery, kubelet: Kubelet, since: float) -> None:
    """Let the project run in the kubelet's cluster as if it had since then (epoch seconds).

    Raises MissingTool, and has done nothing then.
    """
    check_installed(repository.tools)
    elsewhere = Cluster(clock=lambda: datetime.fromtimestamp(since, UTC))
    beginning.populate(elsewhere)
    there = Delivery(ApiServer(cluster=elsewhere), delivery.sources)
    there.install(repository.bootstrap())
    await there.sync()
    kubelet.nature.images |= set(_images(elsewhere))
    Life(elsewhere, Kubelet(cluster=elsewhere, nature=kubelet.nature, pace=kubelet.pace)).calm_down(since)
    there.show_health()
    for event in elsewhere.all("Event"):  # an apiserver forgets them after an hour
        elsewhere.delete(event)
    kubelet.cluster.adopt(elsewhere)
    delivery.adopt(there)
    delivery.projects.append(repository.id)


def _images(cluster: Cluster) -> Iterator[str]:
    """What the teams run was pushed to the registry once."""
    for deployment in cluster.all("Deployment"):
        for spec in pod_specs(deployment):
            yield from (container["image"] for container in spec["containers"])
