"""What GitLab's REST API answers, as JSON objects."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from bot.sandbox.git import Commit, FileDiff
    from bot.sandbox.gitlab import GitLabState, MergeRequest, Note, Pipeline, Project, User

Body = dict[str, Any]


def stamp(at: datetime | None) -> str | None:
    """A time as GitLab's REST API writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z" if at is not None else None


def user_body(user: User, origin: str) -> Body:
    """A user as it stands inside other objects."""
    return {
        "id": user.id,
        "username": user.username,
        "public_email": None,
        "name": user.name,
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{origin}/{user.username}",
    }


def current_user(user: User, origin: str) -> Body:
    """`GET /user`."""
    more = {"email": user.author.email, "bot": user.username.startswith("suture"), "is_admin": False, "two_factor_enabled": False}
    return {**user_body(user, origin), **more, "created_at": "2026-01-05T09:00:00.000Z"}


def project_body(project: Project, user: User, origin: str) -> Body:
    """`GET /projects/:id`."""
    group = project.path.rsplit("/", 1)[0]
    return {
        "id": project.id,
        "description": "What runs in the shop, as Kubernetes manifests",
        "name": project.name,
        "name_with_namespace": f"{group} / {project.name}",
        "path": project.path.rsplit("/", 1)[1],
        "path_with_namespace": project.path,
        "created_at": "2026-01-05T09:00:00.000Z",
        "default_branch": project.default_branch,
        "http_url_to_repo": f"{origin}/{project.path}.git",
        "ssh_url_to_repo": f"git@gitlab.shop.example:{project.path}.git",
        "web_url": f"{origin}/{project.path}",
        "namespace": {"id": 7, "name": group, "path": group, "kind": "group", "full_path": group},
        "visibility": "private",
        "archived": False,
        "empty_repo": False,
        "merge_method": "merge",
        "squash_option": "default_off",
        "only_allow_merge_if_pipeline_succeeds": True,
        "only_allow_merge_if_all_discussions_are_resolved": False,
        "remove_source_branch_after_merge": True,
        "merge_requests_access_level": "enabled",
        "permissions": {"project_access": {"access_level": user.level, "notification_level": 3}, "group_access": None},
    }


def commit_body(commit: Commit, project: Project, origin: str) -> Body:
    """One commit."""
    return {
        "id": commit.id,
        "short_id": commit.id[:8],
        "created_at": stamp(commit.at),
        "parent_ids": list(commit.parents),
        "title": commit.title,
        "message": commit.message,
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "authored_date": stamp(commit.at),
        "committer_name": commit.author.name,
        "committer_email": commit.author.email,
        "committed_date": stamp(commit.at),
        "trailers": {},
        "web_url": f"{origin}/{project.path}/-/commit/{commit.id}",
    }


def branch_body(name: str, project: Project, user: User, origin: str) -> Body:
    """One branch."""
    protected, head = project.protects(name), project.repository.branches[name]
    return {
        "name": name,
        "commit": commit_body(project.repository.commits[head], project, origin),
        "merged": name != project.default_branch
        and head in project.repository.ancestors(project.repository.branches[project.default_branch]),
        "protected": protected,
        "developers_can_push": False,
        "developers_can_merge": False,
        "can_push": user.level >= 40 or not protected,  # noqa: PLR2004 - Maintainer
        "default": name == project.default_branch,
        "web_url": f"{origin}/{project.path}/-/tree/{quote(name)}",
    }


def file_body(path: str, ref: str, content: bytes, *, blob_id: str, commit: Commit, last: Commit) -> Body:
    """`GET repository/files/:path`."""
    return {
        "file_name": path.rsplit("/", 1)[-1],
        "file_path": path,
        "size": len(content),
        "encoding": "base64",
        "content_sha256": hashlib.sha256(content).hexdigest(),
        "ref": ref,
        "blob_id": blob_id,
        "commit_id": commit.id,
        "last_commit_id": last.id,
        "execute_filemode": False,
        "content": base64.b64encode(content).decode(),
    }


def diff_body(diff: FileDiff) -> Body:
    """One file of a diff."""
    return {
        "diff": diff.text,
        "collapsed": False,
        "too_large": False,
        "new_path": diff.new_path,
        "old_path": diff.old_path,
        "a_mode": "0" if diff.kind == "new" else "100644",
        "b_mode": "0" if diff.kind == "deleted" else "100644",
        "new_file": diff.kind == "new",
        "renamed_file": diff.kind == "renamed",
        "deleted_file": diff.kind == "deleted",
        "generated_file": False,
    }


def pipeline_body(pipeline: Pipeline, project: Project, origin: str) -> Body:
    """One pipeline, as lists show it."""
    return {
        "id": pipeline.id,
        "iid": project.pipelines.index(pipeline) + 1,
        "project_id": project.id,
        "sha": pipeline.sha,
        "ref": pipeline.ref,
        "status": pipeline.status,
        "source": "push",
        "created_at": stamp(pipeline.created_at),
        "updated_at": stamp(pipeline.finished_at or pipeline.created_at),
        "web_url": f"{origin}/{project.path}/-/pipelines/{pipeline.id}",
        "name": None,
    }


def note_body(note: Note, request: MergeRequest, state: GitLabState, project: Project, origin: str) -> Body:
    """One comment."""
    return {
        "id": note.id,
        "type": "DiscussionNote" if note.discussion else None,
        "body": note.body,
        "author": user_body(state.users[note.username], origin),
        "created_at": stamp(note.at),
        "updated_at": stamp(note.at),
        "system": note.system,
        "noteable_id": request.id,
        "noteable_type": "MergeRequest",
        "project_id": project.id,
        "resolvable": False,
        "confidential": False,
        "internal": False,
        "imported": False,
        "noteable_iid": request.iid,
        "commands_changes": {},
    }


def merge_request_body(request: MergeRequest, state: GitLabState, project: Project, origin: str, *, whole: bool) -> Body:
    """A merge request; `whole` adds what only `GET` of a single one answers."""
    body = {**_identity(request, project, origin), **_people(request, state, origin), **_progress(request, state, project)}
    if not whole:
        return body
    pipeline = project.pipeline_of(request.sha)
    shown = pipeline and pipeline_body(pipeline, project, origin)
    source, target = project.repository.commits[request.base_sha], project.repository.commits[request.sha]
    return {
        **body,
        "subscribed": False,
        "changes_count": str(len(project.repository.diff(source.files, target.files))),
        "latest_build_started_at": pipeline and stamp(pipeline.created_at),
        "latest_build_finished_at": pipeline and stamp(pipeline.finished_at),
        "first_deployed_to_production_at": None,
        "pipeline": shown,
        "head_pipeline": shown and {**shown, "detailed_status": _detailed(shown["status"])},
        "diff_refs": {"base_sha": request.base_sha, "head_sha": request.sha, "start_sha": request.start_sha},
        "merge_error": None,
    }


def _identity(request: MergeRequest, project: Project, origin: str) -> Body:
    return {
        "id": request.id,
        "iid": request.iid,
        "project_id": project.id,
        "title": request.title,
        "description": request.description,
        "state": request.state,
        "created_at": stamp(request.created_at),
        "updated_at": stamp(request.updated_at),
        "target_branch": request.target_branch,
        "source_branch": request.source_branch,
        "source_project_id": project.id,
        "target_project_id": project.id,
        "labels": sorted(request.labels),
        "draft": request.draft,
        "work_in_progress": request.draft,
        "imported": False,
        "imported_from": "none",
        "milestone": None,
        "web_url": f"{origin}/{project.path}/-/merge_requests/{request.iid}",
        "reference": f"!{request.iid}",
        "references": {"short": f"!{request.iid}", "relative": f"!{request.iid}", "full": f"{project.path}!{request.iid}"},
        "time_stats": {"time_estimate": 0, "total_time_spent": 0, "human_time_estimate": None, "human_total_time_spent": None},
        "task_completion_status": {"count": 0, "completed_count": 0},
    }


def _people(request: MergeRequest, state: GitLabState, origin: str) -> Body:
    def person(username: str | None) -> Body | None:
        return user_body(state.users[username], origin) if username else None

    assignees = [person(name) for name in request.assignees]
    return {
        "author": person(request.username),
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "reviewers": [person(name) for name in request.reviewers],
        "merged_by": person(request.merged_by),
        "merge_user": person(request.merged_by or request.auto_merge_by),
        "merged_at": stamp(request.merged_at),
        "closed_by": person(request.closed_by),
        "closed_at": stamp(request.closed_at),
    }


def _progress(request: MergeRequest, state: GitLabState, project: Project) -> Body:
    status = state.detailed_status(project, request)
    merge_status = {"unchecked": "unchecked", "checking": "checking", "conflict": "cannot_be_merged"}
    return {
        "sha": request.sha,
        "merge_commit_sha": request.merge_commit_sha,
        "squash_commit_sha": None,
        "squash": request.squash,
        "squash_on_merge": request.squash,
        "merge_status": merge_status.get(status, "can_be_merged"),
        "detailed_merge_status": status,
        "merge_after": None,
        "merge_when_pipeline_succeeds": request.auto_merge_by is not None,
        "should_remove_source_branch": request.remove_source_branch or None,
        "force_remove_source_branch": request.remove_source_branch,
        "has_conflicts": request.conflict,
        "blocking_discussions_resolved": True,
        "prepared_at": stamp(request.created_at),
        "user_notes_count": sum(not note.system for note in request.notes),
        "upvotes": 0,
        "downvotes": 0,
        "discussion_locked": None,
        "allow_collaboration": False,
    }


def _detailed(status: str) -> Body:
    text = "passed" if status == "success" else status
    return {"icon": f"status_{status}", "text": text.capitalize(), "label": text, "group": status, "has_details": True}
