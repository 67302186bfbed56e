"""A rollout that does not come to its end, a workload without the pods that it wants, and one that wants none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.complaint import complaint_of
from remediation.findings.finding import found
from remediation.findings.idle import scaler_to_zero
from remediation.findings.not_broken import NotBroken
from remediation.observed import Object, Observed, about, event_text, owner_name, place_of, revision
from remediation.terms import Finding, Target
from remediation.workloads import containers, object_ref

_SET = re.compile(r"ReplicaSet \"?(?P<name>[\w.-]+?)\"? has")
_HELD = re.compile(r"free ports for the requested|anti-?affinity")


@dataclass(frozen=True, kw_only=True)
class RolloutStuck:
    """cause: deadline, paused, surge (no room for the further pod that its strategy demands), held_back (by its strategy).

    Of a Rollout of Argo's also invalid, analysis, analysis_error, aborted, at_step (it waits for a person).

    replica_set: the new one, empty when unknown.  wanted, available: pods.
    """

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
    """One finding for each Deployment that is past its deadline, paused, or cannot take the step that its strategy demands."""
    for thing in observed.all("Deployment"):
        yield from _no_room(thing, observed)
        if (finding := _of(thing, observed)) is not None:
            yield finding
    for kind in ("DaemonSet", "StatefulSet"):
        for thing in observed.all(kind):
            yield from _held_back(thing, observed)


def _held_back(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A DaemonSet or StatefulSet whose strategy leaves pods at the old revision."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    strategy = spec.get("updateStrategy") or {}
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    wanted = int(status.get("desiredNumberScheduled") or spec.get("replicas") or 0)
    updated = status.get("updatedNumberScheduled", status.get("updatedReplicas"))
    held = strategy.get("type") == "OnDelete" or partition > 0
    old = status.get("currentRevision") != status.get("updateRevision") if thing["kind"] == "StatefulSet" else True
    if held and old and wanted and "observedGeneration" in status and int(updated or 0) < wanted:
        ref = object_ref(thing)
        facts = RolloutStuck(cause="held_back", replica_set="", wanted=wanted, available=int(updated or 0), message="")
        why = f"partition {partition}" if partition else "update strategy OnDelete"
        text = (
            f"{ref.kind} {ref.name} in {ref.namespace} is not rolled out: {why} leaves {wanted - int(updated or 0)} of {wanted} pods "
            f"at the old revision"
        )
        yield found("rollout_stuck", str(ref), facts, text, observed.cites(thing))


def _no_room(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A rollout that may take no old pod away first, while a new one finds no node because the old ones hold what it needs."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    wanted, available = _wanted(thing), int(status.get("availableReplicas") or status.get("readyReplicas") or 0)
    if str(rolling.get("maxUnavailable")) not in ("0", "0%") or not wanted or available < wanted:
        return
    ref = object_ref(thing)
    refused = (e for e in observed.events_with("FailedScheduling") if str(observed.root_of(about(e))) == str(ref))
    event = next((e for e in refused if _HELD.search(event_text(e))), None)
    if event is not None:
        surge = rolling.get("maxSurge", "25%")
        facts = RolloutStuck(cause="surge", replica_set="", wanted=wanted, available=available, message=event_text(event)[:400])
        text = (f"rollout of Deployment {ref.name} in {ref.namespace} cannot go on: with maxUnavailable 0 and maxSurge {surge} it needs a "
                f"further pod first, "
                f'which no node takes beside the {available} old ones; "{facts.message}"')  # fmt: skip
        yield found("rollout_stuck", str(ref), facts, text, observed.cites(thing, event))


def _of(thing: Object, observed: Observed) -> Finding | None:
    _, namespace, name = place_of(thing)
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    conditions = status.get("conditions") or ()
    late = next((c for c in conditions if c.get("type") == "Progressing" and c.get("reason") == "ProgressDeadlineExceeded"), None)
    event = next((e for e in observed.events_of(thing) if e.get("reason") == "ProgressDeadlineExceeded"), None)
    paused = bool(spec.get("paused")) or any(c.get("reason") == "DeploymentPaused" for c in conditions)
    if late is None and event is None and not paused:
        return None
    available = int(status.get("availableReplicas") or status.get("readyReplicas") or 0)
    message = str((late or {}).get("message") or (event_text(event) if event else ""))
    new = _new_set(thing, message, observed)
    facts = RolloutStuck(
        cause="paused" if paused else "deadline", replica_set=new, wanted=_wanted(thing), available=available, message=message
    )
    words = "is paused" if paused else _late(new, available)
    said = f'; "{message}"' if message else ""
    held, pods = _held(thing, new, observed)
    text = f"rollout of {thing['kind']} {name} in {namespace} {words}{held}{said}"
    return found("rollout_stuck", str(object_ref(thing)), facts, text, observed.cites(thing, *([event] if event else ()), *pods))


def _held(thing: Object, new: str, observed: Observed) -> tuple[str, Sequence[Object]]:
    """The init container of a new pod that runs on and on, so that nothing after it starts, in words; and that pod."""
    for pod in observed.pods_of(object_ref(thing)):
        status = pod.get("status") or {}
        running = [one for one in status.get("initContainerStatuses") or () if "running" in (one.get("state") or {})]
        started = any("running" in (one.get("state") or {}) for one in status.get("containerStatuses") or ())
        if running and not started and new in ("", owner_name(pod)):
            name = str(running[0].get("name") or "")
            own = next((c for where, c in containers(pod) if where == "initContainers" and c.get("name") == name), {})
            command = " ".join(str(word) for word in (*(own.get("command") or ()), *(own.get("args") or ())))[:200]
            run = f" (`{command}`)" if command else ""
            return f"; init container {name}{run} of pod {place_of(pod)[2]} has not ended, and all else waits for it", (pod,)
    return "", ()


def _late(new: str, available: int) -> str:
    serve = f"; {available} pods of the old one still serve" if available else ""
    named = f"the new ReplicaSet {new}" if new else "the new ReplicaSet"
    return f"did not finish before its deadline (ProgressDeadlineExceeded): {named} has pods that are not ready{serve}"


def _new_set(thing: Object, message: str, observed: Observed) -> str:
    """The ReplicaSet of the newest revision: as the condition names it, else as its own number says."""
    match = _SET.search(message)
    named = match["name"] if match else str((thing.get("status") or {}).get("newReplicaSet") or "")
    owned = observed.replica_sets_of(object_ref(thing))
    return named or (place_of(owned[0])[2] if owned and revision(owned[0]) else "")


def _wanted(thing: Object) -> int:
    return int((thing.get("spec") or {}).get("replicas", 1) or 0)


def scaled_to_zero(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each Deployment or StatefulSet that wants no pod."""
    for kind in ("Deployment", "StatefulSet", "Rollout"):
        for thing in observed.all(kind):
            if (thing.get("spec") or {}).get("replicas") != 0:
                continue
            _, namespace, name = place_of(thing)
            if (scaler := scaler_to_zero(thing, observed)) is not None:
                yield from _idle(thing, scaler, observed)
                continue
            picked = [s for s in observed.all("Service", namespace) if _picks(s, thing)]
            names = ", ".join(place_of(s)[2] for s in picked)
            facts = ScaledToZero(desired=0, autoscaler="", services=names)
            events = [e for e in observed.events_of(thing) if "to 0" in event_text(e)]
            serves = f"; Service {names} has no pod behind it" if names else ""
            text = f"{kind} {name} in {namespace} is scaled to zero: it wants 0 replicas, so no pod of it runs{serves}"
            yield found("scaled_to_zero", str(object_ref(thing)), facts, text, observed.cites(thing, *events[:1], *picked))


def _idle(thing: Object, scaler: Object, observed: Observed) -> Iterator[Finding]:
    """That its autoscaler has nothing for it to do; nothing where the autoscaler itself complains, which another finder tells."""
    if complaint_of(scaler) is not None:
        return
    facts = NotBroken(cause="idle", old="", new="", ready=0, wanted=0)
    name, kind = place_of(thing)[2], str(scaler.get("kind"))
    text = f"{name} runs no pod on purpose: its {kind} {place_of(scaler)[2]} may scale it to zero, and says of no trouble"
    yield found("not_broken", str(object_ref(thing)), facts, text, observed.cites(thing, scaler))


def _picks(service: Object, thing: Object) -> bool:
    selector = (service.get("spec") or {}).get("selector") or {}
    spec = thing.get("spec") or {}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or (spec.get("selector") or {}).get("matchLabels") or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())
