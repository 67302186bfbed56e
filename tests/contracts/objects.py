"""Small objects that a real server takes as they are."""

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]
IMAGE = "registry.example.com/shop/api:1.0.0"


def made(api_version: str, kind: str, name: str, namespace: str, **more: Any) -> Object:
    """Any object; more: its other fields, labels among them."""
    metadata: Object = {"name": name, "namespace": namespace} | ({"labels": more.pop("labels")} if "labels" in more else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def config_map(name: str, namespace: str, *, data: Mapping[str, str] | None = None, labels: Mapping[str, str] | None = None) -> Object:
    """Some settings."""
    return made("v1", "ConfigMap", name, namespace, data=dict(data or {}), labels=dict(labels or {}))


def container(**more: Any) -> Object:
    """The one called main."""
    return {"name": "main", "image": IMAGE, **more}


def pod(name: str, namespace: str, *containers: Object, **spec: Any) -> Object:
    """Placed by a scheduler that is nowhere, so that no node takes it."""
    return made("v1", "Pod", name, namespace, spec={"schedulerName": "nobody", "containers": list(containers or [container()]), **spec})


def deployment(name: str, namespace: str, *containers: Object, replicas: int = 1, template: Object | None = None, **spec: Any) -> Object:
    """One container where none is given. template: more of its pods' spec."""
    return made("apps/v1", "Deployment", name, namespace, spec={"replicas": replicas, **_pods(name, containers, template), **spec})


def stateful_set(name: str, namespace: str, **spec: Any) -> Object:
    """Without volumes."""
    return made("apps/v1", "StatefulSet", name, namespace, spec={"replicas": 1, "serviceName": name, **_pods(name, (), None), **spec})


def event(name: str, namespace: str, about: str) -> Object:
    """That a pod was tried."""
    involved = {"kind": "Pod", "namespace": namespace, "name": about}
    times = {"firstTimestamp": "2026-01-31T15:00:00Z", "lastTimestamp": "2026-01-31T15:00:00Z", "count": 1}
    return made("v1", "Event", name, namespace, involvedObject=involved, reason="Tried", message="it was", type="Warning", **times)


def _pods(name: str, containers: tuple[Object, ...], more: Object | None) -> Object:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": list(containers or [container()]), **(more or {})}}
    return {"selector": {"matchLabels": {"app": name}}, "template": template}
