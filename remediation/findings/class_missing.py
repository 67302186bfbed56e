"""What names a class of something, such as a DeviceClass, that is not among those that the cluster is shown to have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from remediation.findings.finding import found
from remediation.kinds import KINDS
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target

_ENDS, _DEEPEST = "ClassName", 8
_OWN_FINDERS = ("IngressClass", "StorageClass", "GatewayClass")  # of which others tell, of the kinds that they know


@dataclass(frozen=True, kw_only=True)
class ClassMissing:
    """wanted: the kind of class.  name: that is asked for.  near: one of nearly that name, empty for none.  classes: that there are."""

    wanted: str
    name: str
    near: str
    classes: str


def class_missing(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each object and class that it names in vain, where the evidence lists the classes of that kind."""
    for kind in _kinds_of_classes(observed):
        known = [place_of(one)[2] for one in observed.all(kind)]
        field = f"{kind[0].lower()}{kind[1:]}Name"
        for thing in _users(kind, observed):
            for name in dict.fromkeys(_named(thing.get("spec"), field, 0)):
                if name not in known:
                    yield _finding(thing, kind, name, known, observed)


def _kinds_of_classes(observed: Observed) -> Sequence[str]:
    shown = {kind for kind in (str(thing.get("kind")) for item in observed.evidence for thing in item.objects) if kind.endswith("Class")}
    empty = {kind for kind in ("RuntimeClass", "DeviceClass", "VolumeSnapshotClass", "PriorityClass") if observed.lists_none(kind)}
    return sorted(shown | empty)


def _users(kind: str, observed: Observed) -> Iterator[Object]:
    """What may name a class: custom resources, and of Kubernetes' own kinds those of which no other finder tells."""
    yield from (thing for thing in observed.customs() if not str(thing.get("kind")).endswith("Class"))
    if kind not in _OWN_FINDERS:
        own = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Rollout")
        shown = [thing for one in own if one in KINDS for thing in observed.all(one)]
        yield from shown
        yield from (pod for pod in observed.all("Pod") if observed.root(pod).kind == "Pod")


def _named(value: Json, field: str, depth: int) -> Iterator[str]:
    """What fields of this name hold, wherever they stand."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        if isinstance(value.get(field), str) and value[field]:
            yield value[field]
        for below in value.values():
            yield from _named(below, field, depth + 1)
    elif isinstance(value, list):
        for below in value:
            yield from _named(below, field, depth + 1)


def _finding(thing: Object, kind: str, name: str, known: Sequence[str], observed: Observed) -> Finding:
    own, namespace, called = place_of(thing)
    near = next(iter(get_close_matches(name, known, 1, 0.6)), "")
    facts = ClassMissing(wanted=kind, name=name, near=near, classes=", ".join(sorted(known)[:10]))
    there = f" (there are {facts.classes})" if known else " (there is none)"
    text = f"{own} {called} in {namespace} asks for {kind} {name}, which does not exist{there}"
    classes = list(observed.all(kind))[:2]
    return found("class_missing", f"{own}/{namespace}/{called}", facts, text, observed.cites(thing, *classes))
