"""What a change must not do even where it is only the intended one: move what Kubernetes does not let move, or make an object vanish."""

from collections.abc import Callable, Mapping, Sequence

from remediation import quantities
from remediation.errors import Refused
from remediation.gitops.fieldpath import Path, parse
from remediation.terms import Json, Move

_STATEFUL_SET_MAY = {
    "replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "revisionHistoryLimit",
}  # fmt: skip


def _selector(path: Path) -> bool:
    return path[:2] == ("spec", "selector")


_IMMUTABLE: Mapping[str, Callable[[Path], bool]] = {
    "Deployment": _selector,
    "ReplicaSet": _selector,
    "DaemonSet": _selector,
    "StatefulSet": lambda path: path[0] == "spec" and len(path) > 1 and path[1] not in _STATEFUL_SET_MAY,
    "Job": lambda path: path[:2] in (("spec", "template"), ("spec", "selector"), ("spec", "completionMode")),
    "Service": lambda path: path[:2] in (("spec", "clusterIP"), ("spec", "clusterIPs")),
    "PersistentVolumeClaim": lambda path: path[0] == "spec" and path[:3] != ("spec", "resources", "requests"),
    "Secret": lambda path: path == ("type",),
    "StorageClass": lambda path: path[0] in ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "RoleBinding": lambda path: path[0] == "roleRef",
    "ClusterRoleBinding": lambda path: path[0] == "roleRef",
    "Pod": lambda path: path[0] == "spec" and path[-1] not in ("image", "activeDeadlineSeconds", "terminationGracePeriodSeconds"),
}
_STORAGE = ("spec", "resources", "requests", "storage")
_CLASS = ("spec", "storageClassName")  # of a claim that names none, not even "": the server lets it get one
_IDENTITY = {("kind",), ("apiVersion",), ("metadata", "name"), ("metadata", "namespace")}


_SEALED = {"ConfigMap", "Secret"}
_HELD = {"data", "binaryData", "stringData", "immutable"}


def check_dangers(moves: Sequence[Move], *, sealed: bool = False) -> None:
    """Raises Refused: immutable for a change that the API server does not take, pruned where the object would become another one.

    sealed: whether the object says `immutable: true` of itself and keeps its name.
    """
    for move in moves:
        path = parse(move.path)
        if path in _IDENTITY:
            what = f"Changing {move.path} makes another object; {move.object} would be pruned."
            raise Refused(what, "Do it by hand, in two steps.", kind="pruned")
        _check_mutable(move, path, sealed=sealed)


def _check_mutable(move: Move, path: Path, *, sealed: bool) -> None:
    kind = move.object.kind
    immutable = _IMMUTABLE.get(kind)
    anew = "The object must be deleted and made anew: a person's decision."
    gets_class = kind == "PersistentVolumeClaim" and path == _CLASS and move.old is None
    if immutable is not None and immutable(path) and not gets_class:
        raise Refused(f"{move.path} of a {kind} cannot be changed once it is there.", anew, kind="immutable")
    if sealed and kind in _SEALED and path[0] in _HELD:
        what = f"{move.object} is immutable (`immutable: true`): {move.path} cannot be changed."
        raise Refused(what, "Make one of another name and let the workloads name that: a person's decision.", kind="immutable")
    if kind == "PersistentVolumeClaim" and path == _STORAGE and _less(move.new, move.old):
        what = f"{move.path} of {move.object} cannot shrink from {move.old} to {move.new}: a claim only grows."
        raise Refused(what, "Move the data to a smaller claim by hand.", kind="immutable")


def _less(new: Json, old: Json) -> bool:
    """Whether one quantity is below another; what is no quantity is not."""
    try:
        return quantities.parse(new) < quantities.parse(old)
    except ValueError:
        return False
