"""Label and field selectors, and lists a page at a time."""

from __future__ import annotations

import base64
import json
import re
from http import HTTPStatus
from typing import Any

from bot.sandbox.fields import Object
from bot.sandbox.kinds import Kind
from bot.sandbox.refusals import ApiRefusal

_SET = re.compile(r"^([^\s!=,()]+)\s+(in|notin)\s+\(([^)]*)\)$")
_EQUAL = re.compile(r"^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s=,()]*)$")
_EXISTS = re.compile(r"^(!?)\s*([^\s!=,()]+)$")
_FIELDS = {
    "Pod": {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP"},
    "Event": {f"involvedObject.{name}" for name in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")}
    | {"reason", "reportingComponent", "source", "type"},
    "Namespace": {"status.phase"},
    "Secret": {"type"},
    "Job": {"status.successful"},
    "Node": {"spec.unschedulable"},
}


def selected(objects: list[Object], kind: Kind, labels: str, fields: str) -> list[Object]:
    """The objects that both selectors choose. Raises ApiRefusal (400) for one that cannot be read."""
    tests = [_label_test(part) for part in re.split(r",(?![^(]*\))", labels) if part.strip()]
    wanted = [_field_test(part, kind) for part in fields.split(",") if part]
    return [o for o in objects if all(holds(o, test) for test in tests) and all(_field_holds(o, test) for test in wanted)]


def page(objects: list[Object], limit: str, token: str, revision: int) -> tuple[list[Object], Object]:
    """One page and the list's metadata. Raises ApiRefusal (400) for a token that is not ours."""
    start = _start(token) if token else 0
    size = int(limit) if limit.isdigit() and limit != "0" else len(objects)
    rest = len(objects) - start - size
    metadata: Object = {"resourceVersion": str(revision)}
    if rest > 0:
        metadata["continue"] = base64.urlsafe_b64encode(json.dumps({"v": "meta.k8s.io/v1", "start": start + size}).encode()).decode()
        metadata["remainingItemCount"] = rest
    return objects[start : start + size], metadata


def holds(obj: Object, test: tuple[str, str, list[str]]) -> bool:
    """Whether an object's labels pass one test."""
    key, operator, values = test
    value = obj["metadata"].get("labels", {}).get(key)
    match operator:
        case "in":
            return value in values
        case "notin":
            return value not in values
        case "exists":
            return value is not None
    return value is None


def _label_test(text: str) -> tuple[str, str, list[str]]:
    text = text.strip()
    if found := _SET.match(text):
        return found[1], found[2], [value.strip() for value in found[3].split(",")]
    if found := _EQUAL.match(text):
        return found[1], "notin" if found[2] == "!=" else "in", [found[3]]
    if found := _EXISTS.match(text):
        return found[2], "absent" if found[1] else "exists", []
    raise ApiRefusal(HTTPStatus.BAD_REQUEST, f"unable to parse requirement: found '{text}', expected: identifier")


def _field_test(text: str, kind: Kind) -> tuple[str, str, str]:
    """Field, operator, value. Raises ApiRefusal (400) for a field that the server keeps no index of, whether objects are there or not."""
    found = _EQUAL.match(text.strip())
    if found is None:
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f"invalid selector: '{text}'; can't understand '{text}'")
    field, operator, value = found.groups()
    if field not in {"metadata.name", "metadata.namespace"} | _FIELDS.get(kind.kind, set()):
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f'Unable to find "{kind.api_version}, Resource={kind.plural}" that match label selector '
                         f'"", field selector "{text}": field label not supported: {field}')  # fmt: skip
    return field, operator, value


def _field_holds(obj: Object, test: tuple[str, str, str]) -> bool:
    field, operator, wanted = test
    value: Any = obj
    for part in ("source.component" if field == "source" else field).split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    return (str(value) == wanted) != (operator == "!=")


def _start(token: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, "continue key is not valid: invalid continue token") from error
