"""A critic that is a language model: it sees evidence and act, not the actor's reasoning; code fills in what code knows."""

import re
from collections.abc import Sequence
from dataclasses import replace

from remediation.aside import find_aside
from remediation.deliberation.answers import CriticAnswer
from remediation.deliberation.asking import Question, ask
from remediation.deliberation.citations import items_in, wrong_citations
from remediation.deliberation.objections import object_to
from remediation.deliberation.prompting import prompt_for
from remediation.errors import Unusable
from remediation.ports import Critic, LanguageModel
from remediation.remedies import Catalogue
from remediation.terms import Act, Case, Critique, Finding, Plan

_NO = re.compile(r"\b(?:reject|escalat)", re.IGNORECASE)


class ModelCritic:
    """Implements ports.Critic."""

    def __init__(self, model: LanguageModel, rulebook: Critic, catalogue: Catalogue) -> None:
        self.name = model.name
        self._model = model
        self._rulebook = rulebook
        self._catalogue = catalogue

    async def criticise(self, case: Case, plan: Plan, act: Act) -> Critique:
        """The model's word. A plan that code knows to be wrong is not put to it; the rulebook stands in for a model without an answer."""
        if plan.remedy not in self._catalogue or wrong_citations(plan.cites, plan.justification, case.evidence):
            critique = await self._rulebook.criticise(case, plan, act)
            return replace(critique, note=f"{self.name} was not asked: code found the plan or its citations wrong.")
        try:
            prompt = prompt_for("critic.md.j2", case, self._model, remedy=self._catalogue[plan.remedy], act=act)
        except Unusable as error:
            return await self._instead(case, plan, act, str(error))
        own = await find_aside(case.evidence, case.target)
        question = Question(
            role="critic",
            prompt=prompt,
            schema=CriticAnswer.model_json_schema(),
            shape=CriticAnswer,
            accept=lambda answer, _last: self._critique(case, plan, act, own, answer),
        )
        asked = await ask(self._model, question)
        if asked.value is None:
            return replace(await self._instead(case, plan, act, asked.failure, asked.unfit), calls=asked.calls)
        return replace(asked.value, calls=asked.calls)

    async def _instead(self, case: Case, plan: Plan, act: Act, failure: str, unfit: Sequence[str] = ()) -> Critique:
        """The rulebook's word; a no of the model in an answer that did not fit goes to a person and is never turned into a yes."""
        critique = await self._rulebook.criticise(case, plan, act)
        note = f"{self.name} gave no usable answer, the {self._rulebook.name} answers instead: {failure}"
        if critique.decision != "APPROVED" or not any(map(_NO.search, unfit)):
            return replace(critique, note=note)
        reason = f"{self.name} seems to object, in an answer that did not fit: a person decides. {critique.reason}"
        return replace(critique, decision="ESCALATE", reason=reason, note=note)

    def _critique(self, case: Case, plan: Plan, act: Act, own: Sequence[Finding], answer: CriticAnswer) -> Critique:
        """The answer as a critique; a check that code finds unmet is unmet. Raises Unusable when it cites what is not there."""
        wrong = wrong_citations((), answer.reason, case.evidence)
        if wrong:
            raise Unusable(f"reason: {'; '.join(wrong)}.", "Name the evidence items that show it, such as E1.")
        against = object_to(case, plan, act, self._catalogue, own)
        said = {**answer.checks.model_dump(), "whitelist_valid": True}  # what the catalogue permits is for code alone
        checks = {name: said[name] and met for name, met in against.checks.items()}
        unmet = [name for name, met in checks.items() if not met]
        decision, reason = answer.decision, answer.reason
        if decision == "APPROVED" and unmet:
            decision = "REJECTED"
            reason = f"{reason} Not approved, for {', '.join(unmet)} does not hold. {'; '.join(against.sentences)}".strip()
        return Critique(
            plan_id=plan.plan_id,
            cause=answer.cause,
            decision=decision,
            checks=checks,
            confidence=answer.confidence,
            reason=reason,
            by=self.name,
            alternative=answer.alternative,
            cites=items_in(answer.reason),
        )
