"""`suture eval`'s plays: cases against one reasoner, in this process or in several beside it."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from bot import settings
from bot.reasoners import RULEBOOK, model_of, must_answer
from bot.settings import Settings
from remediation.deliberation.model_actor import ModelActor
from remediation.deliberation.rulebook import Rulebook
from remediation.evaluation import Judged, play
from remediation.ports import Actor, LanguageModel
from remediation.remedies import Catalogue, catalogue

Play = tuple[Path, int]  # a case, and the number of its play


def played(plays: Sequence[Play], reasoner: str, jobs: int) -> list[Judged]:
    """Every play, in the order given. jobs: processes; one of them is this one.

    Raises Unusable for a reasoner that is not known, a model that is not there, or a case without evidence; Unreachable.
    """
    known = settings.read() if reasoner != RULEBOOK else None
    if known is not None:
        asyncio.run(must_answer(known, reasoner))
    if jobs == 1:
        return asyncio.run(_all(plays, reasoner, known))
    with ProcessPoolExecutor(min(jobs, len(plays)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(_one, plays, repeat(reasoner)))


async def _all(plays: Sequence[Play], reasoner: str, known: Settings | None) -> list[Judged]:
    model = model_of(known, reasoner) if known is not None else None
    try:
        actor = _actor(model)
        return [await play(case, _catalogue(), actor, number=number) for case, number in plays]
    finally:
        await _close(model)


def _one(one: Play, reasoner: str) -> Judged:
    """One play, in a process of its own beside others."""
    known = settings.read() if reasoner != RULEBOOK else None
    return asyncio.run(_all([one], reasoner, known))[0]


def _actor(model: LanguageModel | None) -> Actor:
    rulebook = Rulebook(_catalogue())
    return ModelActor(model, rulebook, _catalogue()) if model is not None else rulebook


@cache
def _catalogue() -> Catalogue:
    return catalogue()


async def _close(model: LanguageModel | None) -> None:
    close = getattr(model, "close", None)
    if close is not None:
        await close()
