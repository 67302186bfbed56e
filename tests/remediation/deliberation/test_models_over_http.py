"""Both roles over a real Ollama client and the sandbox's face: the prompt as it travels, and a model that only fills in the schema."""

import json

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.models import ModelsState
from bot.sandbox.ollama_face import ollama_face
from remediation.clients.ollama import OllamaModel
from remediation.deliberation.model_actor import ModelActor
from remediation.deliberation.model_critic import ModelCritic
from remediation.deliberation.rulebook import Rulebook
from tests.bot.sandbox.conftest import serve
from tests.remediation.deliberation.scenes import CATALOGUE, act_of, oom
from tests.remediation.deliberation.test_model_actor import a_plan_answer, an_answer

__all__ = ["serve"]
RULEBOOK = Rulebook(CATALOGUE)


@pytest.fixture
def models():
    return ModelsState()


@pytest.fixture
async def model(serve, models):
    """The sandbox's small model."""
    url = await serve(lambda _url: Starlette(routes=[Mount("/ollama", ollama_face(models))]))
    model = OllamaModel("qwen2.5-coder:3b", host=f"{url}/ollama")
    yield model
    await model.close()


async def test_a_model_that_knows_nothing_is_asked_once_more_and_then_the_rulebook(model, models):
    """The least that the schema allows names no cause; Ollama took the schema, and cut nothing."""
    proposal = await ModelActor(model, RULEBOOK, CATALOGUE).propose(oom())

    assert proposal.by == "rulebook"
    assert proposal.plans
    assert "ollama/qwen2.5-coder:3b gave no usable answer" in proposal.note
    assert "cause: names no cause" in proposal.note
    assert len(models.calls) == 2
    assert not models.calls[0]["cut"]
    assert models.calls[0]["options"]["num_ctx"] == model.context_tokens


async def test_a_debate_of_two_models(model, models):
    """Actor and critic answer by JSON schema over HTTP."""
    models.say("qwen2.5-coder:3b", json.dumps(an_answer(a_plan_answer())))
    case = oom()
    plan = (await ModelActor(model, RULEBOOK, CATALOGUE).propose(case)).plans[0]
    critique = await ModelCritic(model, RULEBOOK, CATALOGUE).criticise(case, plan, act_of(plan, case))

    assert plan.parameters["memory_limit"] == "384Mi"
    assert critique.by == "rulebook"  # a critic that says only what the schema forces it to cites nothing
    assert [call["format"]["title"] for call in models.calls] == ["ActorAnswer", "CriticAnswer", "CriticAnswer"]
