"""The act that takes a delivered one back, each field to its old value, each file to its old bytes; and what Git says instead of it."""

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

from remediation.clients.gitlab import GitLabClient
from remediation.errors import NotFound, Refused
from remediation.executors.branch import past_files
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import MISSING, get, parse, same
from remediation.gitops.index import contents_of
from remediation.gitops.live import equal
from remediation.masking import mask
from remediation.terms import Act, FieldEdit, Instead, Json, Move, ObjectRef, Receipt, Rehearsal

_COMMITS = 20
_SKEW = timedelta(minutes=5)


async def undone(gitlab: GitLabClient, rehearsal: Rehearsal, receipt: Receipt) -> Act:
    """The act that brings the previous values back. Raises Refused when Git says something else by now."""
    act, file = rehearsal.act, rehearsal.files[0]
    edits = tuple(_inverse(move) for move in rehearsal.moves if move.object == act.object)
    try:
        current = await gitlab.file(rehearsal.project, file.path, rehearsal.branch)
    except NotFound as error:
        what = f"{file.path} is not there any more in {rehearsal.branch} of {rehearsal.project}."
        raise Refused(what, "Look at who moved it, and decide by hand.", kind="not_found") from error
    now = _object_in(b64decode(current["content"]), act.object)
    for edit in edits if now is not MISSING else ():  # what is rendered is compared when it is rehearsed
        if not same(get(now, parse(edit.path)), MISSING if edit.op == "add" else edit.expect):
            raise Refused(f"{edit.path} was changed in Git since the fix.", "Look at who changed it, and decide by hand.", kind="drift")
    whole = now is MISSING or act.creates  # a plain manifest is edited back
    restores = await past_files(gitlab, rehearsal) if whole else ()
    removes = tuple(new.object for new in act.creates)
    if removes and not restores:
        what = f"A file of the fix was changed since in {rehearsal.branch} of {rehearsal.project}."
        raise Refused(what, "Take the fix back by hand.", kind="drift")
    return replace(act, title=f"Undo: {act.title}", edits=edits, undoes=receipt.key, restores=restores, creates=(), removes=removes)


async def overwritten(gitlab: GitLabClient, rehearsal: Rehearsal, receipt: Receipt) -> str:
    """Who changed a field of the act in its plain manifest since the merge, and to what; empty while all stand."""
    path = rehearsal.files[0].path
    current = await gitlab.file(rehearsal.project, path, rehearsal.branch)
    now = _object_in(b64decode(current["content"]), rehearsal.act.object)
    for move in rehearsal.moves if now is not MISSING else ():
        at = parse(move.path)
        stands = get(now, at)
        if move.object == rehearsal.act.object and not equal(stands, MISSING if move.new is None else move.new, at):
            to = "took it away" if stands is MISSING else f"changed it to {mask(str(stands))}"
            return f"{await _by(gitlab, rehearsal, receipt, path)} {to} since: {move.path} in {path}."
    return ""


async def merged_instead(gitlab: GitLabClient, rehearsal: Rehearsal, receipt: Receipt, in_git: Json) -> Instead | None:
    """What was merged instead of the rehearsal. in_git: its object as Git renders it after the merge, masked; None where it is the same."""
    moves = tuple(
        replace(move, new=None if (stands := get(in_git, parse(move.path))) is MISSING else stands)
        for move in rehearsal.moves
        if move.object == rehearsal.act.object
    )
    approved = {move.path: MISSING if move.new is None else move.new for move in rehearsal.moves}
    if all(equal(get(in_git, parse(move.path)), approved[move.path], parse(move.path)) for move in moves):
        return None
    return Instead(by=await _by(gitlab, rehearsal, receipt, rehearsal.files[0].path), moves=moves)


async def _by(gitlab: GitLabClient, rehearsal: Rehearsal, receipt: Receipt, path: str) -> str:
    """The one author of what reached the file after the fix; somebody, where there are more, or the fix is in one commit with it."""
    since = rehearsal.rehearsed_at - _SKEW  # by GitLab's clock, in whole seconds; what came before the fix is left out below
    commits = await gitlab.commits(rehearsal.project, rehearsal.branch, path, since, _COMMITS)
    if receipt.sha not in (commit["id"] for commit in commits):
        return "somebody"
    later = takewhile(lambda commit: commit["id"] != receipt.sha, commits)
    theirs = (each for each in later if len(each.get("parent_ids") or ()) < 2)  # noqa: PLR2004 - no merge
    authors = {str(commit["author_name"]) for commit in theirs}
    return authors.pop() if len(authors) == 1 else "somebody"


def _object_in(content: bytes, ref: ObjectRef) -> Json:
    """The object of this name in a file; MISSING when it is not there."""
    text = decoded(content)
    for found, number, within in contents_of(content).objects:
        if (found.group, found.kind, found.name) == (ref.group, ref.kind, ref.name) and found.namespace in ("", ref.namespace):
            begin, end = spans(text)[number]
            return get(read(text[begin:end]).value, within)
    return MISSING


def _inverse(move: Move) -> FieldEdit:
    if move.old is None:
        return FieldEdit(path=move.path, op="remove", expect=move.new, value=None)
    if move.new is None:
        return FieldEdit(path=move.path, op="add", expect=None, value=move.old)
    return FieldEdit(path=move.path, op="replace", expect=move.new, value=move.old)
