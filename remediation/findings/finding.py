"""What finders share: how a finding is made, and the containers of all pods with what stands around them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from remediation.labelled import container_of, names_pod, namespace_of, pod_of, workload_of
from remediation.observed import Object, Observed, container_statuses, event_time, moment, place_of, ready
from remediation.terms import Finding, Json, ObjectRef, Series
from remediation.workloads import containers


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of one pod. status: what the pod says of it.  spec: how the pod was made.  workload: the root of the pod's owners."""

    name: str
    pod: Object
    workload: ObjectRef
    status: Object
    spec: Object

    @property
    def subject(self) -> str:
        """As findings name it."""
        return f"{self.workload}/{self.name}" if self.name else str(self.workload)

    @property
    def state(self) -> Mapping[str, Json]:
        """waiting, running or terminated, with what belongs to it."""
        return self.status.get("state") or {}

    @property
    def last(self) -> Mapping[str, Json]:
        """How its run before this one ended; empty when there was none."""
        return (self.status.get("lastState") or {}).get("terminated") or {}

    @property
    def known(self) -> bool:
        """Whether the evidence shows how it was made: more than its name and image, which a wide table has, too."""
        return bool(self.spec.keys() - {"name", "image"})

    @property
    def init(self) -> bool:
        """Whether it is an init container."""
        return any(status is self.status for status in (self.pod.get("status") or {}).get("initContainerStatuses") or ())

    def resource(self, side: str, name: str) -> str:
        """A request or limit as the pod has it, empty when it has none."""
        return str(((self.spec.get("resources") or {}).get(side) or {}).get(name) or "")

    def is_measured_by(self, series: Series) -> bool:
        """Whether the labels of a metric name this container, and no pod, workload or namespace but its own."""
        if (container_of(series) or "") != self.name:
            return False
        if pod_of(series):
            return names_pod(series, self.pod)
        return namespace_of(series) in ("", place_of(self.pod)[1]) and workload_of(series) in ("", self.workload.name)


@lru_cache(maxsize=2)
def living_containers(observed: Observed) -> Sequence[Container]:
    """Every container of every pod that counts (see `Observed.living_pods_of`), the newest pods of each workload first. Asked by many."""
    return tuple(_living(observed))


def _living(observed: Observed) -> Iterator[Container]:
    roots = {(root.kind, root.namespace, root.name): root for root in map(observed.root, observed.all("Pod"))}
    for root in roots.values():
        for pod in observed.living_pods_of(root):
            if not (statuses := container_statuses(pod)):
                continue
            specs = _specs(pod) or _specs(observed.get(root.kind, root.namespace, root.name) or {})  # a table shows none
            only = next(iter(specs)) if len(specs) == 1 else ""
            for status in statuses:
                name = str(status.get("name") or only)
                yield Container(name=name, pod=pod, workload=root, status=status, spec=specs.get(name) or {})


def _specs(thing: Object) -> dict[str, Object]:
    return {str(container.get("name")): container for _, container in containers(thing)}


def is_past(event: Object, pod: Object | None, observed: Observed, after: timedelta) -> bool:
    """Whether a pod is ready now, all of it, and what an event says of it was last seen longer ago."""
    statuses = container_statuses(pod) if pod is not None else ()
    running = [s for s in statuses if s.get("ready") or ((s.get("state") or {}).get("terminated") or {}).get("exitCode") == 0]
    if pod is None or len(running) < len(statuses) or (not statuses and not ready(pod)):
        return False
    at, now = moment(event_time(event)), max((item.at for item in observed.evidence), default=None)
    return at is not None and now is not None and now - at > after


def found(kind: str, subject: str, facts: Any, text: str, cites: tuple[str, ...]) -> Finding:
    """A finding that has no number yet. facts: a dataclass of scalars. The text is led by its first citation."""
    return Finding(
        finding_id="", kind=kind, subject=subject, text=f"{cites[0]}: {text}" if cites else text, cites=cites, facts=dict(vars(facts))
    )
