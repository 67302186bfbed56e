"""What takes long is worked out aside: the loop answers presses and webhooks meanwhile."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest

import remediation.findings
from remediation import steps
from remediation.deliberation.model_critic import ModelCritic
from remediation.deliberation.rulebook import Rulebook
from remediation.evidence import Limits
from remediation.world import Patience
from tests.remediation.deliberation.scenes import CATALOGUE, a_plan, act_of, oom
from tests.remediation.deliberation.test_model_actor import Scripted
from tests.remediation.deliberation.test_model_critic import an_answer
from tests.remediation.made import NOW, STANDING, an_incident

LONG = 0.2  # seconds


async def looks():
    """The investigation's step, where no system is configured."""

    async def similar(_case):
        return ()

    world = SimpleNamespace(
        sources=(), patience=Patience(), now=lambda: NOW, limits=Limits(), standing_of=lambda *_: STANDING,
        recall=SimpleNamespace(similar=similar),
    )  # fmt: skip
    await steps.look(an_incident(), world)


async def rulebook_criticises():
    case = oom()
    await Rulebook(CATALOGUE).criticise(case, a_plan(), act_of(a_plan(), case))


async def model_criticises():
    case = oom()
    await ModelCritic(Scripted(an_answer()), Rulebook(CATALOGUE), CATALOGUE).criticise(case, a_plan(), act_of(a_plan(), case))


@pytest.mark.parametrize("work", [looks, rulebook_criticises, model_criticises])
async def test_the_loop_goes_on_while_evidence_is_read(work, monkeypatch):
    """Five hundred pods, or the first import of the rules: nobody's press waits for them."""
    where, find = [], remediation.findings.find

    def takes_long(evidence, target):
        where.append(threading.current_thread())
        time.sleep(LONG)
        return find(evidence, target)

    monkeypatch.setattr(remediation.findings, "find", takes_long)
    beats = 0
    working = asyncio.create_task(work())
    while not working.done():
        await asyncio.sleep(LONG / 20)
        beats += 1
    await working

    assert where
    assert threading.main_thread() not in where
    assert beats > 3
