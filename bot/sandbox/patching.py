"""The four ways to patch an object: JSON patch, merge patch, strategic merge patch, server-side apply."""

from __future__ import annotations

import copy
import json
from http import HTTPStatus
from typing import Any

from bot.sandbox import fields
from bot.sandbox.fields import Object, Path
from bot.sandbox.refusals import ApiRefusal, apply_conflict


def merge_patch(value: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(value) if isinstance(value, dict) else {}
    for name, item in patch.items():
        if item is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), item)
    return merged


def strategic_merge(value: Any, patch: Any, field: str = "") -> Any:
    """Kubernetes' merge: lists with a merge key are merged item by item; `$patch: delete | replace` are obeyed."""
    if isinstance(patch, list):
        keys = fields.merge_key(field, patch)
        return _merge_items(value or [], patch, keys[:1]) if keys and isinstance(value, list) else _plain(patch)
    if not isinstance(patch, dict):
        return patch
    if patch.get("$patch") == "replace":
        return {name: item for name, item in patch.items() if name != "$patch"}
    merged = dict(value) if isinstance(value, dict) else {}
    for name, item in patch.items():
        if item is None:
            merged.pop(name, None)
        elif not name.startswith("$"):
            merged[name] = strategic_merge(merged.get(name), item, name)
    return merged


def json_patch(obj: Object, operations: list[Object]) -> Object:
    """RFC 6902. Raises ApiRefusal (422) for an operation that cannot be done."""
    result = copy.deepcopy(obj)
    for operation in operations:
        try:
            _operate(result, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            text = "the server rejected our request due to an error in our request"
            raise ApiRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, text, details={}) from error
    return result


def server_side_apply(live: Object | None, applied: Object, manager: str, *, force: bool) -> tuple[Object, set[Path]]:
    """Merge what `manager` applies into the live object; the new object and the paths that the manager now owns.

    Raises ApiRefusal (409) when another manager owns a field with another value and `force` is not set.
    """
    applied = copy.deepcopy(applied)
    wanted = dict(fields.leaves(applied))
    if live is None:
        return applied, set(wanted)
    before = dict(fields.leaves(live))
    conflicts = _conflicts(live, wanted, before, manager)
    if conflicts and not force:
        raise apply_conflict(conflicts)
    merged = _apply(live, applied, "")
    given_up = fields.owned_by(live, manager, "Apply") - set(wanted)
    # whole items first: an item that lost its key could not be found again
    for path in sorted(given_up - _owned_by_others(live, manager), key=lambda p: (p[-1] != ".", -len(p))):
        _remove(merged, path)
    if force:
        _dispossess(merged, {path for path in wanted if before.get(path) != wanted[path]}, manager)
    return merged, set(wanted)


def _conflicts(live: Object, wanted: dict[Path, Any], before: dict[Path, Any], manager: str) -> list[tuple[str, str]]:
    changed = {p for p, v in wanted.items() if p[-1] != "." and p in before and before[p] != v}
    found = []
    for entry in fields.managed(live):
        if (entry["manager"], entry["operation"]) == (manager, "Apply") or entry.get("subresource"):
            continue
        using = "" if entry["operation"] == "Apply" else f" using {entry['apiVersion']}"
        found += [(f'"{entry["manager"]}"{using}', fields.readable(p)) for p in sorted(fields.paths(entry["fieldsV1"]) & changed)]
    return found


def _owned_by_others(live: Object, manager: str) -> set[Path]:
    others = [e for e in fields.managed(live) if (e["manager"], e["operation"]) != (manager, "Apply")]
    return set().union(*(fields.paths(e["fieldsV1"]) for e in others))


def _dispossess(obj: Object, taken: set[Path], manager: str) -> None:
    """A forced apply takes the fields that it changes away from everyone else."""
    entries = []
    for entry in fields.managed(obj):
        if (entry["manager"], entry["operation"]) != (manager, "Apply"):
            entry = {**entry, "fieldsV1": fields.tree(fields.paths(entry["fieldsV1"]) - taken)}  # noqa: PLW2901
        entries.append(entry)
    obj["metadata"]["managedFields"] = entries


def _apply(live: Any, applied: Any, field: str) -> Any:
    if isinstance(applied, dict) and isinstance(live, dict):
        merged = {**live, **{n: _apply(live.get(n), v, n) for n, v in applied.items()}}
        return {n: v for n, v in merged.items() if v is not None}
    keys = fields.merge_key(field, applied) if isinstance(applied, list) else None
    if keys and isinstance(live, list):
        items = {fields.item_key(item, keys): item for item in live}
        for item in applied:
            key = fields.item_key(item, keys)
            items[key] = _apply(items.get(key), item, "")
        return list(items.values())
    return applied


def _remove(obj: Any, path: Path) -> None:
    """Take the leaf at `path` out of the object, and containers that became empty with it."""
    part, rest = path[0], path[1:]
    child = _child(obj, part)
    if child is None:
        return
    if rest and rest != (".",):
        _remove(child, rest)
        if child:
            return
    if isinstance(obj, list):
        obj.remove(child)
    else:
        del obj[part[2:]]


def _child(obj: Any, part: str) -> Any:
    if isinstance(obj, dict):
        return obj.get(part[2:])
    keys = tuple(json.loads(part[2:]))
    return next((item for item in obj if fields.item_key(item, keys) == part), None)


def _merge_items(live: list[Any], patch: list[Any], keys: tuple[str, ...]) -> list[Any]:
    items = {fields.item_key(item, keys): item for item in live}
    for item in patch:
        key = fields.item_key(item, keys)
        if item.get("$patch") == "delete":
            items.pop(key, None)
        else:
            items[key] = strategic_merge(items.get(key), item)
    return list(items.values())


def _plain(patch: list[Any]) -> list[Any]:
    return [item for item in copy.deepcopy(patch) if not (isinstance(item, dict) and "$patch" in item)]


def _operate(obj: Object, operation: Object) -> None:
    parts = [p.replace("~1", "/").replace("~0", "~") for p in operation["path"].split("/")[1:]]
    parent: Any = obj
    for part in parts[:-1]:
        parent = parent[int(part) if isinstance(parent, list) else part]
    last: Any = parts[-1]
    if isinstance(parent, list):
        last = len(parent) if last == "-" else int(last)
    match operation["op"]:
        case "add" if isinstance(parent, list):
            parent.insert(last, operation["value"])
        case "add":
            parent[last] = operation["value"]
        case "replace":
            parent[last]
            parent[last] = operation["value"]
        case "remove":
            del parent[last]
        case "test":
            if parent[last] != operation["value"]:
                raise ValueError(operation["path"])
        case _:
            raise ValueError(operation["op"])
