"""One question to a model: asked, held against its shape, sent back once with what is wrong, and every call recorded."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import prompts
from remediation.deliberation.answers import read_answer
from remediation.errors import RemediationError, Unusable
from remediation.masking import mask
from remediation.ports import Answer, LanguageModel
from remediation.terms import Json, ModelCall
from remediation.written import Shape

T = TypeVar("T")
_SHOWN_AGAIN = 2400  # characters of a wrong answer that the model sees again


@dataclass(frozen=True, kw_only=True)
class Asked(Generic[T]):
    """What came of a question. value: None when there is no usable answer; then `failure` says why, in a sentence.

    unfit: the answers that did not fit, as they came, oldest first.
    """

    value: T | None
    calls: tuple[ModelCall, ...]
    failure: str = ""
    unfit: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question(Generic[Shape, T]):
    """What is asked. accept: the answer as our noun; raises Unusable with what is wrong. It is told whether this is the last try."""

    role: str
    prompt: str
    schema: Mapping[str, Json]
    shape: type[Shape]
    accept: Callable[[Shape, bool], T]


async def ask(model: LanguageModel, question: Question[Shape, T]) -> Asked[T]:
    """Ask, and once more with the error when the answer does not fit. A model that cannot answer at all is not asked again."""
    prompt, calls = question.prompt, []
    unfit: list[str] = []
    for last in (False, True):
        try:
            answer = await model.answer(prompt, question.schema)
        except RemediationError as error:
            calls.append(_call(model, question.role, prompt, None, mask(str(error))))
            return Asked(value=None, calls=tuple(calls), failure=mask(str(error)), unfit=tuple(unfit))
        try:
            value = question.accept(read_answer(question.shape, answer.text, answer.cut), last)
        except Unusable as error:
            wrong, failure = mask(answer.text), mask(str(error))
            calls.append(_call(model, question.role, prompt, answer, failure))
            unfit.append(wrong)
            prompt = prompts.render("repair.md.j2", prompt=question.prompt, answer=wrong[:_SHOWN_AGAIN], error=failure[:_SHOWN_AGAIN])
        else:
            calls.append(_call(model, question.role, prompt, answer, "repaired" if last else "answered"))
            return Asked(value=value, calls=tuple(calls))
    return Asked(value=None, calls=tuple(calls), failure=f"Its answer did not fit twice: {failure}", unfit=tuple(unfit))


def _call(model: LanguageModel, role: str, prompt: str, answer: Answer | None, ended: str) -> ModelCall:
    return ModelCall(
        model=model.name,
        role=role,
        prompt_digest=hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest(),
        tokens_in=answer.tokens_in if answer else 0,
        tokens_out=answer.tokens_out if answer else 0,
        cost_usd=answer.cost_usd if answer else 0.0,
        seconds=answer.seconds if answer else 0.0,
        ended=ended,
    )
