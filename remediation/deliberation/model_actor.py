"""An actor that is a language model: it chooses remedy, target and parameters, code checks all of it; the rulebook stands in for it."""

from collections.abc import Iterator
from dataclasses import replace

from remediation.deliberation.answers import ActorAnswer, PlanAnswer, actor_schema
from remediation.deliberation.asking import Question, ask
from remediation.deliberation.citations import wrong_citations
from remediation.deliberation.prompting import prompt_for
from remediation.deliberation.scene import live_object
from remediation.errors import Refused, Unusable
from remediation.ports import Actor, LanguageModel
from remediation.remedies import Catalogue, render_act
from remediation.terms import Analysis, Case, Plan, Proposal, Target

_TARGET_PARTS = 3


class ModelActor:
    """Implements ports.Actor."""

    def __init__(self, model: LanguageModel, rulebook: Actor, catalogue: Catalogue) -> None:
        self.name = model.name
        self._model = model
        self._rulebook = rulebook
        self._catalogue = catalogue

    async def propose(self, case: Case) -> Proposal:
        """The model's proposal; the rulebook's, with `note` saying why, when the model gave none that stands."""
        offered = self._catalogue.for_findings(case.findings)
        try:
            prompt = prompt_for("actor.md.j2", case, self._model, remedies=tuple(offered), objections=case.objections)
        except Unusable as error:
            return await self._instead(case, str(error))
        question = Question(
            role="actor",
            prompt=prompt,
            schema=actor_schema(offered),
            shape=ActorAnswer,
            accept=lambda answer, last: self._proposal(case, answer, last),
        )
        asked = await ask(self._model, question)
        if asked.value is None:
            return replace(await self._instead(case, asked.failure), calls=asked.calls)
        return replace(asked.value, calls=asked.calls)

    async def _instead(self, case: Case, failure: str) -> Proposal:
        proposal = await self._rulebook.propose(case)
        return replace(proposal, note=f"{self.name} gave no usable answer, the {self._rulebook.name} answers instead: {failure}")

    def _proposal(self, case: Case, answer: ActorAnswer, last: bool) -> Proposal:
        """The answer as a proposal. Raises Unusable with what is wrong; at the last try, only the plans that stand are kept."""
        plans, wrong = [], []
        for place, offered in enumerate(sorted(answer.plans, key=lambda plan: plan.priority), start=1):
            plan = _plan(case, offered, place)
            problems = [f"plan {offered.plan_id}: {problem}" for problem in self._problems(case, plan)]
            wrong += problems
            plans += [plan] if not problems else []
        if wrong and (not last or not plans):
            raise Unusable("; ".join(wrong) + ".", "Mend or leave out these plans.")
        nothing = f"{answer.cause.rstrip('.')}. The model knows no remedy of the catalogue for it: a person must look."
        dropped = f"Dropped, for they did not stand: {'; '.join(wrong)}." if wrong else ""
        return Proposal(
            cause=answer.cause,
            confidence=answer.confidence,
            plans=tuple(plans),
            analysis=_analysis(answer),
            by=self.name,
            finding=self._finding(case, plans),
            logs_summary=answer.logs_summary,
            for_a_person="" if plans else nothing,
            note=dropped,
        )

    def _problems(self, case: Case, plan: Plan) -> Iterator[str]:
        """What speaks against a plan before anyone is asked about it: an unknown remedy, wrong parameters, invented citations."""
        if plan.remedy not in self._catalogue:
            yield f"there is no remedy {plan.remedy[:80]!r}"
            return
        yield from wrong_citations(plan.cites, plan.justification, case.evidence)
        try:
            render_act(plan, self._catalogue[plan.remedy], live_object(case, plan.target), case.standing)
        except Refused as refusal:
            yield refusal.what.rstrip(".")

    def _finding(self, case: Case, plans: list[Plan]) -> str:
        """The finding that the best plan answers; without a plan, the leading one. Empty when code found nothing."""
        answered = [f for f in case.findings if plans and self._catalogue[plans[0].remedy].answers(f)]
        return next((finding.finding_id for finding in (*answered, *case.findings)), "")


def _plan(case: Case, offered: PlanAnswer, place: int) -> Plan:
    """The offered plan as ours; numbered by us, so that its id is its own."""
    return Plan(
        plan_id=f"P{place}",
        title=offered.title,
        priority=place,
        remedy=offered.remedy,
        target=_target(case, offered.target),
        parameters=offered.parameters,
        justification=offered.justification,
        cites=tuple(offered.cites),
        confidence=offered.confidence,
        risks=tuple(offered.risks),
        rollback=offered.rollback,
        expected_result=offered.expected_result,
        estimated_minutes=offered.estimated_minutes,
    )


def _target(case: Case, path: str) -> Target:
    """The workload that a model names. Raises Unusable for a path of another shape."""
    if path.count("/") != _TARGET_PARTS - 1:
        raise Unusable(f"target {path[:80]!r} is not namespace/Kind/name.", f"Write it like {case.target.path}.")
    return Target(kind="workload", place=case.target.place, path=path)


def _analysis(answer: ActorAnswer) -> Analysis:
    said = answer.analysis
    return Analysis(
        root_cause=said.root_cause,
        severity=said.severity,
        affected_services=tuple(said.affected_services),
        estimated_impact=said.estimated_impact,
    )
