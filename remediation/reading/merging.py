"""Several readings of one object made one: a printed row, a description, a manifest and the live object complete each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from remediation.kinds import KINDS
from remediation.observed import Object, Place, place_of
from remediation.terms import Json

ROW, MANIFEST, DESCRIBED, LIVE = 1, 2, 3, 4  # how much a reading says of the cluster as it is; the higher one counts
Reading = tuple[int, int, Object]  # rank, which item, the object


def rank_of(thing: Object) -> int:
    """A document's rank: a manifest says what should be, an object with a status what is."""
    metadata = thing.get("metadata") or {}
    return LIVE if "status" in thing or "uid" in metadata or "creationTimestamp" in metadata else MANIFEST


def merged(readings: Iterable[Reading], namespaces: Sequence[str]) -> dict[int, list[Object]]:
    """The objects by item, each as all its readings together show it.

    namespaces: those that the symptom or the commands name, the likeliest first; an object without one is taken to be the one of the same
    name that has one, else to be in the first of these.
    """
    known = _placed(list(readings), namespaces)
    whole = {place: _together([(rank, thing) for rank, _, thing in sorted(group, key=lambda r: r[0])]) for place, group in known.items()}
    by_item: dict[int, list[Object]] = {}
    for place, group in known.items():
        for item in dict.fromkeys(item for _, item, _ in group):
            by_item.setdefault(item, []).append(whole[place])
    return by_item


def _placed(readings: list[Reading], namespaces: Sequence[str]) -> dict[Place, list[Reading]]:
    have: dict[tuple[str, str], list[str]] = {}
    for _, _, thing in readings:
        kind, namespace, name = place_of(thing)
        if namespace and namespace not in have.setdefault((kind, name), []):
            have[kind, name].append(namespace)
    default = namespaces[0] if namespaces else "default"
    placed: dict[Place, list[Reading]] = {}
    for rank, item, thing in readings:
        kind, namespace, name = place_of(thing)
        if not namespace and (kind not in KINDS or KINDS[kind].namespaced) and kind != "Event":
            namespace = (have.get((kind, name)) or [default])[0]
            thing = {**thing, "metadata": {**thing["metadata"], "namespace": namespace}}  # noqa: PLW2901 - the same object with its place
        elif kind == "Event":
            thing = _event_placed(thing, have, default)  # noqa: PLW2901 - likewise
            kind, namespace, name = place_of(thing)
            about = thing.get("involvedObject") or {}
            name = f"{about.get('kind')}/{about.get('name')}/{name}"
        placed.setdefault((kind, namespace, name), []).append((rank, item, thing))
    return placed


def _event_placed(event: Object, have: Mapping[tuple[str, str], Sequence[str]], default: str) -> Object:
    """An event about an object that the printed text gave no namespace."""
    about = dict(event.get("involvedObject") or {})
    kind = str(about.get("kind", ""))
    if not about or about.get("namespace") or (kind in KINDS and not KINDS[kind].namespaced):
        return event
    about["namespace"] = (have.get((kind, str(about.get("name")))) or [default])[0]
    return {**event, "metadata": {**event["metadata"], "namespace": about["namespace"]}, "involvedObject": about}


def _together(readings: Sequence[tuple[int, Object]]) -> Object:
    """The lower ranks first: what a higher one says counts."""
    whole: Any = readings[0][1]
    for (rank, thing), (before, _) in zip(readings[1:], readings, strict=False):
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


def owned(things: Iterable[Object]) -> Iterator[Object]:
    """The same objects; a pod or ReplicaSet that names no owner gets the one that its name and labels tell."""
    every = list(things)
    names = {kind: sorted((place_of(t)[1:] for t in every if t.get("kind") == kind), key=lambda p: -len(p[1])) for kind in _OWNERS}
    for thing in every:
        yield _with_owner(thing, names) if thing.get("kind") in ("Pod", "ReplicaSet", "Job") else thing


_OWNERS = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Deployment", "CronJob")
_OWNED_BY = {"Pod": ("ReplicaSet", "StatefulSet", "DaemonSet", "Job"), "ReplicaSet": ("Deployment",), "Job": ("CronJob",)}


def _with_owner(thing: Object, names: Mapping[str, Sequence[tuple[str, str]]]) -> Object:
    metadata = thing.get("metadata") or {}
    if metadata.get("ownerReferences"):
        return thing
    kind, namespace, name = place_of(thing)
    for owner_kind in _OWNED_BY[kind]:
        for place in names[owner_kind]:
            if place[0] == namespace and name.startswith(f"{place[1]}-") and _direct(owner_kind, name[len(place[1]) + 1 :]):
                return _owned(thing, owner_kind, place[1])
    replica_set = _replica_set_of(thing, namespace, name, names)
    return _owned(thing, "ReplicaSet", replica_set) if replica_set else thing


def _direct(kind: str, rest: str) -> bool:
    """Whether what follows the owner's name is what that kind appends: one part, a number for a StatefulSet."""
    return rest.isdigit() if kind == "StatefulSet" else "-" not in rest or kind == "Job"


def _replica_set_of(thing: Object, namespace: str, name: str, names: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """The ReplicaSet that a pod's name tells of, where its label, its letters or a Deployment's name say that it has one."""
    if thing.get("kind") != "Pod" or name.count("-") < 2:  # noqa: PLR2004 - deployment, hash, letters
        return ""
    above, _, _ = name.rpartition("-")
    hashed = ((thing.get("metadata") or {}).get("labels") or {}).get("pod-template-hash")
    deployed = any(place[0] == namespace and above.startswith(f"{place[1]}-") for place in names["Deployment"])
    last_two = name.split("-")[-2:]
    looks = all(set(part) <= _LETTERS for part in last_two) and len(last_two[1]) == 5 and len(last_two[0]) >= 8  # noqa: PLR2004
    return above if hashed or deployed or looks else ""


_LETTERS = frozenset("bcdfghjklmnpqrstvwxz2456789")  # of which Kubernetes makes random names


def _owned(thing: Object, kind: str, name: str) -> Object:
    owner = {"apiVersion": KINDS[kind].api_version, "kind": kind, "name": name, "controller": True}
    return {**thing, "metadata": {**thing["metadata"], "ownerReferences": [owner]}}
