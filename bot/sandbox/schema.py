"""Which fields an object may have, read from the Kubernetes client's models: the published API schema."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import Any, NamedTuple

_CONTAINER = re.compile(r"^(list\[|dict\(str, |Dict\[str, )(.*)[\])]$", re.IGNORECASE)
_PYTHON: dict[str, type | tuple[type, ...]] = {"str": str, "bytes": str, "int": int, "bool": bool, "float": (int, float), "datetime": str}
_GO = {"str": "string", "bytes": "[]uint8", "int": "int32", "bool": "bool", "float": "float64", "datetime": "Time",
       "list": "[]", "dict": "map[string]"}  # fmt: skip
_JSON = {str: "string", int: "number", float: "number", bool: "bool", dict: "object", list: "array"}


class Mistyped(NamedTuple):
    """A value of the wrong type. wanted: the type as the client names it, or `list`, `dict`, or a model."""

    path: str
    value: Any
    wanted: str

    @property
    def sentence(self) -> str:
        """As the server's decoder says it."""
        field = re.sub(r"\[\d+\]", "", self.path)
        wanted = _GO.get(self.wanted, self.wanted.removeprefix("V1"))
        return f"json: cannot unmarshal {_JSON.get(type(self.value), 'null')} into Go struct field .{field} of type {wanted}"


class Problems(NamedTuple):
    """Paths of fields that the schema does not have, and values of the wrong type."""

    unknown: list[str]
    mistyped: list[Mistyped]


def problems(body: dict[str, Any], model: str) -> Problems:
    """What is wrong with the shape of `body` as an object of the client's `model`."""
    found = Problems([], [])
    _walk(body, model, "", found)
    return found


@cache
def fields_of(model: str) -> dict[str, str]:
    """JSON field name → type, as the client names types."""
    cls = getattr(importlib.import_module("kubernetes.client.models"), model)
    return {cls.attribute_map[name]: kind for name, kind in cls.openapi_types.items()}


def _walk(value: Any, kind: str, path: str, found: Problems) -> None:
    if value is None or kind == "object":
        return
    if (container := _CONTAINER.match(kind)) is not None:
        _walk_container(value, container.group(1).lower().startswith("list"), container.group(2), path, found)
    elif kind in _PYTHON:
        fits = isinstance(value, _PYTHON[kind]) and (kind == "bool" or not isinstance(value, bool))
        if not fits and not _quantity_like(value, kind, path):
            found.mistyped.append(Mistyped(path, value, kind))
    elif not isinstance(value, dict):
        found.mistyped.append(Mistyped(path, value, kind))
    else:
        known = fields_of(kind)
        for name, item in value.items():
            where = f"{path}.{name}" if path else name
            if name not in known:
                found.unknown.append(where)
            else:
                _walk(item, known[name], where, found)


def _walk_container(value: list[Any] | dict[str, Any], is_list: bool, inner: str, path: str, found: Problems) -> None:
    if not isinstance(value, list if is_list else dict):
        found.mistyped.append(Mistyped(path, value, "list" if is_list else "dict"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, inner, f"{path}[{index}]", found)
    else:
        for name, item in value.items():
            _walk(item, inner, f"{path}.{name}", found)


def _quantity_like(value: Any, kind: str, path: str) -> bool:
    """Quantities may be written as numbers although the schema calls them strings."""
    return kind == "str" and isinstance(value, (int, float)) and not isinstance(value, bool) and bool(_QUANTITY.search(path))


_QUANTITY = re.compile(r"(limits|requests|hard|used|capacity|allocatable|max|min|default|defaultRequest|overhead)\.[^.]+$")
