"""The bodies of GitLab's webhooks: merge request, pipeline and note events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.sandbox.gitlab import Event, GitLabState, MergeRequest, Note, Pipeline, Project, User

if TYPE_CHECKING:
    from bot.sandbox.git import Commit

Body = dict[str, Any]
HEADERS = {"merge_request": "Merge Request Hook", "pipeline": "Pipeline Hook", "note": "Note Hook"}
_STATE_IDS = {"opened": 1, "closed": 2, "merged": 3}
_UNTOUCHED: Body = dict.fromkeys(("milestone_id", "last_edited_at", "last_edited_by_id", "updated_by_id", "merge_error"))
_UNTOUCHED |= dict.fromkeys(("human_total_time_spent", "human_time_change", "human_time_estimate"))
_UNTOUCHED |= {"total_time_spent": 0, "time_change": 0, "time_estimate": 0, "first_contribution": False}


def body_of(event: Event, state: GitLabState, origin: str) -> Body:
    """The JSON body that GitLab posts for one event."""
    kind, project, request, more = event
    match kind:
        case "pipeline":
            return _pipeline((more["pipeline"], more["status"]), request, project, state, origin)
        case "note" if request is not None:
            return _note((more["note"], more["user"]), request, project, state, origin)
        case "merge_request" if request is not None:
            return _merge_request(request, project, state, more, origin)
    raise KeyError(kind)


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at is not None else None


def _user(user: User) -> Body:
    return {"id": user.id, "name": user.name, "username": user.username, "avatar_url": None, "email": "[REDACTED]"}


def _project(project: Project, origin: str) -> Body:
    web, ssh = f"{origin}/{project.path}", f"git@gitlab.shop.example:{project.path}.git"
    return {
        "id": project.id,
        "name": project.name,
        "description": None,
        "web_url": web,
        "avatar_url": None,
        "git_ssh_url": ssh,
        "git_http_url": f"{web}.git",
        "namespace": project.path.rsplit("/", 1)[0],
        "visibility_level": 0,
        "path_with_namespace": project.path,
        "default_branch": project.default_branch,
        "ci_config_path": None,
        "homepage": web,
        "url": ssh,
        "ssh_url": ssh,
        "http_url": f"{web}.git",
    }


def _repository(project: Project, origin: str) -> Body:
    web = f"{origin}/{project.path}"
    return {"name": project.name, "url": f"git@gitlab.shop.example:{project.path}.git", "description": None, "homepage": web}


def _commit(commit: Commit, project: Project, origin: str) -> Body:
    return {
        "id": commit.id,
        "message": commit.message,
        "title": commit.title,
        "timestamp": commit.at.isoformat(),
        "url": f"{origin}/{project.path}/-/commit/{commit.id}",
        "author": {"name": commit.author.name, "email": commit.author.email},
    }


def _label(name: str, project: Project) -> Body:
    return {"id": sum(name.encode()), "title": name, "color": "#428bca", "project_id": project.id, "type": "ProjectLabel"}


def _attributes(request: MergeRequest, project: Project, state: GitLabState, origin: str) -> Body:
    assignees = [state.users[name].id for name in request.assignees]
    pipeline, status = project.pipeline_of(request.sha), state.detailed_status(project, request)
    return {
        **_UNTOUCHED,
        "id": request.id,
        "iid": request.iid,
        "title": request.title,
        "description": request.description,
        "author_id": state.users[request.username].id,
        "assignee_id": next(iter(assignees), None),
        "assignee_ids": assignees,
        "reviewer_ids": [state.users[name].id for name in request.reviewers],
        "head_pipeline_id": pipeline and pipeline.id,
        "merge_user_id": state.users[request.merged_by].id if request.merged_by else None,
        "merge_status": "unchecked" if status in ("unchecked", "checking") else "can_be_merged",
        "detailed_merge_status": status,
        "source_branch": request.source_branch,
        "target_branch": request.target_branch,
        "source_project_id": project.id,
        "target_project_id": project.id,
        "state": request.state,
        "state_id": _STATE_IDS[request.state],
        "created_at": _time(request.created_at),
        "updated_at": _time(request.updated_at),
        "draft": request.draft,
        "work_in_progress": request.draft,
        "merge_commit_sha": request.merge_commit_sha,
        "merge_when_pipeline_succeeds": request.auto_merge_by is not None,
        "merge_params": {"force_remove_source_branch": "1" if request.remove_source_branch else "0"},
        "url": f"{origin}/{project.path}/-/merge_requests/{request.iid}",
        "source": _project(project, origin),
        "target": _project(project, origin),
        "last_commit": _commit(project.repository.commits[request.sha], project, origin),
    }


def _merge_request(request: MergeRequest, project: Project, state: GitLabState, more: dict[str, Any], origin: str) -> Body:
    labels = [_label(name, project) for name in request.labels]
    attributes = {
        **_attributes(request, project, state, origin),
        "labels": labels,
        "blocking_discussions_resolved": True,
        "action": more["action"],
    }
    if "oldrev" in more:
        attributes["oldrev"] = more["oldrev"]
    return {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": _user(more["user"]),
        "project": _project(project, origin),
        "object_attributes": attributes,
        "labels": labels,
        "changes": _changes(request, project, more),
        "repository": _repository(project, origin),
        "assignees": [_user(state.users[name]) for name in request.assignees],
        "reviewers": [_user(state.users[name]) for name in request.reviewers],
    }


def _changes(request: MergeRequest, project: Project, more: dict[str, Any]) -> Body:
    match more:
        case {"action": "merge" | "close" | "reopen"}:
            previous = "closed" if more["action"] == "reopen" else "opened"
            return {"state_id": {"previous": _STATE_IDS[previous], "current": _STATE_IDS[request.state]}}
        case {"labels_before": before} if before != request.labels:
            lists = ([_label(name, project) for name in names] for names in (before, request.labels))
            return {"labels": dict(zip(("previous", "current"), lists, strict=True))}
    return {}


def _note(said: tuple[Note, User], request: MergeRequest, project: Project, state: GitLabState, origin: str) -> Body:
    (note, user), attributes = said, _attributes(request, project, state, origin)
    return {
        "object_kind": "note",
        "event_type": "note",
        "user": _user(user),
        "project_id": project.id,
        "project": _project(project, origin),
        "repository": _repository(project, origin),
        "object_attributes": {
            "id": note.id,
            "note": note.body,
            "description": note.body,
            "noteable_type": "MergeRequest",
            "noteable_id": request.id,
            "author_id": user.id,
            "created_at": _time(note.at),
            "updated_at": _time(note.at),
            "project_id": project.id,
            "attachment": None,
            "line_code": None,
            "commit_id": None,
            "discussion_id": note.discussion or f"{note.id:040x}",
            "system": note.system,
            "internal": False,
            "type": None,
            "action": "create",
            "url": f"{attributes['url']}#note_{note.id}",
        },
        "merge_request": attributes,
    }


def _pipeline(
    moment: tuple[Pipeline, str], request: MergeRequest | None, project: Project, state: GitLabState, origin: str
) -> Body:
    pipeline, status = moment  # its status then: the event may be sent when it has moved on
    commit = project.repository.commits[pipeline.sha]
    user = next((u for u in state.users.values() if u.author == commit.author), next(iter(state.users.values())))
    seconds = pipeline.finished_at and int((pipeline.finished_at - pipeline.created_at).total_seconds())
    url = f"{origin}/{project.path}/-/pipelines/{pipeline.id}"
    shown = request and {
        **{k: getattr(request, k) for k in ("id", "iid", "title", "source_branch", "target_branch", "state")},
        "source_project_id": project.id,
        "target_project_id": project.id,
        "merge_status": "can_be_merged",
        "detailed_merge_status": state.detailed_status(project, request),
        "url": f"{origin}/{project.path}/-/merge_requests/{request.iid}",
    }
    return {
        "object_kind": "pipeline",
        "object_attributes": {
            "id": pipeline.id,
            "iid": project.pipelines.index(pipeline) + 1,
            "name": None,
            "ref": pipeline.ref,
            "tag": False,
            "sha": pipeline.sha,
            "before_sha": commit.parents[0] if commit.parents else "0" * 40,
            "source": "push",
            "status": status,
            "detailed_status": "passed" if status == "success" else status,
            "stages": ["validate"],
            "created_at": _time(pipeline.created_at),
            "finished_at": _time(pipeline.finished_at),
            "duration": seconds,
            "queued_duration": 0,
            "variables": [],
            "url": url,
        },
        "merge_request": shown,
        "user": _user(user),
        "project": _project(project, origin),
        "commit": _commit(commit, project, origin),
        "builds": [{"id": pipeline.id + 1, "stage": "validate", "name": "kubeconform", "status": status, "when": "on_success"}],
    }
