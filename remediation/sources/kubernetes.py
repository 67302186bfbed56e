"""What a cluster says of one workload: the object, its pods, revisions, events, logs, and what bounds its namespace. All read at once."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from remediation.entries import Incident
from remediation.errors import NotFound, RemediationError
from remediation.evidence import masked_objects, resolve_target, unread
from remediation.kinds import KINDS, ref
from remediation.masking import mask
from remediation.observed import Object, Observed, container_statuses, event_time, moment
from remediation.sources import printing
from remediation.terms import Evidence, EvidenceKind, Json, ObjectRef, Target, Window
from remediation.workloads import object_ref, scales

_LISTED = ("Pod", "ReplicaSet", "Event", "HorizontalPodAutoscaler", "ResourceQuota", "LimitRange")
_CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
_PODS_SHOWN, _REVISIONS_SHOWN, _EVENTS_SHOWN, _LOGS_READ = 12, 8, 40, 4
_NO_LOG = ("ContainerCreating", "PodInitializing", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError")
_CONTROL_PLANE = ("kube-controller-manager", "kubelet", "kube-scheduler")  # what they manage says nothing of who owns a field

R = TypeVar("R")


class Cluster(Protocol):
    """What this source needs of a cluster: clients.kubernetes.KubernetesClient."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """One object. Raises NotFound."""
        ...

    async def list(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "", cap: int = 500
    ) -> Sequence[dict[str, Json]]:
        """Objects of one kind."""
        ...

    async def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200) -> str:
        """The last lines of a container."""
        ...


class KubernetesSource:
    """clusters: by the place that targets name; a target that names none is looked for in `default_place`.

    seconds: for each read.  lines: of each log.  characters: of each log.  cap: objects of each kind.
    """

    name = "kubernetes"

    def __init__(
        self,
        clusters: Mapping[str, Cluster],
        *,
        default_place: str = "",
        seconds: float = 10.0,
        lines: int = 200,
        characters: int = 20_000,
        cap: int = 500,
    ) -> None:
        self._clusters = clusters
        self._default_place = default_place
        self._seconds = seconds
        self._lines = lines
        self._characters = characters
        self._cap = cap

    def suits(self, target: Target) -> bool:
        """A workload in a cluster that settings name."""
        return target.kind == "workload" and self._place(target) in self._clusters

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """The workload, its pods, revisions, events and logs, and what bounds it; the owner stands first."""
        look = _Look(self._clusters[self._place(incident.target)], incident.target, window, self._seconds, self._cap)
        await look.around()
        await look.at_owner()
        logs = await asyncio.gather(*(look.log(*which, self._lines, self._characters) for which in look.telling_containers()))
        return [*look.items(), *(log for log in logs if log is not None), *look.failed]

    def _place(self, target: Target) -> str:
        return target.place or self._default_place


class _Look:
    """One look at one namespace: what was read so far, and what could not be."""

    def __init__(self, cluster: Cluster, target: Target, window: Window, seconds: float, cap: int) -> None:
        self._cluster = cluster
        self._target = target
        self._window = window
        self._seconds = seconds
        self._cap = cap
        self._listed: dict[str, Sequence[Object]] = {}
        self._owner: Object | None = None
        self._ref: ObjectRef | None = None
        self._absent: NotFound | None = None
        self.failed: list[Evidence] = []

    @property
    def _now(self) -> datetime:
        return self._window.until

    async def around(self) -> None:
        """Everything of the namespace that may concern it, and the target by its name."""
        namespace = self._target.namespace
        reads = [self._read(kind, self._cluster.list(kind, namespace, cap=self._cap), ()) for kind in _LISTED]
        named = self._read(self._target.path, self._named(), None)
        *lists, self._owner = await asyncio.gather(*reads, named)
        self._listed = {kind: masked_objects(_trimmed(thing) for thing in things) for kind, things in zip(_LISTED, lists, strict=True)}

    async def at_owner(self) -> None:
        """The workload that owns the pods, where that is another object than the one that was named."""
        resolved = resolve_target(self._target, [self._everything()])
        if self._absent is not None and resolved.path == self._target.path:
            self.failed.append(unread("objects", "kubernetes", self._target.path, self._absent, self._now))
        elif self._owner is None and resolved.object_kind in _CONTROLLERS:
            self._ref = ref(resolved.object_kind, resolved.namespace, resolved.name)
            self._owner = await self._read(resolved.path, self._cluster.get(self._ref), None)
        if self._owner is not None:
            (self._owner,) = masked_objects([_trimmed(self._owner)])
            self._ref = object_ref(self._owner)

    def telling_containers(self) -> Sequence[tuple[str, str, bool]]:
        """(pod, container, previous) of the logs worth reading: of what fails, each container once; of the newest pod when nothing does."""
        pods = self._pods()
        telling: dict[tuple[str, bool], tuple[str, str, bool]] = {}
        for pod in pods:
            for status in container_statuses(pod):
                if _never_ran(status) or not (_fails(status) or (pod is pods[-1] and not telling)):
                    continue
                for previous in (True, False) if status.get("restartCount") else (False,):
                    telling.setdefault((status["name"], previous), (pod["metadata"]["name"], status["name"], previous))
        return list(telling.values())[:_LOGS_READ]

    async def log(self, pod: str, container: str, previous: bool, lines: int, characters: int) -> Evidence | None:
        """One log; None for a run that is not kept any more."""
        title = f"{'Previous log' if previous else 'Log'} of {container} in {pod}"
        try:
            async with asyncio.timeout(self._seconds):
                text = await self._cluster.logs(self._target.namespace, pod, container, previous=previous, tail=lines)
        except NotFound:
            return None
        except RemediationError as error:
            return unread("logs", "kubernetes", title, error, self._now)
        except TimeoutError:
            return unread("logs", "kubernetes", title, _late(self._seconds), self._now)
        return self._item("logs", title, mask(_tail(text, characters)) or "(empty)", ())

    def items(self) -> Sequence[Evidence]:
        """What was read, most telling first."""
        pods, owned = self._pods(), self._replica_sets()
        events = self._events(pods, owned)
        name = str(self._ref or self._target.path)
        found = [
            self._item("objects", f"Pods of {name}", printing.pods(pods[:_PODS_SHOWN], self._now), pods[:_PODS_SHOWN], pods),
            self._item("events", f"Events of {name}", printing.events(events[:_EVENTS_SHOWN], self._now), events[:_EVENTS_SHOWN], events),
            self._item(
                "changes", f"Revisions of {name}", printing.revisions(owned[:_REVISIONS_SHOWN], self._now), owned[:_REVISIONS_SHOWN], owned
            ),
            self._item("objects", f"What bounds {name}", printing.bounds(self._bounds()), self._bounds()),
        ]
        owner = [self._item("objects", name, printing.workload(self._owner), [self._owner])] if self._owner else []
        return [*owner, *(item for item in found if item.objects)]

    async def _named(self) -> Object | None:
        if self._target.object_kind not in KINDS or self._target.object_kind == "Pod":
            return None
        try:
            return await self._cluster.get(ref(self._target.object_kind, self._target.namespace, self._target.name))
        except NotFound as absent:  # perhaps a kind that was guessed from a pod's name: then its pods lead to the owner
            self._absent = absent
            return None

    async def _read(self, what: str, reading: Awaitable[R], otherwise: Any) -> Any:
        try:
            async with asyncio.timeout(self._seconds):
                return await reading
        except RemediationError as error:
            self.failed.append(unread("objects", "kubernetes", what, error, self._now))
        except TimeoutError:
            self.failed.append(unread("objects", "kubernetes", what, _late(self._seconds), self._now))
        return otherwise

    def _everything(self) -> Evidence:
        things = [*([self._owner] if self._owner else []), *(thing for things in self._listed.values() for thing in things)]
        return self._item("objects", "", "", things)

    def _observed(self) -> Observed:
        return Observed([self._everything()])

    def _pods(self) -> Sequence[Object]:
        """Of the workload; what fails first, then the newest."""
        if self._ref is None:
            named = self._observed().get("Pod", self._target.namespace, self._target.name)
            return [named] if named else []
        pods = self._observed().pods_of(self._ref)
        return sorted(pods, key=lambda pod: not any(_fails(status) for status in container_statuses(pod)))

    def _replica_sets(self) -> Sequence[Object]:
        return self._observed().replica_sets_of(self._ref) if self._ref is not None else ()

    def _events(self, pods: Sequence[Object], owned: Sequence[Object]) -> Sequence[Object]:
        """Of the workload and what it owns, the newest first; what is older than the window only where it has no time."""
        owner = [self._owner] if self._owner else []
        scalers = [thing for thing in self._bounds() if thing["kind"] == "HorizontalPodAutoscaler"]
        events = self._observed().events_of(*owner, *pods, *owned, *scalers)
        return [event for event in events if (at := moment(event_time(event))) is None or at >= self._window.since]

    def _bounds(self) -> Sequence[Object]:
        scalers = [thing for thing in self._listed["HorizontalPodAutoscaler"] if self._ref is not None and scales(thing, self._ref)]
        return [*scalers, *self._listed["ResourceQuota"], *self._listed["LimitRange"]]

    def _item(
        self, kind: EvidenceKind, title: str, text: str, objects: Sequence[Object], all_objects: Sequence[Object] | None = None
    ) -> Evidence:
        left_out = len(all_objects) - len(objects) if all_objects is not None else 0
        return Evidence(kind=kind, source="kubernetes", title=title, at=self._now, text=text, objects=tuple(objects), left_out=left_out)


def _fails(status: Object) -> bool:
    """Whether a container's state tells of trouble: it waits, ended badly, or came back."""
    state = status.get("state") or {}
    ended = state.get("terminated") or {}
    return bool(
        state.get("waiting") or ended.get("exitCode") or status.get("restartCount") or ("running" in state and not status.get("ready"))
    )


def _never_ran(status: Object) -> bool:
    waiting = (status.get("state") or {}).get("waiting") or {}
    return waiting.get("reason") in _NO_LOG and not status.get("restartCount")


def _tail(text: str, characters: int) -> str:
    """The end of a log, from the beginning of a line."""
    return text if len(text) <= characters else text[-characters:].partition("\n")[2]


def _late(seconds: float) -> RemediationError:
    return RemediationError(f"Kubernetes did not answer within {seconds:g} s.", "Look there yourself, or ask again.")


def _trimmed(thing: Object) -> Object:
    """Without what only repeats the object or belongs to the control plane; who manages a field stays."""
    metadata = dict(thing.get("metadata") or {})
    if managers := metadata.get("managedFields"):
        metadata["managedFields"] = [m for m in managers if m.get("subresource") != "status" and m.get("manager") not in _CONTROL_PLANE]
    if annotations := metadata.get("annotations"):
        metadata["annotations"] = {k: v for k, v in annotations.items() if k != "kubectl.kubernetes.io/last-applied-configuration"}
    return {**thing, "metadata": metadata}
