"""A case as a prompt, measured against what the model can read."""

from collections.abc import Sequence
from typing import Any

import prompts
from remediation.deliberation.measuring import ANSWER_TOKENS, REPAIR_TOKENS, fitting, leading_findings, tokens_of
from remediation.errors import Unusable
from remediation.ports import LanguageModel
from remediation.terms import Case, Finding


def prompt_for(template: str, case: Case, model: LanguageModel, **values: Any) -> str:
    """The prompt with the leading findings, and as much evidence as fits beside everything else. What is left out is said.

    Raises Unusable when what is not evidence fills the model's context already.
    """
    told = {
        "target": case.target.path,
        "environment": case.standing.environment,
        "production": case.standing.production,
        "alerts": case.alerts,
        "precedents": case.precedents,
        **values,
    }
    items = [item.item for item in case.evidence]

    def room_beside(findings: Sequence[Finding]) -> int:
        """Tokens that are left once everything but the evidence stands there."""
        left_out = len(case.findings) - len(findings)
        everything_else = prompts.render(template, shown=(), omitted=items, findings=findings, more_findings=left_out, **told)
        return model.context_tokens - ANSWER_TOKENS - REPAIR_TOKENS - tokens_of(everything_else)

    room = room_beside(())
    if room < 0:
        what = f"{model.name} reads {model.context_tokens} tokens, too few for this incident even without its evidence."
        raise Unusable(what, "Give it a larger context.")
    findings = leading_findings(case.findings, room)
    shown, omitted = fitting(case.evidence, findings, room_beside(findings))
    left_out = len(case.findings) - len(findings)
    return prompts.render(template, shown=shown, omitted=omitted, findings=findings, more_findings=left_out, **told)
