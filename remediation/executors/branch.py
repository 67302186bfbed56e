"""The branch of a fix: made once, proven to hold the rehearsed bytes and nothing else, left alone where a person took it over."""

from base64 import b64decode
from collections.abc import Mapping, Sequence

from remediation.clients.gitlab import GitLabClient
from remediation.errors import Conflict, NotFound, Refused
from remediation.gitops.index import blob_of
from remediation.terms import FileChange, Json, Rehearsal

Body = Mapping[str, Json]
Files = Mapping[str, Body | None]  # by path, as GitLab gives them at one commit; None for one that is not there
LastCommits = Mapping[str, str | None]  # by path, of files there; empty for one that is not there, None where it is not known
_WEB_COMMITTER = "noreply@"  # a GitLab that signs what is committed through it puts itself in the committer's place


class FixBranch:
    """`suture/<fingerprint>` of one rehearsal."""

    def __init__(self, gitlab: GitLabClient, rehearsal: Rehearsal) -> None:
        self._gitlab = gitlab
        self._rehearsal = rehearsal
        self._project = rehearsal.project
        self._target = rehearsal.branch
        self.name = f"suture/{rehearsal.fingerprint}"

    async def brought_up(self, message: str) -> str:
        """The proven commit of a branch that stands already; the rehearsed bytes are committed where it has others.

        Raises Refused where a person pushed, Conflict where the touched file changed meanwhile.
        """
        await self._start()
        head = await self._gitlab.head(self._project, self.name)
        if head is None:
            raise Conflict(f"The branch {self.name} went away meanwhile.", "Ask again.")
        await self._check_ours(head)
        if not await self._has_bytes(head):
            head = await self._gitlab.commit(self._project, self.name, message, self._files(_last(await self._touched(head))))
        if not await self._is_proven(head):
            raise Conflict(f"{self.name} does not hold what was rehearsed.", "Rehearse it again.")
        return head

    async def made(self, message: str, *, just_proven: bool = False) -> str:
        """The proven commit on the target's head: what an earlier fix left is taken away, what an earlier try made is kept.

        just_proven: the target's head was looked at a moment ago, for this very rehearsal.
        """
        start, last = (self._rehearsal.base_sha, self._as_rehearsed()) if just_proven else await self._start()
        standing = await self._gitlab.branch(self._project, self.name)  # looked for first: after a death nothing is posted twice
        if standing is not None:
            head = str(standing["commit"]["id"])
            if await self._is_proven(head):
                return head
            await self._gitlab.delete_branch(self._project, self.name)
        return await self._gitlab.commit(self._project, self.name, message, self._files(last), start_sha=start)

    async def _is_proven(self, sha: str) -> bool:
        """Whether this commit changes the rehearsed files to the rehearsed bytes, and nothing else. Raises Refused where it is not ours."""
        paths = await self._check_ours(sha)
        return paths == self._paths and await self._has_bytes(sha)

    async def _check_ours(self, sha: str) -> set[str]:
        """The paths that this commit changes over the target, all of them rehearsed, all of its history Suture's own."""
        compared = await self._gitlab.compare(self._project, self._target, sha)
        ours = await self._gitlab.mail_addresses()
        strangers = [commit for commit in compared.get("commits") or () if not self._is_ours(commit, ours)]
        if strangers:
            who = strangers[-1].get("author_name") or "Someone"
            what = f"{who} pushed to {self.name} of {self._project}; Suture leaves it alone."
            raise Refused(what, "Finish that branch by hand, or delete it.")
        paths = {str(diff[side]) for diff in compared.get("diffs") or () for side in ("old_path", "new_path")}
        if paths - self._paths:
            what = f"{self.name} of {self._project} also changes {', '.join(sorted(paths - self._paths)[:3])}, which nobody rehearsed."
            raise Refused(what, "Look at who put it there, then delete that branch.")
        return paths

    @property
    def _paths(self) -> set[str]:
        return {file.path for file in self._rehearsal.files}

    def _is_ours(self, commit: Body, addresses: frozenset[str]) -> bool:
        """By trailer and author; a commit that a person amended or picked has a committer of its own. The bytes are proven besides."""
        committer = str(commit.get("committer_email", ""))
        return (
            f"Suture-Fingerprint: {self._rehearsal.fingerprint}" in commit["message"]
            and commit.get("author_email") in addresses
            and (committer in addresses or committer.startswith(_WEB_COMMITTER))
        )

    async def _start(self) -> tuple[str, LastCommits]:
        """The target's head and the touched files there, which are still the ones that were rehearsed. Raises Conflict."""
        head = await self._gitlab.head(self._project, self._target)
        if head is None:
            raise Refused(f"{self._project} has no branch {self._target} any more.", "Check it in GitLab.")
        if head == self._rehearsal.base_sha:  # a commit's files never change
            return head, self._as_rehearsed()
        touched = await self._touched(head)
        changed = _changed(touched, replaced_blobs(self._rehearsal))
        if changed:
            raise Conflict(f"{changed} changed since the fix was rehearsed.", "Rehearse it again.")
        return head, _last(touched)

    def _as_rehearsed(self) -> LastCommits:
        return {file.path: None if file.blob else "" for file in self._rehearsal.files}

    async def _touched(self, ref: str) -> Files:
        return await files_there(self._gitlab, self._project, ref, [file.path for file in self._rehearsal.files])

    def _files(self, last: LastCommits) -> Mapping[str, tuple[bytes | None, str | None]]:
        """What is to be committed: no bytes for a file that is taken away, which is left out where it is away already."""
        files = (file for file in self._rehearsal.files if not file.gone or last[file.path] != "")
        return {file.path: (None if file.gone else file.content, last[file.path]) for file in files}

    async def _has_bytes(self, ref: str) -> bool:
        touched = await self._touched(ref)
        for file in self._rehearsal.files:
            there = touched[file.path]
            if file.gone or there is None:
                if not (file.gone and there is None):
                    return False
            elif blob_of(b64decode(there["content"])).id != blob_of(file.content).id:
                return False
        return True


def replaced_blobs(rehearsal: Rehearsal) -> dict[str, str]:
    """Git's id of the bytes that each touched file had when it was rehearsed, by path; empty for one that was not there."""
    return {file.path: file.blob for file in rehearsal.files}


async def past_files(gitlab: GitLabClient, rehearsal: Rehearsal) -> tuple[FileChange, ...]:
    """The files that were merged, as they were before; none where one of them has other bytes by now."""
    past: list[FileChange] = []
    for file in rehearsal.files:
        there = await file_there(gitlab, rehearsal.project, file.path, rehearsal.branch)
        before = await file_there(gitlab, rehearsal.project, file.path, rehearsal.base_sha) if file.blob else None
        merged = blob_of(file.content).id
        if there is None or _blob_of(there) != merged or _blob_of(before) != file.blob:
            return ()
        content = b64decode(before["content"]) if before else b""
        past.append(FileChange(path=file.path, line=file.line, blob=merged, content=content, gone=before is None))
    return tuple(past)


async def changed_file(gitlab: GitLabClient, project: str, ref: str, blobs: Mapping[str, str]) -> str:
    """The first of these files that has other bytes at `ref`, is gone or appeared there; empty when none did."""
    return _changed(await files_there(gitlab, project, ref, list(blobs)), blobs)


def _changed(there: Files, blobs: Mapping[str, str]) -> str:
    return next((path for path, blob in blobs.items() if _blob_of(there[path]) != blob), "")


def _last(there: Files) -> LastCommits:
    return {path: str(file["last_commit_id"]) if file else "" for path, file in there.items()}


def _blob_of(there: Body | None) -> str:
    return str(there["blob_id"]) if there else ""


async def files_there(gitlab: GitLabClient, project: str, ref: str, paths: Sequence[str]) -> Files:
    """These files at a commit or branch."""
    return {path: await file_there(gitlab, project, path, ref) for path in paths}


async def file_there(gitlab: GitLabClient, project: str, path: str, ref: str) -> Body | None:
    """The file at a commit or branch, None where it is not."""
    try:
        return await gitlab.file(project, path, ref)
    except NotFound:
        return None
