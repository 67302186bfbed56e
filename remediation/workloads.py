"""Where a workload's pod specification stands, and its containers: the one place that knows each kind's shape."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from remediation.terms import Evidence, Json, ObjectRef, Target

ContainerList = Literal["containers", "initContainers"]

_POD_SPEC: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}


def pod_spec_path(kind: str) -> tuple[str, ...]:
    """The keys that lead to the pod specification; empty for a kind that has none."""
    return _POD_SPEC.get(kind, ())


def pod_spec(workload: Mapping[str, Json]) -> Mapping[str, Json]:
    """The pod specification of a workload; empty when it has none."""
    here: Json = workload
    for key in pod_spec_path(str(workload.get("kind", ""))) or ("spec", "template", "spec"):
        here = here.get(key) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}


def containers(workload: Mapping[str, Json]) -> Iterator[tuple[ContainerList, Mapping[str, Json]]]:
    """Every container with the list that it stands in; the main ones first."""
    lists: tuple[ContainerList, ...] = ("containers", "initContainers")
    for where in lists:
        for container in pod_spec(workload).get(where) or ():
            yield where, container


def container_list_of(workload: Mapping[str, Json], name: str) -> ContainerList | None:
    """The list in which the container of this name stands, or None."""
    return next((where for where, container in containers(workload) if container.get("name") == name), None)


def object_ref(thing: Mapping[str, Json]) -> ObjectRef:
    """The reference to an API object."""
    metadata = thing.get("metadata") or {}
    group = str(thing.get("apiVersion", "")).rpartition("/")[0]
    return ObjectRef(group=group, kind=thing["kind"], namespace=metadata.get("namespace", ""), name=metadata["name"])


def live_object(evidence: Iterable[Evidence], target: Target) -> Mapping[str, Json]:
    """The target's live object out of the evidence, the later where two items hold it; empty when none does."""
    found: Mapping[str, Json] = {}
    for item in evidence:
        for thing in item.objects:
            metadata = thing.get("metadata") or {}
            place = (thing.get("kind"), metadata.get("namespace", ""), metadata.get("name"))
            if place == (target.object_kind, target.namespace, target.name):
                found = thing
    return found


def concerns(subject: str, thing: ObjectRef, container: str = "") -> bool:
    """Whether a finding's subject (`Kind/namespace/name[/container]`) is this object or one of its pods, and the named container."""
    kind, namespace, name, *inner = subject.split("/")
    owned = kind in ("Pod", "ReplicaSet", "Job") and name.startswith(f"{thing.name}-")
    same = (kind, name) == (thing.kind, thing.name) or owned
    return same and namespace == thing.namespace and (not container or not inner or inner[0] == container)


def scales(autoscaler: Mapping[str, Json], thing: ObjectRef) -> bool:
    """Whether a HorizontalPodAutoscaler owns this workload's replicas."""
    target = (autoscaler.get("spec") or {}).get("scaleTargetRef") or {}
    return (target.get("kind"), target.get("name")) == (thing.kind, thing.name)
