"""How a rollout stands, read off the live object and its pods. Pure."""

from collections.abc import Iterator

from remediation.observed import Object, container_statuses

_DYING = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError")


def deaths(pod: Object) -> Iterator[str]:
    """What the containers of a new pod die of, a sentence each."""
    name = pod["metadata"]["name"]
    for status in container_statuses(pod):
        state, last = status.get("state") or {}, (status.get("lastState") or {}).get("terminated") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if "OOMKilled" in (ended.get("reason"), last.get("reason")):
            yield f"Container {status['name']} of the new pod {name} was OOMKilled."
        elif waiting.get("reason") in _DYING:
            yield f"Container {status['name']} of the new pod {name} is in {waiting['reason']}."


def stuck(live: Object) -> str:
    """What the controller says when it has given up; empty while it goes on."""
    for condition in (live.get("status") or {}).get("conditions") or ():
        kind, status = condition.get("type"), condition.get("status")
        if (kind, status) == ("Progressing", "False") or (kind, status) == ("ReplicaFailure", "True"):
            return f"The rollout cannot proceed: {condition.get('message') or condition.get('reason')}"
    return ""


def unfinished(live: Object) -> str:
    """What a rollout still waits for; empty when it is whole, and for what does not roll out."""
    counts = _counts(live)
    if counts is None:
        return ""
    if not is_seen(live):
        return "The controller has not seen the change yet."
    wanted, updated, available, running = counts
    if updated < wanted:
        return f"{updated} of {wanted} pods {'is' if updated == 1 else 'are'} of the new revision."
    if not _is_promoted(live):
        return "The new revision is not promoted yet."
    if running > updated and not _keeps_old_pods(live):
        old = running - updated
        return f"{old} {'pod' if old == 1 else 'pods'} of the old revision {'is' if old == 1 else 'are'} still there."
    return f"{available} of {wanted} pods {'is' if available == 1 else 'are'} available." if available < wanted else ""


def is_seen(live: Object) -> bool:
    """Whether the controller has seen the newest spec. Rollouts write that as text, and those of old a hash, which tells nothing."""
    seen = str((live.get("status") or {}).get("observedGeneration") or 0)
    return not seen.isdecimal() or int(seen) >= live["metadata"].get("generation", 0)


def _is_promoted(live: Object) -> bool:
    """Whether a Rollout calls its newest revision the stable one; true where it says nothing of that, as other kinds do."""
    stable, newest = ((live.get("status") or {}).get(name) for name in ("stableRS", "currentPodHash"))
    return not stable or not newest or stable == newest


def _keeps_old_pods(live: Object) -> bool:
    """Whether it lets the old pods stand for a while once the new ones serve (scaleDownDelaySeconds): that is well."""
    strategy = ((live.get("spec") or {}).get("strategy") or {}) if live.get("kind") == "Rollout" else {}
    return "blueGreen" in strategy or bool((strategy.get("canary") or {}).get("trafficRouting"))


def _counts(live: Object) -> tuple[int, int, int, int] | None:
    """Pods wanted, of the new revision, available, and there at all; None for a kind that does not roll out."""
    spec, status = live.get("spec") or {}, live.get("status") or {}
    match live.get("kind"):
        case "Deployment" | "Rollout":
            names = ("updatedReplicas", "availableReplicas", "replicas")
            wanted = spec.get("replicas", 1)
        case "StatefulSet":
            if status.get("currentRevision") == status.get("updateRevision"):
                status = {**status, "updatedReplicas": status.get("replicas", 0)}  # some versions stop counting when they are done
            names = ("updatedReplicas", "readyReplicas", "updatedReplicas")
            wanted = spec.get("replicas", 1)
        case "DaemonSet":
            names = ("updatedNumberScheduled", "numberAvailable", "updatedNumberScheduled")
            wanted = status.get("desiredNumberScheduled", 0)
        case _:
            return None
    updated, available, running = (int(status.get(name) or 0) for name in names)
    return int(wanted), updated, available, running
