"""What evidence says without a model: findings, the cause with its runners-up, plans, and what a person must do; as one document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from remediation.consequences import says_little
from remediation.deliberation.admitted import WOULD_NOT
from remediation.deliberation.rulebook import Rulebook
from remediation.deliberation.unseen import unseen_workload
from remediation.entries import Incident
from remediation.evidence import Limits, gather, resolve_target
from remediation.findings import find
from remediation.mending import for_a_person, mend_of
from remediation.observed import observed_in
from remediation.ports import Actor, Source
from remediation.reading.files import Read, read_files
from remediation.reading.symptoms import Symptom, as_alert
from remediation.reading.targets import target_of
from remediation.remedies import Catalogue
from remediation.terms import Alert, Case, Evidence, Finding, Json, Plan, Proposal, Standing, Target, Window

MOST_OTHERS = 4
_ID = "explained"
_SEEN_AS = 3
_SHOWS = ("job_failed", "container_crashing", "rollout_stuck")  # what a cause leads to, whatever else it may be


@dataclass(frozen=True, kw_only=True, repr=False)  # asyncio writes a task's result out as it ends: half a second of much evidence
class Explained:
    """What was read, what was found, best first, and what the rulebook, or a model, makes of it.

    mends: the kind of fix of each plan, by its remedy.
    """

    evidence: tuple[Evidence, ...]
    target: Target
    findings: tuple[Finding, ...]
    proposal: Proposal
    unread: tuple[str, ...] = ()
    mends: Mapping[str, str] = field(default_factory=dict)

    @property
    def leading(self) -> Finding | None:
        """The finding that is the cause, None where the evidence shows none; of a model's answer the one that it rests on."""
        first = next((f for f in self.findings if f.kind != "not_understood"), None)
        return next((f for f in self.findings if self._by_a_model and f.finding_id == self.proposal.finding), first)

    @property
    def _by_a_model(self) -> bool:
        return self.proposal.by != Rulebook.name

    @property
    def _chosen(self) -> str:
        """The kind of fix of a model's first plan; the rulebook's plans follow from the leading finding."""
        plans = self.proposal.plans
        return self.mends.get(plans[0].remedy, "") if plans and self._by_a_model else ""

    def document(self) -> dict[str, Json]:
        """As `suture explain -o json` prints it."""
        leading = self.leading
        mend = mend_of(leading) if leading else None
        cause = _cause(leading, self.findings) if leading else None
        return {
            "findings": [_finding(finding) for finding in self.findings],
            "cause": {**cause, "text": self.proposal.cause} if cause and self._by_a_model else cause,
            "confidence": self.proposal.confidence if leading else 0.0,
            "other_causes": [_cause(finding, ()) for finding in _others(self.findings)],
            "plans": [{**_plan(plan), "fix_kind": self.mends.get(plan.remedy, "")} for plan in self.proposal.plans],
            "fix_kind": self._chosen or (mend.fix_kind if mend else "none_or_clarify"),
            "fix_in_git": mend.in_git if mend else False,
            "for_a_person": self.for_a_person,
        }

    @property
    def for_a_person(self) -> str | None:
        """What a person must do where no plan does it; None where nothing is to be done."""
        if self.proposal.plans or (self.leading and mend_of(self.leading).fix_kind == "none" and self.leading.kind == "not_broken"):
            return None
        if WOULD_NOT in self.proposal.for_a_person:
            return self.proposal.for_a_person
        return for_a_person(self.leading) if self.leading else self.proposal.for_a_person


async def explain(paths: Iterable[Path], question: str, catalogue: Catalogue, actor: Actor | None = None) -> Explained:
    """Read files and reason on them. actor: the rulebook where none is given. Raises Unusable when there is nothing to read."""
    return await reasoned(read_files(paths, question), catalogue, actor)


async def explain_live(
    sources: Sequence[Source], target: Target, window: Window, limits: Limits, catalogue: Catalogue, *, question: str = ""
) -> Explained:
    """Ask every source that suits the target, and reason on what they say. A source that does not answer is among `unread`."""
    asked = Symptom(title=question, text=question, labels={"namespace": target.namespace}, asked=question)
    alerts = (as_alert(asked, window.until),) if question else ()
    incident = Incident(
        incident_id=_ID, target=target, standing=Standing(), opened_at=window.until, entered_at=window.until, alerts=alerts
    )  # fmt: skip
    evidence = await gather(sources, incident, window, limits)
    explained = await _explained(evidence, resolve_target(target, evidence), alerts, catalogue)
    return replace(explained, unread=tuple(f"{item.title}. {item.text}" for item in evidence if item.failed))


async def reasoned(read: Read, catalogue: Catalogue, actor: Actor | None = None) -> Explained:
    """What the rulebook, or another actor, makes of evidence that was read."""
    target = target_of(read.symptom, observed_in(read.evidence))
    alerts = (as_alert(read.symptom, read.evidence[0].at),)
    explained = await _explained(read.evidence, target, alerts, catalogue, actor)
    return replace(explained, unread=read.unread)


async def _explained(
    evidence: tuple[Evidence, ...], target: Target, alerts: tuple[Alert, ...], catalogue: Catalogue, actor: Actor | None = None
) -> Explained:
    findings = find(evidence, target)
    case = Case(
        incident_id=_ID, target=target, standing=Standing(), alerts=alerts, evidence=evidence, findings=findings, precedents=()
    )  # fmt: skip
    proposal = await actor.propose(_on_its_object(case)) if actor else await _by_rules(_on_its_object(case), catalogue)
    mends = {plan.remedy: catalogue[plan.remedy].fix_kind for plan in proposal.plans}
    return Explained(evidence=evidence, target=target, findings=findings, proposal=proposal, mends=mends)


async def _by_rules(case: Case, catalogue: Catalogue) -> Proposal:
    """The rulebook's proposal; for a workload that nobody showed, on what its pod tells of it, which each plan then says."""
    unseen = unseen_workload(case.findings[0], observed_in(case.evidence)) if case.findings else None
    if unseen is None:
        return await Rulebook(catalogue).propose(case)
    inferred = replace(case.evidence[0], kind="objects", title="inferred", item="", text="", objects=(unseen,), series=())
    proposal = await Rulebook(catalogue).propose(replace(case, evidence=(*case.evidence, inferred)))
    known = f" {unseen['kind']} {unseen['metadata']['name']} itself is not among the evidence: its values are those of its pod."
    return replace(proposal, plans=tuple(replace(plan, justification=plan.justification + known) for plan in proposal.plans))


def _on_its_object(case: Case) -> Case:
    """The case as one of the object that the leading finding is on: in files there is no incident whose target a plan must keep to."""
    if not case.findings:
        return case
    kind, namespace, name, *_ = (*case.findings[0].subject.split("/"), "", "")
    return replace(case, target=replace(case.target, path=f"{namespace}/{kind}/{name}"))


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "id": finding.finding_id,
        "kind": finding.kind,
        "subject": finding.subject.rstrip("/"),
        "facts": dict(finding.facts),
        "cites": list(finding.cites),
        "text": finding.text,
    }


def _cause(finding: Finding, findings: Sequence[Finding]) -> Mapping[str, Json]:
    """The cause; with how it shows, by the findings that only say that something is wrong with the same object."""
    seen = [
        other.text.partition(": ")[2] or other.text
        for other in findings[1:]
        if _same_object(finding, other) and (says_little(other) or other.kind in _SHOWS)
    ][:_SEEN_AS]
    text = finding.text + (f". It shows as: {'; '.join(seen)}" if seen else "")
    return {"finding": finding.finding_id, "kind": finding.kind, "subject": finding.subject.rstrip("/"), "text": text}


def _same_object(one: Finding, other: Finding) -> bool:
    return one.subject.split("/")[:3] == other.subject.split("/")[:3]


def _others(findings: Sequence[Finding]) -> Sequence[Finding]:
    return [finding for finding in findings[1:] if not says_little(finding)][:MOST_OTHERS]


def _plan(plan: Plan) -> Mapping[str, Json]:
    return {
        "id": plan.plan_id,
        "title": plan.title,
        "remedy": plan.remedy,
        "target": plan.target.path,
        "parameters": dict(plan.parameters),
        "justification": plan.justification,
        "cites": list(plan.cites),
        "confidence": plan.confidence,
    }
