"""Where the GitOps tools of the cluster clone from: the sandbox's GitLab, by any address that it answers to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.gitlab import Project

HOST = "gitlab.shop.example"


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A repository at one commit."""

    sha: str
    files: dict[str, bytes]


@dataclass(frozen=True)
class Sources:
    """The projects, by the addresses that manifests name them by."""

    projects: Callable[[], list[Project]]

    def checkout(self, url: str, revision: str) -> Checkout | None:
        """The head of a branch; None for a repository or a branch that is not there."""
        project = next((each for each in self.projects() if url in addresses(each.path)), None)
        commit = project.repository.resolve(revision or "HEAD") if project else None
        return Checkout(sha=commit.id, files=project.repository.contents(commit)) if project and commit else None


def addresses(path: str) -> tuple[str, ...]:
    """How a project is cloned: over https, ssh, and ssh as scp writes it."""
    return f"https://{HOST}/{path}.git", f"ssh://git@{HOST}/{path}.git", f"git@{HOST}:{path}.git"
