"""The sandbox's GitLab: what its users, merge requests and pipelines may do to each other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.sandbox.git import Commit, Conflict
from bot.sandbox.gitlab_nouns import (
    CLOSED,
    DEVELOPER,
    MAINTAINER,
    MERGED,
    OPENED,
    GitLabRefusal,
    MergeRequest,
    Note,
    Pipeline,
    Project,
    User,
    kept,
    project_of,
)
from bot.sandbox.gitlab_quick_actions import Order, taken_out

__all__ = ["DEVELOPER", "MAINTAINER", "Event", "GitLabRefusal", "GitLabState", "MergeRequest", "Note", "Pipeline", "Project", "User"]

Event = tuple[str, "Project", "MergeRequest | None", dict[str, Any]]


@dataclass(kw_only=True)
class GitLabState:
    """Everything GitLab knows. `tell` hears events for webhooks, `pushed` every branch that moved."""

    clock: Callable[[], datetime]
    pipeline_seconds: float = 1.0
    check_seconds: float = 0.2
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    projects: dict[int, Project] = field(default_factory=dict)
    failing_refs: set[str] = field(default_factory=set)
    last_id: int = 100
    tell: Callable[[Event], None] = lambda _event: None
    pushed: Callable[[Project, str], None] = lambda _project, _branch: None

    def next_id(self) -> int:
        """A number that nothing else in this GitLab has."""
        self.last_id += 1
        return self.last_id

    # branches

    def may_push(self, project: Project, branch: str, user: User) -> bool:
        """Whether the user's level is enough for the branch."""
        return user.level >= (MAINTAINER if project.protects(branch) else DEVELOPER)

    def branch_moved(self, project: Project, branch: str, user: User) -> None:
        """After a push: a pipeline starts, open merge requests follow, hooks are told."""
        head = project.repository.branches[branch]
        self._start_pipeline(project, branch, head)
        for request in self._open_from(project, branch):
            previous, request.sha, request.updated_at = request.sha, head, self.clock()
            request.base_sha = project.repository.merge_base(head, project.repository.branches[request.target_branch]) or ""
            request.auto_merge_by = None  # GitLab cancels it when somebody pushes
            self._tell("update", project, request, user, oldrev=previous)
        self.pushed(project, branch)

    def delete_branch(self, project: Project, branch: str) -> None:
        """Remove a branch. Raises GitLabRefusal when it is protected or absent."""
        if branch not in project.repository.branches:
            raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Branch Not Found")
        if project.protects(branch):
            raise GitLabRefusal(HTTPStatus.FORBIDDEN, "403 Forbidden - Protected branch cannot be deleted")
        del project.repository.branches[branch]

    def developer_pushes(
        self, project: Project, username: str, message: str, files: dict[str, bytes], *, whole: bool = False
    ) -> Commit | None:
        """Somebody pushes whole files to the default branch, `whole` when there are no others then; None when nothing would change."""
        repository, branch, user = project.repository, project.default_branch, self.users[username]
        head = repository.branches[branch]
        before = repository.contents(repository.commits[head])
        after = files if whole else {**before, **files}
        if after == before:
            return None
        commit = repository.commit(branch, after, message, author=user.author, parents=(head,), at=self.clock())
        self.branch_moved(project, branch, user)
        return commit

    # merge requests

    def open_merge_request(self, project: Project, user: User, fields: dict[str, Any]) -> MergeRequest:
        """Create a merge request from the API's fields. Raises GitLabRefusal as the API does."""
        source, target = fields["source_branch"], fields["target_branch"]
        self._check_branches(project, source, target)
        heads, now = project.repository.branches, self.clock()
        request = MergeRequest(
            id=self.next_id(), iid=self._next_iid(), title=fields["title"],
            description=fields.get("description") or "", source_branch=source, target_branch=target, username=user.username,
            created_at=now, updated_at=now, sha=heads[source], start_sha=heads[target],
            base_sha=project.repository.merge_base(heads[source], heads[target]) or "",
            labels=labels_of(fields.get("labels")), remove_source_branch=bool(fields.get("remove_source_branch")),
            squash=bool(fields.get("squash")), assignees=self._names(fields.get("assignee_ids") or fields.get("assignee_id")),
            reviewers=self._names(fields.get("reviewer_ids")),
        )  # fmt: skip
        project.merge_requests[request.iid] = request
        request.description, orders = taken_out(request.description)
        self._tell("open", project, request, user)
        self._obey(project, request, user, orders)
        return request

    def _next_iid(self) -> int:
        """A number that no merge request has, of any project: whoever clicks Merge in the sandbox names nothing but it."""
        return 1 + max((iid for project in self.projects.values() for iid in project.merge_requests), default=0)

    def update(self, project: Project, request: MergeRequest, user: User, fields: dict[str, Any]) -> None:
        """Change title, description, labels, people or state. Raises GitLabRefusal for a state that cannot be."""
        before = list(request.labels)
        if target := fields.get("target_branch"):
            request.target_branch = target
        request.title = fields.get("title", request.title)
        request.description, orders = taken_out(fields.get("description", request.description) or "")
        request.labels = _relabelled(request.labels, fields)
        for people in ("assignee", "reviewer"):
            given = fields.get(f"{people}_ids", fields.get(f"{people}_id"))
            if given is not None:
                setattr(request, f"{people}s", self._names(given))
        request.updated_at = self.clock()
        match fields.get("state_event"):
            case "close" if request.state == OPENED:
                self.close(project, request, user)
            case "reopen" if request.state == CLOSED:
                self._reopen(project, request, user)
            case _:
                self._tell("update", project, request, user, labels_before=before)
        self._obey(project, request, user, orders)

    def close(self, project: Project, request: MergeRequest, user: User) -> None:
        """Close without merging. Raises GitLabRefusal (405) when it is not open."""
        if request.state != OPENED:
            raise GitLabRefusal(HTTPStatus.METHOD_NOT_ALLOWED, "405 Method Not Allowed")
        request.state, request.closed_by, request.closed_at = CLOSED, user.username, self.clock()
        request.updated_at, request.auto_merge_by = self.clock(), None
        self._tell("close", project, request, user)

    def note(self, project: Project, request: MergeRequest, user: User, body: str, *, discussion: str = "") -> Note:
        """Write a comment, and do what its quick actions say; one that is nothing else leaves no text."""
        body, orders = taken_out(body)
        note = Note(id=self.next_id(), body=body.strip("\n"), username=user.username, at=self.clock(), discussion=discussion)
        request.notes.append(note)
        request.updated_at = note.at
        self.tell(("note", project, request, {"note": note, "user": user}))
        self._obey(project, request, user, orders)
        return note

    def approve(self, project: Project, request: MergeRequest, user: User, *, approved: bool) -> None:
        """Give or take back an approval; nobody approves twice. Raises GitLabRefusal (401) as GitLab does."""
        if (user.username in request.approved_by) == approved or user.username == request.username:
            raise GitLabRefusal(HTTPStatus.UNAUTHORIZED, "401 Unauthorized")
        others = [name for name in request.approved_by if name != user.username]
        request.approved_by = [*others, user.username] if approved else others
        self._tell("approved" if approved else "unapproved", project, request, user)

    def detailed_status(self, project: Project, request: MergeRequest) -> str:  # noqa: PLR0911 - first reason wins
        """GitLab's `detailed_merge_status`."""
        if request.state != OPENED:
            return "not_open"
        if request.check_due is not None:
            return "checking"
        if request.checked != self._heads(project, request):
            return "unchecked"
        if request.source_branch not in project.repository.branches:
            return "broken_status"
        if request.draft:
            return "draft_status"
        if request.conflict:
            return "conflict"
        if request.sha == request.base_sha:
            return "commits_status"
        pipeline = project.pipeline_of(request.sha)
        if pipeline is not None and pipeline.status in ("created", "pending", "running"):
            return "ci_still_running"
        return "mergeable" if pipeline is not None and pipeline.status == "success" else "ci_must_pass"

    def ask_mergeability(self, project: Project, request: MergeRequest) -> None:
        """Start the check that a look at an unchecked merge request starts; it takes `check_seconds`."""
        if self.detailed_status(project, request) == "unchecked":
            request.check_due = self.clock() + timedelta(seconds=self.check_seconds)

    def merge(
        self,
        project: Project,
        request: MergeRequest,
        user: User,
        *,
        sha: str | None = None,
        auto_merge: bool = False,
        message: str | None = None,
    ) -> None:
        """Merge now, or when the pipeline succeeds. Raises GitLabRefusal in the order in which GitLab checks."""
        if not self.may_push(project, request.target_branch, user):
            raise GitLabRefusal(HTTPStatus.UNAUTHORIZED, "401 Unauthorized")
        self.check_now(project, request)
        status = self.detailed_status(project, request)
        waits = auto_merge and status == "ci_still_running"
        if status in ("not_open", "draft_status", "ci_must_pass", "broken_status") or (status == "ci_still_running" and not waits):
            raise GitLabRefusal(HTTPStatus.METHOD_NOT_ALLOWED, "405 Method Not Allowed")
        if status != "mergeable" and not waits:
            raise GitLabRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Branch cannot be merged")
        if sha and sha != request.sha:
            raise GitLabRefusal(HTTPStatus.CONFLICT, f"SHA does not match HEAD of source branch: {request.sha}")
        if waits:
            request.auto_merge_by = user.username
            self._tell("update", project, request, user)
        else:
            self._merge_now(project, request, user, message)

    # time

    def advance(self, now: datetime) -> datetime | None:
        """Let pipelines and mergeability checks move on; the time at which something is due next."""
        for project in self.projects.values():
            for request in project.merge_requests.values():
                if request.check_due is not None and request.check_due <= now:
                    self.check_now(project, request)
            for pipeline in [p for p in project.pipelines if p.due is not None and p.due <= now]:
                self._pipeline_moves(project, pipeline, now)
        due = [r.check_due for p in self.projects.values() for r in p.merge_requests.values()]
        due += [p.due for project in self.projects.values() for p in project.pipelines]
        return min((d for d in due if d is not None), default=None)

    def check_now(self, project: Project, request: MergeRequest) -> None:
        """The mergeability check itself: would a three-way merge go through?"""
        if request.state != OPENED:
            return
        heads = self._heads(project, request)
        try:
            project.repository.merged_files(heads[1], heads[0])
            request.conflict = False
        except Conflict:
            request.conflict = True
        request.checked, request.check_due = heads, None

    # persistence

    def snapshot(self) -> dict[str, Any]:
        """JSON-able form of all but tokens, which are settings."""
        return {
            "last_id": self.last_id,
            "failing_refs": sorted(self.failing_refs),
            "projects": [kept(project) for project in self.projects.values()],
        }

    def restore(self, dump: dict[str, Any]) -> None:
        """Take over what `snapshot` returned."""
        self.last_id, self.failing_refs = dump["last_id"], set(dump["failing_refs"])
        self.projects = {p["id"]: project_of(p) for p in dump["projects"]}

    def _merge_now(self, project: Project, request: MergeRequest, user: User, message: str | None = None) -> None:
        source, target, now = request.source_branch, request.target_branch, self.clock()
        text = message or f"Merge branch '{source}' into '{target}'\n\n{request.title}\n\nSee merge request {project.path}!{request.iid}"
        request.start_sha = project.repository.branches[target]
        commit = project.repository.merge(source, target, text, user.author, now)
        request.state, request.merge_commit_sha, request.merged_by = MERGED, commit.id, user.username
        request.merged_at = request.updated_at = now
        request.auto_merge_by = None
        if request.remove_source_branch:
            del project.repository.branches[source]
        self._tell("merge", project, request, user)
        self.branch_moved(project, target, user)

    def _obey(self, project: Project, request: MergeRequest, user: User, orders: list[Order]) -> None:
        """Quick actions, each as far as the user may; what they may not is passed over in silence, as GitLab does."""
        for order in orders:
            with suppress(GitLabRefusal):
                match order.command:
                    case "merge":
                        self.merge(project, request, user, auto_merge=True)
                    case "close":
                        self.close(project, request, user)
                    case "approve" | "unapprove":
                        self.approve(project, request, user, approved=order.command == "approve")
                    case "label":
                        request.labels += [name for name in order.labels if name not in request.labels]
                    case "unlabel":
                        request.labels = [name for name in request.labels if order.labels and name not in order.labels]
                    case "title" if order.argument:
                        request.title = order.argument
                    case "draft" if not request.draft:
                        request.title = f"Draft: {request.title}"

    def _reopen(self, project: Project, request: MergeRequest, user: User) -> None:
        self._check_branches(project, request.source_branch, request.target_branch)
        request.state, request.closed_by, request.closed_at = OPENED, None, None
        request.sha, request.checked = project.repository.branches[request.source_branch], None
        self._tell("reopen", project, request, user)

    def _check_branches(self, project: Project, source: str, target: str) -> None:
        for name, branch in (("Source", source), ("Target", target)):
            if branch not in project.repository.branches:
                raise GitLabRefusal(HTTPStatus.BAD_REQUEST, {f"{name.lower()}_branch": ["does not exist"]})
        if source == target:
            raise GitLabRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, ["You can't use same project/branch for source and target"])
        if existing := next((r for r in self._open_from(project, source) if r.target_branch == target), None):
            text = f"Another open merge request already exists for this source branch: !{existing.iid}"
            raise GitLabRefusal(HTTPStatus.CONFLICT, [text])

    def _open_from(self, project: Project, branch: str) -> list[MergeRequest]:
        return [r for r in project.merge_requests.values() if r.source_branch == branch and r.state == OPENED]

    def _heads(self, project: Project, request: MergeRequest) -> tuple[str, str]:
        return request.sha, project.repository.branches[request.target_branch]

    def _names(self, ids: Any) -> list[str]:
        wanted = {int(i) for i in (ids if isinstance(ids, list) else [ids] if ids else [])}
        return [user.username for user in self.users.values() if user.id in wanted]

    def _start_pipeline(self, project: Project, ref: str, sha: str) -> None:
        now = self.clock()
        due = now + timedelta(seconds=self.pipeline_seconds / 4)
        created = Pipeline(id=self.next_id(), ref=ref, sha=sha, status="pending", created_at=now, due=due)
        project.pipelines.append(created)
        self._pipeline_event(project, created)

    def _pipeline_moves(self, project: Project, pipeline: Pipeline, now: datetime) -> None:
        if pipeline.status == "pending":
            pipeline.status, pipeline.due = "running", now + timedelta(seconds=self.pipeline_seconds * 3 / 4)
        else:
            pipeline.status = "failed" if pipeline.ref in self.failing_refs else "success"
            pipeline.due, pipeline.finished_at = None, now
        self._pipeline_event(project, pipeline)
        for request in self._open_from(project, pipeline.ref) if pipeline.due is None else []:
            self._auto_merge(project, request)

    def _auto_merge(self, project: Project, request: MergeRequest) -> None:
        if request.auto_merge_by is None:
            return
        self.check_now(project, request)
        if self.detailed_status(project, request) == "mergeable":
            self._merge_now(project, request, self.users[request.auto_merge_by])

    def _pipeline_event(self, project: Project, pipeline: Pipeline) -> None:
        request = next(iter(self._open_from(project, pipeline.ref)), None)
        self.tell(("pipeline", project, request, {"pipeline": pipeline, "status": pipeline.status}))

    def _tell(self, action: str, project: Project, request: MergeRequest, user: User, **more: object) -> None:
        self.tell(("merge_request", project, request, {"action": action, "user": user, **more}))


def labels_of(given: object) -> list[str]:
    """Labels as the API takes them: a list, or text with commas."""
    items = given if isinstance(given, list) else str(given or "").split(",")
    return [text for item in items if (text := str(item).strip())]


def _relabelled(labels: list[str], fields: dict[str, Any]) -> list[str]:
    labels = labels_of(fields["labels"]) if "labels" in fields else labels
    labels = labels + [name for name in labels_of(fields.get("add_labels")) if name not in labels]
    return [name for name in labels if name not in labels_of(fields.get("remove_labels"))]
