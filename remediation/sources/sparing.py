"""API objects as evidence keeps them: only what tells something. Pure."""

from collections.abc import Mapping, Sequence

from remediation.observed import Object
from remediation.terms import Json

_CONTROL_PLANE = ("kube-controller-manager", "kubelet", "kube-scheduler")  # what they manage says nothing of who owns a field
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # the object once more
_LONGEST = 2_000  # characters of one value of a ConfigMap: what is longer is a file, not a setting
_BULKY: Mapping[str, Sequence[str]] = {"Node": ("images", "volumesAttached", "volumesInUse", "daemonEndpoints")}  # of a status


def trimmed(thing: Object) -> Object:
    """The object itself as evidence keeps it: without what only repeats it or belongs to the control plane; who manages a field stays."""
    managers = [
        m
        for m in (thing.get("metadata") or {}).get("managedFields") or ()
        if m.get("subresource") != "status" and m.get("manager") not in _CONTROL_PLANE
    ]
    return _with_metadata(thing, {"managedFields": managers} if managers else {})


def slimmed(thing: Object) -> Object:
    """An object of its surroundings: without its managers, the bulky parts of its status, and a ConfigMap's files; its keys stay."""
    slim = dict(_with_metadata(thing, {}))
    if thing.get("kind") == "ConfigMap":
        slim["data"] = {key: value if len(value) <= _LONGEST else "" for key, value in (thing.get("data") or {}).items()}
        slim["binaryData"] = dict.fromkeys(thing.get("binaryData") or {}, "")
    if dropped := _BULKY.get(str(thing.get("kind"))):
        slim["status"] = {key: value for key, value in (thing.get("status") or {}).items() if key not in dropped}
    return slim


def _with_metadata(thing: Object, managed: Mapping[str, Json]) -> Object:
    metadata = {key: value for key, value in (thing.get("metadata") or {}).items() if key != "managedFields"}
    if annotations := metadata.get("annotations"):
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
    return {**thing, "metadata": {**metadata, **managed}}
