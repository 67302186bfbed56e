"""What server-side apply refuses before it merges: fields that a kind does not have, values of another type, keys that stand twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from bot.sandbox import fields, quantities
from bot.sandbox.defaults import QUANTITY_MAPS
from bot.sandbox.fields import Object
from bot.sandbox.kinds import Kind
from bot.sandbox.refusals import ApiRefusal
from bot.sandbox.schema import Mistyped, problems

_INDEX = re.compile(r"\[(\d+)\]$")


def check(body: Object, kind: Kind, namespace: str, name: str) -> None:
    """Raise ApiRefusal (500, as the server has it) for what it cannot read as an object of this kind."""
    about = f"({namespace}/{name}; {_version(kind)}, Kind={kind.kind})"
    found = problems(body, kind.model)
    said = [f"{_keyed(body, each.path)}: {_expected(each)}" for each in found.mistyped]
    said += [f"{_keyed(body, field)}: field not declared in schema" for field in found.unknown]
    said += [] if kind.custom else _twice(body, "")
    if said:
        told = said[0] if len(said) == 1 else "errors:" + "".join(f"\n  {each}" for each in said)
        raise _refused(f"failed to create typed patch object {about}: {told}")
    if not kind.custom and any(_no_quantities(body)):
        what = f"unable to convert unstructured object to {_version(kind)}, Kind={kind.kind}: {quantities.INVALID}"
        raise _refused(f"failed to convert new object {about} to proper version: {what}")


def _refused(text: str) -> ApiRefusal:
    return ApiRefusal(HTTPStatus.INTERNAL_SERVER_ERROR, text, reason="")


def _version(kind: Kind) -> str:
    """Group and version; the core group is empty before its slash."""
    return kind.api_version if kind.group else f"/{kind.api_version}"


def _expected(wrong: Mistyped) -> str:
    match wrong.wanted:
        case "int" | "float":
            return f"expected numeric (int or float), got {'string' if isinstance(wrong.value, str) else 'boolean'}"
        case "bool":
            return f"expected boolean, got &{{{_go(wrong.value)}}}"
        case "list":
            return f"expected list, got &{{{_go(wrong.value)}}}"
        case "str" | "bytes" | "datetime":
            return f"expected string, got &value.valueUnstructured{{Value:{_go(wrong.value)}}}"
    return f"expected map, got &{{{_go(wrong.value)}}}"


def _go(value: Any) -> str:
    """A value as Go prints it."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{name}:{_go(item)}' for name, item in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(_go, value))}]"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _keyed(body: Object, path: str) -> str:
    """`spec.containers[0].image` as apply names it: `.spec.containers[name="api"].image`."""
    told, node = "", body
    for part in path.split("."):
        name = _INDEX.sub("", part)
        told += f".{name}"
        node = node.get(name, {}) if isinstance(node, dict) else {}
        if (index := _INDEX.search(part)) and isinstance(node, list):
            keys = fields.merge_key(name, node)
            node = node[int(index[1])]
            told += f"[{_key(node, keys)}]" if keys else index[0]
    return told


def _key(item: Object, keys: tuple[str, ...]) -> str:
    named = {key: item.get(key, "TCP" if key == "protocol" else None) for key in keys}
    return ",".join(f"{key}={json.dumps(value)}" for key, value in named.items() if value is not None)


def _twice(value: Any, path: str) -> list[str]:
    """Keyed lists in which a key stands twice."""
    if isinstance(value, dict):
        return [each for name, item in value.items() for each in _twice(item, f"{path}.{name}")]
    if not isinstance(value, list) or not (keys := fields.merge_key(path.rpartition(".")[2], value)):
        return []
    named = [_key(item, keys) for item in value]
    again = sorted({key for key in named if named.count(key) > 1})
    inner = [each for key, item in zip(named, value, strict=True) for each in _twice(item, f"{path}[{key}]")]
    return [*(f"{path}: duplicate entries for key [{key}]" for key in again), *inner]


def _no_quantities(value: Any, field: str = "") -> Iterator[str]:
    """Amounts that are none."""
    items = value.items() if isinstance(value, dict) else [("", item) for item in value] if isinstance(value, list) else []
    for name, item in items:
        if field in QUANTITY_MAPS and isinstance(item, str):
            try:
                quantities.parse(item)
            except ValueError:
                yield item
        else:
            yield from _no_quantities(item, name)
