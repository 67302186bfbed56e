"""One ended incident as recall keeps it."""

from typing import Any

import msgspec

from memory.attempts import fate_of
from memory.projections import named
from memory.recall.symptoms import symptoms
from remediation.entries import Attempt, Incident
from remediation.terms import Json

TRIED = ("fixed", "not_fixed", "rolled_back")  # outcomes of a fix that was really applied


def chunk_of(incident: Incident) -> dict[str, Any]:
    """Its row in `memory_chunks`. Raises ValueError for an incident that has not ended."""
    if incident.outcome is None or incident.ended_at is None:
        raise ValueError(f"{incident.incident_id} has not ended; there is nothing to remember yet.")
    attempt = fix_of(incident)
    leading = incident.leading_finding
    return {
        "memory_id": incident.incident_id,
        "incident_type": leading.kind if leading else "unknown",
        "incident_summary": leading.text if leading else incident.alerts[0].title,
        "subject": leading.subject if leading else "",
        "symptoms": symptoms(incident.target, incident.alerts, _leading_first(incident)),
        "cause": incident.proposal.cause if incident.proposal else "",
        "outcome": incident.outcome.name,
        "cause_confirmed": incident.outcome.cause_confirmed,
        "mttr_seconds": (incident.ended_at - incident.opened_at).total_seconds() if incident.outcome.name == "fixed" else None,
        "created_at": incident.ended_at,
        "ended_at": incident.ended_at,
        "target": named(incident.target),
        "service": service_of(incident),
        "environment": incident.standing.environment,
        "cost_usd": _cost(incident),
        **_action(attempt),
        **_result(incident, attempt),
    }


def fix_of(incident: Incident) -> Attempt | None:
    """The attempt that the incident is remembered by: the newest that is no revert, one that passed policy before one that did not."""
    fixes = [attempt for attempt in incident.attempts if not attempt.is_revert]
    passed = [attempt for attempt in fixes if attempt.passes]
    return next(reversed(passed or fixes), None)


def service_of(incident: Incident) -> str:
    """The service that the first alert names, else the target's name."""
    return incident.alerts[0].labels.get("service") or incident.target.name


def _leading_first(incident: Incident) -> list[Any]:
    leading = incident.leading_finding
    return sorted(incident.findings, key=lambda finding: finding is not leading)


def _action(attempt: Attempt | None) -> dict[str, Any]:
    if attempt is None:
        return {"action_taken": "nothing", "remedy": "", "parameters": {}, "level": ""}
    if attempt.instead is not None:  # a person's own change: it says nothing of the remedy
        return {"action_taken": f"Another change than was proposed ({attempt.instead})", "remedy": "", "parameters": {}, "level": ""}
    parameters: Json = msgspec.to_builtins(attempt.act.parameters if attempt.act else attempt.plan.parameters)
    said = ", ".join(f"{name} {value}" for name, value in parameters.items())
    level = attempt.verdict.level if attempt.verdict else ""
    return {"action_taken": f"{attempt.plan.title} ({said})", "remedy": attempt.plan.remedy, "parameters": parameters, "level": level}


def _result(incident: Incident, attempt: Attempt | None) -> dict[str, Any]:
    outcome = incident.outcome
    fate = fate_of(attempt, outcome) if attempt else None
    verified = attempt.verified if attempt else None
    alert = incident.alerts[0]
    before = verified.metric_before if verified else alert.value
    return {
        "refused": fate is not None and fate.past in ("rejected", "closed"),
        "reason": (fate.reason if fate else "") or (outcome.reason if outcome else ""),
        "metrics_before": {"metric": alert.metric, "value": before, "threshold": alert.threshold},
        "metrics_after": {"metric": alert.metric, "value": verified.metric_after if verified else None},
    }


def _cost(incident: Incident) -> float:
    calls = [*(incident.proposal.calls if incident.proposal else ()), *(call for critique in incident.critiques for call in critique.calls)]
    return sum(call.cost_usd for call in calls)
