"""A pod that the kubelet put off its node, and for want of what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.node_filled import blamed
from remediation.observed import Object, Observed, Place, about, event_text, place_of
from remediation.terms import Finding, Target

_REASONS = ("Evicted", "EvictionThresholdMet", "TaintManagerEviction")
_LOW = re.compile(r"(?:low on resource: |The node had condition: \[?|node was low on (?!resource))(?P<resource>[\w-]+)")
_CALLED = {"DiskPressure": "ephemeral-storage", "MemoryPressure": "memory", "PIDPressure": "pids", "nodefs": "ephemeral-storage",
           "imagefs": "ephemeral-storage", "containerfs": "ephemeral-storage"}  # fmt: skip
_USED = re.compile(r"Container (?P<container>[\w.-]+) was using (?P<used>\w+), request is (?P<request>\w+)")
_LIMIT = re.compile(
    r"(?:ephemeral local storage usage exceeds the total limit of containers|Usage of EmptyDir volume \"(?P<volume>[^\"]+)\" exceeds the "
    r"limit|(?:Container (?P<container>[\w.-]+) exceeded its )?(?:ephemeral local|local ephemeral) storage (?:limit|usage exceeds)[^\d]*)"
    r"\s*\"?(?P<limit>\w+)?"
)
_NODES_WORD = re.compile(  # why a pod failed that its node would not take or keep: what made it makes another
    r"Preempt(?:ing|ed)|(?:Node)?Shutdown|Terminated|NodeAffinity|NodeLost|UnexpectedAdmissionError|OutOf[a-z][\w-]*"
)
_ADMISSION = re.compile(r"UnexpectedAdmissionError|OutOf[a-z][\w./-]*")  # as events say that a kubelet admits no pod
_NO_DEVICE = re.compile(r"no healthy devices|unhealthy devices|[Nn]o (?:free|available) devices|[Dd]evice plugin\b[^\n]{0,80}(?:not|fail)")


@dataclass(frozen=True, kw_only=True)
class Evicted:
    """resource: ephemeral-storage, memory, … empty when not said; `node` where that would not take or keep the pod.

    `devices` where it would not because its device plugin had none that were healthy.

    own_limit: whether the pod passed its own limit, not the node's.

    container, used, request: of the one that used more than it asked for.  victim: a workload that was put off because this one filled
    their node, else empty.
    """

    resource: str
    own_limit: bool
    container: str
    used: str
    request: str
    message: str
    victim: str = ""


def evicted(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload of which pods were evicted, by the message that says most; of a node that one filled, on that one."""
    told: set[str] = set()
    made: list[tuple[str, Finding]] = []
    for message, thing in sorted(_told_of(observed), key=lambda said: -len(said[0])):
        place = about(thing) if thing.get("kind") == "Event" else place_of(thing)
        root = str(observed.root_of(place))
        if place[0] != "Node" and root not in told:
            told.add(root)
            node = str(((observed.get(*place) or {}).get("spec") or {}).get("nodeName") or "")
            made.append((node, _finding(root, place, message, thing, observed)))
    yield from blamed(made, target)


def _told_of(observed: Observed) -> Iterator[tuple[str, Object]]:
    """What says that a pod was put off its node, or not admitted to it: the events and the pods themselves."""
    for event in observed.all("Event"):
        if event.get("reason") in _REASONS or (_refused(event) and _still_out(observed.get(*about(event)))):
            yield event_text(event), event
    for pod in observed.all("Pod"):
        status = pod.get("status") or {}
        if status.get("reason") == "Evicted":
            yield str(status.get("message") or ""), pod
        elif _left_by_node(pod):
            yield str(status.get("message") or status["reason"]), pod


def _finding(root: str, place: Place, message: str, thing: Object, observed: Observed) -> Finding:
    pod = observed.get(*place)
    left = _left(pod, thing)
    used, limit = _USED.search(message), _LIMIT.search(message)
    facts = Evicted(
        resource=_resource(message, left, thing),
        own_limit=limit is not None,
        container=used["container"] if used else (limit and limit["container"]) or "",
        used=used["used"] if used else "",
        request=used["request"] if used else "",
        message=message[:500],
    )
    wants = f"; container {facts.container} used {facts.used} and requests {facts.request}" if used else ""
    text = f'pod {place[2]} was {"put off" if left else "Evicted"}: {_why(facts, left, _node_of(pod))}{wants}; "{message.strip()}"'
    return found("evicted", root, facts, text, observed.cites(thing, *([pod] if pod else ())))


def _resource(message: str, left: str, thing: Object) -> str:
    if left:
        return "devices" if _NO_DEVICE.search(message) else "node"
    if thing.get("reason") == "TaintManagerEviction":
        return "taint"
    low = _LOW.search(message)
    resource = low["resource"] if low else "ephemeral-storage" if _LIMIT.search(message) else ""
    return _CALLED.get(resource, resource)


def _node_of(pod: Object | None) -> str:
    """The node that a pod was on, with a blank before it; empty where nothing shows it."""
    node = str(((pod or {}).get("spec") or {}).get("nodeName") or "")
    return f" {node}" if node else ""


def _why(facts: Evicted, left: str, node: str) -> str:
    """node: its name, as `_node_of` has it."""
    if left:
        lacks = ", for its device plugin had no healthy devices" if facts.resource == "devices" else ""
        return f"its node{node} would not take or keep it ({left}){lacks}; what made it makes another"
    if facts.own_limit:
        return f"it passed its own limit of {facts.resource}"
    return f"its node{node} was low on {facts.resource}" if facts.resource else f"its node{node} put it off"


def _left_by_node(pod: Object) -> bool:
    status = pod.get("status") or {}
    return status.get("phase") == "Failed" and _NODES_WORD.fullmatch(str(status.get("reason") or "")) is not None


def _left(pod: Object | None, thing: Object) -> str:
    """The word for why its node would not take or keep a pod, empty where nothing says so."""
    if pod is not None and _left_by_node(pod):
        return str(pod["status"]["reason"])
    return str(thing["reason"]) if _refused(thing) else ""


def _refused(event: Object) -> bool:
    """Whether it is the event of a node's kubelet that did not admit a pod."""
    return _ADMISSION.fullmatch(str(event.get("reason") or "")) is not None and about(event)[0] == "Pod"


def _still_out(pod: Object | None) -> bool:
    return pod is None or _left_by_node(pod)
