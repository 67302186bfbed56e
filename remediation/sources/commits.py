"""What changed lately in Git: the commits that touched the files of one workload, the newest first, with what they changed."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from remediation.entries import Incident
from remediation.errors import Late, NotFound, Refused, RemediationError
from remediation.evidence import unread
from remediation.gitops.index import Found, Index
from remediation.gitops.projects import Project, Repositories, Trees, suited
from remediation.kinds import KINDS, ref
from remediation.masking import mask
from remediation.observed import moment
from remediation.quantities import format_duration
from remediation.sources.moved import History, last_moved
from remediation.terms import Commit, Evidence, Json, ObjectRef, Target, Window
from remediation.workloads import pod_spec_path

_DAYS = 7  # how far back a change may explain something
_FILES, _COMMITS, _DIFFS, _LINES = 4, 5, 3, 40  # of one object; of one file; shown with their diff; of one diff
_KEPT_DIFFS = 8
_FIELDS, _LONGEST = 10, 120  # that a commit moved, as they are told; characters of a value


class Repository(Repositories, History, Protocol):
    """What this source needs of GitLab: clients.gitlab.GitLabClient."""

    async def changes(self, project: str, sha: str) -> Sequence[Mapping[str, Json]]:
        """What one commit changed, a diff a file."""
        ...


class CommitsSource:
    """projects: which hold manifests.  trees: theirs, shared with whoever changes them.  seconds: for each project."""

    name = "gitlab"
    needed = False

    def __init__(self, gitlab: Repository, projects: Sequence[Project], trees: Trees, *, seconds: float = 10.0) -> None:
        self._gitlab = gitlab
        self._projects = projects
        self._trees = trees
        self._seconds = seconds
        self._diffs: OrderedDict[tuple[str, str], Sequence[Mapping[str, Json]]] = OrderedDict()

    def suits(self, target: Target) -> bool:
        """A workload in a cluster that some project is applied to."""
        return target.kind == "workload" and bool(target.name) and bool(self._near(target))

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """An item for each project in which something changed: in the files of the workload, else anywhere in its folder."""
        near = self._near(incident.target)
        found = await asyncio.gather(*(self._within(project, incident.target, window) for project in near))
        return [item for item in found if item is not None]

    def _near(self, target: Target) -> Sequence[Project]:
        """Those that settings name for it (`targets`); where they name none, all that are applied to its cluster."""
        try:
            near = suited(self._projects, target.place)
        except Refused:
            return ()
        named = ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)
        return [project for project in near if project.holds(named)] or near

    async def _within(self, project: Project, target: Target, window: Window) -> Evidence | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._changed(project, target, window)
        except NotFound:
            return None
        except RemediationError as error:
            return unread("changes", self.name, f"Commits in {project.project}", error, window.until)
        except TimeoutError:
            late = Late.of("GitLab", self._seconds, "Look at the project's history yourself.")
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
        diffs = await asyncio.gather(*(self._diff(project.project, str(c["id"])) for c in newest[:_DIFFS])) if files else []
        shown = [_told(commit, window.until) for commit in newest]
        for place, diff in enumerate(diffs):
            shown[place] = "\n".join([shown[place], *_lines(diff, files)])
        commit, told = await self._moved(project, workload_of(target, index), window)
        what = ", ".join(files) if files else f"{project.glob or 'any folder'} (which file holds {target.name} is not known)"
        title = f"Commits in {project.project} that touched {what}"
        text = mask("\n".join([*told, *shown]))
        return Evidence(kind="changes", source=self.name, title=title, at=window.until, text=text, commits=(commit,) if commit else ())

    async def _diff(self, project: str, sha: str) -> Sequence[Mapping[str, Json]]:
        """What a commit changed, which no later one undoes; of the last few it is known."""
        if (project, sha) not in self._diffs:
            self._diffs[project, sha] = await self._gitlab.changes(project, sha)
            if len(self._diffs) > _KEPT_DIFFS:
                self._diffs.popitem(last=False)
        return self._diffs[project, sha]

    async def _moved(self, project: Project, thing: ObjectRef | None, window: Window) -> tuple[Commit | None, Sequence[str]]:
        """The last commit that moved the object's own fields, and that in words; within half of the time, for the list matters more."""
        if thing is None:
            return None, ()
        try:
            async with asyncio.timeout(self._seconds / 2):
                commit = await last_moved(self._gitlab, self._trees, project, thing, window.until)
        except (RemediationError, TimeoutError) as error:
            return None, [f"What they moved of {thing} is not known: {error or 'rendering took too long'}"]
        if commit is None:
            return None, ()
        fields = "; ".join(f"{move.path}: {_value(move.old)} → {_value(move.new)}" for move in commit.moves[:_FIELDS])
        more = f" (and {len(commit.moves) - _FIELDS} more)" if len(commit.moves) > _FIELDS else ""
        return commit, [f"{commit.sha[:8]} was the last to move {thing}, on {project.branch} since {commit.at:%H:%M:%S}Z: {fields}{more}"]


def files_of(target: Target, index: Index, under: str) -> list[str]:
    """The files that define the workload; of a pod, the workload whose name its own begins with, the longest."""
    if target.object_kind in KINDS and target.object_kind != "Pod":
        found = index.find(ref(target.object_kind, target.namespace, target.name), under)
        return sorted({one.path for one in found})
    return sorted({one.path for one in _owners_of(target, index)})


def workload_of(target: Target, index: Index) -> ObjectRef | None:
    """The workload itself; of a pod, the one that the index names for it."""
    if target.object_kind in KINDS and target.object_kind != "Pod":
        return ref(target.object_kind, target.namespace, target.name)
    named = {(one.ref.kind, one.ref.name) for one in _owners_of(target, index)}
    kind, name = next(iter(named), ("", ""))
    return ref(kind, target.namespace, name) if len(named) == 1 and kind in KINDS else None


def _owners_of(target: Target, index: Index) -> list[Found]:
    owners = [
        one
        for one in index.objects()
        if pod_spec_path(one.ref.kind) and target.name.startswith(f"{one.ref.name}-") and one.ref.namespace in ("", target.namespace)
    ]
    longest = max((len(one.ref.name) for one in owners), default=0)
    return [one for one in owners if len(one.ref.name) == longest]


def _value(value: Json) -> str:
    """A field's value for people, on one line."""
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


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
