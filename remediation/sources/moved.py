"""The last commit that moved fields of one object: each that reached the branch lately is rendered before and after, and compared."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, differences, format_path, get
from remediation.gitops.index import Contents, Tree
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.projects import Project, Trees
from remediation.gitops.solution import found_in
from remediation.gitops.trace import Tracer
from remediation.masking import mask, mask_object
from remediation.observed import moment
from remediation.terms import Commit, Json, Move, ObjectRef

_LATELY = timedelta(hours=3)  # before now: what is older is not what changed just before
_LOOKED_AT = 5  # commits, the newest first


class History(Protocol):
    """What is asked of GitLab: clients.gitlab.GitLabClient."""

    async def commits(
        self, project: str, branch: str, path: str, since: datetime, limit: int, *, first_parent: bool = False
    ) -> Sequence[Mapping[str, Json]]:
        """Commits that touched a file or folder, newest first; as they reached the branch where `first_parent`."""
        ...


async def last_moved(history: History, trees: Trees, project: Project, ref: ObjectRef, until: datetime) -> Commit | None:
    """None where no commit of the last hours moved it, or where it is not rendered from this project alone."""
    arrived = await history.commits(project.project, project.branch, project.glob, until - _LATELY, _LOOKED_AT, first_parent=True)
    for commit in arrived:
        at, parents = moment(commit.get("committed_date")), commit.get("parent_ids") or ()
        if at is None or not parents:
            return None
        base, head = [await trees.tree(project.project, str(sha)) for sha in (parents[0], commit["id"])]
        moves = await asyncio.to_thread(_moves, base, head, trees.contents, ref, project.glob)
        if moves is None:
            return None
        if moves:
            title = mask(str(commit.get("title") or ""))
            return Commit(project=project.project, sha=str(commit["id"]), title=title, at=at, moves=moves)
    return None


def _moves(base: Tree, head: Tree, known: dict[str, Contents], ref: ObjectRef, glob: str) -> tuple[Move, ...] | None:
    """The fields that differ; None where one side cannot be rendered, or the object is not in it: then it came, and nothing moved."""
    try:
        old, new = (_rendered(tree, known, ref, glob) for tree in (base, head))
    except Refused:
        return None
    return tuple(_masked(ref, old, new))


def _rendered(tree: Tree, known: dict[str, Contents], ref: ObjectRef, glob: str) -> Json:
    tracer = Tracer(tree, known)
    try:
        return found_in(tracer, ref, Narrowing(glob=glob)).obj.value
    finally:
        tracer.close()


def _masked(ref: ObjectRef, old: Json, new: Json) -> Iterator[Move]:
    """Compared as they are, told masked: a secret that changed is a change, too."""
    shown = [mask_object(old), mask_object(new)]
    for path, *_ in differences(old, new):
        then, now = (None if (value := get(side, path)) is MISSING else value for side in shown)
        yield Move(object=ref, path=format_path(path), old=then, new=now)
