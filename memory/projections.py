"""The tables that people and dashboards read, rewritten from the folded incident in the transaction of the entry that moved it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, update

from memory.attempts import Fate, fate_of
from memory.bulk import insert_once
from memory.tables import ConfigHistoryRow, HealingActionRow, IncidentRow
from remediation.entries import Attempt, Entry, Incident, Progressed
from remediation.terms import Json, Target

_MITIGATING = frozenset({"mitigating", "verifying"})
_OPEN = insert(IncidentRow)
_MOVE = update(IncidentRow).where(IncidentRow.incident_id == bindparam("of"))
_MOVE_ATTEMPT = update(HealingActionRow).where(HealingActionRow.action_id == bindparam("of"))


def project(connection: Connection, before: Incident | None, incident: Incident, entry: Entry) -> None:
    """Bring the rows of this incident up to date with it."""
    row = incident_row(incident)
    if before is None:
        connection.execute(_OPEN, row | _from_first_alert(incident))
    else:
        connection.execute(_MOVE, row | {"of": incident.incident_id})
    changed = before is None or before.attempts != incident.attempts or before.outcome != incident.outcome
    for number, attempt in enumerate(incident.attempts if changed else (), start=1):
        _project_attempt(connection, incident, number, attempt)
    if isinstance(entry, Progressed) and entry.progress.state == "applied":
        change = config_change(incident, len(incident.attempts))
        connection.execute(insert_once(ConfigHistoryRow, connection.dialect.name), change)


def named(target: Target) -> str:
    """A target as the tables name it: `kind:place:path`."""
    return f"{target.kind}:{target.place}:{target.path}"


def incident_row(incident: Incident) -> dict[str, Any]:
    """What changes in `incidents` as the incident goes on."""
    leading = incident.leading_finding
    status = _status(incident)
    closed = incident.closed_at or incident.ended_at if status in ("RESOLVED", "FAILED") else None
    return {
        "type": leading.kind if leading else "unknown",
        "status": status,
        "detailed_status": incident.status,
        "outcome": incident.outcome.name if incident.outcome else None,
        "phase": incident.phase,
        "target": named(incident.target),
        "environment": incident.standing.environment,
        "severity": severity_of(incident),
        "resolved_at": closed,
        "mttr_seconds": (closed - incident.opened_at).total_seconds() if closed and status == "RESOLVED" else None,
        "ended_at": incident.ended_at,
        "updated_at": incident.updated_at,
    }


def severity_of(incident: Incident) -> str:
    """The actor's word where it gave one, else the first alert's."""
    said = incident.proposal.analysis.severity if incident.proposal else "unknown"
    return said if said != "unknown" else incident.alerts[0].severity


def _status(incident: Incident) -> str:
    match incident.status:
        case "resolved":
            return "RESOLVED"
        case "failed":
            return "FAILED"
        case status:
            return "MITIGATING" if status in _MITIGATING else "OPEN"


def _from_first_alert(incident: Incident) -> dict[str, Any]:
    alert = incident.alerts[0]
    return {
        "incident_id": incident.incident_id,
        "detected_at": incident.opened_at,
        "created_at": incident.opened_at,
        "title": alert.title,
        "opened_as": named(incident.target),
        "metrics_snapshot": {"metric": alert.metric, "value": alert.value, "threshold": alert.threshold, "query": alert.query},
    }


def _project_attempt(connection: Connection, incident: Incident, number: int, attempt: Attempt) -> None:
    action_id = f"{incident.incident_id}/{number}"
    row = healing_action(incident, attempt)
    first = {"action_id": action_id, "incident_id": incident.incident_id, "created_at": incident.updated_at}
    connection.execute(insert_once(HealingActionRow, connection.dialect.name), row | first)
    connection.execute(_MOVE_ATTEMPT, row | {"of": action_id})


def healing_action(incident: Incident, attempt: Attempt) -> dict[str, Any]:
    """What `healing_actions` says of one attempt as it stands."""
    act = attempt.act
    approved = attempt.answer is not None and attempt.answer.answer == "approved"
    fate = fate_of(attempt, incident.outcome)
    return {
        "proposed_action": _proposed(attempt),
        "agl_decision": attempt.verdict.status if attempt.verdict else "DENIED",
        "approved_action": _plain(act) if approved else None,
        "executed_at": attempt.delivered_at,
        "result": fate.result,
        "remedy": attempt.plan.remedy,
        "subject": str(act.object) if act else "",
        "fingerprint": attempt.rehearsal.fingerprint if attempt.rehearsal else "",
        "parameters": _plain(act.parameters if act else attempt.plan.parameters),
        "past": fate.past,
        "reason": fate.reason,
        "settled_at": _settled_at(incident, attempt, fate),
    }


def _settled_at(incident: Incident, attempt: Attempt, fate: Fate) -> Any:
    if fate.past is None:
        return None
    if fate.past == "rejected" and attempt.answer:
        return attempt.answer.at
    return attempt.applied_at or incident.ended_at or incident.updated_at


def _proposed(attempt: Attempt) -> Mapping[str, Json]:
    return {"plan": _plain(attempt.plan), "act": _plain(attempt.act), "refused": attempt.refused}


def config_change(incident: Incident, number: int) -> dict[str, Any]:
    """What `config_history` keeps of a merged change: who, what, why."""
    attempt = incident.attempts[number - 1]
    who = attempt.progress.by if attempt.progress else ""
    approvers = sorted(attempt.approvers)
    why = [attempt.plan.justification, attempt.answer.reason if attempt.answer else ""]
    return {
        "config_id": f"{incident.incident_id}/{number}",
        "changed_by": who or ", ".join(approvers) or "unknown",
        "changes": _changes(attempt) | {"approved_by": approvers},
        "reason": " ".join(part for part in why if part),
        "incident_id": incident.incident_id,
        "created_at": attempt.applied_at,
    }


def _changes(attempt: Attempt) -> dict[str, Json]:
    rehearsal, receipt = attempt.rehearsal, attempt.receipt
    return {
        "project": rehearsal.project if rehearsal else "",
        "branch": rehearsal.branch if rehearsal else "",
        "files": [change.path for change in rehearsal.files] if rehearsal else [],
        "diff": rehearsal.diff if rehearsal else "",
        "moves": _plain(rehearsal.moves) if rehearsal else [],
        "merge_request": {"iid": receipt.iid, "url": receipt.url, "sha": receipt.sha} if receipt else None,
    }


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
