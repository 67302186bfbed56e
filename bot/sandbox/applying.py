"""What a GitOps tool does with manifests: apply them in order, remember what it owns, prune what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.apiserver import APPLY, ApiServer, Write
from bot.sandbox.fields import Object
from bot.sandbox.kinds import BY_TYPE, Kind
from bot.sandbox.refusals import ApiRefusal

FIRST = ("Namespace", "ServiceAccount", "ResourceQuota", "LimitRange", "ConfigMap", "PersistentVolumeClaim")
Manifest = tuple[Kind, Object]


@dataclass
class Inventory:
    """What each applier put into the cluster: name → kind, namespace, name of each object."""

    owned: dict[str, list[list[str]]] = field(default_factory=dict)

    def apply(self, server: ApiServer, applier: str, manifests: list[Manifest], *, manager: str) -> str:
        """Apply everything and prune the rest; what the server last refused, empty when nothing."""
        refused = ""
        for kind, manifest in sorted(manifests, key=lambda each: each[0].kind not in FIRST):
            namespace = manifest["metadata"].get("namespace", "default") if kind.namespaced else ""
            how = Write(manager=manager, force=True)
            try:
                server.patch(kind, namespace, manifest["metadata"]["name"], manifest, how, content_type=APPLY)
            except ApiRefusal as refusal:
                refused = refusal.message
        self._prune(server, applier, manifests)
        return refused

    def _prune(self, server: ApiServer, applier: str, manifests: list[Manifest]) -> None:
        keys = [[k.kind, m["metadata"].get("namespace", "") if k.namespaced else "", m["metadata"]["name"]] for k, m in manifests]
        for kind, namespace, name in [key for key in self.owned.get(applier, []) if key not in keys]:
            if (gone := server.cluster.get(kind, namespace, name)) is not None:
                server.cluster.delete(gone)
        self.owned[applier] = keys


def known(objects: list[Object]) -> Iterator[Manifest]:
    """The objects of kinds that this cluster has, each with its kind."""
    for obj in objects:
        kind = BY_TYPE.get((str(obj.get("apiVersion")), str(obj.get("kind"))))
        if kind is not None and isinstance(obj.get("metadata"), dict):
            yield kind, obj
