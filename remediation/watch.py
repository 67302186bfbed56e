"""After the merge: whether the change stands in the cluster, whether its rollout is whole, and whether the new pods live."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from remediation.errors import NotFound, RemediationError, Unreachable
from remediation.gitops.fieldpath import MISSING, Path, get, parse
from remediation.gitops.live import equal
from remediation.listing import cut_told, is_cut
from remediation.observed import Object
from remediation.pauses import pause_of
from remediation.ports import Clock
from remediation.rollout import deaths, is_seen, stuck, unfinished
from remediation.sources.datadog import Datadog
from remediation.terms import Act, Health, Json, Measured, Move, ObjectRef, Rehearsal, Window

_TEMPLATE = ("spec", "template")
_LATELY = timedelta(minutes=5)
_FIRES_BELOW = re.compile(r"<=?\s*[-+\d.eE]+\s*$")  # the end of a monitor's query

Points = Sequence[tuple[float, float]]  # (epoch seconds, value), oldest first


class Cluster(Protocol):
    """What this needs of a cluster: clients.kubernetes.KubernetesClient."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """One object. Raises NotFound."""
        ...

    async def list(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "", cap: int = 500
    ) -> Sequence[dict[str, Json]]:
        """Objects of one kind; `listing.is_cut` tells whether there are more."""
        ...


class ClusterWatcher:
    """clusters: by the place that targets name; `default_place` for one that names none. datadog: None where it is not configured.

    now: the world's clock, by which the metric's last minutes are asked for.
    """

    def __init__(self, clusters: Mapping[str, Cluster], *, now: Clock, default_place: str = "", datadog: Datadog | None = None) -> None:
        self._clusters = clusters
        self._default_place = default_place
        self._datadog = datadog
        self._now = now

    async def health(self, rehearsal: Rehearsal) -> Health:
        """The live state, fetched.

        Raises Unreachable, also where no such cluster is configured, and Forbidden; an object that is not there is a change that has
        not arrived.
        """
        cluster = self._cluster_of(rehearsal.act.target.place or self._default_place)
        thing = rehearsal.act.object
        try:
            live = await cluster.get(thing)
        except NotFound:
            return Health(applied=False, settled=False, detail=f"{thing} is not in the cluster.")
        moves = [move for move in rehearsal.moves if _same(move.object, thing)]
        missing = next((move for move in moves if not _stands(live, parse(move.path), move) and not _scaled(move, rehearsal.act)), None)
        if missing is not None:
            return Health(applied=False, settled=False, detail=f"{missing.path} is not {missing.new} in the cluster yet.")
        if absent := await self._not_beside(cluster, rehearsal.act):
            return Health(applied=False, settled=False, detail=absent)
        pods = await self._pods_of(cluster, live, moves)
        if trouble := stuck(live) or next((death for pod in pods if _is_new(pod, moves) for death in deaths(pod)), ""):
            return Health(applied=True, settled=False, failed=True, detail=trouble)
        unseen = f" {cut_told('Pod', pods)}" if is_cut(pods) else ""  # a death among them is one; that there is none decides nothing
        return _rolled_out(thing, live, unseen)

    async def measured(self, query: str, broken: Window, healthy_since: datetime) -> Measured:
        """The metric that a monitor's query watches, to three figures: at its worst in `broken`, and its last value since it is healthy.

        Of several groups the worst one: the lowest for a monitor that fires below its threshold, else the highest. None where it cannot be
        asked, or nothing was reported.
        """
        worst = min if _FIRES_BELOW.search(query) else max
        now = self._now()
        lately = Window(since=max(healthy_since, now - _LATELY), until=now)
        before, after = await asyncio.gather(self._series(query, broken), self._series(query, lately))
        return Measured(
            before=_figure(worst((value for one in before for _, value in one), default=None)),
            after=_figure(worst((one[-1][1] for one in after), default=None)),
        )

    def _cluster_of(self, place: str) -> Cluster:
        """A rehearsal may do without a cluster; what came of it cannot be seen then, which is no word against the fix."""
        if place not in self._clusters:
            what = f"The cluster {place or 'of this target'} cannot be looked at: it is not configured."
            raise Unreachable(what, "Set KUBECONFIG, or name it under clusters.")
        return self._clusters[place]

    async def _not_beside(self, cluster: Cluster, act: Act) -> str:
        """What the act makes and is not there yet, or takes away and still is; empty for neither."""
        for new in act.creates:
            if not await _is_there(cluster, new.object):
                return f"{new.object} is not in the cluster yet."
        for gone in act.removes:
            if await _is_there(cluster, gone):
                return f"{gone} is still in the cluster."
        return ""

    async def _pods_of(self, cluster: Cluster, live: Object, moves: Sequence[Move]) -> Sequence[Object]:
        """The pods of a workload whose template was changed, else none."""
        labels = ((live.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
        if not labels or not any(parse(move.path)[:2] == _TEMPLATE for move in moves):
            return []
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        return await cluster.list("Pod", str(live["metadata"].get("namespace", "")), labels=selector)

    async def _series(self, query: str, window: Window) -> Sequence[Points]:
        """The points of each group within the window; what Datadog does not say is no reason to stumble."""
        watched = self._datadog.watched(query) if self._datadog is not None and query else ""
        if self._datadog is None or not watched:
            return []
        try:
            series = await self._datadog.metric(watched, window)
        except RemediationError:
            return []
        known = [[(at, value) for at, value in one.points if at >= window.since.timestamp()] for one in series]
        return [points for points in known if points]


def _rolled_out(thing: ObjectRef, live: Object, unseen: str) -> Health:
    """How the rollout of what stands stands itself. A pause is a word of its own: neither whole nor late."""
    waiting, pause = unfinished(live), pause_of(live) if is_seen(live) else None
    if pause is not None and (waiting or thing.kind == "Rollout"):
        said = pause.said_of(thing.kind, thing.name)
        return Health(applied=True, settled=False, paused=True, promote=pause.command, detail=said)
    if waiting:
        return Health(applied=True, settled=False, detail=waiting + unseen)
    return Health(applied=True, settled=True, detail=f"{thing} is rolled out{'.' if unseen else ' and healthy.'}{unseen}")


def _figure(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


async def _is_there(cluster: Cluster, ref: ObjectRef) -> bool:
    try:
        await cluster.get(ref)
    except NotFound:
        return False
    return True


def _scaled(move: Move, act: Act) -> bool:
    """Whether an autoscaler that the act makes sets this field once the manifest does not."""
    return bool(act.creates) and move.path == "spec.replicas" and move.new is None


def _same(one: ObjectRef, other: ObjectRef) -> bool:
    return (one.kind, one.namespace, one.name) == (other.kind, other.namespace, other.name)


def _stands(thing: Object, path: Path, move: Move) -> bool:
    """Whether the field has the value that the move gives it."""
    return equal(get(thing, path), MISSING if move.new is None else move.new, path)


def _is_new(pod: Object, moves: Sequence[Move]) -> bool:
    """Whether the pod was made from the changed template: it has every value that was given to the template."""
    paths = ((parse(move.path), move) for move in moves)
    return all(_stands(pod, path[2:], move) for path, move in paths if path[:2] == _TEMPLATE)
