"""A pod that the kubelet put off its node, and for want of what."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, about, event_text, place_of
from remediation.terms import Finding, Target

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

    container, used, request: of the one that used more than it asked for.
    """

    resource: str
    own_limit: bool
    container: str
    used: str
    request: str
    message: str


def evicted(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload of which pods were evicted."""
    said = [
        (event_text(e), (e,), about(e))
        for e in observed.all("Event")
        if e.get("reason") in ("Evicted", "EvictionThresholdMet", "TaintManagerEviction")
    ]
    said += [
        (str(p["status"].get("message") or ""), (p,), place_of(p))
        for p in observed.all("Pod")
        if (p.get("status") or {}).get("reason") == "Evicted"
    ]
    said += [(str(p["status"].get("message") or p["status"]["reason"]), (p,), place_of(p)) for p in observed.all("Pod") if _left_by_node(p)]
    said += [(event_text(e), (e,), about(e)) for e in observed.all("Event") if _refused(e) and _still_out(observed.get(*about(e)))]
    told: set[str] = set()
    for message, things, place in sorted(said, key=lambda s: -len(s[0])):
        pod = observed.get(*place)
        root = observed.root_of(place)
        if place[0] == "Node" or str(root) in told:
            continue
        told.add(str(root))
        low, used, limit = _LOW.search(message), _USED.search(message), _LIMIT.search(message)
        resource = low["resource"] if low else "ephemeral-storage" if limit else ""
        resource = "taint" if any(thing.get("reason") == "TaintManagerEviction" for thing in things) else resource
        left = _left(pod, things)
        resource = "devices" if left and _NO_DEVICE.search(message) else "node" if left else _CALLED.get(resource, resource)
        facts = Evicted(
            resource=resource,
            own_limit=limit is not None,
            container=used["container"] if used else (limit and limit["container"]) or "",
            used=used["used"] if used else "",
            request=used["request"] if used else "",
            message=message[:500],
        )
        why = (
            f"it passed its own limit of {resource}" if limit else f"its node was low on {resource}" if resource else "its node put it off"
        )
        if left:
            lacks = ", for its device plugin had no healthy devices" if resource == "devices" else ""
            why = f"its node would not take or keep it ({left}){lacks}; what made it makes another"
        wants = f"; container {facts.container} used {facts.used} and requests {facts.request}" if used else ""
        text = f'pod {place[2]} was {"put off" if left else "Evicted"}: {why}{wants}; "{message.strip()}"'
        yield found("evicted", str(root), facts, text, observed.cites(*things, *([pod] if pod else ())))


def _left_by_node(pod: Object) -> bool:
    status = pod.get("status") or {}
    return status.get("phase") == "Failed" and _NODES_WORD.fullmatch(str(status.get("reason") or "")) is not None


def _left(pod: Object | None, things: Sequence[Object]) -> str:
    """The word for why its node would not take or keep a pod, empty where nothing says so."""
    if pod is not None and _left_by_node(pod):
        return str(pod["status"]["reason"])
    return next((str(thing["reason"]) for thing in things if _refused(thing)), "")


def _refused(event: Object) -> bool:
    """Whether it is the event of a node's kubelet that did not admit a pod."""
    return about(event)[0] == "Pod" and _ADMISSION.fullmatch(str(event.get("reason") or "")) is not None


def _still_out(pod: Object | None) -> bool:
    return pod is None or _left_by_node(pod)
