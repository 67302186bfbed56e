"""The words of a merge request: an incident and its rehearsal in, title, description, labels and commit message out."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from remediation.entries import Attempt, Incident
from remediation.masking import mask
from remediation.quoting import fenced, markdown, visible
from remediation.terms import Decision, Move, Rehearsal
from templates import render

_TITLE = 255  # characters that GitLab takes
_SUBJECT = 100
_DRAFT = re.compile(r"[\[(]?(?:draft|wip)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class MergeRequestText:
    """What GitLab is given to show."""

    title: str
    description: str
    commit_message: str
    labels: tuple[str, ...]


def marker(key: str, digest: str) -> str:
    """The invisible line by which a description is known again. It names the key by a hash: nothing in it can end the comment."""
    return f"<!-- suture:{hashlib.sha256(key.encode()).hexdigest()[:32]}:{digest} -->"


def merge_request_text(incident: Incident, rehearsal: Rehearsal, key: str, names: Mapping[str, str] | None = None) -> MergeRequestText:
    """The text for this rehearsal, whose attempt is the incident's newest. names: of who approved it, by id; an id without one stays."""
    title = _title(incident, rehearsal)
    commit = render(
        "merge_request/commit.j2",
        subject=title[:_SUBJECT],
        moves=[_shown(move) for move in rehearsal.moves],
        incident_id=_one_line(incident.incident_id),
        fingerprint=rehearsal.fingerprint,
    )
    description = _description(incident, rehearsal, key, names or {})
    return MergeRequestText(title=title, description=description, commit_message=commit, labels=_labels(incident))


def _title(incident: Incident, rehearsal: Rehearsal) -> str:
    product = incident.standing.product or rehearsal.act.target.namespace or rehearsal.act.target.name
    title = _one_line(render("merge_request/title.j2", product=product, plan=rehearsal.act.title))
    return (f"Fix: {title}" if _DRAFT.match(title) else title)[:_TITLE]


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def _labels(incident: Incident) -> tuple[str, ...]:
    severity = incident.proposal.analysis.severity if incident.proposal else ""
    words = ("suture", "automated", incident.standing.environment, incident.standing.team, severity)
    named = [_one_line(word.replace(",", " "))[:_TITLE] for word in words if word]
    return tuple(dict.fromkeys(named))


def _description(incident: Incident, rehearsal: Rehearsal, key: str, names: Mapping[str, str]) -> str:
    attempt, proposal = incident.attempt, incident.proposal
    plan = attempt.plan if attempt else None
    cited = set(plan.cites if plan else ())
    return render(
        "merge_request/description.md.j2",
        markdown=markdown,
        fenced=fenced,
        undoing=bool(rehearsal.act.undoes),
        alert_title=incident.alerts[0].title if incident.alerts else rehearsal.act.title,
        cause=proposal.cause if proposal else "",
        target=rehearsal.act.target.path,
        environment=incident.standing.environment,
        team=incident.standing.team,
        severity=proposal.analysis.severity if proposal else "",
        evidence=[item for item in incident.evidence if not cited or item.item in cited],
        findings=incident.findings,
        origin=mask(rehearsal.origin),
        files=rehearsal.files,
        rendered=rehearsal.rendered,
        moves=[_shown(move) for move in rehearsal.moves],
        dry_run_state=rehearsal.dry_run.state.replace("_", " "),
        dry_run_reason=mask(rehearsal.dry_run.reason),
        unknown=rehearsal.unknown,
        diff=mask(rehearsal.diff),
        justification=plan.justification if plan else "",
        risks=plan.risks if plan else (),
        alternatives=[other for other in (proposal.plans if proposal else ()) if plan and other.plan_id != plan.plan_id],
        rollback=plan.rollback if plan else "",
        approvals=[(names.get(decision.by, decision.by), decision) for decision in approvals_of(attempt, rehearsal)],
        digest=rehearsal.digest,
        incident_id=incident.incident_id,
        opened_at=incident.opened_at,
        marker=marker(key, rehearsal.digest),
    )


def approvals_of(attempt: Attempt | None, rehearsal: Rehearsal) -> list[Decision]:
    """Who approved this very change."""
    decisions = attempt.decisions if attempt else ()
    return [decision for decision in decisions if decision.answer == "approved" and decision.digest == rehearsal.digest]


def _shown(move: Move) -> Mapping[str, str]:
    old, new = ("nothing" if value is None else _one_line(str(value)) for value in (move.old, move.new))
    return {"object": str(move.object), "path": move.path, "old": old, "new": new}
