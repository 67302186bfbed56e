"""What was found, what was proposed, and what the critic said of it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from bot.slack.blocks.layout import Message, buttons, context, message, section, words, yaml_sections
from bot.slack.blocks.naming import clock, percent, sure
from remediation.entries import Critiqued, Incident, Investigated, Proposed, Unanswered
from remediation.quantities import format_duration
from remediation.questions import waits_for_answers
from remediation.quoting import plain
from remediation.terms import Critique, Finding, Json, Plan, Proposal

SHOWN = 3  # findings and precedents in the thread; the evidence sheet has all
PLAN_SECTIONS, CRITIQUE_SECTIONS = 3, 2


def unanswered(incident: Incident, entry: Unanswered) -> Message | None:
    """That Suture waits for a system, said once; whoever would rather not wait takes it over with the button. Then how the wait ended."""
    if entry.again:
        return None
    waits = incident.outcome is None and waits_for_answers(incident)
    text = words(
        "unanswered",
        entry=entry,
        at=clock(entry.until),
        last=clock(entry.last),
        waits=waits,
        looked=bool(incident.evidence),
        silent=any(item.unanswered and item.needed for item in incident.evidence),
        ended=clock(_last_look(incident)),
        firing=incident.firing,
    )
    return message(text, section(text), *([buttons(incident.incident_id, incident.incident_id, ["escalate"])] if waits else []))


def investigated(incident: Incident, entry: Investigated) -> Message:
    """Evidence, findings and precedents in short; all of it by the button."""
    body = words(
        "investigated",
        items=len(entry.evidence),
        sources=sorted({item.source for item in entry.evidence}),
        failed=[item for item in entry.evidence if item.failed],
        findings=entry.findings[:SHOWN],
        more_findings=len(entry.findings[SHOWN:]),
        absent=[item for item in entry.evidence if item.absent],
        precedents=entry.precedents[:SHOWN],
        percent=percent,
        sure=sure,
        beside=entry.beside,
        where=partial(_where, incident=incident),
        minutes=lambda count: format_duration(timedelta(minutes=count)),
    )
    text = f"{len(entry.evidence)} {'item' if len(entry.evidence) == 1 else 'items'} of evidence. {plain(_found(incident, entry))}"
    return message(text, section(body), buttons(incident.incident_id, incident.incident_id, ["show_evidence"]))


def _found(incident: Incident, entry: Investigated) -> str:
    """What was found, in a sentence: first that the target is not there, then what was read off the evidence, and of whom."""
    absent = next((item.title for item in entry.evidence if item.absent), "")
    if not entry.findings:
        return f"Found: {absent or 'nothing certain'}"
    first = entry.findings[0]
    if not entry.beside:
        return f"Found: {sure(first.text)}"
    beside = f"Found beside it, in {_where(first, incident)}: {sure(first.text)}"
    return f"{absent}. {beside}" if absent else beside


def _where(finding: Finding, incident: Incident) -> str:
    """What another's finding is about: `Deployment api`, with its namespace where that is not the incident's."""
    kind, namespace, name, *_ = (*finding.subject.split("/"), "", "")
    inside = f" in {namespace}" if namespace and namespace != incident.target.namespace else ""
    return f"{kind} {name}{inside}"


def proposed(incident: Incident, entry: Proposed) -> Message:
    """The actor's words and its YAML, with what the server derived. What was found is not said again: it stands above."""
    proposal = entry.proposal
    body = words("proposed", proposal=proposal, why=_why(incident, proposal), percent=percent)
    best = proposal.plans[0].title if proposal.plans else proposal.for_a_person or "no fix to propose"
    notes = [context(words("note", note=proposal.note))] if proposal.note else []
    return message(f"Proposal: {plain(best)}", section(body), *yaml_sections(actor_yaml(proposal), PLAN_SECTIONS), *notes)


def critiqued(incident: Incident, entry: Critiqued) -> Message:
    """The critic's decision in a line and its YAML. The plan is named where there are several."""
    critique = entry.critique
    plans = incident.proposal.plans if incident.proposal else ()
    title = next((plan.title for plan in plans if plan.plan_id == critique.plan_id), critique.plan_id) if len(plans) > 1 else ""
    body = words("critiqued", critique=critique, title=title)
    notes = [context(words("note", note=critique.note))] if critique.note else []
    text = f"Critic{f' on {plain(title)}' if title else ''}: {critique.decision}. {plain(critique.reason)}"
    return message(text, section(body), *yaml_sections(critic_yaml(critique), CRITIQUE_SECTIONS), *notes)


def _last_look(incident: Incident) -> datetime:
    """When what is known was read; the opening while nothing was."""
    return max((item.at for item in incident.evidence if item.kind != "alert"), default=incident.opened_at)


def _why(incident: Incident, proposal: Proposal) -> str:
    """The best plan's justification but for the findings that it repeats; the cause where there is nothing else to say."""
    said = proposal.plans[0].justification if proposal.plans else ""
    for finding in incident.findings:
        said = said.replace(finding.text, "").strip(" .;")
    return f"{said}." if said else ""


def actor_yaml(proposal: Proposal) -> Json:
    """The proposal in the order that the models' schema has, beside it what the server derived."""
    return {
        "cause": proposal.cause,
        "confidence": proposal.confidence,
        "plans": [_plan(plan) for plan in proposal.plans],
        **({"for_a_person": proposal.for_a_person} if proposal.for_a_person else {}),
        "logs_summary": proposal.logs_summary,
        "analysis": asdict(proposal.analysis),
    }


def critic_yaml(critique: Critique) -> Json:
    """The critique in the order that the models' schema has."""
    return {
        "plan_id": critique.plan_id,
        "cause": critique.cause,
        "decision": critique.decision,
        "checks": dict(critique.checks),
        "confidence": critique.confidence,
        "reason": critique.reason,
        "alternative": critique.alternative,
        "cites": critique.cites,
    }


def _plan(plan: Plan) -> Json:
    said = {
        "plan_id": plan.plan_id,
        "title": plan.title,
        "priority": plan.priority,
        "remedy": plan.remedy,
        "target": plan.target.path,
        "parameters": dict(plan.parameters),
        "justification": plan.justification,
        "cites": plan.cites,
        "confidence": plan.confidence,
        "risks": plan.risks,
        "rollback": plan.rollback,
        "expected_result": plan.expected_result,
        "estimated_minutes": plan.estimated_minutes,
    }
    if plan.action is None:
        return said
    derived = {
        "action_command": plan.action.command,
        "action_type": plan.action.type,
        "action_level": plan.action.level,
        "is_safe": plan.action.is_safe,
        "kubernetes_changes": plan.action.kubernetes_changes,
    }
    return {**said, **derived}
