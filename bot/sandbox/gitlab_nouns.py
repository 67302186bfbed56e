"""What GitLab talks about: users, projects, merge requests, notes, pipelines, and how they are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.git import Author, Repository

DEVELOPER, MAINTAINER = 30, 40
OPENED, MERGED, CLOSED = "opened", "merged", "closed"


class GitLabRefusal(Exception):
    """GitLab says no: the status, and the value of `message` in the body (text or list)."""

    def __init__(self, status: int, message: object, key: str = "message") -> None:
        super().__init__(status, message, key)
        self.status = status
        self.body = {key: message}


@dataclass(frozen=True, kw_only=True)
class User:
    """One account. `level` is the access level in every project: 30 Developer, 40 Maintainer."""

    id: int
    username: str
    name: str
    level: int

    @property
    def author(self) -> Author:
        """The user as Git names an author."""
        return Author(name=self.name, email=f"{self.username}@shop.example")


@dataclass(kw_only=True)
class Pipeline:
    """One run for one commit; `due` is when its status moves on."""

    id: int
    ref: str
    sha: str
    status: str
    created_at: datetime
    due: datetime | None
    finished_at: datetime | None = None


@dataclass(kw_only=True)
class Note:
    """One comment on a merge request."""

    id: int
    body: str
    username: str
    at: datetime
    system: bool = False
    discussion: str = ""


@dataclass(kw_only=True)
class MergeRequest:
    """One merge request. `sha` is the head of the source branch, frozen when it is merged or closed."""

    id: int
    iid: int
    title: str
    description: str
    source_branch: str
    target_branch: str
    username: str
    created_at: datetime
    updated_at: datetime
    sha: str
    base_sha: str
    start_sha: str
    state: str = OPENED
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    approved_by: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    checked: tuple[str, str] | None = None  # source and target heads that the mergeability check saw
    check_due: datetime | None = None
    conflict: bool = False
    auto_merge_by: str | None = None
    remove_source_branch: bool = False
    squash: bool = False
    merge_commit_sha: str | None = None
    merged_by: str | None = None
    merged_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None

    @property
    def draft(self) -> bool:
        """Drafts cannot be merged."""
        return self.title.lower().startswith(("draft:", "[draft]", "(draft)"))


@dataclass(kw_only=True)
class Project:
    """One project with its repository. Its default branch is protected: Developers neither push nor merge to it."""

    id: int
    path: str
    name: str
    default_branch: str = "main"
    repository: Repository = field(default_factory=Repository)
    merge_requests: dict[int, MergeRequest] = field(default_factory=dict)
    pipelines: list[Pipeline] = field(default_factory=list)

    def protects(self, branch: str) -> bool:
        """Whether only Maintainers may push and merge to `branch`."""
        return branch == self.default_branch

    def pipeline_of(self, sha: str) -> Pipeline | None:
        """The newest pipeline of a commit."""
        return next((p for p in reversed(self.pipelines) if p.sha == sha), None)


def _plain(value: object) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value


def kept(project: Project) -> dict[str, Any]:
    """JSON-able form of a project and all that belongs to it."""
    return {
        "id": project.id,
        "path": project.path,
        "name": project.name,
        "default_branch": project.default_branch,
        "repository": project.repository.snapshot(),
        "merge_requests": [_plain(asdict(request)) for request in project.merge_requests.values()],
        "pipelines": [_plain(asdict(pipeline)) for pipeline in project.pipelines],
    }


def project_of(dump: dict[str, Any]) -> Project:
    """The project that `kept` wrote down."""
    project = Project(**{key: dump[key] for key in ("id", "path", "name", "default_branch")})
    project.repository.restore(dump["repository"])
    project.pipelines = [Pipeline(**_dated(p)) for p in dump["pipelines"]]
    for stored in dump["merge_requests"]:
        notes = [Note(**_dated(note)) for note in stored["notes"]]
        checked = tuple(stored["checked"]) if stored["checked"] else None
        request = MergeRequest(**{**_dated(stored), "notes": notes, "checked": checked})
        project.merge_requests[request.iid] = request
    return project


def _dated(stored: dict[str, Any]) -> dict[str, Any]:
    dates = ("_at", "at", "due")
    return {k: datetime.fromisoformat(v) if k.endswith(dates) and isinstance(v, str) else v for k, v in stored.items()}
