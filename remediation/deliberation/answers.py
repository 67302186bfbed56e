"""The shapes in which models answer, with exactly the fields that the thread shows, and their JSON schemas."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from remediation.errors import Unusable
from remediation.masking import mask
from remediation.remedies import Catalogue
from remediation.terms import Json, Severity
from remediation.written import Shape, Written, fit, parse

_FENCED = re.compile(r"```(?:json|ya?ml)?\s*\n(.*?)```", re.DOTALL)

Confidence = Annotated[float, Field(ge=0, le=1)]
Sentence = Annotated[str, Field(max_length=2000), AfterValidator(str.strip)]
Item = Annotated[str, Field(pattern=r"^E\d{1,4}$")]


_NOTHING = re.compile(r"(?:unknown|none|n/?a|null|not known|\?+|-+|\.+)?\.*", re.IGNORECASE)


def _names_one(cause: str) -> str:
    """A cause that says nothing is no answer: whoever is asked next may know."""
    if _NOTHING.fullmatch(cause):
        raise ValueError("names no cause")
    return cause


Cause = Annotated[Sentence, AfterValidator(_names_one)]


class PlanAnswer(Written):
    """One plan. target: namespace/Kind/name."""

    plan_id: Annotated[str, Field(max_length=40)]
    title: Annotated[str, Field(max_length=200)]
    priority: Annotated[int, Field(ge=1, le=9)]
    remedy: str
    target: Annotated[str, Field(max_length=600)]
    parameters: dict[str, Json]
    justification: Sentence
    cites: Annotated[list[Item], Field(max_length=40)]
    confidence: Confidence
    risks: Annotated[list[Sentence], Field(max_length=10)]
    rollback: Sentence
    expected_result: Sentence
    estimated_minutes: Annotated[int, Field(ge=0, le=1440)]


class AnalysisAnswer(Written):
    """The analysis, in the field's usual words."""

    root_cause: Sentence
    severity: Severity
    affected_services: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)]
    estimated_impact: Sentence


class ActorAnswer(Written):
    """What an actor answers."""

    cause: Cause
    confidence: Confidence
    plans: Annotated[list[PlanAnswer], Field(max_length=3)]
    logs_summary: Sentence
    analysis: AnalysisAnswer


class Checks(Written):
    """The four checks; `whitelist_valid` is overwritten by code."""

    whitelist_valid: bool
    diagnostic_justified: bool
    no_collateral_risk: bool
    action_coherent: bool


class CriticAnswer(Written):
    """What a critic answers, its own cause first."""

    cause: Cause
    decision: Literal["APPROVED", "REJECTED", "ESCALATE"]
    checks: Checks
    confidence: Confidence
    reason: Sentence
    alternative: Sentence


def actor_schema(catalogue: Catalogue) -> dict[str, Json]:
    """The JSON schema of an actor's answer, in which a remedy is one of the catalogue's, and a parameter one of theirs.

    Without a remedy there is no plan.
    """
    schema = ActorAnswer.model_json_schema()
    if not catalogue.remedies:
        schema["properties"]["plans"]["maxItems"] = 0
        return schema
    fields = schema["$defs"]["PlanAnswer"]["properties"]
    fields["remedy"] = {"type": "string", "enum": sorted(remedy.name for remedy in catalogue)}
    known = {name: {"type": p.type} for remedy in catalogue for name, p in remedy.parameters.properties.items()}
    fields["parameters"] = {"type": "object", "properties": known, "additionalProperties": False}
    return schema


def read_answer(shape: type[Shape], text: str, cut: bool) -> Shape:
    """A model's text as its shape, without secrets: JSON or YAML, bare or fenced.

    Raises Unusable with what is wrong, in words that a model can act on.
    """
    if cut:
        raise Unusable("Your answer was cut off before its end.", "Answer more briefly.")
    fenced = _FENCED.search(text)
    return fit(shape, _masked(parse(fenced[1] if fenced else text.strip(), "Your answer")), "Your answer")


def _masked(value: Json) -> Json:
    """By how its words look and not by the names beside them: a parameter called `secret` holds a name."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value
