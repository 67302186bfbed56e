"""Where a workload's pod specification stands, and its containers: the one place that knows each kind's shape."""

from collections.abc import Iterator, Mapping
from typing import Literal

from remediation.terms import Json, ObjectRef

ContainerList = Literal["containers", "initContainers"]

_MAPPINGS = (dict, Mapping)  # the plain one first: the abstract class takes long to ask

_POD_SPEC: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "Rollout": ("spec", "template", "spec"),
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
        here = here.get(key) if isinstance(here, _MAPPINGS) else None
    return here if isinstance(here, _MAPPINGS) else {}


def containers(workload: Mapping[str, Json]) -> Iterator[tuple[ContainerList, Mapping[str, Json]]]:
    """Every container with the list that it stands in; the main ones first."""
    lists: tuple[ContainerList, ...] = ("containers", "initContainers")
    spec = pod_spec(workload)
    for where in lists:
        for container in spec.get(where) or ():
            yield where, container


def container_list_of(workload: Mapping[str, Json], name: str) -> ContainerList | None:
    """The list in which the container of this name stands, or None."""
    return next((where for where, container in containers(workload) if container.get("name") == name), None)


def object_ref(thing: Mapping[str, Json]) -> ObjectRef:
    """The reference to an API object."""
    metadata = thing.get("metadata") or {}
    group = str(thing.get("apiVersion", "")).rpartition("/")[0]
    return ObjectRef(group=group, kind=thing["kind"], namespace=metadata.get("namespace", ""), name=metadata["name"])


def concerns(subject: str, thing: ObjectRef, container: str = "") -> bool:
    """Whether a subject (`Kind/namespace/name[/container]`) is this object and, where both name one, this container."""
    kind, namespace, name, *inner = subject.split("/")
    same = (kind, namespace, name) == (thing.kind, thing.namespace, thing.name)
    return same and (not container or not inner or inner[0] == container)


def scales(autoscaler: Mapping[str, Json], thing: ObjectRef) -> bool:
    """Whether a HorizontalPodAutoscaler owns this workload's replicas."""
    target = (autoscaler.get("spec") or {}).get("scaleTargetRef") or {}
    return (target.get("kind"), target.get("name")) == (thing.kind, thing.name)
