"""One cluster's controllers and kubelets, which answer each other until both are content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox import controllers
from bot.sandbox.cluster import Cluster
from bot.sandbox.kubelet import Kubelet

ROUNDS = 20  # they settle in a few rounds; more would be a loop


@dataclass
class Life:
    """What moves in a cluster by itself. Times are epoch seconds."""

    cluster: Cluster
    kubelet: Kubelet
    _reconciled: int = 0  # the cluster's revision that the controllers saw last
    _deadline: float | None = None  # of a rollout under way

    def settle(self, now: datetime) -> float | None:
        """Move everything that is due by now; when something is due next."""
        kubelet_due: float | None = None
        for _ in range(ROUNDS):
            if self.cluster.revision != self._reconciled or (self._deadline is not None and self._deadline <= now.timestamp()):
                self._reconciled = self.cluster.revision  # before: what they write themselves they look at again
                deadline = controllers.reconcile(self.cluster, now)
                self._deadline = deadline.timestamp() if deadline is not None else None
            kubelet_due = self.kubelet.run(now.timestamp())
            if self.cluster.revision == self._reconciled:
                break
        return min((due for due in (kubelet_due, self._deadline) if due is not None), default=None)

    def calm_down(self, since: float) -> None:
        """Let as much time pass from `since` as it takes until nothing is due any more."""
        now = since
        while (due := self.settle(datetime.fromtimestamp(now, UTC))) is not None:
            now = max(due, now + 0.001)
