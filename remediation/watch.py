"""After the merge: whether the change stands in the cluster, whether its rollout is whole, and whether the new pods live."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from remediation.errors import NotFound, RemediationError
from remediation.gitops.fieldpath import MISSING, Path, get, parse
from remediation.gitops.live import equal
from remediation.observed import Object, container_statuses
from remediation.ports import Clock
from remediation.sources.datadog import Datadog
from remediation.terms import Health, Json, Move, ObjectRef, Rehearsal, Window

_DYING = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError")
_TEMPLATE = ("spec", "template")
_METRIC_WINDOW = timedelta(minutes=5)


def _now() -> datetime:
    return datetime.now(UTC)


class Cluster(Protocol):
    """What this needs of a cluster: clients.kubernetes.KubernetesClient."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """One object. Raises NotFound."""
        ...

    async def list(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "", cap: int = 500
    ) -> Sequence[dict[str, Json]]:
        """Objects of one kind."""
        ...


class ClusterWatcher:
    """clusters: by the place that targets name; `default_place` for one that names none. datadog: None where it is not configured.

    now: the world's clock, by which the metric's last minutes are asked for.
    """

    def __init__(
        self, clusters: Mapping[str, Cluster], *, default_place: str = "", datadog: Datadog | None = None, now: Clock = _now
    ) -> None:
        self._clusters = clusters
        self._default_place = default_place
        self._datadog = datadog
        self._now = now

    async def health(self, rehearsal: Rehearsal, query: str = "") -> Health:
        """The live state, fetched. query: the monitor's, whose metric is read once the rollout is whole.

        Raises Unreachable, Forbidden; an object that is not there is a change that has not arrived.
        """
        cluster = self._clusters[rehearsal.act.target.place or self._default_place]
        thing = rehearsal.act.object
        try:
            live = await cluster.get(thing)
        except NotFound:
            return Health(applied=False, settled=False, detail=f"{thing} is not in the cluster.")
        moves = [move for move in rehearsal.moves if _same(move.object, thing)]
        missing = next((move for move in moves if not _stands(live, parse(move.path), move)), None)
        if missing is not None:
            return Health(applied=False, settled=False, detail=f"{missing.path} is not {missing.new} in the cluster yet.")
        if trouble := _stuck(live) or await self._dying(cluster, live, moves):
            return Health(applied=True, settled=False, failed=True, detail=trouble)
        if waiting := _unfinished(live):
            return Health(applied=True, settled=False, detail=waiting)
        return Health(applied=True, settled=True, detail=f"{thing} is rolled out and healthy.", metric=await self._metric(query))

    async def _dying(self, cluster: Cluster, live: Object, moves: Sequence[Move]) -> str:
        """What the first of the new pods dies of, in a sentence; empty when all of them live."""
        labels = ((live.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
        if not labels or not any(parse(move.path)[:2] == _TEMPLATE for move in moves):
            return ""
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        pods = await cluster.list("Pod", str(live["metadata"].get("namespace", "")), labels=selector)
        return next((trouble for pod in pods if _is_new(pod, moves) for trouble in _deaths(pod)), "")

    async def _metric(self, query: str) -> float | None:
        """The last value of the monitor's metric, the highest of its groups, to three figures; None where it cannot be asked."""
        watched = self._datadog.watched(query) if self._datadog is not None and query else ""
        if self._datadog is None or not watched:
            return None
        now = self._now()
        try:
            series = await self._datadog.metric(watched, Window(since=now - _METRIC_WINDOW, until=now))
        except RemediationError:  # a number for people; the health does not hang on it
            return None
        return max((float(f"{one.points[-1][1]:.3g}") for one in series if one.points), default=None)


def _same(one: ObjectRef, other: ObjectRef) -> bool:
    return (one.kind, one.namespace, one.name) == (other.kind, other.namespace, other.name)


def _stands(thing: Object, path: Path, move: Move) -> bool:
    """Whether the field has the value that the move gives it."""
    return equal(get(thing, path), MISSING if move.new is None else move.new, path)


def _is_new(pod: Object, moves: Sequence[Move]) -> bool:
    """Whether the pod was made from the changed template: it has every value that was given to the template."""
    paths = ((parse(move.path), move) for move in moves)
    return all(_stands(pod, path[2:], move) for path, move in paths if path[:2] == _TEMPLATE)


def _deaths(pod: Object) -> Iterator[str]:
    name = pod["metadata"]["name"]
    for status in container_statuses(pod):
        state, last = status.get("state") or {}, (status.get("lastState") or {}).get("terminated") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if "OOMKilled" in (ended.get("reason"), last.get("reason")):
            yield f"Container {status['name']} of the new pod {name} was OOMKilled."
        elif waiting.get("reason") in _DYING:
            yield f"Container {status['name']} of the new pod {name} is in {waiting['reason']}."


def _stuck(live: Object) -> str:
    """What the controller says when it has given up."""
    for condition in (live.get("status") or {}).get("conditions") or ():
        kind, status = condition.get("type"), condition.get("status")
        if (kind, status) == ("Progressing", "False") or (kind, status) == ("ReplicaFailure", "True"):
            return f"The rollout cannot proceed: {condition.get('message') or condition.get('reason')}"
    return ""


def _unfinished(live: Object) -> str:
    """What a rollout still waits for; empty when it is whole, and for what does not roll out."""
    status, generation = live.get("status") or {}, live["metadata"].get("generation", 0)
    counts = _counts(live)
    if counts is None:
        return ""
    if status.get("observedGeneration", 0) < generation:
        return "The controller has not seen the change yet."
    wanted, updated, available, running = counts
    if updated < wanted:
        return f"{updated} of {wanted} pods {'is' if updated == 1 else 'are'} of the new revision."
    if running > updated:
        old = running - updated
        return f"{old} {'pod' if old == 1 else 'pods'} of the old revision {'is' if old == 1 else 'are'} still there."
    return f"{available} of {wanted} pods {'is' if available == 1 else 'are'} available." if available < wanted else ""


def _counts(live: Object) -> tuple[int, int, int, int] | None:
    """Pods wanted, of the new revision, available, and there at all; None for a kind that does not roll out."""
    spec, status = live.get("spec") or {}, live.get("status") or {}
    match live.get("kind"):
        case "Deployment":
            names = ("updatedReplicas", "availableReplicas", "replicas")
            wanted = spec.get("replicas", 1)
        case "StatefulSet":
            if status.get("currentRevision") == status.get("updateRevision"):
                status = {**status, "updatedReplicas": status.get("replicas", 0)}  # some versions stop counting when they are done
            names = ("updatedReplicas", "readyReplicas", "updatedReplicas")
            wanted = spec.get("replicas", 1)
        case "DaemonSet":
            names = ("updatedNumberScheduled", "numberAvailable", "updatedNumberScheduled")
            wanted = status.get("desiredNumberScheduled", 0)
        case _:
            return None
    updated, available, running = (int(status.get(name) or 0) for name in names)
    return int(wanted), updated, available, running
