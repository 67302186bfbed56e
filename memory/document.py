"""One incident as one JSON document, and the list of them: what `GET /api/incidents` answers and the command line prints."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from memory.journal import Line, fold, lines
from memory.projections import severity_of
from memory.reader import Reader
from memory.tables import IS_OPEN, IncidentRow
from memory.timeline import timeline
from remediation.entries import Attempt, Incident
from remediation.errors import NotFound
from remediation.terms import Alert, Evidence, Json, ModelCall

Document = dict[str, Json]
_MERGE_REQUEST = {"waiting": "opened", "applied": "merged", "refused": "closed", "lost": "lost"}
_KUBERNETES = ("objects", "events", "changes", "probe")


class Documents:
    """What the HTTP API asks for, of one reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def one(self, incident_id: str) -> Document:
        """The whole incident. Raises NotFound, Unreachable."""
        return await incident_document(self._reader, incident_id)

    async def all(self) -> Document:
        """`{"incidents": […], "more": n}`, newest first. Raises Unreachable."""
        return await incident_list(self._reader)


async def incident_document(reader: Reader, incident_id: str) -> Document:
    """The whole incident. Raises NotFound, Unreachable."""
    entries = await reader.read(lambda connection: lines(connection, incident_id))
    if not entries:
        raise NotFound(f"There is no incident {incident_id}.", "List them with `suture incidents`.")
    return document(fold(incident_id, entries), entries)


async def incident_list(reader: Reader, ended: int = 200) -> Document:
    """`{"incidents": […], "more": n}`, newest first, a few words each: every open one, the newest ended, and how many ended before those.

    Raises Unreachable.
    """
    return await reader.read(lambda connection: _listing(connection, ended))


def document(incident: Incident, entries: Sequence[Line]) -> Document:
    """The incident as its entries tell it; times are ISO 8601, UTC, and what is not known yet is null or empty."""
    whole: Document = {
        "incident_id": incident.incident_id,
        "timestamp": incident.opened_at,
        "status": incident.status,
        "outcome": incident.outcome.name if incident.outcome else None,
        "outcome_reason": incident.outcome.reason if incident.outcome else "",
        "cause_confirmed": incident.outcome.cause_confirmed if incident.outcome else "unknown",
        "title": incident.alerts[0].title,
        "severity": severity_of(incident),
        "phase": incident.phase,
        "ended_at": incident.ended_at,
        "target": incident.target,
        "standing": incident.standing,
        "context_bundle": _context(incident),
        "ai_analysis": _analysis(incident),
        **_actions(incident),
        "safety_checks": _safety(incident),
        "gitlab_mr": next((_merge_request(a) for a in _delivered(incident) if not a.is_revert), None),
        "gitlab_mrs": [_merge_request(attempt) for attempt in _delivered(incident)],
        "slack_notification": _slack(incident),
        "learning": _learning(incident),
        "findings": incident.findings,
        "evidence": [_in_short(item) for item in incident.evidence],
        "critiques": incident.critiques,
        "attempts": [_attempt(attempt) for attempt in incident.attempts],
        "model_calls": _calls(incident),
        "timeline": timeline(entries),
    }
    plain: Document = _plain(whole)
    return plain


def _context(incident: Incident) -> Document:
    def of(*kinds: str) -> list[Evidence]:
        return [item for item in incident.evidence if item.kind in kinds]

    return {
        "alert": _alert(incident.alerts[0], incident),
        "alerts": incident.alerts,
        "monitor": next(iter(of("monitor")), None),
        "k8s_context": of(*_KUBERNETES),
        "logs": of("logs"),
        "metrics": of("metrics"),
        "similar_incidents": incident.precedents,
    }


def _alert(alert: Alert, incident: Incident) -> Document:
    """The first alert, and beside its own words what they were read to mean, with the owner that evidence gave."""
    target, labels = incident.target, alert.labels
    deployment = target.name if target.object_kind == "Deployment" else None
    enriched = {
        "namespace": labels.get("namespace") or target.namespace or None,
        "pod": labels.get("pod"),
        "deployment": labels.get("deployment") or deployment,
        "container": labels.get("container"),
        "metric": alert.metric or None,
        "value": alert.value,
        "threshold": alert.threshold,
    }
    plain: Document = _plain(alert)
    return plain | {"enriched_alert": enriched}


def _analysis(incident: Incident) -> Document | None:
    proposal = incident.proposal
    if proposal is None:
        return None
    analysis: Document = _plain(proposal.analysis)
    said = {"cause": proposal.cause, "confidence": proposal.confidence, "finding": proposal.finding, "logs_summary": proposal.logs_summary}
    return analysis | said | {"by": proposal.by, "note": proposal.note, "for_a_person": proposal.for_a_person}


def _actions(incident: Incident) -> Document:
    """The plan that was taken to a decision, else the best one, and the others."""
    plans = incident.proposal.plans if incident.proposal else ()
    tried = next((a.plan for a in reversed(incident.attempts) if a.passes and not a.is_revert), None)
    best = tried or next(iter(plans), None)
    others = [plan for plan in plans if best is None or plan.plan_id != best.plan_id]
    return {"recommended_action": best, "alternative_actions": others}


def _safety(incident: Incident) -> Document:
    """What policy, the rehearsal and the critic said of the newest attempt that is no revert; nulls before there is one."""
    attempt = next((a for a in reversed(incident.attempts) if not a.is_revert), None)
    verdict = attempt.verdict if attempt else None
    rehearsal = attempt.rehearsal if attempt else None
    critique = incident.critique_of(attempt.plan) if attempt else None
    return {
        "status": verdict.status if verdict else None,
        "level": verdict.level if verdict else None,
        "gate": verdict.gate if verdict else None,
        "rulings": verdict.rulings if verdict else [],
        "clamped": verdict.clamped if verdict else [],
        "dry_run": rehearsal.dry_run if rehearsal else None,
        "critic": {"decision": critique.decision, "checks": critique.checks} if critique else None,
        "refused": attempt.refused if attempt else "",
    }


def _delivered(incident: Incident) -> list[Attempt]:
    return [attempt for attempt in reversed(incident.attempts) if attempt.receipt is not None]


def _merge_request(attempt: Attempt) -> Document | None:
    receipt = attempt.receipt
    if receipt is None:
        return None
    state = _MERGE_REQUEST[attempt.progress.state] if attempt.progress else "opened"
    named = {"url": receipt.url, "branch": receipt.branch, "state": state, "iid": receipt.iid}
    return named | {"project": receipt.project, "sha": receipt.sha, "reverts": attempt.is_revert}


def _slack(incident: Incident) -> Document | None:
    return {"channel": incident.thread.channel, "message_ts": incident.thread.ts} if incident.thread else None


def _learning(incident: Incident) -> Document:
    return {
        "similar_incidents_found": len(incident.precedents),
        "confidence_score": incident.proposal.confidence if incident.proposal else None,
        "vector_db_stored": incident.remembered,
    }


def _attempt(attempt: Attempt) -> Document:
    """An attempt without the bytes of files and without whole objects."""
    plain: Document = _plain(attempt)
    if plain["rehearsal"] is not None:
        for large in ("head", "live", "surroundings"):
            del plain["rehearsal"][large]
        plain["rehearsal"]["files"] = [{"path": f["path"], "line": f["line"]} for f in plain["rehearsal"]["files"]]
    return plain


def _in_short(item: Evidence) -> Document:
    return {name: getattr(item, name) for name in ("item", "kind", "source", "title", "at", "text", "failed", "left_out")}


def _calls(incident: Incident) -> list[ModelCall]:
    proposed: Iterable[ModelCall] = incident.proposal.calls if incident.proposal else ()
    return [*proposed, *(call for critique in incident.critiques for call in critique.calls)]


def _listing(connection: Connection, ended: int) -> Document:
    newest = select(*IncidentRow.__table__.columns).order_by(IncidentRow.detected_at.desc(), IncidentRow.incident_id)
    open_ones = connection.execute(newest.where(IS_OPEN)).all()
    last_ended = connection.execute(newest.where(IncidentRow.phase == "done").limit(ended)).all()
    known = connection.scalar(select(func.count()).select_from(IncidentRow)) or 0
    rows = sorted((*open_ones, *last_ended), key=lambda row: row.detected_at, reverse=True)
    return {"incidents": [_plain(_listed(row._mapping)) for row in rows], "more": known - len(rows)}  # noqa: SLF001 - SQLAlchemy's public name


def _listed(row: Mapping[Any, Any]) -> Document:
    return {
        "incident_id": row["incident_id"],
        "timestamp": row["detected_at"],
        "status": row["detailed_status"],
        "outcome": row["outcome"],
        "type": row["type"],
        "title": row["title"],
        "target": row["target"],
        "environment": row["environment"],
        "severity": row["severity"],
        "ended_at": row["ended_at"],
    }


def _plain(value: Any) -> Any:
    """What JSON holds of it: times as text in UTC, tuples as lists."""
    return msgspec.json.decode(msgspec.json.encode(value))
