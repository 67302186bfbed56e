"""Pods that wait for a node while the cluster's scheduler says nothing of it: Karpenter's log, other schedulers, unheard-of labels."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.findings.finding import found
from remediation.findings.placement import Unschedulable, fits, node_labels, reason_of, selector_of, wanted_labels
from remediation.graph import workloads
from remediation.needed import may_match
from remediation.observed import Object, Observed, container_statuses, place_of
from remediation.terms import Finding
from remediation.workloads import pod_spec

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


def unprovisioned(observed: Observed, told: set[str]) -> Iterator[Finding]:
    """Pods for which Karpenter makes no node, as its log and its events say."""
    for item in observed.evidence:
        for line in (
            item.text.splitlines() if item.kind != "alert" and may_match(_PROVISIONER, item.text) and _PROVISIONER.search(item.text) else ()
        ):
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
                                      selector=selector_of(spec, observed)[0] or key, have="", taint=groups.get("taint") or "")  # fmt: skip
                text = (
                    f'{root.name} is Pending, Karpenter makes no node for it: {reason_of(facts, spec)}; its log says "{line.strip()[:400]}"'
                )
                yield found("unschedulable", str(root), facts, text, (item.item,))


def unasked(observed: Observed, told: set[str]) -> Iterator[Finding]:
    """Pending pods of which no scheduler says anything, and that ask for another than the cluster's own."""
    for pod in (pod for pod in observed.all("Pod") if (pod.get("status") or {}).get("phase") == "Pending"):
        spec = pod_spec(pod)
        name = str(spec.get("schedulerName") or "default-scheduler")
        if name == "default-scheduler" or spec.get("nodeName") or container_statuses(pod):
            continue
        if any(place_of(one)[2].startswith(name) for one in observed.all("Pod")):
            continue
        root = observed.root(pod)
        if str(root) not in told:
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


def unlabelled(observed: Observed, told: set[str]) -> Iterator[Finding]:
    """Workloads without a ready pod that choose labels which no known node has; and DaemonSets that want no pod for it."""
    labelled = [labels for n in observed.all("Node") if (labels := node_labels(n))]
    for thing in workloads(observed) if labelled else ():
        root, spec = observed.root(thing), pod_spec(thing)
        pods = observed.pods_of(root)
        idle = thing["kind"] == "DaemonSet" and (thing.get("status") or {}).get("desiredNumberScheduled") == 0
        waits = any((p.get("status") or {}).get("phase") == "Pending" for p in pods) or (
            not pods and "status" in thing and not _available(thing)
        )
        wanted = wanted_labels(spec)
        if str(root) in told or not wanted or not (idle or waits) or any(fits(wanted, labels) for labels in labelled):
            continue
        selector, have = selector_of(spec, observed)
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
        text = f"{root.name} gets no pod onto a node: {reason_of(facts, spec)}"
        yield found("unschedulable", str(root), facts, text, observed.cites(thing, *list(observed.all("Node"))[:3]))


def _available(thing: Object) -> int:
    status = thing.get("status") or {}
    return int(status.get("availableReplicas") or status.get("readyReplicas") or status.get("numberReady") or 0)
