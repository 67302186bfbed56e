"""The GitOps controller of the shop: a folder whose files changed on the tracked branch is applied, and pruned."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.sandbox.apiserver import ApiServer
from bot.sandbox.applying import Inventory, Manifest, known

MANAGER = "argocd-controller"


@dataclass
class GitOps:
    """One application per folder. A folder that no commit touched is left alone: live edits there stay."""

    applied: dict[str, str] = field(default_factory=dict)  # folder → digest of its files
    inventory: Inventory = field(default_factory=Inventory)
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
        return {"applied": self.applied, "owned": self.inventory.owned, "errors": self.errors}

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        self.applied, self.inventory.owned, self.errors = saved["applied"], saved["owned"], saved["errors"]

    def _sync_folder(self, server: ApiServer, folder: str, files: dict[str, bytes]) -> None:
        self.applied[folder] = _digest(files)
        self.errors.pop(folder, None)
        try:
            manifests = [m for path in sorted(files) for m in _manifests(files[path])]
        except yaml.YAMLError as error:
            self.errors[folder] = f"ComparisonError: {error}"
            return
        if refused := self.inventory.apply(server, folder, manifests, manager=MANAGER):
            self.errors[folder] = refused


def _manifests(content: bytes) -> list[Manifest]:
    """The Kubernetes objects in a file. Raises yaml.YAMLError."""
    return list(known([d for d in yaml.safe_load_all(content) if isinstance(d, dict)]))


def _digest(files: dict[str, bytes]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest() if files else ""
