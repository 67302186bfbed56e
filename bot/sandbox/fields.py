"""Who owns which field: paths through an object, `managedFields`, and the keys by which lists are merged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]
Object = dict[str, Any]

MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "protocol"),
}
SERVICE_PORT = ("port", "protocol")
UNOWNED = {("f:apiVersion",), ("f:kind",)} | {
    ("f:metadata", f"f:{name}")
    for name in ("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")
}


def merge_key(field: str, items: list[Any]) -> tuple[str, ...] | None:
    """The key fields by which the items of list `field` are told apart; None for a list that is one value."""
    keys = MERGE_KEYS.get(field)
    if keys is None or not all(isinstance(item, dict) for item in items):
        return None
    if field == "ports":
        keys = SERVICE_PORT if any("port" in item for item in items) else keys
    return keys


def item_key(item: Object, keys: tuple[str, ...]) -> str:
    """The path part that names an item of a keyed list, e.g. `k:{"name":"api"}`."""
    named = {key: item.get(key, "TCP" if key == "protocol" else None) for key in keys}
    return "k:" + json.dumps({k: v for k, v in named.items() if v is not None}, separators=(",", ":"))


def leaves(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf with its path. An empty object or a list without keys is a leaf; keyed items also count themselves."""
    if at in UNOWNED:
        return
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves(item, (*at, f"f:{name}"))
    elif isinstance(value, list) and value and (keys := merge_key(at[-1][2:], value)) is not None:
        for item in value:
            here = (*at, item_key(item, keys))
            yield (*here, "."), item_key(item, keys)
            yield from leaves(item, here)
    else:
        yield at, value


def tree(paths: set[Path]) -> Object:
    """Paths as `fieldsV1` writes them."""
    root: Object = {}
    for path in sorted(paths):
        node = root
        for part in path:
            node = node.setdefault(part, {})
    return root


def paths(fields_v1: Object, at: Path = ()) -> set[Path]:
    """The leaf paths of a `fieldsV1` tree."""
    if not fields_v1:
        return {at} if at else set()
    return set().union(*(paths(inner, (*at, part)) for part, inner in fields_v1.items()))


def readable(path: Path) -> str:
    """A path as the apiserver writes it in a conflict: `.spec.template.spec.containers[name="api"].image`."""
    text = ""
    for part in path:
        if part.startswith("k:"):
            pairs = (f"{k}={json.dumps(v)}" for k, v in json.loads(part[2:]).items())
            text += f"[{','.join(pairs)}]"
        elif part != ".":
            text += f".{part[2:]}"
    return text


def managed(obj: Object) -> list[Object]:
    """The object's managedFields entries."""
    entries: list[Object] = obj["metadata"].get("managedFields", [])
    return entries


def record(obj: Object, manager: str, operation: str, owned: set[Path], *, at: str, subresource: str = "") -> None:
    """Write that `manager` owns exactly `owned` by `operation`, and that no other `Update` manager does, in place."""
    others = [e for e in managed(obj) if (e["manager"], e["operation"], e.get("subresource", "")) != (manager, operation, subresource)]
    kept = [{**e, "fieldsV1": tree(rest)} for e in others if (rest := _left(e, owned, operation))]
    entry = {"manager": manager, "operation": operation, "apiVersion": obj["apiVersion"], "time": at}
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": tree(owned)} | ({"subresource": subresource} if subresource else {})
    obj["metadata"]["managedFields"] = [*kept, entry] if owned else kept


def owned_by(obj: Object, manager: str, operation: str) -> set[Path]:
    """What one manager owns by one operation on the main resource."""
    mine = [e for e in managed(obj) if (e["manager"], e["operation"]) == (manager, operation) and "subresource" not in e]
    return set().union(*(paths(e["fieldsV1"]) for e in mine))


def _left(entry: Object, taken: set[Path], operation: str) -> set[Path]:
    """What stays with another manager: an update takes fields away from everyone, an apply shares equal ones."""
    mine = paths(entry["fieldsV1"])
    return mine - taken if operation == "Update" else mine
