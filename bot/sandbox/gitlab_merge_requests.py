"""GitLab's merge request API: opening, reading, changing, merging, talking."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING

from starlette.responses import Response

from bot.sandbox.gitlab import GitLabRefusal, MergeRequest, labels_of
from bot.sandbox.gitlab_bodies import (
    Body,
    commit_body,
    diff_body,
    merge_request_body,
    note_body,
    pipeline_body,
    stamp,
    user_body,
)

if TYPE_CHECKING:
    from bot.sandbox.gitlab_calls import Answer, Call


def listing(call: Call) -> Answer:
    """`GET merge_requests` with GitLab's filters, newest first."""
    chosen = [r for r in call.project.merge_requests.values() if _matches(r, call)]
    field = "updated_at" if call.fields.get("order_by") == "updated_at" else "created_at"
    chosen.sort(key=lambda r: (getattr(r, field), r.iid), reverse=call.fields.get("sort") != "asc")
    return [merge_request_body(r, call.state, call.project, call.origin, whole=False) for r in chosen]


def create(call: Call) -> Answer:
    """`POST merge_requests`."""
    call.required("source_branch", "target_branch", "title")
    return _shown(call, call.state.open_merge_request(call.project, call.user, call.fields))


def read(call: Call) -> Answer:
    """`GET merge_requests/:iid`; a look at an unchecked one starts the mergeability check."""
    body = _shown(call, call.merge_request)
    call.state.ask_mergeability(call.project, call.merge_request)
    return body


def update(call: Call) -> Answer:
    """`PUT merge_requests/:iid`."""
    call.state.update(call.project, call.merge_request, call.user, call.fields)
    return _shown(call, call.merge_request)


def merge(call: Call) -> Answer:
    """`PUT merge_requests/:iid/merge`."""
    request, fields = call.merge_request, call.fields
    if "should_remove_source_branch" in fields:
        request.remove_source_branch = call.asks("should_remove_source_branch")
    call.state.merge(
        call.project,
        request,
        call.user,
        sha=fields.get("sha"),
        auto_merge=call.asks("auto_merge") or call.asks("merge_when_pipeline_succeeds"),
        message=fields.get("merge_commit_message"),
    )
    return _shown(call, request)


def cancel_auto_merge(call: Call) -> Answer:
    """`POST merge_requests/:iid/cancel_merge_when_pipeline_succeeds`."""
    if call.merge_request.auto_merge_by is None:
        raise GitLabRefusal(HTTPStatus.METHOD_NOT_ALLOWED, "405 Method Not Allowed")
    call.merge_request.auto_merge_by = None
    return {"status": "success"}


def commits(call: Call) -> Answer:
    """`GET merge_requests/:iid/commits`, newest first."""
    request, repository = call.merge_request, call.project.repository
    known = set(repository.ancestors(request.start_sha))
    fresh = [repository.commits[i] for i in repository.ancestors(request.sha) if i not in known]
    return [commit_body(c, call.project, call.origin) for c in fresh]


def changes(call: Call) -> Answer:
    """`GET merge_requests/:iid/changes` (deprecated in GitLab, still there)."""
    return {**_shown(call, call.merge_request), "changes": _diffs(call), "overflow": False}


def diffs(call: Call) -> Answer:
    """`GET merge_requests/:iid/diffs`."""
    return _diffs(call)


def pipelines(call: Call) -> Answer:
    """`GET merge_requests/:iid/pipelines`, newest first."""
    found = [p for p in reversed(call.project.pipelines) if p.ref == call.merge_request.source_branch]
    return [pipeline_body(p, call.project, call.origin) for p in found]


def approvals(call: Call) -> Answer:
    """`GET merge_requests/:iid/approvals`: no approval is required on a free GitLab."""
    names = call.merge_request.approved_by
    return {
        **{k: v for k, v in _shown(call, call.merge_request).items() if k in ("id", "iid", "project_id", "title", "state")},
        "approved": bool(names),
        "approvals_required": 0,
        "approvals_left": 0,
        "approved_by": [{"user": user_body(call.state.users[name], call.origin)} for name in names],
        "user_has_approved": call.user.username in names,
        "user_can_approve": call.user.username not in [*names, call.merge_request.username],
    }


def approve(call: Call) -> Answer:
    """`POST merge_requests/:iid/approve`; a `sha` that is not the head is refused."""
    sha = call.fields.get("sha")
    if sha and sha != call.merge_request.sha:
        text = f"SHA does not match HEAD of source branch: {call.merge_request.sha}"
        raise GitLabRefusal(HTTPStatus.CONFLICT, text)
    call.state.approve(call.project, call.merge_request, call.user, approved=True)
    return approvals(call)


def unapprove(call: Call) -> Answer:
    """`POST merge_requests/:iid/unapprove`."""
    call.state.approve(call.project, call.merge_request, call.user, approved=False)
    return approvals(call)


def notes(call: Call) -> Answer:
    """`GET merge_requests/:iid/notes`, newest first unless `sort=asc`."""
    found = sorted(call.merge_request.notes, key=lambda n: n.id, reverse=call.fields.get("sort") != "asc")
    return [note_body(n, call.merge_request, call.state, call.project, call.origin) for n in found]


def create_note(call: Call) -> Answer:
    """`POST merge_requests/:iid/notes`."""
    call.required("body")
    note = call.state.note(call.project, call.merge_request, call.user, str(call.fields["body"]))
    return note_body(note, call.merge_request, call.state, call.project, call.origin)


def read_note(call: Call) -> Answer:
    """`GET merge_requests/:iid/notes/:note`."""
    for note in call.merge_request.notes:
        if str(note.id) == call.path("note"):
            return note_body(note, call.merge_request, call.state, call.project, call.origin)
    raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Not found")


def discussions(call: Call) -> Answer:
    """`GET merge_requests/:iid/discussions`: each lone note is a discussion of its own."""
    request = call.merge_request
    threads = groupby(request.notes, key=lambda n: n.discussion or _lone(n.id))
    return [
        {
            "id": thread,
            "individual_note": thread == _lone((found := list(group))[0].id),
            "notes": [note_body(n, request, call.state, call.project, call.origin) for n in found],
        }
        for thread, group in threads
    ]


def create_discussion(call: Call) -> Answer:
    """`POST merge_requests/:iid/discussions`."""
    call.required("body")
    thread = hashlib.sha1(f"{call.merge_request.iid} {call.state.next_id()}".encode(), usedforsecurity=False).hexdigest()
    note = call.state.note(call.project, call.merge_request, call.user, str(call.fields["body"]), discussion=thread)
    shown = note_body(note, call.merge_request, call.state, call.project, call.origin)
    return {"id": thread, "individual_note": False, "notes": [shown]}


def project_pipelines(call: Call) -> Answer:
    """`GET pipelines` filtered by `ref`, `sha`, `status`, newest first."""
    wanted = {name: call.fields[name] for name in ("ref", "sha", "status") if call.fields.get(name)}
    found = [p for p in reversed(call.project.pipelines) if all(getattr(p, k) == v for k, v in wanted.items())]
    return [pipeline_body(p, call.project, call.origin) for p in found]


def pipeline(call: Call) -> Answer:
    """`GET pipelines/:pipeline`."""
    found = next((p for p in call.project.pipelines if str(p.id) == call.path("pipeline")), None)
    if found is None:
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Not found")
    times = {"started_at": stamp(found.created_at), "finished_at": stamp(found.finished_at), "coverage": None}
    return {**pipeline_body(found, call.project, call.origin), **times}


def jobs(call: Call) -> Answer:
    """`GET pipelines/:pipeline/jobs`: this project validates its manifests, nothing more."""
    shown = pipeline(call)
    if isinstance(shown, (list, Response)):
        return shown
    name = {"name": "kubeconform", "stage": "validate", "status": shown["status"], "allow_failure": False}
    return [{"id": shown["id"] + 1, **name, "ref": shown["ref"], "web_url": f"{shown['web_url']}#kubeconform"}]


def _shown(call: Call, request: MergeRequest) -> Body:
    body = merge_request_body(request, call.state, call.project, call.origin, whole=True)
    return {**body, "user": {"can_merge": call.state.may_push(call.project, request.target_branch, call.user)}}


def _diffs(call: Call) -> list[Body]:
    request, repository = call.merge_request, call.project.repository
    base, head = repository.commits[request.base_sha], repository.commits[request.sha]
    return [diff_body(d) for d in repository.diff(base.files, head.files)]


def _matches(request: MergeRequest, call: Call) -> bool:
    fields = call.fields
    equal = {"state": request.state, "source_branch": request.source_branch, "target_branch": request.target_branch}
    equal |= {"author_username": request.username}
    if any(fields.get(k) not in (None, "", "all", v) for k, v in equal.items()):
        return False
    if "iids" in fields and str(request.iid) not in [str(i) for i in labels_of(fields["iids"])]:
        return False
    if not set(labels_of(fields.get("labels"))) <= set(request.labels):
        return False
    return str(fields.get("search") or "").lower() in f"{request.title} {request.description}".lower()


def _lone(note_id: int) -> str:
    return f"{note_id:040x}"
