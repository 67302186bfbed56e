"""A pod that no node takes, by the reason that keeps most nodes away, as the scheduler tells it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.graph import workloads
from remediation.observed import Object, Observed, about, container_statuses, event_text, place_of
from remediation.terms import Finding, Json, ObjectRef, Target
from remediation.workloads import pod_spec

_REASONS: Sequence[tuple[str, str]] = (
    ("volume", (r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim \"[^\"]+\" (?:not found|is being deleted)|didn't find "
               r"available persistent volumes|PersistentVolumeClaim is not bound")),
    ("claim_in_use", r"ReadWriteOncePod access mode"),
    ("volume_node", r"volume node affinity conflict|match PersistentVolume's node affinity|node\(s\) had no available volume zone"),
    ("gated", r"scheduling gates"),
    ("volume_count", r"exceed max volume count"),
    ("resource", r"Insufficient (?P<resource>[\w./-]+)"),
    ("too_many_pods", r"Too many pods"),
    ("cordoned", r"node\(s\) were unschedulable|node\.kubernetes\.io/unschedulable"),
    ("node_not_ready", r"node\.kubernetes\.io/(?:not-ready|unreachable)|node\(s\) (?:were|was) not ready"),
    ("pressure", r"node\.kubernetes\.io/(?P<pressure>memory|disk|pid)-pressure"),
    ("taint", r"(?:had (?:untolerated )?taints?|that the pod didn't tolerate)\s*\{?(?P<taint>[^{}]*)\}?"),
    ("anti_affinity", r"didn't (?:match|satisfy) (?:existing )?(?:pods?|pod's) anti-?affinity|anti-affinity rules"),
    ("pod_affinity", r"didn't match pod affinity|pod affinity rules"),
    ("node_selector", r"didn't match (?:Pod's )?node (?:affinity/selector|selector|affinity)|didn't match node selector"),
    ("spread", r"topology spread constraints"),
    ("host_port", r"didn't have free ports|free ports for the requested pod ports"),
    ("no_nodes", r"no nodes available"),
)  # fmt: skip
_NOT_SCALED = (
    "FailedToScaleUp",
    "FailedScaleUp",
    "ScaleUpFailed",
    "ScaleUpTimedOut",
    "FailedToCreateNode",
)  # begins an autoscaler's reason
_CLUSTERS_OWN = re.compile(r"node-role\.kubernetes\.io|node\.kubernetes\.io|compute-type|ToBeDeleted|DeletionCandidate|node\.cloudprovider")
_PROVISIONER = re.compile(
    r"could not schedule pod|no instance type (?:satisfied|has enough)|incompatible with (?:nodepool|provisioner)", re.IGNORECASE
)
_PROVISIONED: Sequence[tuple[str, str]] = (  # why Karpenter makes no node for a pod
    ("node_selector", r"label \\*\"(?P<key>[\w./-]+)\\*\" does not have known values|incompatible requirements, key (?P<key2>[\w./-]+)"),
    ("taint", r"did not tolerate (?:taint=)?(?P<taint>[\w./:=-]+)"),
    ("limit", r"exceed(?:s|ed)? (?:the )?limits? (?:for|of) (?:nodepool|provisioner)|all available instance types exceed limits"),
    ("resource", r"no instance type (?:satisfied|has enough|which had enough) resources"),
)
_POD_OF_LOG = re.compile(
    r"\"pod\":\s*\"(?P<namespace>[\w-]+)/(?P<name>[\w.-]+)\"|"
    r"\"[Pp]od\":\s*\{\s*\"name\":\s*\"(?P<name2>[\w.-]+)\",\s*\"namespace\":\s*\"(?P<namespace2>[\w-]+)\""
)
_COUNTED = re.compile(r"(\d+) (.*?)(?=, \d+ |\. |$)")
_PODS_ALLOWED = re.compile(r"(\d+)/(\d+) nodes are available")


@dataclass(frozen=True, kw_only=True)
class Unschedulable:
    """cause: resource, too_many_pods, node_selector, taint, cordoned, anti_affinity, pod_affinity, volume, volume_node, spread, ….

    resource: the scarce one (cpu, memory, nvidia.com/gpu, ephemeral-storage), requested: how much of it the pod wants.  allocatable: the
    most that a node has.  selector: the labels that nodes should have, `a=b`.  have: values that nodes have for that key.
    taint: as the scheduler writes it.
    reported: whether the scheduler says so, not only the manifests.
    """

    cause: str
    message: str
    nodes: int
    resource: str
    requested: str
    allocatable: str
    selector: str
    have: str
    taint: str
    reported: bool = True


def unschedulable(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload of which a pod is pending for want of a node."""
    told: set[str] = set()
    for event in observed.all("Event"):
        if event.get("reason") != "FailedScheduling" and "nodes are available" not in event_text(event):
            continue
        kind, namespace, name = about(event)
        pod = observed.get(kind, namespace, name)
        if pod is not None and ((pod.get("status") or {}).get("phase") not in ("Pending", "", None) or container_statuses(pod)):
            continue
        root = observed.root_of((kind, namespace, name))
        if str(root) not in told:
            told.add(str(root))
            yield _finding(root, pod, event_text(event), (event, *([pod] if pod else ())), observed)
    for pod in observed.all("Pod"):
        said = _condition(pod)
        root = observed.root(pod)
        if said and str(root) not in told and not pod_spec(pod).get("nodeName"):
            told.add(str(root))
            yield _finding(root, pod, said, (pod,), observed)
    yield from _unprovisioned(observed, told)
    yield from _unasked(observed, told)
    yield from _declared(observed, told)


def _unprovisioned(observed: Observed, told: set[str]) -> Iterator[Finding]:
    """Pods for which Karpenter makes no node, as its log and its events say."""
    for item in observed.evidence:
        for line in item.text.splitlines() if item.kind != "alert" and _PROVISIONER.search(item.text) else ():
            pod, match = _POD_OF_LOG.search(line), _provisioned(line)
            if pod is None or match is None:
                continue
            root = observed.root_of(("Pod", pod["namespace"] or pod["namespace2"], pod["name"] or pod["name2"]))
            if str(root) not in told:
                told.add(str(root))
                cause, groups = match
                key = groups.get("key") or groups.get("key2") or ""
                spec = pod_spec(observed.get(root.kind, root.namespace, root.name) or {})
                facts = Unschedulable(cause=cause, message=line.strip()[:500], nodes=0, resource="", requested="", allocatable="",
                                      selector=_selector(spec, observed)[0] or key, have="", taint=groups.get("taint") or "")  # fmt: skip
                text = f'{root.name} is Pending, Karpenter makes no node for it: {_words(facts, spec)}; its log says "{line.strip()[:400]}"'
                yield found("unschedulable", str(root), facts, text, (item.item,))


def _unasked(observed: Observed, told: set[str]) -> Iterator[Finding]:
    """Pending pods of which no scheduler says anything, and that ask for another than the cluster's own."""
    running = {place_of(pod)[2] for pod in observed.all("Pod")}
    for pod in observed.all("Pod"):
        spec, root = pod_spec(pod), observed.root(pod)
        name = str(spec.get("schedulerName") or "default-scheduler")
        waits = (pod.get("status") or {}).get("phase") == "Pending" and not spec.get("nodeName") and not container_statuses(pod)
        if waits and name != "default-scheduler" and str(root) not in told and not any(one.startswith(name) for one in running):
            told.add(str(root))
            facts = Unschedulable(
                cause="scheduler_missing", message=f"schedulerName {name}", nodes=0, resource="", requested="", allocatable="", selector="",
                have="", taint="", reported=False,
            )  # fmt: skip
            text = f"{root.name} is Pending: it asks for the scheduler {name}, which nothing shows to run"
            yield found("unschedulable", str(root), facts, text, observed.cites(pod))


def _provisioned(line: str) -> tuple[str, Mapping[str, str]] | None:
    matches = ((cause, re.search(words, line)) for cause, words in _PROVISIONED)
    return next(((cause, {k: v for k, v in m.groupdict().items() if v}) for cause, m in matches if m), None)


def _declared(observed: Observed, told: set[str]) -> Iterator[Finding]:
    """Workloads without a ready pod that choose labels which no known node has; and DaemonSets that want no pod for it."""
    labelled = [labels for n in observed.all("Node") if (labels := _labels(n))]
    for thing in workloads(observed) if labelled else ():
        root, spec = observed.root(thing), pod_spec(thing)
        pods = observed.pods_of(root)
        idle = thing["kind"] == "DaemonSet" and (thing.get("status") or {}).get("desiredNumberScheduled") == 0
        waits = any((p.get("status") or {}).get("phase") == "Pending" for p in pods) or (
            not pods and "status" in thing and not _available(thing)
        )
        wanted = _wanted(spec)
        if str(root) in told or not wanted or not (idle or waits) or any(_fits(wanted, labels) for labels in labelled):
            continue
        selector, have = _selector(spec, observed)
        facts = Unschedulable(
            cause="node_selector",
            message="",
            nodes=len(labelled),
            resource="",
            requested="",
            allocatable="",
            selector=selector,
            have=have,
            taint="",
            reported=False,
        )
        text = f"{root.name} gets no pod onto a node: {_words(facts, spec)}"
        yield found("unschedulable", str(root), facts, text, observed.cites(thing, *list(observed.all("Node"))[:3]))


def _fits(wanted: Mapping[str, Sequence[str]], labels: Mapping[str, Json]) -> bool:
    return all(labels.get(key, labels.get(key.rpartition("/")[2].lower())) in values for key, values in wanted.items())


def _available(thing: Object) -> int:
    status = thing.get("status") or {}
    return int(status.get("availableReplicas") or status.get("readyReplicas") or status.get("numberReady") or 0)


def _condition(pod: Object) -> str:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((str(c.get("message") or "") for c in conditions if c.get("type") == "PodScheduled" and c.get("status") == "False"), "")


def cause_of(message: str) -> tuple[str, Mapping[str, str]]:
    """The reason that keeps the most nodes away; the more particular one where several keep as many."""
    first = message.split(". preemption", maxsplit=1)[0].split(" preemption:", maxsplit=1)[0]
    counted = [(int(number), words) for number, words in _COUNTED.findall(first.partition(": ")[2] or first)] or [(1, first)]
    best: tuple[int, int, str, Mapping[str, str]] = (0, 0, "unknown", {})
    for number, words in counted:
        for place, (cause, pattern) in enumerate(_REASONS):
            match = re.search(pattern, words)
            if match:
                own = "control-plane" not in words and "/master" not in words
                here = (number if own else 0, -place, cause, {k: v for k, v in match.groupdict().items() if v})
                best = max(best, here, key=lambda found_: (found_[2] != "unknown", found_[0], found_[1]))
                break
    return best[2], best[3]


def _finding(root: ObjectRef, pod: Object | None, message: str, things: Sequence[Object], observed: Observed) -> Finding:
    spec = pod_spec(pod or observed.get(root.kind, root.namespace, root.name) or {})
    cause, groups = cause_of(message)
    if cause == "node_selector" and (tainted := _dedicated(message, spec, observed)):
        cause, groups = "taint", {"taint": tainted}
    if cause == "unknown" and re.search(r"affinity", message) and spec.get("nodeSelector"):
        cause = "node_selector"
    failed = next((e for e in observed.all("Event") if str(e.get("reason", "")).startswith(_NOT_SCALED)), None)
    if failed is not None and cause in ("resource", "too_many_pods"):
        cause, message = "scale_up_failed", f"{message.strip()}; {failed.get('reason')}: {event_text(failed)}"
        things = (*things, failed)
    nodes = _PODS_ALLOWED.search(message)
    selector, have = _selector(spec, observed)
    resource = groups.get("resource", "")
    facts = Unschedulable(
        cause=cause,
        message=message[:500],
        nodes=int(nodes[2]) if nodes else 0,
        resource=resource,
        requested=_requested(spec, resource),
        allocatable=_allocatable(resource, observed),
        selector=selector if cause == "node_selector" else "",
        have=have if cause == "node_selector" else "",
        taint=groups.get("taint", "").strip(),
    )
    named = f" (pod {place_of(pod)[2]})" if pod is not None and place_of(pod)[2] != root.name else ""
    text = f'{root.name}{named} is Pending, no node takes it: {_words(facts, spec)}; the scheduler says "{message.strip()}"'
    shown = list(observed.all("Node"))[:3] if cause in ("node_selector", "taint", "cordoned", "resource", "too_many_pods") else []
    return found("unschedulable", str(root), facts, text, observed.cites(*things, *shown))


def _dedicated(message: str, spec: Mapping[str, Json], observed: Observed) -> str:
    """The taint of the nodes that the pod's selector means; empty where its selector is what keeps it away.

    The scheduler asks for taints before labels: nodes that it counts by their taint may have the labels, the others are known not to.
    """
    taints = [taint for taint in re.findall(r"untolerated taint \{([^{}]*)\}", message) if not _CLUSTERS_OWN.search(taint)]
    wanted = _wanted(spec)
    if not taints or not wanted:
        return ""
    meant = re.findall(r"[a-z]{4,}", f"{wanted} {_asks(spec)}".lower())
    alike = [taint for taint in taints if any(word in taint.lower() for word in meant)]
    fits = any(_fits(wanted, _labels(node)) for node in observed.all("Node"))
    return next(iter(alike), taints[0] if fits else "")


def _asks(spec: Mapping[str, Json]) -> str:
    """The extended resources that its containers ask for, such as nvidia.com/gpu."""
    sides = [(c.get("resources") or {}).get(side) or {} for c in spec.get("containers") or () for side in ("limits", "requests")]
    return " ".join(sorted({name for side in sides for name in side if "/" in name}))


def _labels(node: Object) -> Mapping[str, Json]:
    """A node's labels; those that a table showed in columns of their own by the last word of their key."""
    columns = ((node.get("status") or {}).get("nodeInfo") or {}).get("labelColumns") or {}
    return {**columns, **((node.get("metadata") or {}).get("labels") or {})}


def _words(facts: Unschedulable, spec: Mapping[str, Json]) -> str:
    gpu = " (GPU)" if "gpu" in facts.resource.lower() else " (CPU)" if facts.resource == "cpu" else ""
    wants = f", it requests {facts.requested}" if facts.requested else ""
    most = f" and a node has {facts.allocatable} at most" if facts.allocatable else ""
    have = f"; nodes have {facts.have}" if facts.have else "; no node has this label"
    words = {
        "resource": f"insufficient {facts.resource}{gpu}{wants}{most}",
        "too_many_pods": "the nodes run as many pods as they may (too many pods)",
        "node_selector": f"no node matches its node selector or affinity {facts.selector}{have if facts.selector else ''}",
        "taint": f"nodes have a taint {{{facts.taint}}} that it does not tolerate",
        "cordoned": "the nodes are cordoned (unschedulable)",
        "anti_affinity": "its pod anti-affinity allows no further pod on any node",
        "pod_affinity": "its pod affinity finds no pod to be with",
        "volume": f"its PersistentVolumeClaim {_claims(spec)} (PVC) is not bound",
        "volume_node": "its volume is in another zone than the free nodes (volume node affinity)",
        "volume_count": "the nodes hold as many volumes as they may",
        "spread": "its topology spread constraints cannot be met",
        "host_port": "the host port that it wants is taken on every node",
        "node_not_ready": "the nodes are not ready",
        "pressure": "the nodes are under pressure",
        "no_nodes": "there is no node",
        "claim_in_use": "another pod uses its claim, whose access mode is ReadWriteOncePod",
        "gated": "its scheduling gates are still closed",
        "scale_up_failed": f"no node has room ({facts.resource or 'resources'}), and the cluster's autoscaler cannot add one",
        "scheduler_missing": "it asks for a scheduler that nothing shows to run",
        "limit": "the node pool is at its limit",
    }
    return words.get(facts.cause, "the scheduler finds none")


def _claims(spec: Mapping[str, Json]) -> str:
    return ", ".join(str(v["persistentVolumeClaim"].get("claimName")) for v in spec.get("volumes") or () if v.get("persistentVolumeClaim"))


def _selector(spec: Mapping[str, Json], observed: Observed) -> tuple[str, str]:
    """The labels that the pod wants of nodes and that no node has, and what nodes have instead for the same key."""
    wanted = _wanted(spec)
    nodes = [_labels(n) for n in observed.all("Node")]
    lacking = {k: v for k, v in wanted.items() if not any(_fits({k: v}, labels) for labels in nodes)} or wanted
    have = sorted({f"{key}={labels[key]}" for key in lacking for labels in nodes if key in labels})
    return ", ".join(f"{k}={'|'.join(v)}" for k, v in lacking.items()), ", ".join(have)


def _wanted(spec: Mapping[str, Json]) -> dict[str, list[str]]:
    """The values that a pod allows for labels of its node: by its selector, and by a required affinity's `In`."""
    wanted = {str(k): [str(v)] for k, v in (spec.get("nodeSelector") or {}).items()}
    terms = (((spec.get("affinity") or {}).get("nodeAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get(
        "nodeSelectorTerms"
    )
    for expression in (e for term in terms or () for e in term.get("matchExpressions") or ()):
        if expression.get("operator") == "In":
            wanted.setdefault(str(expression.get("key")), []).extend(str(v) for v in expression.get("values") or ())
    return wanted


def _requested(spec: Mapping[str, Json], resource: str) -> str:
    amounts = [
        str((c.get("resources") or {}).get(side, {}).get(resource))
        for c in spec.get("containers") or ()
        for side in ("requests", "limits")
        if (c.get("resources") or {}).get(side, {}).get(resource) is not None
    ]
    return amounts[0] if amounts else ""


def _allocatable(resource: str, observed: Observed) -> str:
    amounts = [str(a) for n in observed.all("Node") if (a := ((n.get("status") or {}).get("allocatable") or {}).get(resource)) is not None]
    return max(amounts, key=len, default="") if resource else ""
