"""What a pod wants of a node, and how that is told when no node has it: the facts that every finding of this kind shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remediation.observed import Object, Observed
from remediation.terms import Json


@dataclass(frozen=True, kw_only=True)
class Unschedulable:
    """cause: resource, too_many_pods, node_selector, taint, cordoned, anti_affinity, pod_affinity, volume, volume_node, spread, ….

    resource: the scarce one (cpu, memory, nvidia.com/gpu, ephemeral-storage), requested: how much of it the pod wants.  allocatable: the
    most that a node has.  selector: the labels that nodes should have, `a=b`.  have: values that nodes have for that key.
    taint: as the scheduler writes it.
    reported: whether the scheduler says so, not only the manifests.  victim: the workload that waits, where the finding is on its one node.
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
    victim: str = ""


def reason_of(facts: Unschedulable, spec: Mapping[str, Json]) -> str:
    """Why no node takes the pod, in words."""
    gpu = " (GPU)" if "gpu" in facts.resource.lower() else " (CPU)" if facts.resource == "cpu" else ""
    wants = f", it requests {facts.requested}" if facts.requested else ""
    most = f" and a node has {facts.allocatable} at most" if facts.allocatable else ""
    have = f"; nodes have {facts.have}" if facts.have else "; no node has this label"
    words = {
        "resource": f"insufficient {facts.resource}{gpu}{wants}{most}",
        "too_many_pods": "the nodes run as many pods as they may (too many pods)",
        "node_selector": f"no node matches its node selector or affinity {facts.selector}{have if facts.selector else ''}",
        "taint": f"nodes have a taint{f' {{{facts.taint}}}' if facts.taint else ''} that it does not tolerate",
        "agent_taint": f"nodes have the taint {{{facts.taint}}}, which an agent holds until it runs on them",
        "cordoned": "the nodes are cordoned (unschedulable)",
        "anti_affinity": "its pod anti-affinity allows no further pod on any node",
        "pod_affinity": "its pod affinity finds no pod to be with",
        "volume": f"its PersistentVolumeClaim {_claims(spec)} (PVC) is not bound",
        "volume_node": "its volume is in another zone than the free nodes (volume node affinity)",
        "volume_count": "the nodes hold as many volumes as they may",
        "spread": "its topology spread constraints cannot be met",
        "host_port": f"the host port{_host_ports(spec)} that it wants is taken on every node",
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


def _host_ports(spec: Mapping[str, Json]) -> str:
    """Those that its containers ask for, ` 8080, 9100`, with a blank before them; empty where nothing shows any."""
    asked = (port.get("hostPort") for one in spec.get("containers") or () for port in one.get("ports") or ())
    ports = ", ".join(str(port) for port in asked if port)
    return f" {ports}" if ports else ""


def _claims(spec: Mapping[str, Json]) -> str:
    return ", ".join(str(v["persistentVolumeClaim"].get("claimName")) for v in spec.get("volumes") or () if v.get("persistentVolumeClaim"))


def selector_of(spec: Mapping[str, Json], observed: Observed) -> tuple[str, str]:
    """The labels that the pod wants of nodes and that no node has, and what nodes have instead for the same key."""
    wanted = wanted_labels(spec)
    nodes = [node_labels(n) for n in observed.all("Node")]
    lacking = {k: v for k, v in wanted.items() if not any(fits({k: v}, labels) for labels in nodes)} or wanted
    have = sorted({f"{key}={labels[key]}" for key in lacking for labels in nodes if key in labels})
    return ", ".join(f"{k}={'|'.join(v)}" for k, v in lacking.items()), ", ".join(have)


def wanted_labels(spec: Mapping[str, Json]) -> dict[str, list[str]]:
    """The values that a pod allows for labels of its node: by its selector, and by a required affinity's `In`."""
    wanted = {str(k): [str(v)] for k, v in (spec.get("nodeSelector") or {}).items()}
    terms = (((spec.get("affinity") or {}).get("nodeAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get(
        "nodeSelectorTerms"
    )
    for expression in (e for term in terms or () for e in term.get("matchExpressions") or ()):
        if expression.get("operator") == "In":
            wanted.setdefault(str(expression.get("key")), []).extend(str(v) for v in expression.get("values") or ())
    return wanted


def fits(wanted: Mapping[str, Sequence[str]], labels: Mapping[str, Json]) -> bool:
    """Whether a node with these labels is one that the pod allows; a label's key may be known by its last word alone."""
    return all(labels.get(key, labels.get(key.rpartition("/")[2].lower())) in values for key, values in wanted.items())


def node_labels(node: Object) -> Mapping[str, Json]:
    """A node's labels; those that a table showed in columns of their own by the last word of their key."""
    columns = ((node.get("status") or {}).get("nodeInfo") or {}).get("labelColumns") or {}
    return {**columns, **((node.get("metadata") or {}).get("labels") or {})}


def requested(spec: Mapping[str, Json], resource: str) -> str:
    """How much of a resource its first container that names it asks for, empty for none."""
    amounts = [
        str((c.get("resources") or {}).get(side, {}).get(resource))
        for c in spec.get("containers") or ()
        for side in ("requests", "limits")
        if (c.get("resources") or {}).get(side, {}).get(resource) is not None
    ]
    return amounts[0] if amounts else ""


def allocatable(resource: str, observed: Observed) -> str:
    """The most of a resource that a known node has, empty where none says."""
    amounts = [str(a) for n in observed.all("Node") if (a := ((n.get("status") or {}).get("allocatable") or {}).get(resource)) is not None]
    return max(amounts, key=len, default="") if resource else ""
