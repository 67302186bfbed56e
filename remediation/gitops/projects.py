"""The GitLab projects that Suture may change, as settings name them, and their trees: by archive, cached by commit."""

import asyncio
import fnmatch
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from remediation.errors import Refused
from remediation.gitops.fetch import unpacked
from remediation.gitops.index import Contents, Tree
from remediation.terms import ObjectRef

_LARGEST = 128_000_000  # bytes of one tree
_KEPT_BYTES = 64_000_000  # of all trees together; the newest is kept whatever its size


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
    """Trees of commits, each fetched once, whoever waits for it; the last few are kept, and what is known of their files."""

    def __init__(self, gitlab: Repositories) -> None:
        self._gitlab = gitlab
        self._trees: OrderedDict[tuple[str, str], Tree] = OrderedDict()
        self._coming: dict[tuple[str, str], asyncio.Task[Tree]] = {}
        self.contents: dict[str, Contents] = {}  # of the kept trees' blobs

    async def head(self, project: str, branch: str) -> str:
        """The branch's commit. Raises Refused not_found where there is none."""
        sha = await self._gitlab.head(project, branch)
        if sha is None:
            raise Refused(f"{project} has no branch {branch}.", "Name its branch in settings (gitops).", kind="not_found")
        return sha

    async def tree(self, project: str, sha: str) -> Tree:
        """The files of one commit. Raises Refused where they are too large, Unusable where the archive is hostile."""
        wanted = (project, sha)
        if wanted in self._trees:
            self._trees.move_to_end(wanted)
            return self._trees[wanted]
        if wanted not in self._coming:
            self._coming[wanted] = asyncio.create_task(self._fetched(*wanted))
        return await asyncio.shield(self._coming[wanted])  # who stops waiting does not make the next begin anew

    async def _fetched(self, project: str, sha: str) -> Tree:
        try:
            tree = await asyncio.to_thread(unpacked, await self._gitlab.archive(project, sha), _LARGEST)
        finally:
            del self._coming[project, sha]
        known = {blob.id: blob for kept in self._trees.values() for blob in kept.values()}  # two commits of a project share nearly all
        self._trees[project, sha] = {path: known.get(blob.id, blob) for path, blob in tree.items()}
        while len(self._trees) > 1 and _bytes(self._trees.values()) > _KEPT_BYTES:
            self._trees.popitem(last=False)
            self._forget()
        return self._trees[project, sha]

    def _forget(self) -> None:
        kept = {blob.id for tree in self._trees.values() for blob in tree.values()}
        for blob_id in [known for known in self.contents if known not in kept]:
            del self.contents[blob_id]


def _bytes(trees: Iterable[Tree]) -> int:
    """Of all files, each content once."""
    return sum({blob.id: len(blob.content) for tree in trees for blob in tree.values()}.values())


def suited(projects: Sequence[Project], place: str) -> list[Project]:
    """Those that are applied to the cluster. Raises Refused not_found where there are none."""
    found = [project for project in projects if not place or project.cluster in ("", place)]
    if not found:
        what = f"No GitLab project is configured for {place or 'any cluster'}."
        raise Refused(what, "Name it in settings (gitops: project, branch, cluster, path).", kind="not_found")
    return found
