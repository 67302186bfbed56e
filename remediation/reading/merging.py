"""Several readings of one object made one: a printed row, a description, a manifest and the live object complete each other."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from remediation.kinds import KINDS
from remediation.observed import Object, Place, place_of, ready
from remediation.ownership import OWNERS, Names, beginnings, owner_told
from remediation.terms import Json

ROW, MANIFEST, DESCRIBED, LIVE = 1, 2, 3, 4  # how much a reading says of the cluster as it is; the higher one counts
Reading = tuple[int, int, Object]  # rank, which item, the object
UNNAMED = "unnamed"  # goes by this name where neither the evidence nor the symptom has one
_NO_LABELS: Mapping[str, str] = {}
_FAMILY = re.compile(r"(?:-[a-z0-9]{6,10})?-[a-z0-9]{5}$|-\d+$")  # what a controller adds to its own name


def rank_of(thing: Object) -> int:
    """A document's rank: a manifest says what should be, an object with a status what is."""
    metadata = thing.get("metadata") or {}
    return LIVE if "status" in thing or "uid" in metadata or "creationTimestamp" in metadata else MANIFEST


def merged(readings: Iterable[Reading], namespaces: Sequence[str], labels: Mapping[str, str] = _NO_LABELS) -> dict[int, list[Object]]:
    """The objects by item, each as all its readings together show it.

    namespaces: those that the symptom or the commands name, the likeliest first; an object without one is taken to be the one of the same
    name that has one, else to be in the first of these.  labels: of the symptom, which name what a paste leaves without a name.
    """
    known = _placed(_named(list(readings), labels), namespaces)
    by_item: dict[int, list[Object]] = {}
    for group in known.values():
        whole = group[0][2] if len(group) == 1 else _together(group)
        for item in dict.fromkeys(item for _, item, _ in group) if len(group) > 1 else (group[0][1],):
            by_item.setdefault(item, []).append(whole)
    return by_item


def _named(readings: list[Reading], labels: Mapping[str, str]) -> list[Reading]:
    """What was pasted without its name, an event or the end of a description, is of the only such object.

    Of a pod, of the only one that is not ready, or of those of one workload the first. Where nothing of its kind is shown it is what the
    symptom names, else it goes by `UNNAMED`; where several are, it is nobody's.
    """
    if all(_name_of(thing) for _, _, thing in readings):
        return readings
    shown: dict[str, dict[str, Object]] = {}
    for _, _, thing in readings:
        if (kind := str(thing.get("kind"))) != "Event" and (name := _name_of(thing)):
            shown.setdefault(kind, {}).setdefault(name, thing)
    waiting = {name: pod for name, pod in shown.get("Pod", {}).items() if pod.get("status") and not ready(pod)}
    named = []
    for rank, item, thing in readings:
        if not _name_of(thing):
            kind = str((thing.get("involvedObject") or thing).get("kind"))
            alike = waiting if kind == "Pod" else shown.get(kind, {})
            name = next(iter(alike), "") if len({_FAMILY.sub("", name) for name in alike}) == 1 else ""
            if not name and kind not in shown:
                name = labels.get(kind.lower(), "") or (labels.get("deployment", "") if kind == "Pod" else "")
                name = name or (_only_node(readings) if kind == "Node" else "") or UNNAMED
            thing = _with_name(thing, name, alike.get(name))  # noqa: PLW2901 - the same, named
        named.append((rank, item, thing))
    return named


def _only_node(readings: Iterable[Reading]) -> str:
    """The one node that pods are on and events are about; empty where none is, or several are."""
    places = [(thing.get("spec") or {}).get("nodeName") for _, _, thing in readings if thing.get("kind") == "Pod"]
    told = [thing.get("involvedObject") or {} for _, _, thing in readings if thing.get("kind") == "Event"]
    names = {str(name) for name in (*places, *(about.get("name") for about in told if about.get("kind") == "Node")) if name}
    return names.pop() if len(names) == 1 else ""


def _name_of(thing: Object) -> str:
    """Of what an event is about, else of the object itself; of an event that says nothing of that, its own."""
    about = thing.get("involvedObject") if thing.get("kind") == "Event" else None
    return str((about or thing.get("metadata") or {}).get("name") or "")


def _with_name(thing: Object, name: str, meant: Object | None) -> Object:
    key = "involvedObject" if thing.get("kind") == "Event" else "metadata"
    place = {"name": name, "namespace": place_of(meant)[1]} if meant else {"name": name}
    return {**thing, key: {**(thing.get(key) or {}), **place}}


def _placed(readings: list[Reading], namespaces: Sequence[str]) -> dict[Place, list[Reading]]:
    have: dict[tuple[str, str], list[str]] = {}
    places = [place_of(thing) for _, _, thing in readings]
    for kind, namespace, name in places:
        if namespace and namespace not in have.setdefault((kind, name), []):
            have[kind, name].append(namespace)
    default = namespaces[0] if namespaces else "default"
    elsewhere = any(namespace != default for known in have.values() for namespace in known)
    likely = _likely(readings, places, have) if elsewhere else {}
    placed: dict[Place, list[Reading]] = {}
    for (rank, item, thing), place in zip(readings, places, strict=True):
        kind, namespace, name = place
        if not namespace and (kind not in KINDS or KINDS[kind].namespaced) and kind != "Event":
            namespace = (have.get((kind, name)) or [likely.get(item, default)])[0]
            thing = {**thing, "metadata": {**thing["metadata"], "namespace": namespace}}  # noqa: PLW2901 - the same object with its place
        elif kind == "Event":
            thing = _event_placed(thing, have, likely.get(item, default))  # noqa: PLW2901 - likewise
            kind, namespace, name = place_of(thing)
            about = thing.get("involvedObject") or {}
            name = f"{about.get('kind')}/{about.get('name')}/{name}"
        placed.setdefault((kind, namespace, name), []).append((rank, item, thing))
    return placed


def _likely(readings: Sequence[Reading], places: Sequence[Place], have: Mapping[tuple[str, str], Sequence[str]]) -> dict[int, str]:
    """The namespace that an item's rows without one are of: where most of them, or what is called as they are, are shown to be.

    A table without that column was printed of one namespace.
    """
    called: dict[str, Sequence[str]] = {}
    for (_, name), namespaces in have.items():
        called.setdefault(name, namespaces)
    votes: dict[int, Counter[str]] = {}
    for (_, item, thing), (kind, namespace, name) in zip(readings, places, strict=True):
        about = thing.get("involvedObject") or {} if kind == "Event" else {"name": name, "namespace": namespace}
        if not about.get("namespace"):
            own = str(about.get("name"))
            alike = next((called[one] for one in (own, *beginnings(own)) if one in called), ())
            votes.setdefault(item, Counter()).update(have.get((str(about.get("kind", kind)), own), alike)[:1])
    return {item: most[0][0] for item, counted in votes.items() if (most := counted.most_common(1))}


def _event_placed(event: Object, have: Mapping[tuple[str, str], Sequence[str]], default: str) -> Object:
    """An event about an object that the printed text gave no namespace."""
    about = dict(event.get("involvedObject") or {})
    kind = str(about.get("kind", ""))
    if not about or about.get("namespace") or (kind in KINDS and not KINDS[kind].namespaced):
        return event
    about["namespace"] = (have.get((kind, str(about.get("name")))) or [default])[0]
    return {**event, "metadata": {**event["metadata"], "namespace": about["namespace"]}, "involvedObject": about}


def _together(group: Iterable[Reading]) -> Object:
    """The lower ranks first: what a higher one says counts."""
    readings = sorted(group, key=lambda reading: reading[0])
    whole: Any = readings[0][2]
    for (rank, _, thing), (before, _, _) in zip(readings[1:], readings, strict=False):
        whole = _over(whole, thing, same_rank=rank == before)
    return whole  # type: ignore[no-any-return]


def _over(old: Json, new: Json, *, same_rank: bool) -> Json:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: _over(old[key], value, same_rank=same_rank) if key in old else value for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        return _lists(old, new)
    return old if new in (None, "", {}, []) else new


def _lists(old: list[Json], new: list[Json]) -> list[Json]:
    """Named entries one by one; an entry without a name, as a row has it, gives way to those that have one."""
    if not new or not all(isinstance(one, Mapping) and "name" in one for one in (*old, *new)):
        return new or old
    named = {one["name"]: one for one in old if one["name"]}
    if any(one["name"] for one in new):
        listed = [_over(named[one["name"]], one, same_rank=True) if one["name"] in named else one for one in new]
        return listed + [one for name, one in named.items() if name not in {n["name"] for n in new}]
    return list(named.values()) or new


def owned(things: Iterable[Object], named: Iterable[Place] = ()) -> Iterator[Object]:
    """The same objects; a pod or ReplicaSet that names no owner gets the one that its name and labels tell.

    named: workloads that nothing shows, but somebody speaks of.
    """
    every = list(things)
    shown = [*map(place_of, every)]
    names: dict[str, set[tuple[str, str]]] = {kind: set() for kind in OWNERS}
    for kind, namespace, name in (*shown, *named):
        if kind in names:
            names[kind].add((namespace, name))
    unseen = [name for kind, _, name in named if kind == "Deployment" and not any(place[::2] == (kind, name) for place in shown)]
    for thing, place in zip(every, shown, strict=True):
        yield _with_owner(thing, place, names, unseen) if place[0] in ("Pod", "ReplicaSet", "Job") else thing


def _with_owner(thing: Object, place: Place, names: Names, unseen: Sequence[str]) -> Object:
    metadata = thing.get("metadata") or {}
    if metadata.get("ownerReferences"):
        return thing
    owner = owner_told(place, names, hashed=bool((metadata.get("labels") or {}).get("pod-template-hash")))
    if owner and owner[0] == "ReplicaSet" and (deployment := next((name for name in unseen if owner[1].startswith(f"{name}-")), "")):
        owner = ("Deployment", deployment)
    return _owned(thing, *owner) if owner else thing


def _owned(thing: Object, kind: str, name: str) -> Object:
    owner = {"apiVersion": KINDS[kind].api_version, "kind": kind, "name": name, "controller": True}
    return {**thing, "metadata": {**thing["metadata"], "ownerReferences": [owner]}}
