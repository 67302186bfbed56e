"""A part of the control plane or of a node that does not run: its pod, what the API server says of it, or an API that nobody serves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from remediation.findings.finding import found
from remediation.findings.writers import logs_of
from remediation.needed import may_match
from remediation.observed import Object, Observed, container_statuses, place_of
from remediation.terms import Finding, Target
from remediation.workloads import pod_spec

PARTS = (
    "kube-scheduler",
    "kube-controller-manager",
    "kube-apiserver",
    "kube-proxy",
    "etcd",
    "coredns",
    "kube-dns",
    "calico-node",
    "calico-kube-controllers",
    "calico-typha",
    "cilium",
    "kube-flannel",
    "weave-net",
    "aws-node",
    "azure-cns",
    "antrea-agent",
    "canal",
    "metrics-server",
    "konnectivity-agent",
    "node-local-dns",
    "nodelocaldns",
    "cloud-controller-manager",
    "ebs-csi",
    "kube-multus",
    "multus",
    "ovnkube",
    "dns-default",
)
_UNMISTAKABLE = ("kube-scheduler", "kube-controller-manager", "kube-apiserver", "kube-proxy", "coredns", "calico-node", "kube-flannel",
                 "aws-node")  # fmt: skip  # whatever namespace a print leaves out
_SYSTEMS = re.compile(r"^(?:kube-system|kube-flannel|calico-system|cilium|tigera-operator|openshift-.*|.*-system)$")
_UNSAID = "default"  # where a print puts its pods that leaves out their namespace
_OTHERS_RUN_TOO = ("etcd", "canal")
_CALLED = {"scheduler": "kube-scheduler", "controller-manager": "kube-controller-manager"}
_ENDS = ("Error", "OOMKilled", "StartError", "ContainerCannotRun", "ContainerStatusUnknown")


@dataclass(frozen=True, kw_only=True)
class ComponentDown:
    """cause: not_running, unhealthy, upstream_silent (said: the name server), api_unserved, metrics_unserved (as `kubectl top` prints it).

    By its own log: store_full, dns_loop, api_unreachable.

    part: kube-scheduler, coredns, `v1beta1.metrics.k8s.io`, …  node: where its pod runs.

    said: the gravest line of its log, empty without one.
    """

    cause: str
    part: str
    node: str
    message: str
    said: str


def component_down(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each part; one that has other pods that run is told of with the node that lacks it."""
    told: set[tuple[str, str]] = set()
    for pod in observed.all("Pod"):
        part = _part(pod, observed)
        if part and (reason := _broken(pod)):
            node = str(pod_spec(pod).get("nodeName") or "")
            if (part, node) not in told:
                told.add((part, node))
                yield _of_pod(
                    pod,
                    ComponentDown(cause="not_running", part=part, node=node, message=reason, said=_said(pod, observed, target)),
                    observed,
                )
    for status in observed.all("ComponentStatus"):
        bad = next((c for c in status.get("conditions") or () if _unhealthy(c)), None)
        if bad is not None:
            name = place_of(status)[2]
            facts = ComponentDown(cause="unhealthy", part=_CALLED.get(name, name), node="", message=str(bad.get("message") or ""), said="")
            text = f'{facts.part} of the control plane is unhealthy: "{facts.message}"'
            yield found("component_down", f"ComponentStatus//{name}", facts, text, observed.cites(status))
    yield from _missing(observed)
    yield from _unserved(observed)
    yield from _upstream(observed)


def _upstream(observed: Observed) -> Iterator[Finding]:
    """The name server that CoreDNS asks for names outside of the cluster, and that does not answer it."""
    for item in observed.evidence:
        match = _SILENT.search(item.text) if item.kind == "logs" and "plugin/errors" in item.text else None
        if match is not None:
            facts = ComponentDown(cause="upstream_silent", part="coredns", node="", message=match[0].strip()[:300], said=match["server"])
            served = "; it answers SERVFAIL" if "SERVFAIL" in item.text else ""
            text = f'the name server {facts.said} that CoreDNS asks for outside names does not answer{served}: "{facts.message}"'
            yield found("component_down", "Service/kube-system/kube-dns", facts, text, (item.item,))
            return


_SILENT = re.compile(
    r"plugin/errors: \d+ (?P<name>[\w.-]+) \w+: [^\n]*->(?P<server>[\d.:a-f\[\]]+?):53: "
    r"(?:i/o timeout|read: connection refused|[^\n]*unreachable)"
)


def _missing(observed: Observed) -> Iterator[Finding]:
    """The one node without the agent that every other node has, where it has pods of others."""
    pods, nodes = list(observed.all("Pod")), list(observed.all("Node"))
    parts = {id(pod): _part(pod, observed) for pod in pods if nodes}
    for part in _ON_EVERY_NODE if nodes else ():
        having = {str(pod_spec(pod).get("nodeName") or "") for pod in pods if parts[id(pod)] == part} - {""}
        lacking = [node for node in nodes if place_of(node)[2] not in having] if len(having) > 1 else []
        name = place_of(lacking[0])[2] if len(lacking) == 1 else ""
        hosted = [pod for pod in pods if name and pod_spec(pod).get("nodeName") == name]
        if hosted:
            facts = ComponentDown(cause="not_running", part=part, node=name, message="no pod of it is on that node", said="")
            text = f"{part} does not run on node {name}, which alone has no pod of it, while {len(having)} other nodes have one"
            yield found("component_down", f"Node//{name}", facts, text, observed.cites(lacking[0], *hosted[:1]))


_ON_EVERY_NODE = ("kube-proxy", "calico-node", "kube-flannel", "aws-node", "weave-net")


def _part(pod: Object, observed: Observed) -> str:
    """The part of the cluster that a pod is; empty for a pod of somebody's application."""
    _, namespace, name = place_of(pod)
    parts = PARTS if _SYSTEMS.match(namespace) or namespace == _UNSAID else _UNMISTAKABLE
    part = next((part for part in parts if name == part or name.startswith(f"{part}-")), "") if name.startswith(parts) else ""
    return "" if part in _OTHERS_RUN_TOO and namespace == _UNSAID and not _lists_parts(observed) else part


@lru_cache(maxsize=2)
def _lists_parts(observed: Observed) -> bool:
    """Whether pods of the control plane were printed without their namespace."""
    return any(place_of(pod)[2].startswith(_UNMISTAKABLE) for pod in observed.all("Pod", _UNSAID))


def _broken(pod: Object) -> str:
    """Why a pod does not run; empty where it does, or where it is being started or removed."""
    if (pod.get("metadata") or {}).get("deletionTimestamp"):
        return ""
    for status in container_statuses(pod):
        state = status.get("state") or {}
        reason = str((state.get("waiting") or state.get("terminated") or {}).get("reason") or "")
        if (reason and state.get("waiting") and reason not in ("ContainerCreating", "PodInitializing")) or reason in _ENDS:
            return reason
    return ""


def _unhealthy(condition: Object) -> bool:
    kind, status = condition.get("type"), condition.get("status")
    return kind == "Unhealthy" or (kind == "Healthy" and status == "False")


def _said(pod: Object, observed: Observed, target: Target) -> str:
    """The last bad line of the pod's own log."""
    logs = logs_of(observed.root(pod), observed, target, pod=place_of(pod)[2])
    bad = [line for lines in logs for line in lines if line.bad]
    grave = [line for line in bad if line.level == "fatal"] or bad
    return grave[-1].text[:300] if grave else ""


def _of_pod(pod: Object, facts: ComponentDown, observed: Observed) -> Finding:
    _, namespace, name = place_of(pod)
    where = f" on node {facts.node}" if facts.node else ""
    said = f'; its log says "{facts.said}"' if facts.said else ""
    text = f"{facts.part} of the cluster's own parts does not run{where}: pod {name} is in {facts.message}{said}"
    return found("component_down", f"Pod/{namespace}/{name}", facts, text, observed.cites(pod))


_NO_METRICS = re.compile(
    r"^error: Metrics API not available|metrics not available yet|\(get (?:pods|nodes)\.metrics\.k8s\.io\)", re.MULTILINE
)


def _unserved(observed: Observed) -> Iterator[Finding]:
    yield from _by_services(observed)
    items = (item for item in observed.evidence if may_match(_NO_METRICS, item.text))
    printed = next(((item, match) for item in items if (match := _NO_METRICS.search(item.text))), None)
    if printed is not None and observed.get("APIService", "", _METRICS) is None:
        item, match = printed
        facts = ComponentDown(cause="metrics_unserved", part=_METRICS, node="", message=match[0], said="")
        text = f'the metrics API {_METRICS} is not available, metrics-server does not serve it: "{match[0]}"'
        yield found("component_down", f"APIService//{_METRICS}", facts, text, (item.item,))


_METRICS = "v1beta1.metrics.k8s.io"


def _by_services(observed: Observed) -> Iterator[Finding]:
    for service in observed.all("APIService"):
        for condition in (service.get("status") or {}).get("conditions") or ():
            if condition.get("type") == "Available" and condition.get("status") == "False":
                name = place_of(service)[2]
                message = f"{condition.get('reason') or ''} {condition.get('message') or ''}".strip()
                facts = ComponentDown(cause="api_unserved", part=name, node="", message=message[:300], said="")
                text = f"the API {name} is not available, nobody serves it: {message}"
                yield found("component_down", f"APIService//{name}", facts, text, observed.cites(service))
