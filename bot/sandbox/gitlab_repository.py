"""GitLab's repository API: trees, files, blobs, archives, commits, branches, comparisons."""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from bot.sandbox.git import FILE_MODE, Commit, tree_id
from bot.sandbox.gitlab import GitLabRefusal
from bot.sandbox.gitlab_bodies import Body, branch_body, commit_body, diff_body, file_body
from bot.sandbox.gitlab_commits import check_branch_name, create_commit, revert_commit

if TYPE_CHECKING:
    from bot.sandbox.gitlab_calls import Answer, Call

BYTES = "application/octet-stream"


def tree(call: Call) -> Answer:
    """`GET repository/tree`: one folder, or all below it with `recursive`."""
    commit = call.commit(str(call.fields.get("ref") or call.project.default_branch), "404 Tree Not Found")
    below = str(call.fields.get("path") or "").strip("/")
    prefix = f"{below}/" if below not in ("", ".") else ""
    inside = {path: blob for path, blob in commit.files.items() if path.startswith(prefix)}
    if prefix and not inside:
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 invalid revision or path Not Found")
    folders = sorted({prefix + f for path in inside for f in _folders(path.removeprefix(prefix))})
    entries = [_entry("tree", f, tree_id(_inside(commit, f))) for f in folders]
    entries += [_entry("blob", path, blob) for path, blob in inside.items()]
    if call.asks("recursive"):
        return sorted(entries, key=lambda e: str(e["path"]))
    return [entry for entry in entries if "/" not in str(entry["path"]).removeprefix(prefix)]


def file(call: Call) -> Answer:
    """`GET` and `HEAD repository/files/:path`."""
    call.required("ref")
    path, ref = call.path("path"), str(call.fields["ref"])
    commit = call.commit(ref)
    content, blob = _blob_at(call, commit, path)
    last = call.project.repository.last_commit_of(path, commit) or commit
    body = file_body(path, ref, content, blob_id=blob, commit=commit, last=last)
    if call.request.method != "HEAD":
        return body
    shown = {f"x-gitlab-{name.replace('_', '-')}": str(value) for name, value in body.items() if name != "content"}
    return Response(headers=shown)


def raw_file(call: Call) -> Answer:
    """`GET repository/files/:path/raw`."""
    content, _ = _blob_at(call, call.repository_head, call.path("path"))
    return Response(content, media_type="text/plain; charset=utf-8")


def blob(call: Call) -> Answer:
    """`GET repository/blobs/:sha`."""
    content = _blob(call)
    encoded = base64.b64encode(content).decode()
    return {"size": len(content), "encoding": "base64", "content": encoded, "sha": call.path("sha")}


def raw_blob(call: Call) -> Answer:
    """`GET repository/blobs/:sha/raw`."""
    return Response(_blob(call), media_type=BYTES)


def archive(call: Call) -> Answer:
    """`GET repository/archive.tar.gz`: the tree in one folder named by project and commit."""
    commit, project = call.repository_head, call.project
    below = str(call.fields.get("path") or "").strip("/")
    root = f"{project.path.rsplit('/', 1)[1]}-{call.fields.get('sha') or project.default_branch}-{commit.id}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in project.repository.contents(commit).items():
            if not below or path.startswith(f"{below}/") or path == below:
                entry = tarfile.TarInfo(f"{root}/{path}")
                entry.size, entry.mtime = len(content), int(commit.at.timestamp())
                tar.addfile(entry, io.BytesIO(content))
    disposition = {"content-disposition": f'attachment; filename="{root}.tar.gz"'}
    return Response(packed.getvalue(), media_type=BYTES, headers=disposition)


def commits(call: Call) -> Answer:
    """`GET repository/commits`, newest first."""
    path = call.fields.get("path")
    first_parent = str(call.fields.get("first_parent")).lower() == "true"
    found = call.project.repository.log(call.repository_head, str(path) if path else None, first_parent=first_parent)
    since, until = (str(call.fields.get(name) or "") for name in ("since", "until"))
    chosen = [c for c in found if c.at.isoformat() >= since.replace("Z", "") and (not until or c.at.isoformat() <= until)]
    return [commit_body(c, call.project, call.origin) for c in chosen]


def new_commit(call: Call) -> Answer:
    """`POST repository/commits`."""
    return _whole(call, create_commit(call))


def commit(call: Call) -> Answer:
    """`GET repository/commits/:sha`."""
    return _whole(call, call.commit(call.path("sha")))


def commit_diff(call: Call) -> Answer:
    """`GET repository/commits/:sha/diff`, against the first parent."""
    return _diffs(call, _parent_files(call, call.commit(call.path("sha"))), call.commit(call.path("sha")))


def revert(call: Call) -> Answer:
    """`POST repository/commits/:sha/revert`."""
    return _whole(call, revert_commit(call))


def branches(call: Call) -> Answer:
    """`GET repository/branches`."""
    search = str(call.fields.get("search") or "")
    names = [name for name in sorted(call.project.repository.branches) if search.strip("^$") in name]
    return [branch_body(name, call.project, call.user, call.origin) for name in names]


def branch(call: Call) -> Answer:
    """`GET repository/branches/:branch`."""
    if call.path("branch") not in call.project.repository.branches:
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Branch Not Found")
    return branch_body(call.path("branch"), call.project, call.user, call.origin)


def new_branch(call: Call) -> Answer:
    """`POST repository/branches`."""
    call.required("branch", "ref")
    name, repository = str(call.fields["branch"]), call.project.repository
    check_branch_name(name)
    if name in repository.branches:
        raise GitLabRefusal(HTTPStatus.BAD_REQUEST, "Branch already exists")
    start = repository.resolve(str(call.fields["ref"]))
    if start is None:
        raise GitLabRefusal(HTTPStatus.BAD_REQUEST, f"Invalid reference name: {call.fields['ref']}")
    repository.branches[name] = start.id
    call.state.branch_moved(call.project, name, call.user)
    return branch_body(name, call.project, call.user, call.origin)


def delete_branch(call: Call) -> Answer:
    """`DELETE repository/branches/:branch`."""
    call.state.delete_branch(call.project, call.path("branch"))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def compare(call: Call) -> Answer:
    """`GET repository/compare`: from the merge base, or straight."""
    call.required("from", "to")
    repository = call.project.repository
    old, new = (call.commit(str(call.fields[side]), "404 Ref Not Found") for side in ("from", "to"))
    base = old.id if call.asks("straight") else repository.merge_base(old.id, new.id) or old.id
    known = set(repository.ancestors(old.id))
    fresh = [repository.commits[i] for i in reversed(repository.ancestors(new.id)) if i not in known]
    return {
        "commit": commit_body(new, call.project, call.origin) if fresh else None,
        "commits": [commit_body(c, call.project, call.origin) for c in fresh],
        "diffs": [diff_body(d) for d in repository.diff(repository.commits[base].files, new.files)],
        "compare_timeout": False,
        "compare_same_ref": old.id == new.id,
        "web_url": f"{call.origin}/{call.project.path}/-/compare/{old.id}...{new.id}",
    }


def merge_base(call: Call) -> Answer:
    """`GET repository/merge_base?refs[]=…&refs[]=…`."""
    refs = call.fields.get("refs") or []
    if len(refs) != 2:  # noqa: PLR2004 - a merge base is of two
        raise GitLabRefusal(HTTPStatus.BAD_REQUEST, "Provide exactly 2 refs")
    repository = call.project.repository
    left, right = (call.commit(ref, f"Could not find ref: {ref}") for ref in refs)
    found = repository.merge_base(left.id, right.id)
    if found is None:
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Merge Base Not Found")
    return commit_body(repository.commits[found], call.project, call.origin)


def _whole(call: Call, commit: Commit) -> Body:
    pipeline, changes = call.project.pipeline_of(commit.id), _diff_lines(call, commit)
    stats = {"additions": changes.count("+"), "deletions": changes.count("-"), "total": len(changes)}
    shown = pipeline and {"id": pipeline.id, "ref": pipeline.ref, "sha": pipeline.sha, "status": pipeline.status}
    status = pipeline.status if pipeline else None
    body = commit_body(commit, call.project, call.origin)
    return {**body, "stats": stats, "status": status, "project_id": call.project.id, "last_pipeline": shown}


def _diff_lines(call: Call, commit: Commit) -> list[str]:
    diffs = call.project.repository.diff(_parent_files(call, commit), commit.files)
    return [line[0] for diff in diffs for line in diff.text.splitlines() if line.startswith(("+", "-"))]


def _parent_files(call: Call, commit: Commit) -> dict[str, str]:
    return call.project.repository.commits[commit.parents[0]].files if commit.parents else {}


def _diffs(call: Call, old: dict[str, str], new: Commit) -> list[Body]:
    return [diff_body(d) for d in call.project.repository.diff(old, new.files)]


def _blob_at(call: Call, commit: Commit, path: str) -> tuple[bytes, str]:
    if path not in commit.files:
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 File Not Found")
    blob_id = commit.files[path]
    return call.project.repository.blobs[blob_id], blob_id


def _blob(call: Call) -> bytes:
    content = call.project.repository.blobs.get(call.path("sha"))
    if content is None:
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Blob Not Found")
    return content


def _entry(kind: str, path: str, object_id: str) -> dict[str, Any]:
    mode = FILE_MODE if kind == "blob" else "040000"
    return {"id": object_id, "name": path.rsplit("/", 1)[-1], "type": kind, "path": path, "mode": mode}


def _folders(path: str) -> Iterable[str]:
    parts = path.split("/")[:-1]
    return ("/".join(parts[: n + 1]) for n in range(len(parts)))


def _inside(commit: Commit, folder: str) -> dict[str, str]:
    prefix = f"{folder}/"
    return {path.removeprefix(prefix): blob for path, blob in commit.files.items() if path.startswith(prefix)}
