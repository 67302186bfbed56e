"""A pod that no node takes, by the reason that keeps most nodes away, as the scheduler tells it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from remediation.findings.agent_taints import AGENT_TAINT, agents_down, lost_beside
from remediation.findings.cordoned import cordoned, left_shut
from remediation.findings.finding import found
from remediation.findings.placement import Unschedulable, allocatable, fits, node_labels, reason_of, requested, selector_of, wanted_labels
from remediation.findings.unplaced import unasked, unlabelled, unprovisioned
from remediation.gitops.capacity import tolerates
from remediation.observed import Object, Observed, about, container_statuses, event_text, event_time, place_of
from remediation.terms import Finding, Json, ObjectRef, Target
from remediation.workloads import pod_spec

_WERE_UNSCHEDULABLE = r"node\(s\) were unschedulable|node\.kubernetes\.io/unschedulable"
_REASONS: Sequence[tuple[str, str]] = (
    ("limit", r"exceeds? limits? for nodepool|(?:node ?pool|provisioner)s?\b[^\n]{0,300}\bexceeds? (?:its )?limits?"),
    ("volume", (r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim \"[^\"]+\" (?:not found|is being deleted)|didn't find "
               r"available persistent volumes|PersistentVolumeClaim is not bound")),
    ("claim_in_use", r"ReadWriteOncePod access mode"),
    ("volume_node", r"volume node affinity conflict|match PersistentVolume's node affinity|node\(s\) had no available volume zone"),
    ("gated", r"scheduling gates"),
    ("volume_count", r"exceed max volume count"),
    ("resource", r"Insufficient (?P<resource>[\w./-]*\w)"),
    ("too_many_pods", r"Too many pods"),
    ("cordoned", _WERE_UNSCHEDULABLE),
    ("node_not_ready", r"node\.kubernetes\.io/(?:not-ready|unreachable)|node\(s\) (?:were|was) not ready"),
    ("pressure", r"node\.kubernetes\.io/(?P<pressure>memory|disk|pid)-pressure"),
    ("agent_taint", AGENT_TAINT),
    ("taint", r"(?:had (?:untolerated )?taints?(?:\(s\))?|that the pod didn't tolerate)\s*\{?(?P<taint>[^{}]*)\}?"),
    ("anti_affinity", r"didn't (?:match|satisfy) (?:existing )?(?:pods?|pod's) anti-?affinity|anti-affinity rules"),
    ("pod_affinity", r"didn't match pod affinity|pod affinity rules"),
    ("node_selector", r"didn't match (?:Pod's )?node (?:affinity/selector|selector|affinity)|didn't match node selector"),
    ("spread", r"topology spread constraints"),
    ("host_port", r"didn't have free ports|free ports for the requested pod ports"),
    ("no_nodes", r"no nodes available"),
)  # fmt: skip
_BOUND = re.compile(
    r"\bmax\w* (?:node|cluster)|limits? (?:reached|exceeded)|max(?:imum)? size|out of resources|quota|backoff after failed scale-up",
    re.IGNORECASE,
)
_NOT_SCALED = (
    "FailedToScaleUp",
    "FailedScaleUp",
    "ScaleUpFailed",
    "ScaleUpTimedOut",
    "FailedToCreateNode",
)  # begins an autoscaler's reason
_CLUSTERS_OWN = re.compile(r"node-role\.kubernetes\.io|node\.kubernetes\.io|compute-type|ToBeDeleted|DeletionCandidate|node\.cloudprovider")
_BEHIND_LABELS = (
    "resource",
    "too_many_pods",
    "volume_count",
    "volume_node",
    "volume",
    "claim_in_use",
    "host_port",
    "spread",
    "anti_affinity",
    "pod_affinity",
)  # fmt: skip - what the scheduler asks only of nodes that have the labels which the pod wants
_AT_ITS_SIZE = "max node group size reached"
_COUNTED = re.compile(r"(?<!\d)(\d{1,9}) (.*?)(?=, \d+ |\. |$)")
_PODS_ALLOWED = re.compile(r"(?<!\d)(\d{1,9})/(\d{1,9}) nodes are available")


def unschedulable(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload of which a pod is pending for want of a node."""
    told: set[str] = set()
    placed = {about(event): event_time(event) for event in observed.events_with("Scheduled")}
    for event in sorted(filter(_says_why, observed.all("Event")), key=lambda event: event.get("reason") == "NotTriggerScaleUp"):
        kind, namespace, name = about(event)
        pod = observed.get(kind, namespace, name)
        if pod is None and (kind, namespace, name) in placed and event_time(event) <= placed[kind, namespace, name]:
            continue
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
    yield from unprovisioned(observed, told)
    yield from unasked(observed, told)
    yield from unlabelled(observed, told)


def _says_why(event: Object) -> bool:
    """Whether an event says why nobody takes a pod: the scheduler's, or an autoscaler's, who says it of nodes that it might add."""
    return event.get("reason") in ("FailedScheduling", "NotTriggerScaleUp") or "nodes are available" in event_text(event)


def _condition(pod: Object) -> str:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((str(c.get("message") or "") for c in conditions if c.get("type") == "PodScheduled" and c.get("status") == "False"), "")


def cause_of(message: str) -> tuple[str, Mapping[str, str]]:
    """The reason that keeps the most nodes away, the more particular one where several keep as many; of nodes that are meant if any."""
    if _AT_ITS_SIZE in message:  # said of the groups that would fit
        return "limit", {}
    first = message.split(". preemption", maxsplit=1)[0].split(" preemption:", maxsplit=1)[0]
    counted = [(int(number), words) for number, words in _COUNTED.findall(first.partition(": ")[2] or first)] or [(1, first)]
    best: tuple[int, int, str, Mapping[str, str]] = (0, 0, "unknown", {})
    meant = best  # of the nodes that have the labels
    for number, words in counted:
        for place, (cause, pattern) in enumerate(_REASONS):
            match = re.search(pattern, words)
            if match:
                own = "control-plane" not in words and "/master" not in words
                here = (number if own else 0, -place, cause, {k: v for k, v in match.groupdict().items() if v})
                best = max(best, here, key=_weight)
                meant = max(meant, here, key=_weight) if cause in _BEHIND_LABELS and own else meant
                break
    chosen = meant if best[2] == "node_selector" and meant[2] != "unknown" else best
    return chosen[2], chosen[3]


def _weight(found_: tuple[int, int, str, Mapping[str, str]]) -> tuple[bool, int, int]:
    return found_[2] != "unknown", found_[0], found_[1]


def _finding(root: ObjectRef, pod: Object | None, message: str, things: Sequence[Object], observed: Observed) -> Finding:
    spec = pod_spec(pod or {})
    spec = spec if spec.get("containers") else pod_spec(observed.get(root.kind, root.namespace, root.name) or pod or {})
    cause, groups, shut = _refined(message, spec, observed)
    failed = _not_scaled(observed)
    bounded = failed is not None and _BOUND.search(event_text(failed)) and "Insufficient" in message
    if failed is not None and (bounded or cause in ("resource", "too_many_pods")):
        cause, message = (
            "limit" if failed.get("reason") == "FailedScheduling" else "scale_up_failed",
            f"{message.strip()}; {failed.get('reason')}: {event_text(failed)}",
        )
        things = (*things, failed)
    node = shut[0] if cause == "cordoned" and len(shut) == 1 else ""
    nodes = _PODS_ALLOWED.search(message)
    selector, have = selector_of(spec, observed)
    resource = groups.get("resource", "")
    if cause == "resource" and _unadvertised(resource, observed):
        cause = "unadvertised"
    facts = Unschedulable(
        cause=cause,
        message=message[:500],
        nodes=int(nodes[2]) if nodes else 0,
        resource=resource,
        requested=requested(spec, resource),
        allocatable=allocatable(resource, observed),
        selector=selector if cause == "node_selector" else "",
        have=have if cause == "node_selector" else "",
        taint=groups.get("taint", "").strip(),
        victim=str(root) if node else "",
    )
    template = pod_spec(observed.get(root.kind, root.namespace, root.name) or {})
    asked = template if cause == "host_port" and template.get("containers") else spec
    closed = f": {', '.join(shut)}" if cause in ("cordoned", "node_not_ready", "pressure") and shut else ""
    waits = place_of(pod)[2] if pod is not None else next((about(thing)[2] for thing in things if about(thing)[0] == "Pod"), root.name)
    named = f" (pod {waits})" if waits != root.name else ""
    gone = _preempted(root, waits, observed)
    made_room = f'; its pod {about(gone[0])[2]} was preempted, it had to make room: "{event_text(gone[0]).strip()}"' if gone else ""
    agents = agents_down(facts.taint, observed)[:1] if cause == "agent_taint" else []
    held = f", which {place_of(agents[0])[2]} would take away: it does not run" if agents else ""
    why = f"{reason_of(facts, asked)}{closed}{held}"
    text = f'{root.name}{named} is Pending, no node takes it: {why}; the scheduler says "{message.strip()}"{made_room}'
    shown = list(observed.all("Node"))[:3] if cause in ("node_selector", "taint", "cordoned", "resource", "too_many_pods") else []
    return found("unschedulable", f"Node//{node}" if node else str(root), facts, text, observed.cites(*things, *gone, *agents, *shown))


def _refined(message: str, spec: Mapping[str, Json], observed: Observed) -> tuple[str, Mapping[str, str], Sequence[str]]:
    """What the message says, held against the nodes: the cause, what it names, and the cordoned nodes that the pod could have."""
    cause, groups = cause_of(message)
    if cause == "node_selector" and (tainted := _dedicated(message, spec, observed)):
        cause, groups = "taint", {"taint": tainted}
    if cause == "node_selector" and wanted_labels(spec) and "taint" in message and (state := _state(spec, observed)) is not None:
        cause, groups = state
    if cause == "taint" and not groups.get("taint", "").strip():  # as schedulers say it from 1.34 on
        cause, groups = _unnamed(spec, observed)
    shut = cordoned(spec, observed) if re.search(_WERE_UNSCHEDULABLE, message) else []
    labelled = any((node.get("metadata") or {}).get("labels") for node in observed.all("Node"))
    if cause == "cordoned" and not shut and labelled and wanted_labels(spec):
        cause = "node_selector"  # no node has what it wants, cordoned or not
    if shut and (cause == "volume_node" or (cause == "node_selector" and wanted_labels(spec))):
        cause = "cordoned"
    if cause == "resource" and (left := left_shut(shut, groups.get("resource", ""), spec, observed)):
        cause, shut = "cordoned", left
    if cause == "resource" and (lost := lost_beside(message, groups.get("resource", ""), spec, observed))[0]:
        cause, shut = lost
    if cause == "unknown" and re.search(r"affinity", message) and spec.get("nodeSelector"):
        cause = "node_selector"
    return cause, groups, shut


def _preempted(root: ObjectRef, waits: str, observed: Observed) -> Sequence[Object]:
    """The event that tells that another pod of the same maker had to make room for one that matters more; none where nothing does."""
    said = observed.events_with("Preempted")
    kin = waits.rpartition("-")[0]
    return [e for e in said if observed.root_of(about(e)) == root or (kin and about(e)[2].rpartition("-")[0] == kin)][:1]


def _unadvertised(resource: str, observed: Observed) -> bool:
    """Whether nodes have a device that they do not offer: what announces it on them does not work."""
    offers = [((n.get("status") or {}).get("capacity") or {}).get(resource) for n in observed.all("Node")] if "/" in resource else []
    return any(str(offer) == "0" for offer in offers) and all(str(offer) in ("0", "None") for offer in offers)


@lru_cache(maxsize=4)
def _not_scaled(observed: Observed) -> Object | None:
    """The first event that tells that the cluster cannot be given more nodes."""
    every = list(observed.all("Event"))
    said = (e for e in every if e.get("reason") == "FailedScheduling" and re.search(_REASONS[0][1], event_text(e)))
    failed = (e for e in every if str(e.get("reason", "")).startswith(_NOT_SCALED))
    bounded = (e for e in every if e.get("reason") == "NotTriggerScaleUp" and _BOUND.search(event_text(e)))
    return next(failed, None) or next(bounded, None) or next(said, None)


def _dedicated(message: str, spec: Mapping[str, Json], observed: Observed) -> str:
    """The taint of the nodes that the pod's selector means; empty where its selector is what keeps it away.

    The scheduler asks for taints before labels: nodes that it counts by their taint may have the labels, the others are known not to.
    """
    taints = [taint for taint in re.findall(r"untolerated taint \{([^{}]*)\}", message) if not _CLUSTERS_OWN.search(taint)]
    wanted = wanted_labels(spec)
    if wanted and not taints and "untolerated taint" in message:  # unnamed from 1.34 on
        return _standing(spec, [node for node in observed.all("Node") if fits(wanted, node_labels(node))])
    if not taints or not wanted:
        return ""
    meant = re.findall(r"[a-z]{4,}", f"{wanted} {_asks(spec)}".lower())
    alike = [taint for taint in taints if any(word in taint.lower() for word in meant)]
    chosen = any(fits(wanted, node_labels(node)) for node in observed.all("Node"))
    return next(iter(alike), taints[0] if chosen else "")


def _unnamed(spec: Mapping[str, Json], observed: Observed) -> tuple[str, Mapping[str, str]]:
    """What a taint that the scheduler does not name is: one that somebody set, else the state of a node, which is never to be tolerated."""
    if standing := _standing(spec, list(observed.all("Node"))):
        return "taint", {"taint": standing}
    return _state(spec, observed) or ("taint", {"taint": ""})


def _state(spec: Mapping[str, Json], observed: Observed) -> tuple[str, Mapping[str, str]] | None:
    """What the nodes that a pod allows suffer from, as their taints tell; None where those tell of nothing."""
    meant = [node for node in observed.all("Node") if fits(wanted_labels(spec), node_labels(node))]
    keys = " ".join(str(taint.get("key")) for node in meant for taint in (node.get("spec") or {}).get("taints") or ())
    for cause in ("node_not_ready", "pressure"):
        if (match := re.search(dict(_REASONS)[cause], keys)) is not None:
            return cause, match.groupdict()
    return None


def _standing(spec: Mapping[str, Json], nodes: Sequence[Object]) -> str:
    """The first taint of these nodes that the pod does not tolerate, as schedulers write it; empty where no node shows one."""
    taints = [taint for node in nodes for taint in (node.get("spec") or {}).get("taints") or ()]
    held = [t for t in taints if t.get("effect") != "PreferNoSchedule" and not _CLUSTERS_OWN.search(str(t.get("key")))]
    kept = (t for t in held if not any(tolerates(each, t) for each in spec.get("tolerations") or ()))
    return next((f"{taint.get('key')}: {taint.get('value', '')}" for taint in kept), "")


def _asks(spec: Mapping[str, Json]) -> str:
    """The extended resources that its containers ask for, such as nvidia.com/gpu."""
    sides = [(c.get("resources") or {}).get(side) or {} for c in spec.get("containers") or () for side in ("limits", "requests")]
    return " ".join(sorted({name for side in sides for name in side if "/" in name}))
