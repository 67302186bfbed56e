"""Continuous delivery in the sandbox's cluster: Argo CD and Flux, and the projects that they deliver."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import argocd
from bot.sandbox.apiserver import ApiServer, Write
from bot.sandbox.applying import Inventory, known
from bot.sandbox.argocd import ArgoCD
from bot.sandbox.fields import Object
from bot.sandbox.flux import Flux
from bot.sandbox.sources import Sources

ROUNDS = 10  # an app of apps, a Kustomization that a Kustomization makes: a few rounds; more would be a loop
INSTALLER = "kubectl"


@dataclass
class Delivery:
    """Both tools' controllers over one cluster. `projects`: ids of the GitLab projects that are delivered here."""

    server: ApiServer
    sources: Sources
    projects: list[int] = field(default_factory=list)
    applied: dict[str, str] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=Inventory)
    _syncing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sync(self) -> None:
        """Let both go on until nothing moves. Raises MissingTool."""
        how: dict[str, Any] = {"server": self.server, "sources": self.sources, "inventory": self.inventory, "applied": self.applied}
        tools = (ArgoCD(**how), Flux(**how))
        async with self._syncing:
            for _ in range(ROUNDS):
                if not any([await tool.sync() for tool in tools]):
                    return

    def install(self, objects: list[Object]) -> None:
        """What somebody applies by hand, once, so that the tools know what to deliver."""
        for kind, obj in known(objects):
            metadata = obj["metadata"]
            if self.server.cluster.get(kind.kind, metadata.get("namespace", ""), metadata["name"]) is None:
                made = self.server.create(kind, metadata.get("namespace", ""), obj, Write(manager=INSTALLER))
                if kind.kind == "Namespace":
                    self.server.cluster.set_status(made.object, {"phase": "Active"})

    def adopt(self, other: Delivery) -> None:
        """Go on with what another cluster's tools delivered."""
        self.applied |= other.applied
        self.inventory.owned |= other.inventory.owned

    def show_health(self) -> None:
        """Let the Applications say how what they delivered is."""
        argocd.show_health(self.server.cluster)

    def snapshot(self) -> dict[str, Any]:
        """JSON-able form."""
        return {"projects": self.projects, "applied": self.applied, "owned": self.inventory.owned}

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        self.projects, self.applied = saved["projects"], saved["applied"]
        self.inventory.owned = saved["owned"]
