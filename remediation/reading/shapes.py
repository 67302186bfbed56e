"""Objects out of files in the API's own shape: what a stranger wrote in another is left away, so that every reader may rely on the rest."""

from collections.abc import Mapping
from typing import Any

from remediation.kinds import KINDS
from remediation.reading.api_fields import WRONG, fields_of, number, plain, text
from remediation.terms import Json

Object = Mapping[str, Json]

_MAPPINGS = (dict, Mapping)  # the plain one first: the abstract class takes long to ask


def shaped(thing: Object) -> Object:
    """The object without the fields that cannot be what the API says that they are; the very same one where all can."""
    kind, group = str(thing.get("kind")), str(thing.get("apiVersion", "")).rpartition("/")[0]
    if kind in KINDS and "." not in KINDS[kind].group and "." in group and not group.endswith(".k8s.io"):
        return {**thing, "kind": f"{kind}.{group}"}  # a namesake, such as Knative's Service
    whole: Object = _shaped(thing, fields_of(kind, known=kind in KINDS))
    return whole


def _shaped(value: Any, shape: Any) -> Any:
    if isinstance(shape, dict):
        return _mapped(value, shape) if isinstance(value, _MAPPINGS) else WRONG
    if isinstance(shape, list):
        return None if value is None else _listed(value, shape[0])
    if callable(shape):
        return shape(value) if value is not None else WRONG if shape is number else None
    return _mapped(value, dict.fromkeys(value, shape[0])) if isinstance(value, _MAPPINGS) else WRONG


def _mapped(value: Mapping[str, Any], inside: Mapping[str, Any]) -> Mapping[str, Any]:
    changed: dict[str, Any] = {}
    for key, old in value.items():
        expected = inside.get(key)
        if expected is None or ((expected is text or expected is plain) and isinstance(old, str)):  # as most are
            continue
        if (new := _shaped(old, expected)) is not old:
            changed[key] = new
    return {key: changed.get(key, old) for key, old in value.items() if changed.get(key) is not WRONG} if changed else value


def _listed(value: Any, shape: Any) -> Any:
    if not isinstance(value, list):
        return WRONG
    items = [_shaped(item, shape) for item in value]
    kept = [item for item in items if item is not WRONG and item is not None]
    return value if len(kept) == len(value) and all(new is old for new, old in zip(kept, value, strict=True)) else kept
