"""What a change must not do even where it is only the intended one: move what Kubernetes does not let move, or make an object vanish."""

from collections.abc import Callable, Mapping, Sequence

from remediation.errors import Refused
from remediation.gitops.fieldpath import Path, parse
from remediation.terms import Move

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
    "StorageClass": lambda path: path[0] in ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "RoleBinding": lambda path: path[0] == "roleRef",
    "ClusterRoleBinding": lambda path: path[0] == "roleRef",
    "Pod": lambda path: path[0] == "spec" and path[-1] not in ("image", "activeDeadlineSeconds", "terminationGracePeriodSeconds"),
}
_IDENTITY = {("kind",), ("apiVersion",), ("metadata", "name"), ("metadata", "namespace")}


def check_dangers(moves: Sequence[Move]) -> None:
    """Raises Refused: immutable for a field that the API server refuses to change, pruned where the object would become another one."""
    for move in moves:
        path = parse(move.path)
        if path in _IDENTITY:
            what = f"Changing {move.path} makes another object; {move.object} would be pruned."
            raise Refused(what, "Do it by hand, in two steps.", kind="pruned")
        immutable = _IMMUTABLE.get(move.object.kind)
        if immutable is not None and immutable(path):
            what = f"{move.path} of a {move.object.kind} cannot be changed once it is there."
            raise Refused(what, "The object must be deleted and made anew: a person's decision.", kind="immutable")
