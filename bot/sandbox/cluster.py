"""The objects of the sandbox's cluster: stored with versions, owners, events and logs, and watched."""

from __future__ import annotations

import copy
import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sandbox import fields
from bot.sandbox.fields import Object
from bot.sandbox.kinds import Kind, kind_named

Key = tuple[str, str, str]  # kind, namespace (empty when cluster-scoped), name
CHANGES_KEPT, LOG_LINES_KEPT, EVENTS_KEPT = 2000, 200, 600
GENERATED = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "PodDisruptionBudget", "Ingress", "NetworkPolicy",
             "Application", "GitRepository", "Kustomization", "HelmRelease")  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One step in the cluster's history, for those who watch."""

    revision: int
    type: str  # ADDED, MODIFIED, DELETED
    object: Object


@dataclass
class Cluster:
    """Objects by kind, namespace and name. `logs`: (pod uid, container) → [time, line], current and previous run.

    `loads`: cores that the callers of a workload ask of its pods together, by `namespace/Kind/name`.
    """

    clock: Callable[[], datetime]
    stored: dict[Key, Object] = field(default_factory=dict)
    revision: int = 1000
    runtime: dict[str, dict[str, Any]] = field(default_factory=dict)
    logs: dict[str, list[list[str]]] = field(default_factory=dict)
    previous_logs: dict[str, list[list[str]]] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    changed: Callable[[], None] = lambda: None

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """The object, or None."""
        return self.stored.get((kind, namespace, name))

    def objects(self) -> list[Object]:
        """Every object, by kind, namespace and name."""
        return [obj for _, obj in sorted(self.stored.items())]

    def all(self, kind: str, namespace: str | None = None) -> list[Object]:
        """Every object of a kind, by namespace and name."""
        found = [(key, o) for key, o in self.stored.items() if key[0] == kind and namespace in (None, key[1])]
        return [o for _, o in sorted(found, key=lambda pair: pair[0])]

    def owned(self, owner: Object, kind: str) -> list[Object]:
        """The objects of `kind` that `owner` controls, oldest first."""
        uid = owner["metadata"]["uid"]
        return [o for o in self.stored.values() if o["kind"] == kind and _controller(o).get("uid") == uid]

    def owner(self, obj: Object) -> Object | None:
        """The object that controls this one."""
        reference = _controller(obj)
        return self.get(reference["kind"], obj["metadata"]["namespace"], reference["name"]) if reference else None

    def root(self, obj: Object) -> Object:
        """The end of the chain of owners: a pod's Deployment, StatefulSet, DaemonSet or CronJob."""
        owner = self.owner(obj)
        return obj if owner is None else self.root(owner)

    def prepared(self, obj: Object, old: Object | None) -> Object:
        """The object with the metadata that the server fills in; nothing is stored."""
        fresh = copy.deepcopy(obj)
        metadata = fresh.setdefault("metadata", {})
        if old is None:
            metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": self.now()}
            if fresh["kind"] in GENERATED:
                metadata["generation"] = 1
        else:
            metadata |= {k: old["metadata"][k] for k in ("uid", "creationTimestamp", "generation") if k in old["metadata"]}
            if fresh.get("spec") != old.get("spec") and "generation" in metadata:
                metadata["generation"] += 1
        metadata.pop("resourceVersion", None)
        if old is not None:
            metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
        return fresh

    def write(self, obj: Object, manager: str, *, operation: str = "Update", owned: set[fields.Path] | None = None) -> Object:
        """Create or replace an object for `manager`, who then owns what changed (or exactly `owned`)."""
        old, fresh = self.stored.get(key_of(obj)), self.rehearse(obj, manager, operation=operation, owned=owned)
        if old is not None and _without_bookkeeping(old) == _without_bookkeeping(fresh):
            return old
        return self._store(fresh, "ADDED" if old is None else "MODIFIED")

    def rehearse(self, obj: Object, manager: str, *, operation: str = "Update", owned: set[fields.Path] | None = None) -> Object:
        """What `write` would store; nothing is stored."""
        old = self.stored.get(key_of(obj))
        fresh = self.prepared(obj, old)
        if old is not None and "status" in old and "status" not in fresh:
            fresh["status"] = copy.deepcopy(old["status"])
        if owned is None:
            kept = fields.owned_by(old, manager, operation) & set(dict(fields.leaves(fresh))) if old else set()
            owned = _changed_paths(old, fresh) | kept
        fields.record(fresh, manager, operation, owned, at=self.now())
        return fresh

    def set_status(self, obj: Object, status: Object) -> Object:
        """Replace an object's status if it differs."""
        current = self.stored[key_of(obj)]
        if current.get("status") == status:
            return current
        return self._store({**current, "status": status}, "MODIFIED")

    def annotate(self, obj: Object, annotations: dict[str, str]) -> Object:
        """Set annotations on a stored object, as its controller does."""
        current = copy.deepcopy(self.stored[key_of(obj)])
        current["metadata"].setdefault("annotations", {}).update(annotations)
        return current if current == self.stored[key_of(obj)] else self._store(current, "MODIFIED")

    def delete(self, obj: Object) -> None:
        """Remove an object and everything it owns."""
        key = key_of(obj)
        if key not in self.stored:
            return
        gone = self.stored.pop(key)
        uid = gone["metadata"]["uid"]
        for name in [n for n in (*self.logs, *self.previous_logs) if n.startswith(f"{uid}/")]:
            self.logs.pop(name, None)
            self.previous_logs.pop(name, None)
        self.runtime.pop(uid, None)
        self._remember("DELETED", gone)
        for child in [o for o in [*self.stored.values()] if _controller(o).get("uid") == uid]:
            self.delete(child)

    def event(self, about: Object, kind: str, reason: str, message: str, *, by: str, path: str = "") -> None:
        """Record an event, or count one up that was recorded before. `kind` is Normal or Warning; `by` the component that tells."""
        metadata, now = about["metadata"], self.now()
        known = self.get("Event", metadata.get("namespace") or "default", name := _event_name(metadata, reason, message))
        if known is not None:
            again = {**known, "count": known["count"] + 1, "lastTimestamp": now}
            self._store(again, "MODIFIED")
            return
        involved = {"kind": about["kind"], "namespace": metadata.get("namespace"), "name": metadata["name"], "uid": metadata["uid"]}
        involved |= {"apiVersion": about["apiVersion"], "resourceVersion": metadata.get("resourceVersion")}
        involved |= {"fieldPath": path} if path else {}
        source = {"component": by} | ({"host": about["spec"]["nodeName"]} if by == "kubelet" else {})
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": metadata.get("namespace") or "default"},
            "involvedObject": {k: v for k, v in involved.items() if v is not None},
            "reason": reason,
            "message": message,
            "source": source,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": kind,
            "eventTime": None,
            "reportingComponent": by,
            "reportingInstance": source.get("host", ""),
        }
        self._store(self.prepared(event, None), "ADDED")
        self._forget_old_events()

    def say(self, pod: Object, container: str, line: str) -> None:
        """Append a line to a container's log."""
        log = self.logs.setdefault(f"{pod['metadata']['uid']}/{container}", [])
        log.append([self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z"), line])
        del log[:-LOG_LINES_KEPT]

    def now(self) -> str:
        """The time as objects carry it: whole seconds, UTC."""
        return timestamp(self.clock())

    def adopt(self, other: Cluster) -> None:
        """Take over what lived in another cluster so far, with its logs and its age; what is here already stays as it is."""
        for key in [key for key in other.stored if key not in self.stored]:
            self._store(other.stored[key], "ADDED")
        self.runtime |= other.runtime
        self.logs |= other.logs
        self.previous_logs |= other.previous_logs

    def snapshot(self) -> dict[str, Any]:
        """JSON-able form of everything but the history for watchers."""
        kept = {"revision": self.revision, "runtime": self.runtime, "logs": self.logs, "previous_logs": self.previous_logs}
        return {**kept, "loads": self.loads, "objects": list(self.stored.values())}

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        self.stored = {key_of(o): o for o in saved["objects"]}
        self.revision, self.runtime = saved["revision"], saved["runtime"]
        self.logs, self.previous_logs, self.loads = saved["logs"], saved["previous_logs"], saved.get("loads", {})

    def _store(self, obj: Object, kind: str) -> Object:
        self.revision += 1
        obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.revision)}}
        self.stored[key_of(obj)] = obj
        self._remember(kind, obj)
        return obj

    def _remember(self, kind: str, obj: Object) -> None:
        if kind == "DELETED":
            self.revision += 1
            obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.revision)}}
        self.changes.append(Change(self.revision, kind, obj))
        del self.changes[:-CHANGES_KEPT]
        self.changed()

    def _forget_old_events(self) -> None:
        events = self.all("Event")
        for event in sorted(events, key=lambda e: str(e["lastTimestamp"]))[:-EVENTS_KEPT]:
            self.delete(event)


def key_of(obj: Object) -> Key:
    """Where an object is stored."""
    return obj["kind"], obj["metadata"].get("namespace") or "", obj["metadata"]["name"]


def kind_of(obj: Object) -> Kind:
    """The kind of a stored object."""
    return kind_named(obj["kind"])


def timestamp(at: datetime) -> str:
    """A time as objects carry it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def matches(selector: Object | None, labels: dict[str, str]) -> bool:
    """Whether labels fit a label selector; an absent selector fits nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    return all(labels.get(k) == v for k, v in wanted.items()) and all(
        _expression_holds(e, labels) for e in selector.get("matchExpressions", [])
    )


def controlled_by(owner: Object) -> list[Object]:
    """The `ownerReferences` of what `owner` controls."""
    about = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"]}
    return [{**about, "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]


def containers(pod_spec: Object) -> Iterator[Object]:
    """The containers of a pod's spec."""
    yield from pod_spec.get("containers", [])


def short_hash(*parts: object, length: int = 10) -> str:
    """Letters and digits that stand for the parts, in the alphabet of Kubernetes' generated names."""
    alphabet = "bcdfghjklmnpqrstvwxz2456789"
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:length])


def _controller(obj: Object) -> Object:
    references: list[Object] = obj["metadata"].get("ownerReferences", [])
    return next((r for r in references if r.get("controller")), {})


def _event_name(metadata: Object, reason: str, message: str) -> str:
    digest = hashlib.sha256(f"{metadata['uid']} {reason} {message}".encode()).hexdigest()[:16]
    return f"{metadata['name']}.{digest}"


def _changed_paths(old: Object | None, new: Object) -> set[fields.Path]:
    before = dict(fields.leaves(_unmanaged(old))) if old else {}
    return {p for p, v in fields.leaves(_unmanaged(new)) if before.get(p, ...) != v}


def _unmanaged(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name != "status"}


def _without_bookkeeping(obj: Object) -> Object:
    metadata = {k: v for k, v in obj["metadata"].items() if k not in ("resourceVersion", "managedFields")}
    owned = [(e["manager"], e["operation"], e["fieldsV1"]) for e in fields.managed(obj)]
    return {**obj, "metadata": {**metadata, "managedFields": owned}}


def _expression_holds(expression: Object, labels: dict[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", [])
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
    return value is None
