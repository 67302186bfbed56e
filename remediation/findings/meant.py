"""Pods and nodes that go because somebody meant it: a rollout that goes on, fewer replicas, a node that was taken away."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta

from remediation.findings.finding import found
from remediation.findings.not_broken import NotBroken
from remediation.findings.trouble_since import trouble_since
from remediation.findings.whole import now_of
from remediation.graph import workloads
from remediation.needed import may_match
from remediation.observed import (
    Object,
    Observed,
    Place,
    about,
    container_statuses,
    created,
    event_text,
    event_time,
    moment,
    owner_name,
    ready,
)
from remediation.terms import Finding, ObjectRef, Target

_ROLLED_OUT = re.compile(r"(?:deployment|statefulset|daemon ?set)\S* \"(?P<name>[\w.-]+)\" successfully rolled out")
_SCALED = re.compile(r"Scaled (?P<way>up|down) replica set (?P<set>[\w.-]+) (?:from \d+ )?to (?P<to>\d+)")
_FEWER = re.compile(r"New size: [1-9]\d*; reason: [^\n]*below target")
_TAKEN_AWAY = re.compile(
    r"^(?:RemovingNode|DeletingNode|ScaleDown|ScaleDownEmpty|Drain(?:ing|ed)?|Upgrade|NodeDeleted|DisruptionTerminating|Finalized)$"
)
_CHANGES = ("ScalingReplicaSet", "SuccessfulRescale")
_STARTS = timedelta(minutes=5)  # that a pod may take before it is told of
_STARTING = ("ContainerCreating", "PodInitializing")


def meant(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload and node of which something went as somebody meant, while what is left of it is well.

    None for a workload that fails since: that it was changed on purpose is then what is to be looked at.
    """
    rolled_out = dict.fromkeys(
        match["name"] for item in observed.evidence if may_match(_ROLLED_OUT, item.text) for match in _ROLLED_OUT.finditer(item.text)
    )
    changed: dict[tuple[str, str], list[Object]] = {}
    for event in observed.all("Event"):
        if event.get("reason") in _CHANGES:
            changed.setdefault(about(event)[1:], []).append(event)
    for thing in _known(observed):
        kind, namespace, name = thing
        changes = [event for event in changed.get((namespace, name), ()) if about(event)[0] != "Pod"]
        if not changes and name not in rolled_out:
            continue
        pods = [pod for pod in observed.all("Pod", namespace) if observed.root(pod).name == name]
        fine = sum(map(ready, pods))
        if not fine or not all(_well(pod, observed) for pod in pods) or _fails_since(thing, changes, observed, target):
            continue
        for cause, words, events in _changes(changes, {owner_name(pod) for pod in pods if ready(pod)}, rolled_out=name in rolled_out):
            facts = NotBroken(cause=cause, old="", new="", ready=fine, wanted=fine)
            text = f"{name} {words}, and {fine} of its pods are ready: this was meant and is no failure"
            yield found("not_broken", f"{kind}/{namespace}/{name}", facts, text, observed.cites(*events, *pods[:2]))
            break
    yield from _nodes(observed)


def _fails_since(thing: Place, changes: Sequence[Object], observed: Observed, target: Target) -> bool:
    """Whether a log or an alert tells of trouble of a workload after the last of these changes."""
    last = max((at for event in changes if (at := moment(event_time(event))) is not None), default=None)
    kind, namespace, name = thing
    return bool(trouble_since(ObjectRef(group="", kind=kind, namespace=namespace, name=name), last, observed, target))


def _known(observed: Observed) -> Sequence[tuple[str, str, str]]:
    """The workloads that the evidence shows, and those that its events speak of."""
    shown = [(root.kind, root.namespace, root.name) for root in map(observed.root, workloads(observed))]
    spoken = [about(event) for event in observed.all("Event") if event.get("reason") in _CHANGES]
    scaled = [("Deployment", namespace, name) for _, namespace, name in spoken]
    names = {place[1:] for place in shown}
    return list(dict.fromkeys((*shown, *(place for place in scaled if place[1:] not in names))))


def _changes(events: Sequence[Object], serving: AbstractSet[str], *, rolled_out: bool) -> Iterator[tuple[str, str, Sequence[Object]]]:
    """What was done to a workload: the cause, in words, and the events that tell. serving: the ReplicaSets of its ready pods."""
    scaled = [(event, match) for event in events if (match := _SCALED.search(event_text(event)))]
    up, down = ([(event, match) for event, match in scaled if match["way"] == way] for way in ("up", "down"))
    others = serving | {other["set"] for _, other in down}
    if rolled_out or any(others - {match["set"]} and match["set"] not in {other["set"] for _, other in down} for _, match in up):
        yield "rolled_out", f"is being rolled out, old pods make room for new ones{_said(up[:1])}", [event for event, _ in up[:1]]
    fewer = next((event for event in events if _FEWER.search(event_text(event))), None)
    less = [(event, match) for event, match in down if match["to"] != "0"]
    if (fewer is not None or less) and not up:
        told = fewer if fewer is not None else less[0][0]
        yield (
            "scaled_down",
            f'was scaled down, which stops pods: "{event_text(told).strip()[:200]}"',
            [told, *(event for event, _ in less[:1])],
        )


def _said(scaled: Sequence[tuple[Object, re.Match[str]]]) -> str:
    return f' ("{event_text(scaled[0][0]).strip()[:200]}")' if scaled else ""


def _well(pod: Object, observed: Observed) -> bool:
    """Whether a pod is ready, over, going away, or so young that it may still be starting."""
    if ready(pod) or pod["metadata"].get("deletionTimestamp") or (pod.get("status") or {}).get("phase") == "Succeeded":
        return True
    states = [status.get("state") or {} for status in container_statuses(pod) if not status.get("restartCount")]
    born, now = moment(created(pod)), now_of(observed)
    young = born is not None and now is not None and now - born < _STARTS
    starting = all("running" in state or (state.get("waiting") or {}).get("reason") in _STARTING for state in states)
    return young and starting and len(states) == len(container_statuses(pod))


def taken_away(observed: Observed) -> Mapping[str, Sequence[Object]]:
    """The events of nodes that were taken away, by name, while those that are left are ready and so are all pods."""
    left = list(observed.all("Node"))
    if not left or not all(map(ready, left)) or not all(_well(pod, observed) for pod in observed.all("Pod")):
        return {}
    gone: dict[str, list[Object]] = {}
    for event in observed.all("Event"):
        kind, _, name = about(event)
        if kind == "Node" and observed.get("Node", "", name) is None and _TAKEN_AWAY.match(str(event.get("reason"))):
            gone.setdefault(name, []).append(event)
    return gone


def is_replaced(name: str, since: str, observed: Observed) -> bool:
    """Whether a node was taken away, as `taken_away` has it, and a node that is left was made after that moment (RFC 3339)."""
    at = moment(since)
    made = [born for node in observed.all("Node") if (born := moment(created(node))) is not None]
    return at is not None and bool(made) and max(made) >= at and name in taken_away(observed)


def _nodes(observed: Observed) -> Iterator[Finding]:
    """Nodes that are not there any more because they were taken away, while those that are there are ready and so are all pods."""
    left = list(observed.all("Node"))
    for name, events in taken_away(observed).items():
        last = max(events, key=event_time)
        facts = NotBroken(cause="node_removed", old=name, new="", ready=len(left), wanted=len(left))
        text = (
            f'node {name} was drained and removed on purpose ("{event_text(last).strip()[:200]}"); its pods run on other nodes: no failure'
        )
        yield found("not_broken", f"Node//{name}", facts, text, observed.cites(*events[:2], *left[:1]))
