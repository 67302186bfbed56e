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
    status, generation = live.get("status") or {}, live["metadata"].get("generation", 0)
    counts = _counts(live)
    if counts is None:
        return ""
    if int(status.get("observedGeneration") or 0) < generation:  # Argo's Rollouts write it as text
        return "The controller has not seen the change yet."
    wanted, updated, available, running = counts
    if updated < wanted:
        return f"{updated} of {wanted} pods {'is' if updated == 1 else 'are'} of the new revision."
    if running > updated:
        old = running - updated
        return f"{old} {'pod' if old == 1 else 'pods'} of the old revision {'is' if old == 1 else 'are'} still there."
    return f"{available} of {wanted} pods {'is' if available == 1 else 'are'} available." if available < wanted else ""


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
