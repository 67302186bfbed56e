"""A rollout that does not come to its end, a workload without the pods that it wants, and one that wants none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, event_text, place_of, revision
from remediation.terms import Finding, Target
from remediation.workloads import object_ref

_SET = re.compile(r"ReplicaSet \"?(?P<name>[\w.-]+?)\"? has")


@dataclass(frozen=True, kw_only=True)
class RolloutStuck:
    """cause: deadline, paused.  replica_set: the new one, empty when unknown.  wanted, available: pods."""

    cause: str
    replica_set: str
    wanted: int
    available: int
    message: str


@dataclass(frozen=True, kw_only=True)
class ScaledToZero:
    """desired: always 0.  autoscaler: that owns its replicas, empty for none.  services: that have no other pods."""

    desired: int
    autoscaler: str
    services: str


def rollout_stuck(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each Deployment that is past its deadline, or paused."""
    for thing in observed.all("Deployment"):
        if (finding := _of(thing, observed)) is not None:
            yield finding


def _of(thing: Object, observed: Observed) -> Finding | None:
    _, namespace, name = place_of(thing)
    status = thing.get("status") or {}
    late = next(
        (c for c in status.get("conditions") or () if c.get("type") == "Progressing" and c.get("reason") == "ProgressDeadlineExceeded"),
        None,
    )
    event = next((e for e in observed.events_of(thing) if e.get("reason") == "ProgressDeadlineExceeded"), None)
    wanted = _wanted(thing)
    available = int(status.get("availableReplicas") or status.get("readyReplicas") or 0)
    paused = bool((thing.get("spec") or {}).get("paused"))
    if late is None and event is None and not paused:
        return None
    cause = "deadline" if late or event else "paused"
    message = str((late or {}).get("message") or (event_text(event) if event else ""))
    match = _SET.search(message)
    new = match["name"] if match else str(status.get("newReplicaSet") or "")
    owned = observed.replica_sets_of(object_ref(thing))
    new = new or (place_of(owned[0])[2] if owned and revision(owned[0]) else "")
    facts = RolloutStuck(cause=cause, replica_set=new, wanted=wanted, available=available, message=message)
    serve = f"; {available} pods of the old one still serve" if available and cause == "deadline" else ""
    words = {"deadline": f"did not finish before its deadline (ProgressDeadlineExceeded): the new ReplicaSet {new or '?'} has pods that are not ready{serve}",
             "paused": "is paused"}[cause]  # fmt: skip
    said = f'; "{message}"' if message else ""
    text = f"rollout of {thing['kind']} {name} in {namespace} {words}{said}"
    return found("rollout_stuck", str(object_ref(thing)), facts, text, observed.cites(thing, *([event] if event else ())))


def _wanted(thing: Object) -> int:
    return int((thing.get("spec") or {}).get("replicas", 1) or 0)


def scaled_to_zero(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each Deployment or StatefulSet that wants no pod."""
    for kind in ("Deployment", "StatefulSet"):
        for thing in observed.all(kind):
            if (thing.get("spec") or {}).get("replicas") != 0:
                continue
            _, namespace, name = place_of(thing)
            picked = [s for s in observed.all("Service", namespace) if _picks(s, thing)]
            names = ", ".join(place_of(s)[2] for s in picked)
            facts = ScaledToZero(desired=0, autoscaler="", services=names)
            events = [e for e in observed.events_of(thing) if "to 0" in event_text(e)]
            serves = f"; Service {names} has no pod behind it" if names else ""
            text = f"{kind} {name} in {namespace} is scaled to zero: it wants 0 replicas, so no pod of it runs{serves}"
            yield found("scaled_to_zero", str(object_ref(thing)), facts, text, observed.cites(thing, *events[:1], *picked))


def _picks(service: Object, thing: Object) -> bool:
    selector = (service.get("spec") or {}).get("selector") or {}
    spec = thing.get("spec") or {}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or (spec.get("selector") or {}).get("matchLabels") or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())
