"""One look at one workload: what the cluster says of it, of what it owns and of what bounds it; then of what stands around it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from remediation.errors import NotFound
from remediation.evidence import masked_objects, resolve_target
from remediation.kinds import KINDS, ref
from remediation.masking import mask
from remediation.observed import Object, Observed, container_statuses, event_time, moment, place_of
from remediation.rarity import rare_first, within
from remediation.reading.logs import title as log_title
from remediation.sources import histories, printing
from remediation.sources.customs import customs, metrics_api, unserved_apis
from remediation.sources.reads import Cluster, Reads
from remediation.sources.sparing import slimmed, trimmed
from remediation.sources.surroundings import ABOUT_A_NODE, LISTED, Surroundings, beyond, failing, fails
from remediation.sources.telling_logs import telling
from remediation.terms import Evidence, EvidenceKind, ObjectRef, Target, Window
from remediation.workloads import object_ref, scales

NEEDED = ("Pod", "ReplicaSet", "Event", "HorizontalPodAutoscaler", "ResourceQuota", "LimitRange")  # of a namespace, before all else
CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
_OWNERS = (*CONTROLLERS, "Rollout")  # of pods; the last where the cluster has Argo's

_PODS_SHOWN, _REVISIONS_SHOWN, _EVENTS_SHOWN, _LOGS_READ, _LOGS_AROUND = 12, 8, 40, 4, 4
_SYSTEM = "kube-system"
_NOT_DONE = "status.phase!=Running,status.phase!=Succeeded"


@dataclass(frozen=True, kw_only=True)
class Spares:
    """seconds: for each read.  lines, characters: of each log.  cap: objects of each kind."""

    seconds: float = 10.0
    lines: int = 500
    characters: int = 20_000
    cap: int = 500


class Look:
    """One look at one namespace: what was read so far, and what could not be."""

    def __init__(self, cluster: Cluster, target: Target, window: Window, spares: Spares) -> None:
        self.reads = Reads(cluster, window.until, spares.seconds, spares.cap, {*NEEDED, target.path})
        self._cluster = cluster
        self._target = target
        self._window = window
        self._spares = spares
        self._listed: dict[str, Sequence[Object]] = {}
        self._owner: Object | None = None
        self._ref: ObjectRef | None = None
        self._absent = False
        self._observed = Observed(())

    async def around(self) -> None:
        """Everything of the namespace that may concern it, and the target by its name. Of a cluster-wide object: what runs on it."""
        namespace = self._target.namespace
        lists = self.reads.lists((*NEEDED, *LISTED), namespace) if namespace else self._of_cluster()
        self._listed, self._owner, around = await asyncio.gather(lists, self._named(), self._namespace())
        self._listed |= {"Namespace": [around] if around else []}
        if "Pod" in self.reads.full:  # those that are not at work tell more than the first by name
            others = await self.reads.all_of("Pod", namespace, fields=_NOT_DONE)
            self._add("Pod", others)
        if "Event" in self.reads.full:
            self._add("Event", await self.reads.all_of("Event", namespace, fields="type!=Normal"))
        self._see()

    async def _of_cluster(self) -> dict[str, Sequence[Object]]:
        """Of a node what runs on it; where nothing is named at all, the nodes and what the cluster itself runs."""
        if self._target.object_kind != "Node":
            nodes, system = await asyncio.gather(self.reads.all_of("Node"), self.reads.all_of("Pod", _SYSTEM))
            return {"Node": nodes, "Pod": system}
        fields = (f"spec.nodeName={self._target.name}", f"involvedObject.kind=Node,involvedObject.name={self._target.name}")
        found = await asyncio.gather(*(self.reads.all_of(kind, fields=field) for kind, field in zip(ABOUT_A_NODE, fields, strict=True)))
        return dict(zip(ABOUT_A_NODE, found, strict=True))

    async def _namespace(self) -> Object | None:
        if not self._target.namespace:
            return None
        wanted = ref("Namespace", "", self._target.namespace)
        return await self.reads.read(str(wanted), self._if_there(wanted, note=False))

    async def at_owner(self) -> None:
        """The workload that owns the pods, where that is another object than the one that was named."""
        resolved = resolve_target(self._target, [self._everything()])
        self._absent = self._absent and resolved.path == self._target.path
        if not self._absent and self._owner is None and resolved.object_kind in _OWNERS:
            self._ref = ref(resolved.object_kind, resolved.namespace, resolved.name)
            listed = self._observed.get(*self._place(self._ref))
            self._owner = listed or await self.reads.read(resolved.path, self._cluster.get(self._ref))
        if self._owner is not None:
            self._ref = object_ref(self._owner)
            if "Pod" in self.reads.full and (labels := _selected_by(self._owner)):
                self._add("Pod", await self.reads.all_of("Pod", self._ref.namespace, labels=labels))
            self._see()

    async def farther(self) -> None:
        """Nodes, classes, volumes and webhooks, the metrics API, where something asks for them; Argo's and Flux's objects beside it."""
        near = [*self._of("HorizontalPodAutoscaler"), *self._of("Deployment")]
        further, beside = await asyncio.gather(beyond(self._listed, self._of("Pod"), self.reads), self._served_beside(near))
        self._listed |= {**further, **beside}
        self._see()

    async def _served_beside(self, near: Sequence[Object]) -> dict[str, Sequence[Object]]:
        if not self._target.namespace:
            return {} if self._target.object_kind else {"APIService": await unserved_apis(self.reads)}
        apis, tools = await asyncio.gather(
            metrics_api(self.reads, near), customs(self.reads, self._target.namespace, applied=self._owner is not None)
        )
        return {**tools, "APIService": apis}

    async def applied(self) -> list[Evidence]:
        """What Argo CD or Flux says of the revisions of this workload."""
        found = []
        for applier in histories.appliers(self._owner) if self._owner else ():
            thing = await self.reads.read(str(applier), self._cluster.get(applier), "changes")
            if thing is not None:
                shown = masked_objects([histories.slim(slimmed({**thing, "kind": applier.kind}))])
                found.append(self._item("changes", f"Applied by {applier}", histories.told(shown[0], self._window.until), shown))
        return found

    async def logs(self) -> list[Evidence]:
        """The logs worth reading: of the workload, then of what fails beside it."""
        own = self._pods()
        mine = {place_of(pod) for pod in own}
        others = [pod for pod in self._of("Pod") if failing(pod) and place_of(pod) not in mine]
        spread = rare_first(others, self._observed.root, _LOGS_AROUND)
        wanted = [*telling(own, _LOGS_READ), *(one for pod in spread for one in telling([pod], 1))]
        read = await asyncio.gather(*(self._log(*which) for which in wanted))
        return [log for log in read if log is not None]

    async def _log(self, pod: Object, container: str, previous: bool) -> Evidence | None:
        """One log; None for a run that is not kept any more."""
        _, namespace, name = place_of(pod)
        title = log_title(container, name, previous=previous)
        text = await self.reads.read(title, self._kept(namespace, name, container, previous), "logs")
        return self._item("logs", title, mask(within(text, self._spares.characters)[0]) or "(empty)", ()) if text is not None else None

    async def _kept(self, namespace: str, pod: str, container: str, previous: bool) -> str | None:
        try:
            return await self._cluster.logs(namespace, pod, container, previous=previous, tail=self._spares.lines)
        except NotFound:
            return None

    def absence(self) -> list[Evidence]:
        """The server's answer that there is no such object as the incident is about; nothing where there is, or may be."""
        if not self._absent:
            return []
        inside = f" in {self._target.namespace}" if self._target.namespace else ""
        title = f"There is no {self._target.object_kind} {self._target.name}{inside}"
        return [replace(self._item("objects", title, "The API server answered that it does not exist.", ()), absent=True)]

    def items(self) -> list[Evidence]:
        """What was read of the workload itself, most telling first."""
        now, name = self._window.until, str(self._ref or self._target.path)
        pods, owned = self._pods(), self._replica_sets()
        events = self._events(pods, owned)
        owner, shown_pods = self._shown([self._owner] if self._owner else ()), self._shown(pods[:_PODS_SHOWN])
        shown_events, revisions = self._shown(events[:_EVENTS_SHOWN]), self._shown(owned[:_REVISIONS_SHOWN])
        bounds = self._shown(self._bounds())
        found = [
            self._item("objects", name, "\n".join(printing.workload(thing) for thing in owner), owner),
            self._item("objects", f"Pods of {name}", printing.pods(shown_pods, now), shown_pods, pods),
            self._item("events", f"Events of {name}", printing.events(shown_events, now), shown_events, events),
            self._item("changes", f"Revisions of {name}", printing.revisions(revisions, now), revisions, owned),
            self._item("objects", f"What bounds {name}", printing.bounds(bounds), bounds),
        ]
        return [item for item in found if item.objects]

    def surroundings(self, shown: Sequence[Evidence]) -> list[Evidence]:
        """What else stands in the namespace."""
        return list(Surroundings(self._target, self._listed, self._window, self.reads.full).items(shown, self._observed))

    async def _named(self) -> Object | None:
        kind = self._target.object_kind
        if kind not in KINDS or kind == "Pod" or not self._target.name:
            return None
        wanted = ref(kind, self._target.namespace, self._target.name)
        return await self.reads.read(self._target.path, self._if_there(wanted))

    async def _if_there(self, wanted: ObjectRef, *, note: bool = True) -> Object | None:
        try:
            return await self._cluster.get(wanted)
        except NotFound:  # perhaps a kind that was guessed from a pod's name: then its pods lead to the owner
            self._absent = self._absent or note
            return None

    def _add(self, kind: str, things: Iterable[Object]) -> None:
        known = {place_of(thing): thing for thing in (*self._listed.get(kind, ()), *things)}
        self._listed[kind] = list(known.values())

    def _see(self) -> None:
        self._observed = Observed([self._everything()])

    def _everything(self) -> Evidence:
        things = [*([self._owner] if self._owner else []), *(thing for things in self._listed.values() for thing in things)]
        return self._item("objects", "", "", things)

    def _of(self, kind: str) -> Sequence[Object]:
        return self._listed.get(kind, ())

    @staticmethod
    def _place(wanted: ObjectRef) -> tuple[str, str, str]:
        return wanted.kind, wanted.namespace, wanted.name

    def _pods(self) -> Sequence[Object]:
        """Of the workload; what fails first, then the newest."""
        if self._ref is None:
            named = self._observed.get("Pod", self._target.namespace, self._target.name)
            return [named] if named else []
        pods = self._observed.pods_of(self._ref)
        return sorted(pods, key=lambda pod: not any(fails(status) for status in container_statuses(pod)))

    def _replica_sets(self) -> Sequence[Object]:
        return self._observed.replica_sets_of(self._ref) if self._ref is not None else ()

    def _events(self, pods: Sequence[Object], owned: Sequence[Object]) -> Sequence[Object]:
        """Of the workload and what it owns, the newest first; what is older than the window only where it has no time."""
        owner = [self._owner] if self._owner else []
        scalers = [thing for thing in self._bounds() if thing["kind"] == "HorizontalPodAutoscaler"]
        events = self._observed.events_of(*owner, *pods, *owned, *scalers)
        return [event for event in events if (at := moment(event_time(event))) is None or at >= self._window.since]

    def _bounds(self) -> Sequence[Object]:
        scalers = [thing for thing in self._of("HorizontalPodAutoscaler") if self._ref is not None and scales(thing, self._ref)]
        return [*scalers, *self._of("ResourceQuota"), *self._of("LimitRange")]

    @staticmethod
    def _shown(things: Iterable[Object]) -> tuple[Object, ...]:
        return masked_objects(map(trimmed, things))

    def _item(
        self, kind: EvidenceKind, title: str, text: str, objects: Sequence[Object], every: Sequence[Object] | None = None
    ) -> Evidence:
        left_out = len(every) - len(objects) if every is not None else 0
        return Evidence(
            kind=kind, source="kubernetes", title=title, at=self._window.until, text=text, objects=tuple(objects), left_out=left_out
        )


def _selected_by(owner: Object) -> str:
    """The label selector of a workload, as a query takes it; empty where it is not plain."""
    selector = (owner.get("spec") or {}).get("selector") or {}
    plain = selector.get("matchLabels") or {}
    return "" if selector.get("matchExpressions") else ",".join(f"{key}={value}" for key, value in plain.items())
