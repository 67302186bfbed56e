"""Who made a pod, ReplicaSet or Job that names no owner: as the names of what may own it and its own name tell."""

import re
from collections.abc import Collection, Iterator, Mapping

OWNERS = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Deployment", "CronJob")
_OWNED_BY = {"Pod": ("ReplicaSet", "StatefulSet", "DaemonSet", "Job"), "ReplicaSet": ("Deployment",), "Job": ("CronJob",)}
_LONGEST, _RANDOM = 63, 5  # letters of a pod's name, and of those that are made at random
_ORDINAL = re.compile(r"0|[1-9]\d{0,3}")  # of a StatefulSet's member
_LETTERS = frozenset("bcdfghjklmnpqrstvwxz2456789")  # of which Kubernetes makes random names

_HASHED = re.compile(r"(?P<deployment>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)-[bcdfghjklmnpqrstvwxz2456789]{8,10}")  # a Deployment's ReplicaSet

Names = Mapping[str, Collection[tuple[str, str]]]  # of each kind (namespace, name); sets, where there are many


def owner_told(place: tuple[str, str, str], names: Names, *, hashed: bool = False) -> tuple[str, str] | None:
    """Kind and name of the owner of an object (kind, namespace, name), None where nothing tells one.

    hashed: whether the pod has a label that only a ReplicaSet's pods have.
    """
    kind, namespace, name = place
    for owner in _OWNED_BY.get(kind, ()):
        known = names.get(owner, ())
        for above in beginnings(name) if known else ():
            if (namespace, above) in known and _direct(owner, name[len(above) + 1 :]):
                return owner, above
    if kind == "ReplicaSet" and (hashed_name := _HASHED.fullmatch(name)):
        return "Deployment", hashed_name["deployment"]
    above = _replica_set_of(namespace, name, names, hashed=hashed) if kind == "Pod" else ""
    return ("ReplicaSet", above) if above else None


def beginnings(name: str) -> Iterator[str]:
    """What a name begins with before each of its dashes, the longest first."""
    end = name.rfind("-")
    while end >= 0:
        yield name[:end]
        end = name.rfind("-", 0, end)


def _direct(kind: str, rest: str) -> bool:
    """Whether what follows the owner's name is what that kind appends: one part, a number for a StatefulSet."""
    return rest.isdecimal() if kind == "StatefulSet" else "-" not in rest or kind == "Job"


def _replica_set_of(namespace: str, name: str, names: Names, *, hashed: bool) -> str:
    """The ReplicaSet that a pod's name tells of, where its label, its letters or a Deployment's name say that it has one."""
    deployments = names.get("Deployment", ())
    if len(name) == _LONGEST and (namespace, name[:-_RANDOM].rpartition("-")[0]) in deployments:
        return name[:-_RANDOM]  # the end of a long ReplicaSet's name gives way to a pod's letters, without a dash
    _, *last_two = name.rsplit("-", 2)
    if len(last_two) < 2:  # noqa: PLR2004 - deployment, hash, letters
        return ""
    above, _, _ = name.rpartition("-")
    looks = len(last_two[1]) == _RANDOM and len(last_two[0]) >= 8 and all(map(_LETTERS.issuperset, last_two))  # noqa: PLR2004
    if not hashed and last_two[0].isalpha() and _ORDINAL.fullmatch(last_two[1]):
        return ""  # a StatefulSet's, whose name only begins as a Deployment's does
    told = hashed or looks or any((namespace, one) in deployments for one in beginnings(above))
    return above if told else ""
