"""A case as a prompt, measured against what the model can read."""

from typing import Any

import prompts
from remediation.deliberation.measuring import ANSWER_TOKENS, REPAIR_TOKENS, fitting, tokens_of
from remediation.errors import Unusable
from remediation.ports import LanguageModel
from remediation.terms import Case


def prompt_for(template: str, case: Case, model: LanguageModel, **values: Any) -> str:
    """The prompt with as much evidence as fits beside everything else.

    Raises Unusable when what is not evidence fills the model's context already.
    """
    told = {
        "target": case.target.path,
        "environment": case.standing.environment,
        "production": case.standing.production,
        "alerts": case.alerts,
        "findings": case.findings,
        "precedents": case.precedents,
        **values,
    }
    everything_else = prompts.render(template, shown=(), omitted=[item.item for item in case.evidence], **told)
    room = model.context_tokens - ANSWER_TOKENS - REPAIR_TOKENS - tokens_of(everything_else)
    if room < 0:
        what = f"{model.name} reads {model.context_tokens} tokens, too few for this incident even without its evidence."
        raise Unusable(what, "Give it a larger context.")
    shown, omitted = fitting(case.evidence, case.findings, room)
    return prompts.render(template, shown=shown, omitted=omitted, **told)
