"""Scenes for a real control plane: what is applied, when it has said what it has to say, and what a good answer holds. Each has a twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
Objects = tuple[Object, ...]
_IMAGE = "registry.example.net/team/app:4.2"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """nodes, objects: applied first.  later: applied when the first have settled.  refused: applied last, to hear what the server says to it.

    until: a regular expression that the namespace's objects and events match once all is said; one for `objects`, another for `later`.
    fix_kind, mention, subject: as `expected.yaml` has them; no mention means that there is no cause to name.
    """

    name: str
    question: str
    namespace: str
    objects: Objects
    until: str
    fix_kind: str = "none_or_clarify"
    mention: tuple[str, ...] = ()
    subject: str = ""
    nodes: Objects = ()
    later: Objects = ()
    until_later: str = ""
    refused: Object | None = None


def made(kind: str, name: str, namespace: str = "", api: str = "v1", **more: Any) -> Object:
    """An object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **more.pop("metadata", {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def node(name: str, *, cpu: str = "4", memory: str = "16Gi", pods: str = "110", labels: Object | None = None, **spec: Any) -> Object:
    """One that kwok makes Ready."""
    room = {"cpu": cpu, "memory": memory, "pods": pods}
    metadata = {"labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", **(labels or {})}}
    return made("Node", name, metadata=metadata, spec=spec, status={"allocatable": room, "capacity": room})


def template(name: str, container: Object | None = None, labels: Object | None = None, **pod: Any) -> Object:
    """A pod template of one container, called as its workload."""
    own = {"name": name, "image": _IMAGE, **(container or {})}
    return {"metadata": {"labels": labels or {"app": name}}, "spec": {"containers": [own], **pod}}


def deployment(name: str, namespace: str, replicas: int = 1, *, deadline: int = 600, container: Object | None = None, labels: Object | None = None, **pod: Any) -> Object:
    """With one container."""
    spec = {
        "replicas": replicas, "selector": {"matchLabels": labels or {"app": name}}, "progressDeadlineSeconds": deadline,
        "template": template(name, container, labels, **pod),
    }  # fmt: skip
    return made("Deployment", name, namespace, "apps/v1", spec=spec)


def asking(**amounts: str) -> Object:
    """A container's resources: its requests, which are its limits too."""
    return {"resources": {"requests": amounts, "limits": amounts}}


def job(name: str, namespace: str, **spec: Any) -> Object:
    """One that runs until somebody ends it."""
    return made("Job", name, namespace, "batch/v1", spec={"template": template(name, restartPolicy="Never"), **spec})


def claim(name: str, namespace: str, size: str = "10Gi", mode: str = "ReadWriteOnce", **spec: Any) -> Object:
    """A PersistentVolumeClaim."""
    return made("PersistentVolumeClaim", name, namespace, spec={"accessModes": [mode], "resources": {"requests": {"storage": size}}, **spec})


def volume(name: str, size: str = "10Gi", mode: str = "ReadWriteOnce", storage_class: str = "manual") -> Object:
    """A PersistentVolume that is there already."""
    spec = {"capacity": {"storage": size}, "accessModes": [mode], "storageClassName": storage_class, "hostPath": {"path": "/srv/data"}}
    return made("PersistentVolume", name, spec=spec)


def storage_class(name: str, binding: str = "Immediate", provisioner: str = "kubernetes.io/no-provisioner") -> Object:
    """A StorageClass."""
    return made("StorageClass", name, api="storage.k8s.io/v1", provisioner=provisioner, volumeBindingMode=binding)


def mounting(claim_name: str) -> Object:
    """A pod's volumes: one claim."""
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim_name}}]}


def service(name: str, namespace: str, target: Any = 8080, **selector: str) -> Object:
    """A Service of port 80."""
    return made("Service", name, namespace, spec={"selector": selector or {"app": name}, "ports": [{"port": 80, "targetPort": target}]})


def quota(namespace: str, **hard: str) -> Object:
    """A ResourceQuota; `requests_cpu` stands for requests.cpu."""
    return made("ResourceQuota", "team-share", namespace, spec={"hard": {key.replace("_", "."): value for key, value in hard.items()}})


def scaler(name: str, namespace: str, target: str) -> Object:
    """An autoscaler by CPU."""
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    spec = {"minReplicas": 1, "maxReplicas": 5, "scaleTargetRef": reference, "metrics": [metric]}
    return made("HorizontalPodAutoscaler", name, namespace, "autoscaling/v2", spec=spec)


def all_scenes() -> Sequence[Scene]:
    """Those of every room, in order."""
    from tests.real import scenes_admission, scenes_controllers, scenes_placement

    return (*scenes_placement.SCENES, *scenes_admission.SCENES, *scenes_controllers.SCENES)
