"""A node that is not ready, under pressure, cordoned, or full; and what its kubelet and runtime say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remediation.findings.finding import found
from remediation.findings.meant import is_replaced
from remediation.findings.node_logs import NodeSaid, own_logs, reclaimed
from remediation.needed import may_match
from remediation.observed import Object, Observed, about, event_text, event_time, place_of
from remediation.reading.merging import UNNAMED
from remediation.terms import Finding, Json, Target

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
    ("container_runtime", (r"container runtime (?:is|network|status)|containerd|dockerd|PLEG is not healthy|runtime (?:service )?(?:not "
                          r"ready|down)|CRI ")),
    ("network_plugin", r"[Nn]etwork ?[Pp]lugin|cni (?:plugin|config)|NetworkPluginNotReady"),
    ("kubelet", r"[Kk]ubelet stopped posting|kubelet (?:is|has)|NodeStatusUnknown"),
    ("kube_proxy", r"kube-proxy"),
    ("certificate", r"certificate|x509"),
)  # fmt: skip
_FULL = 1.0
_TAKEN = re.compile(
    r"^(?:Rebooted|SpotInterrupt|PreemptScheduled|Preempted|TerminateScheduled|InstanceTerminat|NodeTerminat|RebalanceRecomm|VMEventScheduled)"
)
_OUT_AS_A_WHOLE = re.compile(r"oom-kill:constraint=CONSTRAINT_NONE|\bglobal_oom\b|^[^\n]*Out of memory: Kill(?:ed)? process", re.MULTILINE)
_KILLED = re.compile(r"Out of memory: Kill(?:ed)? process[^\n]*")


@dataclass(frozen=True, kw_only=True)
class NodeTrouble:
    """cause: not_ready, pressure, cordoned, full, out_of_memory, interrupted, overloaded, kernel, packets_dropped (as message has it).

    condition: MemoryPressure, DiskPressure, … empty for another cause.
    part: kubelet, container_runtime, network_plugin, certificate, … empty when nothing says.  pods, most_pods: how many run and may run.
    victim: a workload that suffers on a node that is overloaded, empty for none.
    """

    cause: str
    condition: str
    part: str
    pods: int
    most_pods: int
    message: str
    victim: str = ""


def node_trouble(observed: Observed, _target: Target) -> Iterator[Finding]:
    """Findings for each node: the gravest first."""
    said = own_logs(observed)
    for node in observed.all("Node"):
        yield from _of_node(node, said, observed)
    yield from _by_own_logs(said, observed)
    yield from _by_events(observed)
    yield from _by_metrics(observed)
    yield from _by_kernel(observed)


def _by_own_logs(said: Mapping[str, NodeSaid], observed: Observed) -> Iterator[Finding]:
    """Nodes of which nothing is shown but a log in which their kubelet ends."""
    shown = {place_of(node)[2].split(".")[0] for node in observed.all("Node")}
    for host, told in said.items():
        name = host or node_spoken_of(observed) or UNNAMED
        if told.ended and name.split(".")[0] not in shown:
            node = {"kind": "Node", "metadata": {"name": name}}
            text = f'the kubelet of node {name} does not run, {told.part.replace("_", " ")} is at fault; its log says "{told.line}"'
            finding = _finding(node, "not_ready", {"part": told.part, "message": told.line}, text, (), observed)
            yield replace(finding, cites=(told.item,))
    for (host, condition), (line, item) in {(host, condition): (line, item) for host, condition, line, item in reclaimed(observed)}.items():
        name = host or node_spoken_of(observed) or UNNAMED
        if name.split(".")[0] not in shown:
            node = {"kind": "Node", "metadata": {"name": name}}
            text = f'node {name} is under {condition}; its kubelet says "{line}"'
            yield replace(_finding(node, "pressure", {"condition": condition, "message": line}, text, (), observed), cites=(item,))


def _by_kernel(observed: Observed) -> Iterator[Finding]:
    """The node whose kernel says that it was out of memory as a whole: no container's own limit was hit."""
    for item in observed.evidence:
        whole = _OUT_AS_A_WHOLE.search(item.text) if item.kind != "alert" and may_match(_OUT_AS_A_WHOLE, item.text) else None
        killed = _KILLED.search(item.text) if whole else None
        name = node_spoken_of(observed) if killed else ""
        if killed and name:
            node = observed.get("Node", "", name) or {"kind": "Node", "metadata": {"name": name}}
            text = f'node {name} ran out of memory as a whole, and its kernel killed a process: "{killed[0].strip()[:300]}"'
            finding = _finding(node, "out_of_memory", {"message": killed[0].strip()}, text, (), observed)
            yield replace(finding, cites=tuple(dict.fromkeys((*finding.cites, item.item))))


def node_spoken_of(observed: Observed) -> str:
    """The node that an alert names, else the only one that pods are on."""
    names = {place_of(node)[2] for node in observed.all("Node")}
    names |= {str((pod.get("spec") or {}).get("nodeName") or "") for pod in observed.all("Pod")} - {""}
    told = " ".join(f"{item.title} {item.text}" for item in observed.evidence if item.kind == "alert")
    named = [name for name in names if name in told]
    return max(named, key=len, default=next(iter(names)) if len(names) == 1 else "")


def _by_events(observed: Observed) -> Iterator[Finding]:
    """Nodes that ran out of memory, were rebooted or taken away, as events about them say."""
    told: set[tuple[str, str]] = set()
    for event in observed.events_about("Node"):
        name = about(event)[2]
        reason = str(event.get("reason", ""))
        cause = "out_of_memory" if reason == "SystemOOM" else "interrupted" if _TAKEN.search(reason) else ""
        if cause == "interrupted" and is_replaced(name, event_time(event), observed):
            continue
        if cause and (name, cause) not in told:
            told.add((name, cause))
            words = {"out_of_memory": "ran out of memory as a whole (SystemOOM)", "interrupted": f"was taken away or rebooted ({reason})"}[
                cause
            ]
            node = observed.get("Node", "", name) or {"kind": "Node", "metadata": {"name": name}}
            text = f'node {name} {words}: "{event_text(event)}"'
            yield _finding(node, cause, {"message": event_text(event)}, text, (event,), observed)


def _by_metrics(observed: Observed) -> Iterator[Finding]:
    """Nodes that kube-state-metrics calls not ready, of which no item shows the node itself."""
    for item, series in observed.series():
        labels, now = series.labels, series.points[-1][1] if series.points else None
        name, status = labels.get("node", ""), labels.get("status")
        ready = series.metric == "kube_node_status_condition" and labels.get("condition") == "Ready"
        bad = (status in ("false", "unknown") and now == 1) or (status == "true" and now == 0)
        if ready and bad and name and observed.get("Node", "", name) is None:
            message = f"kube_node_status_condition Ready is {'true=0' if status == 'true' else status}"
            node = {"kind": "Node", "metadata": {"name": name}}
            finding = _finding(node, "not_ready", {"message": message}, f"node {name} is NotReady: {message}", (), observed)
            yield replace(finding, cites=(item,))


def _of_node(node: Object, said: Mapping[str, NodeSaid], observed: Observed) -> Iterator[Finding]:
    name = place_of(node)[2]
    conditions = {str(c.get("type")): c for c in (node.get("status") or {}).get("conditions") or ()}
    events = [
        e
        for e in observed.events_of(node)
        if e.get("type") == "Warning" or str(e.get("reason", "")).startswith(("NodeNot", "NodeHas", "Kubelet"))
    ]
    silent = next((c for c in conditions.values() if c.get("status") == "Unknown" and c.get("reason") == "NodeStatusUnknown"), None)
    ready = conditions.get("Ready", silent)  # its row may be cut away
    if ready is not None and str(ready.get("status")) != "True":
        yield _not_ready(node, ready, said.get(name.split(".")[0]) or said.get(name) or said.get(""), events, observed)
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


def _not_ready(node: Object, ready: Mapping[str, Json], said: NodeSaid | None, events: Sequence[Object], observed: Observed) -> Finding:
    name = place_of(node)[2]
    message = str(ready.get("message") or "") or next((event_text(e) for e in events), "")
    told = _part(f"{ready.get('reason', '')} {message}") or ("kubelet" if ready.get("status") == "Unknown" else "")
    part = said.part if said and told in ("", "kubelet") else told
    who = f", {part.replace('_', ' ')} is at fault" if part else ""
    log = f'; the log of its kubelet says "{said.line}"' if said else ""
    words = f"node {name} is NotReady{who}: {ready.get('reason', '')} {message}".strip().rstrip(":") + log
    finding = _finding(node, "not_ready", {"part": part, "message": message or (said.line if said else "")}, words, events, observed)
    return replace(finding, cites=(*finding.cites, said.item)) if said else finding


def _full(node: Object, observed: Observed) -> Iterator[Finding]:
    name, status = place_of(node)[2], node.get("status") or {}
    most = str((status.get("allocatable") or {}).get("pods") or (status.get("capacity") or {}).get("pods") or "")
    counted = sum(
        (p.get("spec") or {}).get("nodeName") == name and (p.get("status") or {}).get("phase") in ("Running", "Pending")
        for p in observed.all("Pod")
    )
    pods = max(int(status.get("runningPods") or 0), counted)
    if most.isdecimal() and int(most) and pods / int(most) >= _FULL:
        facts = {"pods": pods, "most_pods": int(most)}
        yield _finding(node, "full", facts, f"node {name} runs {pods} of at most {most} pods: it is full (too many pods)", (), observed)


def _part(text: str) -> str:
    return next((part for part, words in _PARTS if re.search(words, text)), "")


def _finding(node: Object, cause: str, given: Mapping[str, str | int], text: str, events: Sequence[Object], observed: Observed) -> Finding:  # noqa: PLR0917
    facts = NodeTrouble(
        cause=cause,
        condition=str(given.get("condition", "")),
        part=str(given.get("part", "")),
        pods=int(given.get("pods", 0)),
        most_pods=int(given.get("most_pods", 0)),
        message=str(given.get("message", ""))[:400],
    )
    return found("node_trouble", f"Node//{place_of(node)[2]}", facts, text.strip().rstrip(":"), observed.cites(node, *events[:1]))
