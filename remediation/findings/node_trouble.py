"""A node that is not ready, under pressure, cordoned, or full; and what its kubelet, runtime or kube-proxy says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, event_text, place_of
from remediation.terms import Finding, Target

_PRESSURES = (
    "MemoryPressure",
    "DiskPressure",
    "PIDPressure",
    "NetworkUnavailable",
    "KernelDeadlock",
    "ReadonlyFilesystem",
    "FrequentKubeletRestart",
)
_PARTS: Sequence[tuple[str, str]] = (
    ("container_runtime", r"container runtime (?:is|network|status)|containerd|dockerd|PLEG is not healthy|runtime (?:service )?(?:not ready|down)|CRI "),
    ("network_plugin", r"[Nn]etwork ?[Pp]lugin|cni (?:plugin|config)|NetworkPluginNotReady"),
    ("kubelet", r"[Kk]ubelet stopped posting|kubelet (?:is|has)|NodeStatusUnknown"),
    ("kube_proxy", r"kube-proxy"),
    ("certificate", r"certificate|x509"),
)  # fmt: skip
_FULL = 1.0
_CONTROL = ("kube-scheduler", "kube-controller-manager", "kube-apiserver", "kube-proxy", "etcd", "coredns")


@dataclass(frozen=True, kw_only=True)
class NodeTrouble:
    """cause: not_ready, pressure, cordoned, full, component_down.  condition: MemoryPressure, DiskPressure, … empty for another cause.

    part: kubelet, container_runtime, network_plugin, kube_proxy, kube-scheduler, … empty when nothing says.  pods, most_pods: how many run and may run.
    """

    cause: str
    condition: str
    part: str
    pods: int
    most_pods: int
    message: str


def node_trouble(observed: Observed, _target: Target) -> Iterator[Finding]:
    """Findings for each node: the gravest first; and for parts of the control plane that do not run."""
    for node in observed.all("Node"):
        yield from _of_node(node, observed)
    for pod in observed.all("Pod", "kube-system"):
        yield from _of_control_plane(pod, observed)


def _of_node(node: Object, observed: Observed) -> Iterator[Finding]:
    name = place_of(node)[2]
    conditions = {str(c.get("type")): c for c in (node.get("status") or {}).get("conditions") or ()}
    events = [
        e
        for e in observed.events_of(node)
        if e.get("type") == "Warning" or str(e.get("reason", "")).startswith(("NodeNot", "NodeHas", "Kubelet"))
    ]
    ready = conditions.get("Ready")
    if ready is not None and str(ready.get("status")) != "True":
        message = str(ready.get("message") or "") or next((event_text(e) for e in events), "")
        part = _part(f"{ready.get('reason', '')} {message}") or ("kubelet" if ready.get("status") == "Unknown" else "")
        who = f", {part.replace('_', ' ')} is at fault" if part else ""
        yield _finding(
            node,
            "not_ready",
            {"part": part, "message": message},
            f"node {name} is NotReady{who}: {ready.get('reason', '')} {message}",
            events,
            observed,
        )
    for kind in _PRESSURES:
        if str((conditions.get(kind) or {}).get("status")) == "True":
            message = str(conditions[kind].get("message") or "")
            yield _finding(
                node, "pressure", {"condition": kind, "message": message}, f"node {name} is under {kind}: {message}", events, observed
            )
    if (node.get("spec") or {}).get("unschedulable"):
        yield _finding(
            node, "cordoned", {}, f"node {name} is cordoned (SchedulingDisabled, unschedulable): no new pod is placed on it", (), observed
        )
    yield from _full(node, observed)


def _full(node: Object, observed: Observed) -> Iterator[Finding]:
    name, status = place_of(node)[2], node.get("status") or {}
    most = str((status.get("allocatable") or {}).get("pods") or (status.get("capacity") or {}).get("pods") or "")
    counted = sum(
        (p.get("spec") or {}).get("nodeName") == name and (p.get("status") or {}).get("phase") in ("Running", "Pending")
        for p in observed.all("Pod")
    )
    pods = max(int(status.get("runningPods") or 0), counted)
    if most.isdigit() and int(most) and pods / int(most) >= _FULL:
        facts = {"pods": pods, "most_pods": int(most)}
        yield _finding(node, "full", facts, f"node {name} runs {pods} of at most {most} pods: it is full (too many pods)", (), observed)


def _part(text: str) -> str:
    return next((part for part, words in _PARTS if re.search(words, text)), "")


def _finding(node: Object, cause: str, given: Mapping[str, str | int], text: str, events: Sequence[Object], observed: Observed) -> Finding:  # noqa: PLR0917
    facts = NodeTrouble(cause=cause, condition=str(given.get("condition", "")), part=str(given.get("part", "")), pods=int(given.get("pods", 0)),
                        most_pods=int(given.get("most_pods", 0)), message=str(given.get("message", ""))[:400])  # fmt: skip
    return found("node_trouble", f"Node//{place_of(node)[2]}", facts, text.strip().rstrip(":"), observed.cites(node, *events[:1]))


def _of_control_plane(pod: Object, observed: Observed) -> Iterator[Finding]:
    name = place_of(pod)[2]
    part = next((part for part in _CONTROL if name.startswith(part)), "")
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    broken = [s for s in statuses if (s.get("state") or {}).get("waiting") or (s.get("state") or {}).get("terminated")]
    if part and broken:
        state = broken[0].get("state") or {}
        reason = str((state.get("waiting") or state.get("terminated") or {}).get("reason") or "")
        facts = NodeTrouble(cause="component_down", condition="", part=part, pods=0, most_pods=0, message=reason)
        text = f"{part} of the control plane does not run: pod {name} is in {reason}"
        yield found("node_trouble", f"Pod/kube-system/{name}", facts, text, observed.cites(pod))
