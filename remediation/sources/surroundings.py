"""What stands around one workload: the rest of its namespace and what that needs of the cluster, so that a fault elsewhere is seen too.

Complete where findings conclude from absence (workloads, Services, service accounts, classes), else the rare before the frequent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from remediation.evidence import masked_objects
from remediation.kinds import ref
from remediation.observed import (
    Object,
    Observed,
    about,
    container_statuses,
    created,
    event_text,
    event_time,
    moment,
    place_of,
    ready,
    revision,
)
from remediation.rarity import rare_first
from remediation.sources import printing, printing_namespace
from remediation.sources.customs import WATCHED
from remediation.sources.reads import Reads
from remediation.sources.sparing import slimmed
from remediation.terms import Evidence, Target, Window

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
NETWORK = ("Service", "EndpointSlice", "Ingress", "NetworkPolicy")
STORAGE = ("PersistentVolumeClaim",)
LISTED = (*WORKLOADS, *NETWORK, *STORAGE, "ServiceAccount", "ConfigMap", "PodDisruptionBudget")
WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
CLUSTER_WIDE = ("Node", "StorageClass", "PersistentVolume", "IngressClass", *WEBHOOKS)
ABOUT_A_NODE = ("Pod", "Event")

_PODS, _REVISIONS, _JOBS, _EVENTS, _NODES = 40, 20, 20, 40, 30
_TELLING_ABOUT = ("PersistentVolumeClaim", "Node")  # whose ordinary events say why they wait

Listed = Mapping[str, Sequence[Object]]


async def beyond(listed: Listed, pods: Sequence[Object], reads: Reads) -> dict[str, Sequence[Object]]:
    """What these objects need of the cluster, as far as something asks for it: nodes, classes, volumes, webhooks."""
    known = bool(listed.get("Node"))
    waiting = not known and (
        any(not (pod.get("spec") or {}).get("nodeName") for pod in pods) or any(map(_nowhere, listed.get("DaemonSet", ())))
    )
    claims = listed.get("PersistentVolumeClaim", ())
    unbound = any((claim.get("status") or {}).get("phase") != "Bound" for claim in claims)
    refused = any("webhook" in event_text(event) for event in listed.get("Event", ()))
    kinds = [
        *(["Node"] if waiting else []),
        *(["StorageClass"] if claims else []),
        *(["PersistentVolume"] if unbound else []),
        *(["IngressClass"] if listed.get("Ingress") else []),
        *(WEBHOOKS if refused else []),
    ]
    found = await reads.lists(kinds)
    if not waiting and not known:
        found["Node"] = await _nodes_of(pods, reads)
    return found


def _nowhere(daemon_set: Object) -> bool:
    """Whether no node is one that it wants."""
    return (daemon_set.get("status") or {}).get("desiredNumberScheduled") == 0


async def _nodes_of(pods: Sequence[Object], reads: Reads) -> list[Object]:
    """The nodes of the pods that fail, a few."""
    names = dict.fromkeys(str(name) for pod in pods if failing(pod) and (name := (pod.get("spec") or {}).get("nodeName")))
    found = [await reads.read(f"Node {name}", reads.cluster.get(ref("Node", "", name))) for name in list(names)[:3]]
    return [node for node in found if node is not None]


def failing(pod: Object) -> bool:
    """Whether a pod tells of trouble: it is pending, failed, not ready, or a container of it came back."""
    phase = (pod.get("status") or {}).get("phase")
    return phase in ("Pending", "Failed", "Unknown") or any(fails(status) for status in container_statuses(pod)) or (
        phase == "Running" and not ready(pod)
    )  # fmt: skip


def fails(status: Object) -> bool:
    """Whether a container's state tells of trouble: it waits, ended badly, came back, or is not ready."""
    state = status.get("state") or {}
    ended = state.get("terminated") or {}
    return bool(
        state.get("waiting") or ended.get("exitCode") or status.get("restartCount") or ("running" in state and not status.get("ready"))
    )


def telling_pods(pods: Sequence[Object], observed: Observed) -> list[Object]:
    """Pods that fail, each reason of each workload before its next pod; with those that run beside them, and one of each other workload."""
    by_root = {id(pod): observed.root(pod) for pod in pods}
    troubled = {by_root[id(pod)] for pod in pods if failing(pod)}
    done = {id(pod) for pod in pods if (pod.get("status") or {}).get("phase") == "Succeeded"}
    telling = [pod for pod in pods if failing(pod) or (by_root[id(pod)] in troubled and id(pod) not in done)]
    others = {by_root[id(pod)]: pod for pod in pods if by_root[id(pod)] not in troubled and id(pod) not in done}
    kept = rare_first(telling, lambda pod: (by_root[id(pod)], _reason(pod)), _PODS)
    return [*kept, *list(others.values())[:_PODS]]


def telling_revisions(replica_sets: Sequence[Object], observed: Observed) -> list[Object]:
    """The ReplicaSets of workloads of which one has not the pods that it wants, the newest of each first."""
    newest = sorted(replica_sets, key=lambda thing: (revision(thing), created(thing)), reverse=True)
    lacking = {observed.root(thing) for thing in newest if _lacks_pods(thing)}
    return rare_first([thing for thing in newest if observed.root(thing) in lacking], observed.root, _REVISIONS)


def _lacks_pods(replica_set: Object) -> bool:
    return int((replica_set.get("status") or {}).get("readyReplicas") or 0) < int((replica_set.get("spec") or {}).get("replicas") or 0)


def _reason(pod: Object) -> str:
    for status in container_statuses(pod):
        state = status.get("state") or {}
        if said := (state.get("waiting") or state.get("terminated") or {}).get("reason"):
            return str(said)
    return str((pod.get("status") or {}).get("reason") or (pod.get("status") or {}).get("phase"))


class Surroundings:
    """What was read of a namespace besides the target's own, as items."""

    def __init__(self, target: Target, listed: Listed, window: Window, full: set[str]) -> None:
        self._target = target
        self._listed = listed
        self._window = window
        self._full = full

    def items(self, shown: Sequence[Evidence], observed: Observed) -> Iterator[Evidence]:
        """Without what `shown` shows already; most telling first."""
        seen = {place_of(thing) for item in shown for thing in item.objects}
        name = self._target.namespace or self._target.name or "the cluster"
        rows: Sequence[tuple[str, Callable[[Sequence[Object], datetime], str], Sequence[Object]]] = (
            (f"Other workloads in {name}", printing_namespace.workloads, self._workloads()),
            (f"Other pods in {name}", printing.pods, telling_pods(self._of("Pod"), observed)),
            (f"Other revisions in {name}", printing.revisions, telling_revisions(self._of("ReplicaSet"), observed)),
            (f"Services and routes in {name}", printing_namespace.network, self._network()),
            (f"Volume claims in {name}", printing_namespace.claims, self._of("PersistentVolumeClaim", "PersistentVolume", "StorageClass")),
            ("Nodes", printing_namespace.nodes, self._nodes()),
            (f"Argo's and Flux's objects in {name}", printing_namespace.conditions, self._of(*WATCHED, "Application")),
            ("APIs that another server stands behind", printing_namespace.conditions, self._of("APIService")),
            (f"Other bounds in {name}", printing_namespace.bounds, self._of("PodDisruptionBudget", "HorizontalPodAutoscaler")),
            (
                f"Accounts, configuration and admission in {name}",
                printing_namespace.names,
                self._of("Namespace", "ServiceAccount", "ConfigMap", *WEBHOOKS),
            ),
        )
        for title, told, things in rows:
            yield from self._item(title, told, [thing for thing in things if place_of(thing) not in seen])
        yield from self._events(seen)

    def _of(self, *kinds: str) -> list[Object]:
        return [thing for kind in kinds for thing in self._listed.get(kind, ())]

    def _workloads(self) -> list[Object]:
        jobs = rare_first(self._of("Job"), lambda job: (_owner(job), _ended(job)), _JOBS)
        return [*self._of(*WORKLOADS[:-1]), *jobs]

    def _nodes(self) -> list[Object]:
        """Those that are not as they should be before the others."""
        return sorted(self._of("Node"), key=lambda node: not printing_namespace.troubles(node))[:_NODES]

    def _network(self) -> list[Object]:
        """Not while pods or workloads were cut off: a Service would seem to lead nowhere."""
        unsure = self._full & {"Pod", "Service", *WORKLOADS}
        return [] if unsure else self._of("Service", "Ingress", "IngressClass", "NetworkPolicy", "EndpointSlice")

    def _events(self, seen: set[tuple[str, str, str]]) -> Iterator[Evidence]:
        """Warnings, each reason of each object before its next; the newest first."""
        told = [e for e in self._of("Event") if e.get("type") != "Normal" or about(e)[0] in _TELLING_ABOUT]
        fresh = [e for e in told if place_of(e) not in seen and ((at := moment(event_time(e))) is None or at >= self._window.since)]
        newest = sorted(fresh, key=event_time, reverse=True)
        kept = rare_first(newest, lambda e: (about(e)[0], e.get("reason")), _EVENTS)
        title = f"Other events in {self._target.namespace or self._target.name or 'the cluster'}"
        yield from self._item(title, printing.events, kept, kind="events", left_out=len(newest) - len(kept))

    def _item(
        self, title: str, told: Callable[[Sequence[Object], datetime], str], things: Sequence[Object], **more: object
    ) -> Iterator[Evidence]:
        if not things:
            return
        masked = masked_objects(map(slimmed, things))
        about_it = {"kind": "objects", "left_out": 0, **more}
        text = told(masked, self._window.until)
        yield Evidence(source="kubernetes", title=title, at=self._window.until, text=text, objects=masked, **about_it)  # type: ignore[arg-type]


def _owner(thing: Object) -> str:
    return str(next((owner.get("name") for owner in (thing.get("metadata") or {}).get("ownerReferences") or ()), place_of(thing)[2]))


def _ended(job: Object) -> str:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return next((str(c.get("type")) for c in conditions if c.get("status") == "True"), "")
