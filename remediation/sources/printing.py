"""API objects as short readable text: what people read in the thread and models in their prompt. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from remediation.observed import (
    Object,
    about,
    container_statuses,
    created,
    event_count,
    event_text,
    event_time,
    moment,
    revision,
)
from remediation.quantities import format_duration
from remediation.terms import Json
from remediation.workloads import containers

_GOOD = frozenset({
    "Available", "Progressing", "Ready", "Initialized", "ContainersReady", "PodScheduled", "PodReadyToStartContainers", "Complete",
})  # fmt: skip
_COUNTS = (
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "desiredNumberScheduled",
    "numberReady",
)


def workload(thing: Object) -> str:
    """A workload: how many pods it wants and has, its containers, and every condition that is not as it should be."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    counts = [f"{name} {status[name]}" for name in _COUNTS if name in status]
    wanted = [f"wants {spec['replicas']}"] if "replicas" in spec else []
    return "\n".join([", ".join([*wanted, *counts]), *_container_lines(thing), *_conditions(status)])


def pods(things: Sequence[Object], now: datetime) -> str:
    """One line a pod, and below it what is wrong with each container."""
    return "\n".join(line for pod in things for line in _pod(pod, now))


def revisions(things: Sequence[Object], now: datetime) -> str:
    """One line a ReplicaSet, the newest first: revision, age, pods, images."""
    return "\n".join(
        f"revision {revision(thing) or '?'}, {_ago(created(thing), now)}: {thing['metadata']['name']}, "
        f"{_ready_of(thing)} ready, images {_images(thing)}"
        for thing in things
    )


def events(things: Sequence[Object], now: datetime) -> str:
    """One line an event, as given: age, type, reason, count, object, message."""
    return "\n".join(
        f"{_ago(event_time(e), now)} {e.get('type', '')} {e.get('reason', '')} (x{event_count(e)}) "
        f"{about(e)[0]}/{about(e)[2]}: {event_text(e).strip()}"
        for e in things
    )  # fmt: skip


def bounds(things: Sequence[Object]) -> str:
    """Autoscalers, quotas and limit ranges, a line each."""
    writers = {"HorizontalPodAutoscaler": autoscaler, "ResourceQuota": _quota, "LimitRange": _limit_range}
    return "\n".join(f"{thing['kind']} {thing['metadata']['name']}: {writers[thing['kind']](thing)}" for thing in things)


def _pod(pod: Object, now: datetime) -> Iterator[str]:
    status, statuses = pod.get("status") or {}, container_statuses(pod)
    ready = f"{sum(bool(s.get('ready')) for s in statuses)}/{len(statuses)} ready" if statuses else "no container started"
    node = (pod.get("spec") or {}).get("nodeName")
    why = ": ".join(str(status[key]) for key in ("reason", "message") if status.get(key))
    words = [
        status.get("phase", "?"),
        ready,
        f"{_ago(created(pod), now)} old".replace(" ago", ""),
        f"on {node}" if node else "on no node",
        why,
    ]
    yield f"{pod['metadata']['name']}: {', '.join(str(word) for word in words if word)}"
    for container in statuses:
        if line := _container(container, now):
            yield f"  container {container.get('name')}: {line}"
    yield from (f"  {line}" for line in _conditions(status))


def _container(status: Object, now: datetime) -> str:
    """Empty for a container that runs, is ready and never ended."""
    state, last = status.get("state") or {}, (status.get("lastState") or {}).get("terminated")
    said = []
    if waiting := state.get("waiting"):
        said.append(f"waits: {waiting.get('reason', '?')}" + (f" ({waiting['message']})" if waiting.get("message") else ""))
    if terminated := state.get("terminated"):
        said.append(_ended(terminated, now))
    if last:
        said.append(f"ended before: {_ended(last, now)}")
    if status.get("restartCount"):
        said.append(f"{status['restartCount']} restarts")
    if "running" in state and not status.get("ready"):
        said.insert(0, "runs, not ready")
    return "; ".join(said)


def _ended(terminated: Object, now: datetime) -> str:
    signal = f", signal {terminated['signal']}" if terminated.get("signal") else ""
    message = f" ({terminated['message'].strip()})" if terminated.get("message") else ""
    how = f"{terminated.get('reason', 'ended')}, exit {terminated.get('exitCode', '?')}{signal}"
    return f"{how}, {_ago(terminated.get('finishedAt'), now)}{message}"


def _container_lines(thing: Object) -> Iterator[str]:
    for where, container in containers(thing):
        kind = "init container" if where == "initContainers" else "container"
        yield f"{kind} {container.get('name')}: image {container.get('image')}, {_resources(container.get('resources') or {})}"


def _resources(resources: Mapping[str, Json]) -> str:
    sides = [f"{side} {_pairs(resources[side])}" for side in ("requests", "limits") if resources.get(side)]
    return "; ".join(sides) or "no requests or limits"


def _conditions(status: Mapping[str, Json]) -> Iterator[str]:
    for condition in status.get("conditions") or ():
        if (condition.get("status") == "True") != (condition.get("type") in _GOOD):
            words = [str(condition[key]) for key in ("reason", "message") if condition.get(key)]
            yield f"condition {condition.get('type')} {condition.get('status')}: {': '.join(words) or 'no reason given'}"


def autoscaler(thing: Object) -> str:
    """What it scales, between which bounds, and how many there are."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    target = spec.get("scaleTargetRef") or {}
    return (
        f"{target.get('kind')}/{target.get('name')} between {spec.get('minReplicas', 1)} and {spec.get('maxReplicas')}, "
        f"has {status.get('currentReplicas', '?')}, wants {status.get('desiredReplicas', '?')}"
    )


def _quota(thing: Object) -> str:
    status = thing.get("status") or {}
    used, hard = status.get("used") or {}, status.get("hard") or (thing.get("spec") or {}).get("hard") or {}
    return ", ".join(f"{name} {used.get(name, '?')} of {amount}" for name, amount in hard.items())


def _limit_range(thing: Object) -> str:
    items = (thing.get("spec") or {}).get("limits") or ()
    told = (", ".join(f"{key} {_pairs(value)}" for key, value in item.items() if key != "type") for item in items)
    return "; ".join(f"{item.get('type')}: {amounts}" for item, amounts in zip(items, told, strict=True))


def _pairs(amounts: Json) -> str:
    return " ".join(f"{name}={amount}" for name, amount in amounts.items()) if isinstance(amounts, Mapping) else str(amounts)


def _ready_of(thing: Object) -> str:
    return f"{(thing.get('status') or {}).get('readyReplicas', 0)}/{(thing.get('spec') or {}).get('replicas', 0)}"


def _images(thing: Object) -> str:
    return ", ".join(str(container.get("image")) for _, container in containers(thing))


def _ago(text: Json, now: datetime) -> str:
    at = moment(text)
    return f"{format_duration(now - at)} ago" if at is not None else "at an unknown time"
