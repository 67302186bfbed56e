"""What is not broken: an alert that always fires, an old revision on its way out, a workload that is well again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.whole import completed
from remediation.observed import Object, Observed, container_statuses, created, owner_name, place_of, ready, revision
from remediation.terms import Finding, ObjectRef, Target
from remediation.workloads import object_ref

_ALWAYS = re.compile(r"\bWatchdog\b|DeadMans?S(?:witch|nitch)|always (?:be )?firing|InfoInhibitor", re.IGNORECASE)
_MAXED = re.compile(r"max(?:ed|imum|[ _-]?replicas)|HPAMax", re.IGNORECASE)
_OVER = re.compile(r"^(?:resolved|recovered|ok|closed)$|^\[(?:RESOLVED|Recovered|OK)[\]:]|\bResolved:", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class NotBroken:
    """cause: always_fires, old_revision, completed, recovered, pinned; rolled_out, scaled_down, node_removed (see `meant`).

    old, new: ReplicaSets, empty for another cause.  ready, wanted: pods.
    """

    cause: str
    old: str
    new: str
    ready: int
    wanted: int


def not_broken(observed: Observed, target: Target) -> Iterator[Finding]:
    """What explains an alert without anything to mend."""
    for item in observed.evidence:
        if item.kind == "alert" and _ALWAYS.search(f"{item.title}\n{item.text}"):
            facts = NotBroken(cause="always_fires", old="", new="", ready=0, wanted=0)
            match = _ALWAYS.search(f"{item.title}\n{item.text}")
            name = "Watchdog" if "watchdog" in f"{item.title} {item.text}".lower() else match[0] if match else item.title
            text = f"{name} is an alert that always fires by design: it proves that the alerting pipeline works, and is no incident"
            yield found("not_broken", f"Alert//{name}", facts, text, (item.item,))
    for thing in observed.all("Deployment"):
        yield from _old_revision(thing, observed)
    yield from _pinned(observed)
    yield from _completed(target, observed)
    if target.name:
        yield from _recovered(target, observed)


def _old_revision(thing: Object, observed: Observed) -> Iterator[Finding]:
    """Failing pods of a Deployment that are going away, while all that it wants are ready."""
    ref = object_ref(thing)
    pods = observed.pods_of(ref)
    wanted = int((thing.get("spec") or {}).get("replicas") or 0)
    if wanted < 1:
        return
    fine = [pod for pod in pods if ready(pod)]
    failing = [
        pod
        for pod in pods
        if not ready(pod) and (pod["metadata"].get("deletionTimestamp") or any(_fails(s) for s in container_statuses(pod)))
    ]
    current = _owners(fine)
    old = [pod for pod in failing if len(fine) >= wanted and _leaving(pod, fine, observed)]
    if failing and len(old) == len(failing):
        name = place_of(old[0])[2]
        before, new = owner_name(old[0]), next(iter(current), "")
        facts = NotBroken(cause="old_revision", old=before, new=new, ready=len(fine), wanted=wanted)
        text = (f"pod {name} belongs to the old ReplicaSet {before}, which is going away (terminating); the rollout of {ref.name} has "
                f"completed, "
                f"{len(fine)} of {wanted} pods of {new} are ready: not a current failure")  # fmt: skip
        yield found("not_broken", str(ref), facts, text, observed.cites(thing, *old, *fine[:1]))


def _leaving(pod: Object, fine: list[Object], observed: Observed) -> bool:
    """Whether a pod is deleted already, or of an older revision than those that are ready."""
    if pod["metadata"].get("deletionTimestamp"):
        return True
    if owner_name(pod) in _owners(fine):
        return False
    _, namespace, _ = place_of(pod)
    own, newer = (observed.get("ReplicaSet", namespace, name) for name in (owner_name(pod), owner_name(fine[0])))
    if own is not None and newer is not None and revision(own) and revision(newer):
        return revision(own) < revision(newer)
    return bool(created(pod)) and all(created(pod) < created(other) for other in fine)


def _owners(pods: list[Object]) -> list[str]:
    return list(dict.fromkeys(owner_name(pod) for pod in pods))


def _fails(status: Object) -> bool:
    return bool((status.get("state") or {}).get("waiting") or ((status.get("state") or {}).get("terminated") or {}).get("exitCode"))


def _completed(target: Target, observed: Observed) -> Iterator[Finding]:
    """The Job, CronJob or pod that the symptom means, or the only one that there is, has come to its end as it should."""
    roots = dict.fromkeys(map(observed.root, (*observed.all("Job"), *observed.all("CronJob"), *observed.all("Pod"))))
    meant = [root for root in roots if (root.kind, root.namespace, root.name) == (target.object_kind, target.namespace, target.name)]
    for root in meant or (roots if len(roots) == 1 and not target.name else ()):
        if how := completed((root.kind, root.namespace, root.name), observed):
            facts = NotBroken(cause="completed", old="", new="", ready=0, wanted=0)
            jobs = [job for job in observed.all("Job", root.namespace) if observed.root(job) == root]
            over = "is well" if root.kind == "CronJob" else "has completed, which is why it does not run any more"
            text = f"{root.kind} {root.name} {over}: {how}; nothing of it is broken"
            yield found("not_broken", str(root), facts, text, observed.cites(*jobs[:3], *observed.pods_of(root)[:2]))


def _pinned(observed: Observed) -> Iterator[Finding]:
    """Autoscalers at their maximum because it is their minimum too, where an alert speaks of the maximum."""
    if not any(item.kind == "alert" and _MAXED.search(f"{item.title}\n{item.text}") for item in observed.evidence):
        return
    for scaler in observed.all("HorizontalPodAutoscaler"):
        spec, (_, namespace, name) = scaler.get("spec") or {}, place_of(scaler)
        most = int(spec.get("maxReplicas") or 0)
        if most and spec.get("minReplicas") == most:
            current = int((scaler.get("status") or {}).get("currentReplicas") or 0)
            facts = NotBroken(cause="pinned", old="", new="", ready=current, wanted=most)
            text = f"HorizontalPodAutoscaler {name} (HPA) is held at {most} replicas on purpose: its minimum is its maximum"
            yield found("not_broken", f"HorizontalPodAutoscaler/{namespace}/{name}", facts, text, observed.cites(scaler))


def _recovered(target: Target, observed: Observed) -> Iterator[Finding]:
    """A workload all of whose pods are ready, while its alert itself says that it is over."""
    over = next((item for item in observed.evidence if item.kind == "alert" and _OVER.search(f"{item.title}\n{item.text}")), None)
    if over is None:
        return
    ref = ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)
    thing = observed.get(target.object_kind, target.namespace, target.name)
    pods = observed.living_pods_of(ref) or [
        p for p in observed.all("Pod", target.namespace) if place_of(p)[2].startswith(f"{target.name}-")
    ]
    wanted = int(((thing or {}).get("spec") or {}).get("replicas") or len(pods))
    status = (thing or {}).get("status") or {}
    fine = sum(map(ready, pods)) if pods else int(status.get("readyReplicas") or status.get("availableReplicas") or 0)
    if wanted and fine >= wanted:
        facts = NotBroken(cause="recovered", old="", new="", ready=fine, wanted=wanted)
        text = f"{target.name} has recovered by itself: {fine} of {wanted} pods are ready, and its alert is resolved"
        yield found(
            "not_broken", str(ref), facts, text, tuple(dict.fromkeys([over.item, *observed.cites(*pods[:2], *([thing] if thing else ()))]))
        )
