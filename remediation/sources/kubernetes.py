"""What a cluster says of one workload and its namespace: the object, its pods, revisions, events, logs, and what stands around it."""

import asyncio
from collections.abc import Mapping, Sequence

from remediation.entries import Incident
from remediation.sources.look import Look, Spares
from remediation.sources.reads import Cluster
from remediation.terms import Evidence, Target, Window

__all__ = ["KubernetesSource", "Spares"]


class KubernetesSource:
    """clusters: by the place that targets name; a target that names none is looked for in `default_place`."""

    name = "kubernetes"
    needed = True

    def __init__(
        self, clusters: Mapping[str, Cluster], *, default_place: str = "", seconds: float = 10.0, spares: Spares | None = None
    ) -> None:
        self._clusters = clusters
        self._default_place = default_place
        self._spares = spares or Spares(seconds=seconds)

    def suits(self, target: Target) -> bool:
        """A workload in a cluster that settings name."""
        return target.kind == "workload" and self._place(target) in self._clusters

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """The workload, its pods, revisions, events and logs, what bounds it, then the rest of its namespace; the owner stands first."""
        look = Look(self._clusters[self._place(incident.target)], incident.target, window, self._spares)
        await look.around()
        if look.reads.silent:
            return look.reads.told()
        await look.at_owner()
        applied, logs, _ = await asyncio.gather(look.applied(), look.logs(), look.farther())
        own = look.items()
        return [*look.absence(), *own, *applied, *logs, *look.surroundings(own), *look.reads.told()]

    def _place(self, target: Target) -> str:
        return target.place or self._default_place
