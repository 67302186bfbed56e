"""Whether an image that a change brings can be pulled: the cluster ran it before, or a registry that may be asked knows it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from remediation.errors import Refused, RemediationError
from remediation.gitops.owners.live import Cluster
from remediation.listing import cut_told, is_cut
from remediation.terms import Json, Move, ObjectRef
from remediation.workloads import containers

_HISTORY = ("ReplicaSet", "Pod")


class Registries(Protocol):
    """Who knows images."""

    async def knows(self, image: str) -> bool | None:
        """Whether it has the image; None where that cannot be told."""
        ...


async def check_images(moves: Sequence[Move], ref: ObjectRef, cluster: Cluster | None, registries: Registries | None) -> list[str]:
    """A sentence for each new image that nobody could be asked about. Raises Refused infeasible for one that its registry does not know."""
    unknown: list[str] = []
    images = sorted({str(move.new) for move in moves if move.path.endswith(".image") and isinstance(move.new, str)})
    ran, cut = await _ran(cluster, ref) if cluster is not None and images else (frozenset(), ())
    for image in images:
        if image in ran:
            continue
        known = await registries.knows(image) if registries is not None else None
        if known is False:
            what = f"The registry does not know {image}, and this namespace has not run it."
            raise Refused(what, "Check name and tag, or push it first.", kind="infeasible")
        if known is None:
            unknown.append(f"Whether {image} exists was not asked: no registry of it is configured or answers, and it has not run here.")
    return [*unknown, *cut] if unknown else []


async def _ran(cluster: Cluster, ref: ObjectRef) -> tuple[frozenset[str], Sequence[str]]:
    """Images of the namespace's pods, and of what its Deployments rolled out before; a sentence for each list that was cut."""
    found: set[str] = set()
    cut: list[str] = []
    for kind in _HISTORY:
        try:
            objects = await cluster.list(kind, ref.namespace, lately=True)
        except RemediationError:
            continue
        found.update(image for each in objects for image in _images(each))
        cut += [cut_told(kind, objects)] if is_cut(objects) else []
    return frozenset(found), cut


def _images(thing: Mapping[str, Json]) -> Iterator[str]:
    """What it really ran: a pod that waits for an image has not pulled it, and a ReplicaSet without a ready pod may never have."""
    status = thing.get("status") or {}
    if thing.get("kind") == "Pod":
        pulled = {each.get("name") for each in status.get("containerStatuses") or () if each.get("imageID")}
        yield from (str(container.get("image")) for _, container in containers(thing) if container.get("name") in pulled)
    elif status.get("readyReplicas") or not (thing.get("spec") or {}).get("replicas"):
        yield from (str(container.get("image")) for _, container in containers(thing))
