"""Objects out of files in the API's own shape: what a stranger wrote in another is left away, so that every reader may rely on the rest."""

from collections.abc import Mapping
from typing import Any

from remediation.kinds import KINDS
from remediation.terms import Json

Object = Mapping[str, Json]
_WRONG = object()

# A mapping stands for an object with these fields, a list for a list of such objects; an empty one for any fields.
_CONTAINER: Any = {
    "env": [{"valueFrom": {}}],
    "envFrom": [{}],
    "ports": [{}],
    "volumeMounts": [{}],
    "resources": {"limits": {}, "requests": {}},
    "livenessProbe": {"httpGet": {}},
    "readinessProbe": {"httpGet": {}},
    "startupProbe": {"httpGet": {}},
}
_STATUS: Any = {"state": {"waiting": {}, "running": {}, "terminated": {}}, "lastState": {"terminated": {}}}
_METADATA: Any = {"labels": {}, "annotations": {}, "ownerReferences": [{}]}
_POD: Any = {
    "containers": [_CONTAINER],
    "initContainers": [_CONTAINER],
    "volumes": [{}],
    "tolerations": [{}],
    "nodeSelector": {},
    "affinity": {},
}
_TEMPLATE: Any = {"metadata": _METADATA, "spec": _POD}
_SPEC: Any = {
    **_POD,
    "template": _TEMPLATE,
    "jobTemplate": {"spec": {"template": _TEMPLATE}},
    "selector": {},
    "ports": [{}],
    "taints": [{}],
    "rules": [{"http": {"paths": [{"backend": {}}]}}],
    "tls": [{}],
    "scaleTargetRef": {},
    "metrics": [{}],
    "hard": {},
    "limits": [{}],
    "podSelector": {},
    "ingress": [{"from": [{}], "ports": [{}]}],
    "egress": [{"to": [{}], "ports": [{}]}],
    "strategy": {},
}
_OBJECT: Any = {
    "metadata": _METADATA,
    "spec": _SPEC,
    "data": {},
    "involvedObject": {},
    "status": {
        "conditions": [{}],
        "containerStatuses": [_STATUS],
        "initContainerStatuses": [_STATUS],
        "loadBalancer": {},
        "capacity": {},
        "allocatable": {},
        "used": {},
        "hard": {},
    },
}


def shaped(thing: Object) -> Object:
    """The object without the fields that cannot be what the API says that they are; the very same one where all can."""
    kind, group = str(thing.get("kind")), str(thing.get("apiVersion", "")).rpartition("/")[0]
    if kind in KINDS and "." not in KINDS[kind].group and "." in group and not group.endswith(".k8s.io"):
        return {**thing, "kind": f"{kind}.{group}"}  # a namesake, such as Knative's Service
    return _shaped(thing, _OBJECT) if kind in KINDS else thing


def _shaped(value: Any, shape: Any) -> Any:
    if value is None:
        return None
    if isinstance(shape, list):
        return _listed(value, shape[0])
    if not isinstance(value, Mapping):
        return _WRONG
    changed = {key: new for key, inner in shape.items() if key in value and (new := _shaped(value[key], inner)) is not value[key]}
    return {key: changed.get(key, old) for key, old in value.items() if changed.get(key) is not _WRONG} if changed else value


def _listed(value: Any, shape: Any) -> Any:
    if not isinstance(value, list):
        return _WRONG
    items = [_shaped(item, shape) for item in value]
    kept = [item for item in items if item is not _WRONG and item is not None]
    return value if len(kept) == len(value) and all(new is old for new, old in zip(kept, value, strict=True)) else kept
