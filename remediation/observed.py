"""The evidence as one picture of the cluster: objects by name, who owns whom, which events speak of what, and where each was seen."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from operator import itemgetter

from remediation.kinds import KINDS
from remediation.ownership import OWNERS, Names, owner_told
from remediation.quantities import parse_time
from remediation.terms import Evidence, Json, ObjectRef, Series
from remediation.workloads import object_ref

Object = Mapping[str, Json]
Place = tuple[str, str, str]  # kind, namespace, name

_REPLICA_SET_NAME = re.compile(r"(.+)-[a-z0-9]{6,10}")
_CREATED = re.compile(r"Created (?:pod|job):? (?P<name>[\w.-]+)|create Pod (?P<pod>[\w.-]+) in StatefulSet")
_CRON_JOB_NAME = re.compile(r"(.+)-\d{8,10}")
_NAMES_ITS_PODS = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job")
_LONGEST_MESSAGE = 4000  # characters of an event's; the API server takes 1024
_MOST_DIGITS = 18
_MOST_OWNERS = 5  # a chain is three long; a ring, which a hostile file may hold, ends here


def place_of(thing: Object) -> Place:
    """Kind, namespace and name of an object; empty where it does not say."""
    metadata = thing.get("metadata") or {}
    return str(thing.get("kind", "")), str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


class Observed:
    """All objects, events and series of the evidence. The later of two readings of an object counts; every item that shows it is cited."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self.evidence = tuple(evidence)
        self._objects: dict[Place, Object] = {}
        self._items: dict[Place, list[str]] = {}
        for item in self.evidence:
            for thing in item.objects:
                place = place_of(thing)
                self._objects[place] = thing
                self._items.setdefault(place, []).append(item.item)
        self._kinds: dict[str, list[Object]] = {}
        for (kind, _, _), thing in self._objects.items():
            self._kinds.setdefault(kind, []).append(thing)
        self._roots: dict[int, tuple[ObjectRef, Object]] = {}  # by its id, which is nobody else's while the object is kept
        self._guessed: dict[tuple[str, str, str, str], ObjectRef] = {}
        self._spoken: dict[Place, ObjectRef] = {}
        self._order = {item.item: at for at, item in enumerate(self.evidence)}

    def all(self, kind: str, namespace: str | None = None) -> Iterator[Object]:
        """Objects of one kind, of one namespace where it is given."""
        return iter(self._kinds.get(kind, ()) if namespace is None else self._in_namespaces.get((kind, namespace), ()))

    @cached_property
    def _in_namespaces(self) -> Mapping[tuple[str, str], Sequence[Object]]:
        """The objects by kind and namespace."""
        found: dict[tuple[str, str], list[Object]] = {}
        for (kind, namespace, _), thing in self._objects.items():
            found.setdefault((kind, namespace), []).append(thing)
        return found

    def spoken_of(self, kind: str) -> Iterator[Object]:
        """Objects of one kind; and those of which only events tell, bare but for their place."""
        yield from self.all(kind)
        for _, namespace, name in self._only_told.get(kind, ()):
            yield {"kind": kind, "metadata": {"namespace": namespace, "name": name}}

    @cached_property
    def _only_told(self) -> Mapping[str, Sequence[Place]]:
        """What only events tell of, by its kind."""
        found: dict[str, list[Place]] = {}
        for place in self._events[0]:
            if place[2] and place not in self._objects:
                found.setdefault(place[0], []).append(place)
        return found

    def customs(self) -> Iterator[Object]:
        """Objects of kinds that are not Kubernetes' own; of its own, those that complain as these do."""
        core = KINDS.keys() | {f"{kind}List" for kind in KINDS}
        kinds = [kind for kind in self._kinds if kind not in core or kind in ("ClusterOperator", "Namespace")]
        return (thing for kind in kinds for thing in self._kinds[kind])

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object, or None when no item shows it."""
        return self._objects.get((kind, namespace, name))

    def lists_none(self, kind: str, namespace: str = "") -> bool:
        """Whether somebody asked for all objects of a kind, of this namespace where its kind has any, and there was none."""
        known = KINDS.get(kind)
        if known is not None and known.namespaced:
            return (f"{kind}List", namespace) in self._in_namespaces and (kind, namespace) not in self._in_namespaces
        return f"{kind}List" in self._kinds and not self._kinds.get(kind)

    def cites(self, *things: Object) -> tuple[str, ...]:
        """The items that show these objects, in the order of the evidence."""
        seen = {item for thing in things for item in self._items.get(place_of(thing), ()) if item}
        return tuple(sorted(seen, key=lambda item: self._order[item]))

    def root(self, thing: Object) -> ObjectRef:
        """The workload at the top of the chain of owners; the object itself when nothing controls it.

        An owner that no item shows is named by its reference, a Deployment by the name of its ReplicaSet.
        """
        known = self._roots.get(id(thing))
        if known is None:
            known = self._roots[id(thing)] = self._root(thing), thing
        return known[0]

    def root_of(self, place: Place) -> ObjectRef:
        """The root of what an event is about: of a pod that no item shows too, as the event that tells of its creation or its name says."""
        known = self._spoken.get(place)
        if known is None:
            seen = self._objects.get(place)
            known = self._spoken[place] = self.root(seen) if seen is not None else self._root_unseen(place)
        return known

    def _root_unseen(self, place: Place) -> ObjectRef:
        kind, namespace, name = place
        owner = (self._makers.get(name) or owner_told(place, self._names)) if kind in ("Pod", "Job") else None
        if owner is None:
            return self._above(ObjectRef(group="", kind=kind, namespace=namespace, name=name))
        return self._root_under({"kind": owner[0], "name": owner[1]}, namespace)

    @cached_property
    def _names(self) -> Names:
        """What may own pods."""
        return {kind: {place_of(thing)[1:] for thing in self.all(kind)} for kind in OWNERS}

    @cached_property
    def _makers(self) -> Mapping[str, tuple[str, str]]:
        """Kind and name of what made a pod or Job, by its name, as events of creation tell."""
        told = ((match, about(event)) for event in self.all("Event") if (match := _CREATED.search(event_text(event))) is not None)
        return {match["name"] or match["pod"]: (place[0], place[2]) for match, place in told if place[0] in OWNERS}

    def _root(self, thing: Object) -> ObjectRef:
        here, owner = object_ref(thing), _controller(thing)
        return here if owner is None else self._root_under(owner, here.namespace)

    def _root_under(self, owner: Object, namespace: str) -> ObjectRef:
        for _ in range(_MOST_OWNERS):
            above = _group(owner), str(owner.get("kind")), namespace, str(owner.get("name"))
            if above in self._guessed:
                return self._guessed[above]
            here = ObjectRef(group=above[0], kind=above[1], namespace=namespace, name=above[3])
            seen = self.get(*above[1:])
            if seen is None:
                self._guessed[above] = self._above(here)
                return self._guessed[above]
            if (higher := _controller(seen)) is None:
                break
            owner = higher
        return here

    def _above(self, here: ObjectRef) -> ObjectRef:
        """What made an owner that no item shows: a Deployment that is known by its name, else as names are made."""
        if here.kind == "ReplicaSet":
            name, dash, _ = here.name.rpartition("-")  # what follows is one hash: `api` makes no `api-gateway-…`
            if dash and self.get("Deployment", here.namespace, name) is not None:
                return ObjectRef(group="apps", kind="Deployment", namespace=here.namespace, name=name)
            if dash and self.get("Rollout", here.namespace, name) is not None:
                return ObjectRef(group="argoproj.io", kind="Rollout", namespace=here.namespace, name=name)
        return _guessed_above(here)

    def pods_of(self, workload: ObjectRef) -> Sequence[Object]:
        """Its pods, as far as items show them; the newest first."""
        return self._pods.get((workload.kind, workload.namespace, workload.name), ())

    @cached_property
    def _pods(self) -> Mapping[Place, Sequence[Object]]:
        """The pods by their root, and each by itself; the newest first."""
        found: dict[Place, list[Object]] = {}
        for pod in sorted(self.all("Pod"), key=created, reverse=True):
            root = self.root(pod)
            for place in dict.fromkeys(((root.kind, root.namespace, root.name), place_of(pod))):
                found.setdefault(place, []).append(pod)
        return found

    @cached_property
    def _events(self) -> tuple[Mapping[Place, Sequence[Object]], Sequence[Place]]:
        """The events by what they are about, the newest first; and the pods that they are about, in order."""
        found: dict[Place, list[Object]] = {}
        for event in sorted(self.all("Event"), key=event_time, reverse=True):
            found.setdefault(about(event), []).append(event)
        return found, sorted(place for place in found if place[0] == "Pod")

    def living_pods_of(self, workload: ObjectRef) -> Sequence[Object]:
        """Its pods without those of older revisions once the newest one has a ready pod: what goes away tells of nothing that is broken."""
        pods, owned = self.pods_of(workload), self.replica_sets_of(workload)
        newest = [pod for pod in pods if owned and owner_name(pod) == owned[0]["metadata"]["name"]]
        return newest if any(ready(pod) for pod in newest) else pods

    def replica_sets_of(self, workload: ObjectRef) -> Sequence[Object]:
        """Its ReplicaSets, the newest revision first."""
        return self._replica_sets.get((workload.kind, workload.namespace, workload.name), ())

    @cached_property
    def _replica_sets(self) -> Mapping[Place, Sequence[Object]]:
        """The ReplicaSets by their root, the newest revision first."""
        found: dict[Place, list[Object]] = {}
        for thing in sorted(self.all("ReplicaSet"), key=lambda thing: (revision(thing), created(thing)), reverse=True):
            root = self.root(thing)
            found.setdefault((root.kind, root.namespace, root.name), []).append(thing)
        return found

    def events_of(self, *things: Object) -> Sequence[Object]:
        """Events about these objects, the newest first; of pods that are gone too, where these own pods by name."""
        by_place, pods = self._events
        wanted = {place_of(thing): None for thing in things}
        for kind, namespace, name in tuple(wanted):
            if kind in _NAMES_ITS_PODS:
                begins = bisect_left(pods, ("Pod", namespace, f"{name}-"))
                ends = bisect_left(pods, ("Pod", namespace, f"{name}-\U0010ffff"))
                wanted |= dict.fromkeys(pods[begins:ends])
        return sorted((event for place in wanted for event in by_place.get(place, ())), key=event_time, reverse=True)

    def events_under(self, place: Place) -> Sequence[Object]:
        """Events about this very object, or about one of which it is the root, in the order of the evidence."""
        return self._under.get(place, ())

    @cached_property
    def _under(self) -> Mapping[Place, Sequence[Object]]:
        found: dict[Place, list[Object]] = {}
        for event in self.all("Event"):
            here = about(event)
            root = self.root_of(here)
            above = root.kind, root.namespace, root.name
            found.setdefault(here, []).append(event)
            if above != here:
                found.setdefault(above, []).append(event)
        return found

    def events_with(self, *reasons: str) -> Sequence[Object]:
        """Events of these reasons, in the order of the evidence."""
        placed = [told for reason in reasons for told in self._by_reason.get(reason, ())]
        return [event for _, event in (sorted(placed, key=itemgetter(0)) if len(reasons) > 1 else placed)]

    @cached_property
    def _by_reason(self) -> Mapping[str, Sequence[tuple[int, Object]]]:
        found: dict[str, list[tuple[int, Object]]] = {}
        for at, event in enumerate(self.all("Event")):
            found.setdefault(str(event.get("reason")), []).append((at, event))
        return found

    def events_about(self, kind: str) -> Sequence[Object]:
        """Events about objects of a kind, in the order of the evidence."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Object]]:
        found: dict[str, list[Object]] = {}
        for event in self.all("Event"):
            found.setdefault(about(event)[0], []).append(event)
        return found

    def series(self) -> Iterator[tuple[str, Series]]:
        """Every metric with the item that shows it."""
        return ((item.item, series) for item in self.evidence for series in item.series)


_latest = [Observed(())]


def observed_in(evidence: Sequence[Evidence]) -> Observed:
    """What this very evidence shows, put together once for those who ask of it one after the other."""
    observed = _latest[0]
    if observed.evidence is not evidence:
        _latest[0] = observed = Observed(evidence)
    return observed


def about(event: Object) -> Place:
    """What an event is about."""
    thing = event.get("involvedObject") or event.get("regarding") or {}
    return str(thing.get("kind", "")), str(thing.get("namespace") or ""), str(thing.get("name", ""))


def container_in(field: str) -> str:
    """The container that the path of an event's field names (`spec.containers{api}`), empty for none."""
    return field.partition("{")[2].rstrip("}")


def event_time(event: Object) -> str:
    """When an event was last seen, RFC 3339; empty when it does not say."""
    series = event.get("series") or {}
    moments = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("deprecatedLastTimestamp"), event.get("eventTime"))
    return str(next((m for m in moments if m), None) or (event.get("metadata") or {}).get("creationTimestamp") or "")


def event_count(event: Object) -> int:
    """How often an event was seen."""
    return int((event.get("series") or {}).get("count") or event.get("count") or event.get("deprecatedCount") or 1)


def event_text(event: Object) -> str:
    """Its message, in the core API's and the events API's shape; of one that no server would have taken only the beginning."""
    return str(event.get("message") or event.get("note") or "")[:_LONGEST_MESSAGE]


def created(thing: Object) -> str:
    """When the object was created, RFC 3339; empty when it does not say."""
    return str((thing.get("metadata") or {}).get("creationTimestamp") or "")


def revision(thing: Object) -> int:
    """The rollout's number that a Deployment, a Rollout or a ReplicaSet carries, 0 when it carries none."""
    annotations = (thing.get("metadata") or {}).get("annotations") or {}
    text = annotations.get("deployment.kubernetes.io/revision") or annotations.get("rollout.argoproj.io/revision") or "0"
    return int(text) if str(text).isdecimal() and len(str(text)) <= _MOST_DIGITS else 0


def owner_name(thing: Object) -> str:
    """The name of what controls it, empty when nothing does."""
    return str((_controller(thing) or {}).get("name", ""))


def ready(pod: Object) -> bool:
    """Whether a pod says that it is ready."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(condition.get("type") == "Ready" and condition.get("status") == "True" for condition in conditions)


def container_statuses(pod: Object) -> Sequence[Object]:
    """What a pod says of each of its containers: init containers first, as they run."""
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def moment(text: Json) -> datetime | None:
    """An API time, or None when it is absent or no time."""
    try:
        return (_recurring(text) if isinstance(text, str) else parse_time(text)) if text else None
    except ValueError:
        return None


_recurring = lru_cache(maxsize=4096)(parse_time)  # a table's ages come again and again, and many ask for the time of one event


def _controller(thing: Object) -> Object | None:
    for owner in (thing.get("metadata") or {}).get("ownerReferences") or ():
        if owner.get("controller", True):
            return owner  # type: ignore[no-any-return]
    return None


def _group(owner: Object) -> str:
    return str(owner.get("apiVersion", "")).rpartition("/")[0]


def _guessed_above(here: ObjectRef) -> ObjectRef:
    if here.kind == "ReplicaSet" and (match := _REPLICA_SET_NAME.fullmatch(here.name)):
        return ObjectRef(group="apps", kind="Deployment", namespace=here.namespace, name=match[1])
    if here.kind == "Job" and (match := _CRON_JOB_NAME.fullmatch(here.name)):
        return ObjectRef(group="batch", kind="CronJob", namespace=here.namespace, name=match[1])
    return here
