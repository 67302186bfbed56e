"""The rulebook: actor and critic without a model. Findings lead to remedies, evidence gives parameters, and rules attack a plan."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from remediation.aside import find_aside
from remediation.deliberation.admitted import WOULD_NOT, not_admitted
from remediation.deliberation.advice import advice_for
from remediation.deliberation.drafting import drafts, words_of
from remediation.deliberation.growing import Draft, lesser
from remediation.deliberation.objections import Objections, object_to
from remediation.deliberation.scene import leading, thing_of, tried_here
from remediation.deliberation.summary import impact, logs_summary, severity
from remediation.drawing import Basis
from remediation.errors import Refused
from remediation.gitops.dangers import check_dangers
from remediation.observed import Observed, observed_in
from remediation.remedies import Catalogue, intended_edits
from remediation.remedy import Remedy
from remediation.terms import Act, Analysis, Case, Critique, FieldEdit, Finding, Move, ObjectRef, Plan, Proposal, Target
from remediation.weights import confidence_of

CONFIDENCE_ELSE = 0.6  # of a critic that finds nothing itself
ALTERNATIVE = 0.8  # of the confidence of the plan before it
MOST_PLANS = 3

_FIRST = "Raise that LimitRange or ResourceQuota first, or find what the container needs so much for."
Decision = Literal["APPROVED", "REJECTED", "ESCALATE"]


class Rulebook:
    """Implements ports.Actor and ports.Critic from findings, evidence and precedents alone: the same case gives the same answer."""

    name = "rulebook"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def propose(self, case: Case) -> Proposal:
        """The leading finding as the cause, and up to three plans drawn from evidence; where there is none, what a person must do."""
        observed = observed_in(case.evidence)
        cause = leading(case.findings, case.target, observed)
        if cause is None:
            return _inconclusive(case)
        plans, reasons = ((), "") if cause.facts.get("guessed") else self._plans(case, cause, observed)
        return Proposal(
            cause=cause.text,
            confidence=confidence_of(cause),
            plans=plans,
            analysis=_analysis(case, cause.text),
            by=self.name,
            finding=cause.finding_id,
            logs_summary=logs_summary(case.evidence),
            for_a_person="" if plans else reasons or advice_for(cause),
        )

    async def criticise(self, case: Case, plan: Plan, act: Act) -> Critique:
        """Its own cause, read off the evidence anew, and the four checks. What cannot be judged is escalated, what is wrong is rejected."""
        own = await find_aside(case.evidence, case.target)
        observed = observed_in(case.evidence)
        cause = leading(own, case.target, observed)
        objections = object_to(case, plan, act, self._catalogue, own)
        against = "; ".join((*objections.sentences, *objections.unsure))
        return Critique(
            plan_id=plan.plan_id,
            cause=cause.text if cause else "The evidence shows no cause that I know.",
            decision=_decision(objections),
            checks=objections.checks,
            confidence=confidence_of(cause) if cause else CONFIDENCE_ELSE,
            reason=against or f"Nothing speaks against it, and {_shown_by(cause)} its cause.",
            by=self.name,
            alternative=self._alternative(case, plan, cause, observed) if objections.sentences else "",
            cites=cause.cites if cause else (),
        )

    def _plans(self, case: Case, finding: Finding, observed: Observed) -> tuple[tuple[Plan, ...], str]:
        """Plans for a finding, best first, those of less risk before others; and why remedies gave none."""
        plans: list[Plan] = []
        refusals: list[Refused] = []
        for remedy in sorted(self._catalogue.for_finding(finding), key=lambda remedy: remedy.level.production):
            try:
                plans += self._plans_of(case, finding, remedy, observed)
            except Refused as refusal:
                refusals.append(refusal)
        said = dict.fromkeys([*(refusal.what for refusal in refusals), *(refusal.what_to_do for refusal in refusals)])
        return tuple(_placed(plan, place) for place, plan in enumerate(plans[:MOST_PLANS], start=1)), " ".join(filter(None, said))

    def _plans_of(self, case: Case, finding: Finding, remedy: Remedy, observed: Observed) -> list[Plan]:
        """One remedy's plans, best first. Raises Refused with the reason: the evidence gives no parameters, the field may not change."""
        target = _target_of(case, finding, remedy)
        live = observed.get(target.object_kind, target.namespace, target.name)
        if not live:
            raise Refused(f"{finding.text}. {target.path} itself is not among the evidence.", "Give Suture read access to it.")
        if str(live.get("kind")) not in remedy.targets:
            raise Refused(f"{finding.text}. {remedy.title} is not for a {live.get('kind')}.", advice_for(finding))
        tried = tried_here(case.precedents, remedy.name, thing_of(target), str(finding.facts.get("container", "")))
        failed = [past.precedent for past in tried if past.failed]
        basis = Basis(finding=finding, live=live, observed=observed)

        def weighed(given: Sequence[Draft]) -> list[tuple[Plan, str]]:
            """A plan for each draft that changes anything, with why its pods would be refused."""
            plans = [_plan(target, case, finding, remedy, draft) for draft in given]
            found = [(plan, intended_edits(plan, remedy, live)) for plan in plans]
            return [(plan, not_admitted(edits, live, observed)) for plan, edits in found if _may_change(edits, thing_of(target))]

        full = weighed(drafts(remedy, basis, failed))
        if not full or not all(why for _, why in full):
            return [plan for plan, why in full if not why]
        less = weighed(lesser(remedy, basis, failed))
        fits = next((plan for plan, why in less if not why), None)
        if fits is None:
            least = (less or full)[-1][1]
            raise Refused(f"{finding.text}. {remedy.title} {WOULD_NOT}: {least}.", _FIRST, kind="out_of_bounds")
        return [replace(fits, justification=f"{fits.justification} More {WOULD_NOT}: {full[-1][1]}.")]

    def _alternative(self, case: Case, plan: Plan, cause: Finding | None, observed: Observed) -> str:
        """What it would do instead, in words; empty when it knows nothing better."""
        better = [other for other in (self._plans(case, cause, observed)[0] if cause else ()) if other.parameters != plan.parameters]
        return f"{better[0].remedy}: {words_of(better[0].parameters)}" if better else ""


def _target_of(case: Case, finding: Finding, remedy: Remedy) -> Target:
    """The object that the remedy changes, which need not be the one that the incident is about. Raises Refused outside of its namespace."""
    kind, namespace, name = remedy.object_of(finding).split("/")
    if namespace != case.target.namespace:
        raise Refused(f"{finding.text}.", f"It stands in namespace {namespace}, whose own approvers decide.", kind="target_kind")
    return replace(case.target, path=f"{namespace}/{kind}/{name}")


def _may_change(edits: Sequence[FieldEdit], thing: ObjectRef) -> bool:
    """Whether anything would change. Raises Refused where the API server never lets such a field change."""
    check_dangers([Move(object=thing, path=edit.path, old=edit.expect, new=edit.value) for edit in edits])
    return bool(edits)


def _plan(target: Target, case: Case, finding: Finding, remedy: Remedy, draft: Draft) -> Plan:
    """A plan that has no place yet."""
    cured = [past for past in case.precedents if past.remedy == remedy.name and past.outcome == "fixed"]
    before = f" {remedy.title} cured {cured[0].incident_id}." if cured else ""
    return Plan(
        plan_id="",
        title=remedy.headline_of(draft.parameters),
        priority=0,
        remedy=remedy.name,
        target=target,
        parameters=draft.parameters,
        justification=f"{finding.text}. {draft.reason}.{before}",
        cites=tuple(dict.fromkeys([*finding.cites, *_telling_of(draft.parameters.get("commit"), case)])),
        confidence=confidence_of(finding),
        risks=remedy.risks,
        rollback=remedy.rollback,
        expected_result=remedy.expected_result,
        estimated_minutes=remedy.estimated_minutes,
    )


def _telling_of(commit: object, case: Case) -> list[str]:
    """The items that tell of a commit."""
    return [item.item for item in case.evidence if any(each.sha == commit for each in item.commits)]


def _placed(plan: Plan, place: int) -> Plan:
    """The plan at its place; each is surer to cure than the next."""
    return replace(plan, plan_id=f"P{place}", priority=place, confidence=round(plan.confidence * ALTERNATIVE ** (place - 1), 2))


def _analysis(case: Case, cause: str) -> Analysis:
    services = dict.fromkeys([case.target.name, *(alert.labels["service"] for alert in case.alerts if "service" in alert.labels)])
    return Analysis(root_cause=cause, severity=severity(case), affected_services=tuple(services), estimated_impact=impact(case))


def _inconclusive(case: Case) -> Proposal:
    """Nothing was found for certain, and which evidence is missing: first what would have shown a cause."""
    needed = [item for item in case.evidence if item.needed and item.unanswered]
    silent = [f"{item.item} ({item.title})" for item in case.evidence if item.failed and item not in needed]
    missing = f" These gave no answer: {', '.join(silent)}." if silent else ""
    what = f"{'; '.join(item.title for item in needed)}, and without that n" if needed else "N"
    then = "see why it is silent, and look there yourself" if needed else "look at the events and logs"
    known = f"{what}othing was found for certain{_about(case.target)}: {then}"
    if absent := next((item for item in case.evidence if item.absent), None):
        known = f"{absent.title} ({absent.item}): see whether somebody deleted it, or whether the alert gives a wrong name"
    beside = f" Beside it: {'; '.join(finding.text for finding in case.findings[:2])}." if case.findings else ""
    cause = "Inconclusive: the evidence shows no cause that I know."
    return Proposal(
        cause=cause,
        confidence=0.0,
        plans=(),
        analysis=_analysis(case, cause),
        by=Rulebook.name,
        logs_summary=logs_summary(case.evidence),
        for_a_person=f"{known}.{beside}{missing}",
    )


def _shown_by(cause: Finding | None) -> str:
    cites = cause.cites if cause else ()
    return f"{', '.join(cites)} {'shows' if len(cites) == 1 else 'show'}"


def _about(target: Target) -> str:
    return f" about {target.path}" if target.path.strip("/") else ""


def _decision(objections: Objections) -> Decision:
    if objections.sentences:
        return "REJECTED"
    return "ESCALATE" if objections.unsure else "APPROVED"
