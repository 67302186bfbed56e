"""The sandbox's GitOps controller: a folder whose files changed on the tracked branch is applied, and pruned."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.sandbox.apiserver import APPLY, ApiServer, Write
from bot.sandbox.fields import Object
from bot.sandbox.kinds import BY_TYPE, Kind
from bot.sandbox.refusals import ApiRefusal

MANAGER = "argocd-controller"
FIRST = ("Namespace", "ServiceAccount", "ResourceQuota", "LimitRange", "ConfigMap", "PersistentVolumeClaim")
Manifest = tuple[Kind, Object]


@dataclass
class GitOps:
    """One application per folder. A folder that no commit touched is left alone: live edits there stay."""

    applied: dict[str, str] = field(default_factory=dict)  # folder → digest of its files
    owned: dict[str, list[list[str]]] = field(default_factory=dict)  # folder → kind, namespace, name
    errors: dict[str, str] = field(default_factory=dict)  # folder → why its last sync failed

    def sync(self, server: ApiServer, files: dict[str, bytes]) -> None:
        """Apply every folder whose files are not what was last applied."""
        folders: dict[str, dict[str, bytes]] = {folder: {} for folder in self.applied}
        for path, content in files.items():
            if path.endswith((".yaml", ".yml", ".json")):
                folders.setdefault(path.rpartition("/")[0], {})[path] = content
        fresh = {name: inside for name, inside in folders.items() if self.applied.get(name) != _digest(inside)}
        for name in sorted(fresh, key=lambda folder: ("platform" not in folder, folder)):
            self._sync_folder(server, name, fresh[name])

    def snapshot(self) -> dict[str, Any]:
        """JSON-able form."""
        return dict(vars(self))

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        self.applied, self.owned, self.errors = saved["applied"], saved["owned"], saved["errors"]

    def _sync_folder(self, server: ApiServer, folder: str, files: dict[str, bytes]) -> None:
        self.applied[folder] = _digest(files)
        self.errors.pop(folder, None)
        try:
            manifests = [m for path in sorted(files) for m in _manifests(files[path])]
        except yaml.YAMLError as error:
            self.errors[folder] = f"ComparisonError: {error}"
            return
        manifests.sort(key=lambda m: m[0].kind not in FIRST)
        for kind, manifest in manifests:
            self._apply(server, folder, kind, manifest)
        self._prune(server, folder, manifests)

    def _apply(self, server: ApiServer, folder: str, kind: Kind, manifest: Object) -> None:
        namespace = manifest["metadata"].get("namespace", "default") if kind.namespaced else ""
        how = Write(manager=MANAGER, force=True)
        try:
            server.patch(kind, namespace, manifest["metadata"]["name"], manifest, how, content_type=APPLY)
        except ApiRefusal as refusal:
            self.errors[folder] = refusal.message

    def _prune(self, server: ApiServer, folder: str, manifests: list[Manifest]) -> None:
        keys = [[k.kind, m["metadata"].get("namespace", "") if k.namespaced else "", m["metadata"]["name"]] for k, m in manifests]
        for kind, namespace, name in [key for key in self.owned.get(folder, []) if key not in keys]:
            if (gone := server.cluster.get(kind, namespace, name)) is not None:
                server.cluster.delete(gone)
        self.owned[folder] = keys


def _manifests(content: bytes) -> list[Manifest]:
    """The Kubernetes objects in a file. Raises yaml.YAMLError."""
    documents = [d for d in yaml.safe_load_all(content) if isinstance(d, dict)]
    known = [(BY_TYPE.get((str(d.get("apiVersion")), str(d.get("kind")))), d) for d in documents]
    return [(kind, d) for kind, d in known if kind is not None and isinstance(d.get("metadata"), dict)]


def _digest(files: dict[str, bytes]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest() if files else ""
