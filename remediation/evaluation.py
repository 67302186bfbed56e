"""Cases played against a reasoner: how often it names the cause, the object and the mend, stays still, and what its confidence is worth."""

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from remediation.cases import Expected, cases_in, expected_of
from remediation.errors import Unusable
from remediation.explaining import Explained, explain
from remediation.ports import Actor
from remediation.remedies import Catalogue
from remediation.terms import Json
from remediation.weights import weight_of

__all__ = ["BINS", "Judged", "bins", "cases_in", "judge", "play", "summary", "unsteady"]

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One play of one case.

    cause_named: the cause holds every word that it must; where none must be, there may be no cause.
    object_right: None where the case does not ask for it.  missing: what the cause did not mention.  by: who answered.
    stood_in: why the rulebook answered for a model, empty when it did not.  tokens: of prompts and answers.  cost: US dollars.
    weight: of the finding that leads, before it was calibrated.
    """

    case: str
    cause_named: bool
    object_right: bool | None
    fix_kind_right: bool
    mentioned: int
    must_mention: int
    wrong_merge_request: bool
    confidence: float
    seconds: float
    fix_kind: str
    expected_fix_kind: str
    kind: str
    missing: tuple[str, ...]
    play: int = 1
    by: str = "rulebook"
    stood_in: str = ""
    tokens: int = 0
    cost: float = 0.0
    weight: float = 0.0


async def play(case: Path, catalogue: Catalogue, actor: Actor | None = None, *, number: int = 1) -> Judged:
    """One case, read and reasoned on, beside its answer. actor: the rulebook where none is given. Raises Unusable naming the case."""
    began = time.perf_counter()
    try:
        explained = await explain([case], "", catalogue, actor)
    except Unusable as error:
        raise Unusable(f"{case}: {error.what}", error.what_to_do) from error
    return judge(case.name, expected_of(case), explained, time.perf_counter() - began, number)


def judge(name: str, expected: Expected, explained: Explained, seconds: float, number: int = 1) -> Judged:
    """How an answer stands to what was expected."""
    document, proposal = explained.document(), explained.proposal
    cause = document["cause"] or {"subject": "", "text": "", "kind": ""}
    said = f"{cause['subject']} {cause['text']}".lower()
    missing = tuple(word for word in expected.must_mention if word.lower() not in said)
    return Judged(
        case=name,
        cause_named=not missing and (bool(document["cause"]) or not expected.must_mention),
        object_right=_same(expected.object, str(cause["subject"])) if expected.object else None,
        fix_kind_right=document["fix_kind"] in expected.fix_kinds,
        mentioned=len(expected.must_mention) - len(missing),
        must_mention=len(expected.must_mention),
        wrong_merge_request=expected.no_merge_request and bool(document["plans"]),
        confidence=float(document["confidence"]),
        seconds=round(seconds, 3),
        fix_kind=str(document["fix_kind"]),
        expected_fix_kind=expected.fix_kind,
        kind=str(cause["kind"]),
        missing=missing,
        play=number,
        by=proposal.by,
        stood_in=proposal.note if proposal.by == "rulebook" else "",
        tokens=sum(call.tokens_in + call.tokens_out for call in proposal.calls),
        cost=sum(call.cost_usd for call in proposal.calls),
        weight=weight_of(explained.leading) if explained.leading else 0.0,
    )


def _same(expected: str, subject: str) -> bool:
    """Whether the subject is the object, whatever container of it is named."""
    return subject == expected or re.sub(r"^([^/]+/[^/]*/[^/]+)/.*$", r"\1", subject) == expected


def summary(judged: Sequence[Judged]) -> Mapping[str, Json]:
    """As `suture eval --json` prints it; a case that was played again counts again."""
    asked = [one for one in judged if one.object_right is not None]
    return {
        "totals": {
            "cases": len(judged),
            "cause_named": sum(one.cause_named for one in judged),
            "object_right": sum(bool(one.object_right) for one in asked) if asked else None,
            "object_asked": len(asked),
            "fix_kind_right": sum(one.fix_kind_right for one in judged),
            "must_mention": f"{sum(one.mentioned for one in judged)}/{sum(one.must_mention for one in judged)}",
            "wrong_merge_requests": sum(one.wrong_merge_request for one in judged),
            "stood_in": sum(bool(one.stood_in) for one in judged),
            "unsteady": len(unsteady(judged)),
            "seconds": round(sum(one.seconds for one in judged), 3),
            "tokens": sum(one.tokens for one in judged),
            "cost": round(sum(one.cost for one in judged), 6),
        },
        "confidence_bins": bins(judged),
        "cases": [asdict(one) for one in judged],
    }


def unsteady(judged: Sequence[Judged]) -> Sequence[str]:
    """The cases that were played more than once and not always answered alike."""
    answers: dict[str, set[tuple[str, str, bool]]] = {}
    for one in judged:
        answers.setdefault(one.case, set()).add((one.kind, one.fix_kind, one.cause_named))
    return [case for case, said in answers.items() if len(said) > 1]


def bins(judged: Sequence[Judged]) -> Sequence[Mapping[str, Json]]:
    """For each bin of confidence how many cases there are, and the fraction whose fix kind was right; None for an empty one."""
    found = []
    for low, high in itertools.pairwise(BINS):
        inside = [one for one in judged if low <= one.confidence < high or (high == BINS[-1] and one.confidence == high)]
        right = sum(one.fix_kind_right for one in inside) / len(inside) if inside else None
        found.append({"from": low, "to": high, "cases": len(inside), "right": round(right, 2) if right is not None else None})
    return found
