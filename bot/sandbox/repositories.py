"""The GitLab projects of the sandbox: their trees, who owns them, and what was done once so that they are delivered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

from bot.sandbox.fields import Object
from bot.sandbox.gitlab import Project


@dataclass(frozen=True, kw_only=True)
class Repository:
    """One project of a team beside the shop.

    `author`: who maintains it; `tools`: the programs that render it; `namespaces`: where it runs.
    """

    id: int
    name: str
    author: str
    tools: tuple[str, ...]
    namespaces: tuple[str, ...]

    def project(self) -> Project:
        """The project, still without a commit."""
        return Project(id=self.id, path=f"platform/{self.name}", name=self.name)

    def tree(self) -> dict[str, bytes]:
        """Path → content, as in the beginning."""
        return dict(walked(files("bot.sandbox") / "projects" / self.name))

    def bootstrap(self) -> list[Object]:
        """What stands in the cluster without being applied from Git."""
        return list(yaml.safe_load_all((files("bot.sandbox") / "bootstrap" / f"{self.name}.yaml").read_bytes()))


KUSTOMIZE_SHOP = Repository(
    id=2, name="kustomize-shop", author="bob", tools=("kustomize",), namespaces=("storefront", "storefront-staging")
)
HELM_PAYMENTS = Repository(id=3, name="helm-payments", author="carol", tools=("helm",), namespaces=("payments", "payments-staging"))
FLUX_FLEET = Repository(id=4, name="flux-fleet", author="bob", tools=("kustomize", "helm"), namespaces=("notifications",))
REPOSITORIES = {each.id: each for each in (KUSTOMIZE_SHOP, HELM_PAYMENTS, FLUX_FLEET)}


def walked(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file below a folder of the package, by path."""
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from walked(entry, f"{path}/")
        else:
            yield path, entry.read_bytes()
