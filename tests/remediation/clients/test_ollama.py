"""Ollama through its own SDK over HTTP: the sandbox's, and one that is scripted to misbehave."""

import json

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.models import ModelsState
from bot.sandbox.ollama_face import ollama_face
from remediation.clients.ollama import OllamaModel
from remediation.errors import Forbidden, Unreachable, Unusable

SCHEMA = {"type": "object", "properties": {"cause": {"type": "string"}}, "required": ["cause"]}


@pytest.fixture
def models():
    return ModelsState()


@pytest.fixture
async def model(serve, models):
    """A model that is there."""
    url = await serve(lambda _url: Starlette(routes=[Mount("/ollama", ollama_face(models))]))
    model = OllamaModel("phi3:mini", host=f"{url}/ollama", context_tokens=4096)
    yield model
    await model.close()


async def test_a_model_answers_with_what_it_cost(model, models):
    """Its words, its tokens, its time; asked so that the same prompt gives the same answer."""
    models.say("phi3:mini", '{"cause": "memory"}')

    answer = await model.answer("What is wrong?", SCHEMA)

    assert json.loads(answer.text) == {"cause": "memory"}
    assert (answer.cut, answer.cost_usd) == (False, 0.0)
    assert answer.tokens_in > 0
    assert answer.tokens_out > 0
    assert answer.seconds > 0
    asked = models.calls[-1]
    assert asked["options"] == {"num_ctx": 4096, "num_predict": 2048, "temperature": 0.0, "seed": 1}
    assert asked["format"] == SCHEMA
    assert model.name == "ollama/phi3:mini"


async def test_an_answer_that_was_cut_off_says_so(model, models):
    """`done_reason: length` is half a sentence, not an answer."""
    models.say("phi3:mini", "x" * 20_000)

    assert (await model.answer("What?", SCHEMA)).cut


async def test_a_prompt_that_ollama_cut_is_no_basis_for_an_answer(model, models):
    """It cuts in silence; the count of tokens that it read tells."""
    with pytest.raises(Unusable, match="cut what did not fit into num_ctx"):
        await model.answer("word " * 10_000, SCHEMA)


async def test_a_model_that_is_not_there_comes_with_the_command_that_gets_it(model):
    """What to do now, ready to paste."""
    absent = OllamaModel("qwen9:900b", host=model._host)

    with pytest.raises(Unusable, match=r"no model qwen9:900b\. Run: ollama pull qwen9:900b"):
        await absent.answer("What?", SCHEMA)
    await absent.close()


async def test_an_ollama_that_does_not_answer_is_unreachable():
    """Nothing listens there; a client that was never used closes in silence."""
    model = OllamaModel("phi3:mini", host="http://127.0.0.1:1")

    await model.close()
    with pytest.raises(Unreachable, match="OLLAMA_HOST"):
        await model.answer("What?", SCHEMA)
    await model.close()


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (500, b'{"error": "llama runner process has terminated"}', Unreachable, "500: llama runner"),
        (429, b'{"error": "busy"}', Unreachable, "429: busy"),
        (403, b'{"error": "who are you"}', Forbidden, "who are you"),
        (400, b'{"error": "does not support chat"}', Unusable, "does not support chat"),
        (200, b'{"unexpected": true}', Unusable, "no chat answer"),
        (200, b"<html>hello</html>", Unusable, "no chat answer"),
    ],
)
async def test_what_goes_wrong_is_told_apart(scripted, status, body, error, words):
    """Whether asking again may help, and what to look at."""
    script = await scripted((status, body))
    model = OllamaModel("phi3:mini", host=script.url)

    with pytest.raises(error, match=words):
        await model.answer("What?", SCHEMA)
    await model.close()


async def test_an_answer_that_takes_too_long_is_not_waited_for(serve):
    """A model on a slow machine must not hold an incident."""

    async def never(_scope, receive, _send):
        while (await receive())["type"] != "http.disconnect":
            pass

    host = await serve(lambda _url: never)
    model, critic = OllamaModel("phi3:mini", host=host, seconds=0.2), OllamaModel("qwen2.5-coder:3b", host=host, seconds=60)

    with pytest.raises(Unreachable, match=r"did not answer in 0\.2 s"):
        await model.answer("What?", SCHEMA)
    with pytest.raises(Unreachable, match="not asked: Ollama did not answer a moment ago"):  # the other on it does not wait again
        await critic.answer("What?", SCHEMA)
    await model.close()
    await critic.close()
