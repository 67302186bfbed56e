"""What changed lately in Git: the commits that touched the files of one workload, the newest first, with what they changed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from remediation.entries import Incident
from remediation.errors import NotFound, Refused, RemediationError
from remediation.evidence import unread
from remediation.gitops.index import Index
from remediation.gitops.projects import Project, Repositories, Trees, suited
from remediation.kinds import KINDS, ref
from remediation.masking import mask
from remediation.observed import moment
from remediation.quantities import format_duration
from remediation.terms import Evidence, Json, Target, Window
from remediation.workloads import pod_spec_path

_DAYS = 7  # how far back a change may explain something
_FILES, _COMMITS, _DIFFS, _LINES = 4, 5, 3, 40  # of one object; of one file; shown with their diff; of one diff


class Repository(Repositories, Protocol):
    """What this source needs of GitLab: clients.gitlab.GitLabClient."""

    async def commits(self, project: str, branch: str, path: str, since: datetime, limit: int) -> Sequence[Mapping[str, Json]]:
        """Commits that touched a file or folder, newest first."""
        ...

    async def changes(self, project: str, sha: str) -> Sequence[Mapping[str, Json]]:
        """What one commit changed, a diff a file."""
        ...


class CommitsSource:
    """projects: which hold manifests.  trees: theirs, shared with whoever changes them.  seconds: for each project."""

    name = "gitlab"

    def __init__(self, gitlab: Repository, projects: Sequence[Project], trees: Trees, *, seconds: float = 10.0) -> None:
        self._gitlab = gitlab
        self._projects = projects
        self._trees = trees
        self._seconds = seconds

    def suits(self, target: Target) -> bool:
        """A workload in a cluster that some project is applied to."""
        return target.kind == "workload" and bool(target.name) and bool(self._near(target))

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """An item for each project in which something changed: in the files of the workload, else anywhere in its folder."""
        near = self._near(incident.target)
        found = await asyncio.gather(*(self._within(project, incident.target, window) for project in near))
        return [item for item in found if item is not None]

    def _near(self, target: Target) -> Sequence[Project]:
        try:
            return suited(self._projects, target.place)
        except Refused:
            return ()

    async def _within(self, project: Project, target: Target, window: Window) -> Evidence | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._changed(project, target, window)
        except NotFound:
            return None
        except RemediationError as error:
            return unread("changes", self.name, f"Commits in {project.project}", error, window.until)
        except TimeoutError:
            late = RemediationError(f"GitLab did not answer within {self._seconds:g} s.", "Look at the project's history yourself.")
            return unread("changes", self.name, f"Commits in {project.project}", late, window.until)

    async def _changed(self, project: Project, target: Target, window: Window) -> Evidence | None:
        sha = await self._trees.head(project.project, project.branch)
        tree = await self._trees.tree(project.project, sha)
        index = await asyncio.to_thread(Index, tree, self._trees.contents)
        files = files_of(target, index, project.glob)[:_FILES]
        since = window.until - timedelta(days=_DAYS)
        lists = await asyncio.gather(
            *(self._gitlab.commits(project.project, project.branch, path, since, _COMMITS) for path in files or [project.glob])
        )
        by_id = {str(commit["id"]): commit for commits in lists for commit in commits}
        newest = sorted(by_id.values(), key=lambda commit: str(commit.get("committed_date", "")), reverse=True)[:_COMMITS]
        if not newest:
            return None
        diffs = await asyncio.gather(*(self._gitlab.changes(project.project, str(c["id"])) for c in newest[:_DIFFS])) if files else []
        shown = [_told(commit, window.until) for commit in newest]
        for place, diff in enumerate(diffs):
            shown[place] = "\n".join([shown[place], *_lines(diff, files)])
        what = ", ".join(files) if files else f"{project.glob or 'any folder'} (which file holds {target.name} is not known)"
        title = f"Commits in {project.project} that touched {what}"
        return Evidence(kind="changes", source=self.name, title=title, at=window.until, text=mask("\n".join(shown)))


def files_of(target: Target, index: Index, under: str) -> list[str]:
    """The files that define the workload; of a pod, the workload whose name its own begins with, the longest."""
    if target.object_kind in KINDS and target.object_kind != "Pod":
        found = index.find(ref(target.object_kind, target.namespace, target.name), under)
        return sorted({one.path for one in found})
    owners = [
        one
        for one in index.objects()
        if pod_spec_path(one.ref.kind) and target.name.startswith(f"{one.ref.name}-") and one.ref.namespace in ("", target.namespace)
    ]
    longest = max((len(one.ref.name) for one in owners), default=0)
    return sorted({one.path for one in owners if len(one.ref.name) == longest})


def _told(commit: Mapping[str, Json], now: datetime) -> str:
    at = moment(commit.get("committed_date"))
    when = f"{at:%Y-%m-%d %H:%M:%S}Z ({format_duration(now - at)} ago)" if at is not None else "at an unknown time"
    return f"{when} {commit.get('short_id') or str(commit.get('id', ''))[:8]} by {commit.get('author_name')}: {commit.get('title')}"


def _lines(diff: Sequence[Mapping[str, Json]], files: Sequence[str]) -> list[str]:
    """The changed lines of these files."""
    lines = [
        f"  {line}"
        for one in diff
        if one.get("new_path") in files or one.get("old_path") in files
        for line in str(one.get("diff") or "").splitlines()
        if line[:1] in ("+", "-") and not line.startswith(("+++", "---"))
    ]
    over = len(lines) - _LINES
    return [*lines[:_LINES], *([f"  ({over} more lines)"] if over > 0 else [])]
