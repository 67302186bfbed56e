"""The merge request of a fix: found before it is made, left alone where a person took it over, followed until it is merged or closed."""

from collections.abc import Mapping, Sequence
from typing import Literal

from remediation.clients.gitlab import GitLabClient
from remediation.delivery import MergeRequestText, approvals_of, marker, merge_request_text
from remediation.entries import Incident
from remediation.errors import Conflict, Forbidden, NotFound, Refused
from remediation.executors.branch import FixBranch, changed_file, replaced_blobs
from remediation.lately import Lately
from remediation.masking import mask
from remediation.ports import People
from remediation.quantities import parse_time
from remediation.terms import Closed, Decision, Json, Progress, Receipt, Rehearsal

Body = Mapping[str, Json]
_NOTE = 500  # characters of one note that are shown
_NOTES = 200
_JUST_PROVEN = 5.0  # seconds: what is delivered is proven right before
_UNDER_WAY = frozenset(  # all other words of `detailed_merge_status` wait for a person
    {"", "mergeable", "checking", "unchecked", "preparing", "approvals_syncing", "ci_still_running", "ci_must_pass", "not_open"}
)
_STATES: Mapping[str, Literal["waiting", "applied", "refused"]] = {"merged": "applied", "closed": "refused"}


class MergeRequests:
    """One per fix, on the branch `suture/<fingerprint>`. people: None where nobody knows the names of those who approve."""

    def __init__(self, gitlab: GitLabClient, people: People | None = None) -> None:
        self._gitlab = gitlab
        self._people = people
        self._just_found = Lately[tuple[str, str], Sequence[Body]](_JUST_PROVEN)

    def proven(self, rehearsal: Rehearsal, found: Sequence[Body]) -> None:
        """A change was rehearsed again to be delivered now; these were there."""
        self._just_found.put(_change(rehearsal), found)

    async def found(self, rehearsal: Rehearsal) -> Sequence[Body]:
        """All of this fix, newest first, whatever became of them."""
        return await self._gitlab.merge_requests(rehearsal.project, FixBranch(self._gitlab, rehearsal).name, rehearsal.branch)

    async def closed(self, rehearsal: Rehearsal, found: Sequence[Body]) -> Closed | None:
        """The newest of those found where a person closed it; what that means is policy's to say."""
        newest = next(iter(found), None)
        if newest is None or newest["state"] != "closed" or _name(newest.get("closed_by")) == await self._gitlab.me():
            return None
        said = await self._said(rehearsal.project, newest["iid"])
        return Closed(
            url=str(newest["web_url"]),
            by=_name(newest.get("closed_by")) or "somebody",
            reason=said[-1] if said else "",
            at=parse_time(str(newest.get("closed_at") or newest["updated_at"])),
        )

    async def deliver(self, incident: Incident, rehearsal: Rehearsal, key: str) -> Receipt:
        """Raises Refused where a person pushed to its branch, Conflict where the touched file changed meanwhile."""
        names = await self._people.names(_of_the_chat(approvals_of(incident.attempt, rehearsal))) if self._people is not None else {}
        text, branch = merge_request_text(incident, rehearsal, key, names), FixBranch(self._gitlab, rehearsal)
        just_found = self._just_found.take(_change(rehearsal))
        found = await self.found(rehearsal) if just_found is None else just_found
        standing = next((each for each in found if each["state"] == "opened"), None)
        if standing is not None:
            sha = await branch.brought_up(text.commit_message)
            await self._described(standing, rehearsal, key, text)
            return _receipt(key, rehearsal, standing, sha)
        merged = merged_of(rehearsal, found)
        if merged is not None:
            return _receipt(key, rehearsal, merged, str(merged["sha"]))
        sha = await branch.made(text.commit_message, just_proven=just_found is not None)
        opened = await self._opened(incident, rehearsal, branch.name, text)
        if opened["sha"] != sha:
            raise Refused(f"Someone pushed to {branch.name} while its merge request was opened.", "Look at what was pushed.")
        return _receipt(key, rehearsal, opened, sha)

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
            reason=_last_word(notes, _name(by)) if state == "refused" else "",
            sha=str((state == "applied" and (body.get("merge_commit_sha") or body.get("squash_commit_sha"))) or body.get("sha") or ""),
            head=str(body.get("sha") or ""),
            blocked=_blocked(body) if state == "waiting" else "",
        )

    async def finish(self, receipt: Receipt, reason: str) -> Progress:
        """Merge at exactly the receipt's commit. Raises Refused when we may not, or head or base moved."""
        if not self._gitlab.may_merge:
            raise Refused("Suture has no token that may merge.", "Set GITLAB_MERGE_TOKEN, or merge by hand.")
        body = await self._gitlab.merge_request(receipt.project, receipt.iid)
        if body["state"] == "opened":
            await self._check_still_proven(receipt, body)
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

    # merge requests

    async def _check_still_proven(self, receipt: Receipt, body: Body) -> None:
        """The head is the proven commit, and what it is merged onto has the bytes that were rehearsed."""
        if body["sha"] != receipt.sha:
            raise Refused("Someone pushed to the merge request since it was decided.", "Look at what was pushed, and merge by hand.")
        target = str(body["target_branch"])
        if receipt.target_branch not in ("", target):
            what = f"Someone pointed the merge request at {target}."
            raise Refused(what, f"Point it at {receipt.target_branch} again, and merge by hand.")
        head = await self._gitlab.head(receipt.project, target)
        changed = await changed_file(self._gitlab, receipt.project, head or target, receipt.blobs)
        if changed:
            what = f"{changed} changed in {target} since the fix was rehearsed."
            raise Refused(what, "Look at both changes together, and merge by hand.", kind="drift")

    async def _described(self, standing: Body, rehearsal: Rehearsal, key: str, text: MergeRequestText) -> None:
        """Let an adopted merge request say what it is now; what a person wrote beside the same act stays."""
        if marker(key, rehearsal.digest) not in (standing["description"] or ""):
            fields = {"title": text.title, "description": text.description}
            await self._gitlab.update_merge_request(rehearsal.project, int(standing["iid"]), fields)

    async def _opened(self, incident: Incident, rehearsal: Rehearsal, branch: str, text: MergeRequestText) -> Body:
        fields: dict[str, Json] = {
            "source_branch": branch,
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
        """What people said, masked, oldest first, the newest two hundred; without GitLab's own notes and ours."""
        ours = {await self._gitlab.me()} | ({await self._gitlab.me(merging=True)} if self._gitlab.may_merge else set())
        notes = [note for note in await self._gitlab.notes(project, iid) if not note["system"] and _name(note["author"]) not in ours]
        notes.sort(key=lambda note: int(note["id"]))  # two of the same second keep their places
        return tuple(f"{_name(note['author'])}: {_shortened(mask(str(note['body'])))}" for note in notes[-_NOTES:])

    async def _note_once(self, receipt: Receipt, text: str) -> None:
        notes: Sequence[Body] = await self._gitlab.notes(receipt.project, receipt.iid)
        if not any(note["body"] == text for note in notes):
            await self._gitlab.note(receipt.project, receipt.iid, text)


def merged_of(rehearsal: Rehearsal, found: Sequence[Body]) -> Body | None:
    """The one of those found that was opened for this very change, by the digest in its marker, and merged."""
    mark = f":{rehearsal.digest} -->"
    return next((each for each in found if each["state"] == "merged" and mark in (each["description"] or "")), None)


def _change(rehearsal: Rehearsal) -> tuple[str, str]:
    return rehearsal.digest, rehearsal.base_sha


def _of_the_chat(decisions: Sequence[Decision]) -> list[str]:
    """Who decided there, by their ids; neither `policy` nor `gitlab:NAME`."""
    return [decision.by for decision in decisions if decision.by.isupper()]


def _blocked(body: Body) -> str:
    status = str(body.get("detailed_merge_status") or "")
    return "" if status in _UNDER_WAY else status


def _last_word(notes: Sequence[str], by: str) -> str:
    """The newest note, its author left out where that is whom the sentence names anyway."""
    return notes[-1].removeprefix(f"{by}: ") if notes else ""


def _shortened(note: str) -> str:
    return note if len(note) <= _NOTE else f"{note[: _NOTE - 1]}…"


def _name(user: Json) -> str:
    return str(user.get("username", "")) if isinstance(user, Mapping) else ""


def _receipt(key: str, rehearsal: Rehearsal, body: Body, sha: str) -> Receipt:
    return Receipt(
        kind="git", key=key, project=rehearsal.project, iid=int(body["iid"]), url=str(body["web_url"]), branch=str(body["source_branch"]),
        sha=sha, target_branch=rehearsal.branch, blobs=replaced_blobs(rehearsal),
    )  # fmt: skip
