"""The merge request of a fix: found before it is made, left alone where a person took it over, followed until it is merged or closed."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Literal

from remediation.clients.gitlab import GitLabClient
from remediation.delivery import MergeRequestText, marker, merge_request_text
from remediation.entries import Incident
from remediation.errors import Conflict, Forbidden, NotFound, Refused
from remediation.gitops.index import blob_of
from remediation.terms import Json, Progress, Receipt, Rehearsal

Body = Mapping[str, Json]
_NOTE = 500  # characters of one note that are shown
_NOTES = 20
_STATES: Mapping[str, Literal["waiting", "applied", "refused"]] = {"merged": "applied", "closed": "refused"}


class MergeRequests:
    """One per fix, on the branch `suture/<fingerprint>`."""

    def __init__(self, gitlab: GitLabClient) -> None:
        self._gitlab = gitlab

    async def was_merged(self, rehearsal: Rehearsal) -> bool:
        """Whether this very change, by its digest, was delivered and merged already."""
        found = await self._gitlab.merge_requests(rehearsal.project, _branch(rehearsal))
        return any(each["state"] == "merged" and f":{rehearsal.digest} -->" in (each["description"] or "") for each in found)

    async def check_not_refused(self, rehearsal: Rehearsal) -> None:
        """Raises Refused where a person closed this fix before, with what was said last."""
        found = await self._gitlab.merge_requests(rehearsal.project, _branch(rehearsal))
        if not found or found[0]["state"] != "closed" or _name(found[0].get("closed_by")) == await self._gitlab.me():
            return
        said = await self._said(rehearsal.project, found[0]["iid"])
        reason = said[-1] if said else "without a word"
        what = f"{_name(found[0].get('closed_by')) or 'Someone'} closed this fix before ({found[0]['web_url']}): {reason}"
        raise Refused(what, "Reopen that merge request, or choose another fix.")

    async def deliver(self, incident: Incident, rehearsal: Rehearsal, key: str) -> Receipt:
        """Raises Refused where a person closed it or pushed to its branch, Conflict where the touched file changed meanwhile."""
        await self.check_not_refused(rehearsal)
        text = merge_request_text(incident, rehearsal, key)
        found = await self._gitlab.merge_requests(rehearsal.project, _branch(rehearsal))
        standing = next((each for each in found if each["state"] == "opened"), None)
        if standing is not None:
            sha = await self._brought_up(rehearsal, text)
            return _receipt(key, rehearsal.project, {**standing, "sha": sha})
        mine = next((each for each in found if marker(key, rehearsal.digest) in (each["description"] or "")), None)
        if mine is not None and mine["state"] == "merged":
            return _receipt(key, rehearsal.project, mine)
        await self._branch_made(rehearsal, text)
        return _receipt(key, rehearsal.project, await self._opened(incident, rehearsal, text))

    async def progress(self, receipt: Receipt) -> Progress:
        """Fetched; `lost` when it is not there any more."""
        try:
            body = await self._gitlab.merge_request(receipt.project, receipt.iid)
        except NotFound:
            return Progress(state="lost", reason=f"{receipt.url} is not there any more.")
        state = _STATES.get(body["state"], "waiting")
        notes = await self._said(receipt.project, receipt.iid)
        by = {"applied": body.get("merge_user") or body.get("merged_by"), "refused": body.get("closed_by")}.get(state)
        return Progress(
            state=state,
            ready=state == "waiting" and body.get("detailed_merge_status") == "mergeable",
            pipeline=str((body.get("head_pipeline") or {}).get("status", "")),
            approved_by=await self._gitlab.approved_by(receipt.project, receipt.iid),
            notes=notes,
            by=_name(by),
            reason=(notes[-1] if notes else "") if state == "refused" else "",
            sha=str((state == "applied" and (body.get("merge_commit_sha") or body.get("squash_commit_sha"))) or body.get("sha") or ""),
        )

    async def finish(self, receipt: Receipt, reason: str) -> Progress:
        """Merge at exactly the receipt's commit. Raises Refused when we may not, or its head is another."""
        if not self._gitlab.may_merge:
            raise Refused("Suture has no token that may merge.", "Set GITLAB_MERGE_TOKEN, or merge by hand.")
        body = await self._gitlab.merge_request(receipt.project, receipt.iid)
        if body["state"] == "opened":
            if body["sha"] != receipt.sha:
                raise Refused("Someone pushed to the merge request since it was decided.", "Look at what was pushed, and merge by hand.")
            await self._note_once(receipt, reason)
            try:
                await self._gitlab.merge(receipt.project, receipt.iid, receipt.sha)
            except (Conflict, Forbidden) as error:
                raise Refused(f"The merge request cannot be merged by Suture. {error.what}", error.what_to_do) from error
        return await self.progress(receipt)

    async def withdraw(self, receipt: Receipt, reason: str) -> Progress:
        """Say why and close it; one that is merged, closed or gone stays so."""
        try:
            body = await self._gitlab.merge_request(receipt.project, receipt.iid)
        except NotFound:
            return await self.progress(receipt)
        if body["state"] == "opened":
            await self._note_once(receipt, reason)
            await self._gitlab.update_merge_request(receipt.project, receipt.iid, {"state_event": "close"})
        return await self.progress(receipt)

    # branches

    async def _brought_up(self, rehearsal: Rehearsal, text: MergeRequestText) -> str:
        """The head of the fix's branch once it has the bytes of this rehearsal. Raises Refused where a person pushed."""
        project, branch = rehearsal.project, _branch(rehearsal)
        await self._check_ours(rehearsal)
        if not await self._has_bytes(rehearsal, branch):
            files = await self._files(rehearsal, branch)
            return await self._gitlab.commit(project, branch, text.commit_message, files)
        head = await self._gitlab.head(project, branch)
        if head is None:
            raise Conflict(f"The branch {branch} went away meanwhile.", "Ask again.")
        return head

    async def _check_ours(self, rehearsal: Rehearsal) -> None:
        """Every commit of the branch is Suture's own."""
        project, branch = rehearsal.project, _branch(rehearsal)
        trailer = f"Suture-Fingerprint: {rehearsal.fingerprint}"
        strangers = [c for c in await self._gitlab.commits_between(project, rehearsal.branch, branch) if trailer not in c["message"]]
        if strangers:
            who = strangers[-1].get("author_name") or "Someone"
            raise Refused(f"{who} pushed to {branch} of {project}; Suture leaves it alone.", "Finish that branch by hand, or delete it.")

    async def _branch_made(self, rehearsal: Rehearsal, text: MergeRequestText) -> None:
        """The fix's branch, on the target's head: what an earlier fix left is taken away, what an earlier try made is kept."""
        project, branch = rehearsal.project, _branch(rehearsal)
        start = await self._start(rehearsal)
        if await self._gitlab.head(project, branch) is not None:
            await self._check_ours(rehearsal)
            if await self._has_bytes(rehearsal, branch) and await self._gitlab.commits_between(project, rehearsal.branch, branch):
                return
            await self._gitlab.delete_branch(project, branch)
        await self._gitlab.commit(project, branch, text.commit_message, await self._files(rehearsal, start), start_sha=start)

    async def _start(self, rehearsal: Rehearsal) -> str:
        """The target's head, where the touched files are still the ones that were rehearsed. Raises Conflict."""
        head = await self._gitlab.head(rehearsal.project, rehearsal.branch)
        if head is None:
            raise Refused(f"{rehearsal.project} has no branch {rehearsal.branch} any more.", "Check it in GitLab.")
        for file in rehearsal.files:
            if (await self._gitlab.file(rehearsal.project, file.path, head))["blob_id"] != file.blob:
                raise Conflict(f"{file.path} changed since the fix was rehearsed.", "Rehearse it again.")
        return head

    async def _files(self, rehearsal: Rehearsal, ref: str) -> Mapping[str, tuple[bytes, str]]:
        known = {file.path: await self._gitlab.file(rehearsal.project, file.path, ref) for file in rehearsal.files}
        return {file.path: (file.content, str(known[file.path]["last_commit_id"])) for file in rehearsal.files}

    async def _has_bytes(self, rehearsal: Rehearsal, ref: str) -> bool:
        for file in rehearsal.files:
            try:
                there = await self._gitlab.file(rehearsal.project, file.path, ref)
            except NotFound:
                return False
            if blob_of(b64decode(there["content"])).id != blob_of(file.content).id:
                return False
        return True

    # merge requests

    async def _opened(self, incident: Incident, rehearsal: Rehearsal, text: MergeRequestText) -> Body:
        fields: dict[str, Json] = {
            "source_branch": _branch(rehearsal),
            "target_branch": rehearsal.branch,
            "title": text.title,
            "description": text.description,
            "labels": ",".join(text.labels),
            "remove_source_branch": True,
        }
        assignee = await self._gitlab.user_id(incident.standing.assignee) if incident.standing.assignee else None
        if assignee is not None:
            fields["assignee_id"] = assignee
        return await self._gitlab.open_merge_request(rehearsal.project, fields)

    async def _said(self, project: str, iid: int) -> tuple[str, ...]:
        """What people said, oldest first, the newest twenty; without GitLab's own notes and ours."""
        ours = {await self._gitlab.me()} | ({await self._gitlab.me(merging=True)} if self._gitlab.may_merge else set())
        notes = [note for note in await self._gitlab.notes(project, iid) if not note["system"] and _name(note["author"]) not in ours]
        return tuple(f"{_name(note['author'])}: {str(note['body'])[:_NOTE]}" for note in notes[-_NOTES:])

    async def _note_once(self, receipt: Receipt, text: str) -> None:
        notes: Sequence[Body] = await self._gitlab.notes(receipt.project, receipt.iid)
        if not any(note["body"] == text for note in notes):
            await self._gitlab.note(receipt.project, receipt.iid, text)


def _branch(rehearsal: Rehearsal) -> str:
    return f"suture/{rehearsal.fingerprint}"


def _name(user: Json) -> str:
    return str(user.get("username", "")) if isinstance(user, Mapping) else ""


def _receipt(key: str, project: str, body: Body) -> Receipt:
    return Receipt(
        kind="git", key=key, project=project, iid=int(body["iid"]), url=str(body["web_url"]), branch=str(body["source_branch"]),
        sha=str(body["sha"]),
    )  # fmt: skip
