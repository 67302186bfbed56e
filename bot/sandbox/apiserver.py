"""The write path of the sandbox's apiserver: decode, patch, default, admit, store; or all of it but the last."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.sandbox import admission, patching, typed_patches
from bot.sandbox.cluster import Cluster
from bot.sandbox.defaults import defaulted
from bot.sandbox.fields import Object, Path
from bot.sandbox.kinds import Kind
from bot.sandbox.refusals import ApiRefusal, not_found, stale

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


@dataclass(frozen=True, kw_only=True)
class Write:
    """How a write is asked for: by whom, rehearsed or not, how strictly (Ignore, Warn, Strict)."""

    manager: str
    dry_run: bool = False
    validation: str = "Warn"
    force: bool = False


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of a write; `warnings` go into headers."""

    object: Object
    created: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApiServer:
    """Writes to one cluster. Everything raises ApiRefusal as a kube-apiserver would."""

    cluster: Cluster

    def create(self, kind: Kind, namespace: str, body: Object, how: Write) -> Written:
        """POST."""
        name = self._named(kind, namespace, body, None)
        if self.cluster.get(kind.kind, namespace, name) is not None:
            text = f'{kind.resource} "{name}" already exists'
            raise ApiRefusal(HTTPStatus.CONFLICT, text, "AlreadyExists", {"name": name, "kind": kind.plural})
        return self._finish(kind, body, None, how)

    def replace(self, kind: Kind, namespace: str, name: str, body: Object, how: Write) -> Written:
        """PUT."""
        old = self._existing(kind, namespace, name)
        self._named(kind, namespace, body, name)
        return self._finish(kind, body, old, how)

    def patch(self, kind: Kind, namespace: str, name: str, patch: Any, how: Write, *, content_type: str) -> Written:
        """PATCH with one of the four patch types."""
        if content_type == APPLY:
            return self._apply(kind, namespace, name, patch, how)
        old = self._existing(kind, namespace, name)
        match content_type:
            case _ if content_type == JSON_PATCH:
                fresh = patching.json_patch(old, patch)
            case _ if content_type == MERGE_PATCH:
                fresh = patching.merge_patch(old, patch)
            case _:
                fresh = patching.strategic_merge(old, patch)
        self._named(kind, namespace, fresh, name)
        return self._finish(kind, fresh, old, how, patch=patch)

    def delete(self, kind: Kind, namespace: str, name: str, how: Write) -> Object:
        """DELETE."""
        old = self._existing(kind, namespace, name)
        if not how.dry_run:
            self.cluster.delete(old)
        return old

    def _apply(self, kind: Kind, namespace: str, name: str, body: Object, how: Write) -> Written:
        live = self.cluster.get(kind.kind, namespace, name)
        self._named(kind, namespace, body, name)
        if body["metadata"].get("managedFields"):
            raise ApiRefusal(HTTPStatus.BAD_REQUEST, "metadata.managedFields must be nil")
        typed_patches.check(body, kind, namespace, name)
        merged, owned = patching.server_side_apply(live, body, how.manager, force=how.force)
        return self._finish(kind, merged, live, how, owned=owned)

    def _finish(
        self, kind: Kind, body: Object, old: Object | None, how: Write, *, owned: set[Path] | None = None, patch: Any = None
    ) -> Written:
        warnings = self._unknown(kind, body, how, patch)
        version = body["metadata"].get("resourceVersion")
        if old is not None and version not in (None, "", old["metadata"]["resourceVersion"]):
            raise stale(kind, body["metadata"]["name"])
        fresh = defaulted(body)
        if kind.kind != "Event":
            fresh |= _status(kind, old)
        admission.admit(self.cluster, fresh, old, kind)
        operation = "Apply" if owned is not None else "Update"
        write = self.cluster.rehearse if how.dry_run else self.cluster.write
        made = write(fresh, how.manager, operation=operation, owned=owned)
        return Written(object=made, created=old is None, warnings=tuple(warnings))

    def _unknown(self, kind: Kind, body: Object, how: Write, patch: Any) -> list[str]:
        unknown = [f'unknown field "{field}"' for field in admission.check_types(body, kind)]
        if not unknown or how.validation == "Ignore":
            _drop_unknown(body, kind)
            return []
        if how.validation == "Warn":
            _drop_unknown(body, kind)
            return unknown
        said = f"strict decoding error: {', '.join(unknown)}"
        if patch is not None:
            text = f' "" is invalid: patch: Invalid value: "{patch}": {said}'
            raise ApiRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, text, details={"causes": [{"message": said, "field": "patch"}]})
        version = kind.api_version.rsplit("/", 1)[-1]
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f'{kind.kind} in version "{version}" cannot be handled as a {kind.kind}: {said}')

    def _existing(self, kind: Kind, namespace: str, name: str) -> Object:
        found = self.cluster.get(kind.kind, namespace, name)
        if found is None:
            raise not_found(kind, name)
        return found

    def _named(self, kind: Kind, namespace: str, body: Object, name: str | None) -> str:
        """Check that the body says what the URL says, and complete it; the name."""
        for field, wanted in (("apiVersion", kind.api_version), ("kind", kind.kind)):
            if body.setdefault(field, wanted) != wanted:
                text = f"the {field} in the data ({body[field]}) does not match the expected {field} ({wanted})"
                raise ApiRefusal(HTTPStatus.BAD_REQUEST, text)
        metadata = body.setdefault("metadata", {})
        if kind.namespaced and metadata.setdefault("namespace", namespace) != namespace:
            text = f"the namespace of the provided object does not match the namespace sent on the request ({namespace})"
            raise ApiRefusal(HTTPStatus.BAD_REQUEST, text)
        given = metadata.setdefault("name", name)
        if not given:
            text = f'{kind.qualified} "" is invalid: metadata.name: Required value: name or generateName is required'
            raise ApiRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, text)
        if name is not None and given != name:
            text = f"the name of the object ({given}) does not match the name on the URL ({name})"
            raise ApiRefusal(HTTPStatus.BAD_REQUEST, text)
        return str(given)


def _status(kind: Kind, old: Object | None) -> Object:
    """What a write of the whole object leaves of its status: all of it; a new pod waits."""
    if old is None:
        return {"status": {"phase": "Pending"}} if kind.kind == "Pod" else {}
    return {"status": old["status"]} if "status" in old else {}


def _drop_unknown(body: Object, kind: Kind) -> None:
    """Without strict validation an unknown field is accepted and lost."""
    for path in sorted(admission.check_types(body, kind), reverse=True):
        node: Any = body
        *parents, last = path.replace("[", ".[").split(".")
        for part in parents:
            node = node[int(part[1:-1])] if part.startswith("[") else node[part]
        node.pop(last, None)
