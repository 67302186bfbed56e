"""The GitLab projects that Suture may change, as settings name them, and their trees: by archive, cached by commit."""

import asyncio
import fnmatch
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from remediation.errors import Refused
from remediation.gitops.fetch import unpacked
from remediation.gitops.index import Tree
from remediation.terms import ObjectRef

_KEPT_TREES = 8


@dataclass(frozen=True, kw_only=True)
class Project:
    """A GitLab project of manifests: which folder of which branch is applied to which cluster (empty: any).

    targets: globs over `namespace/Kind/name` of what is known to come from it.  urls: other addresses of it, as owners may name it.
    """

    project: str
    branch: str = "main"
    cluster: str = ""
    path: str = "."
    targets: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    @property
    def glob(self) -> str:
        """The folder that is looked in, empty for all."""
        return "" if self.path in ("", ".") else self.path

    def holds(self, ref: ObjectRef) -> bool:
        """Whether settings say that the object comes from here."""
        return any(fnmatch.fnmatchcase(f"{ref.namespace}/{ref.kind}/{ref.name}", target) for target in self.targets)


class Repositories(Protocol):
    """What is asked of GitLab."""

    async def head(self, project: str, branch: str) -> str | None:
        """The branch's commit."""
        ...

    async def archive(self, project: str, sha: str) -> bytes:
        """The tree of a commit, as tar.gz."""
        ...


class Trees:
    """Trees of commits, each fetched once; the last few are kept."""

    def __init__(self, gitlab: Repositories) -> None:
        self._gitlab = gitlab
        self._trees: OrderedDict[tuple[str, str], Tree] = OrderedDict()
        self._fetching = asyncio.Lock()

    async def head(self, project: str, branch: str) -> str:
        """The branch's commit. Raises Refused not_found where there is none."""
        sha = await self._gitlab.head(project, branch)
        if sha is None:
            raise Refused(f"{project} has no branch {branch}.", "Name its branch in settings (gitops).", kind="not_found")
        return sha

    async def tree(self, project: str, sha: str) -> Tree:
        """The files of one commit. Raises Refused where they are too large, Unusable where the archive is hostile."""
        async with self._fetching:
            if (project, sha) not in self._trees:
                archive = await self._gitlab.archive(project, sha)
                self._trees[project, sha] = await asyncio.to_thread(unpacked, archive)
                while len(self._trees) > _KEPT_TREES:
                    self._trees.popitem(last=False)
            self._trees.move_to_end((project, sha))
            return self._trees[project, sha]


def suited(projects: Sequence[Project], place: str) -> list[Project]:
    """Those that are applied to the cluster. Raises Refused not_found where there are none."""
    found = [project for project in projects if not place or project.cluster in ("", place)]
    if not found:
        what = f"No GitLab project is configured for {place or 'any cluster'}."
        raise Refused(what, "Name it in settings (gitops: project, branch, cluster, path).", kind="not_found")
    return found
