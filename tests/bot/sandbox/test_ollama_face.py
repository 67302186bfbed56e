"""The sandbox's Ollama, used through ollama's AsyncClient over HTTP."""

import json

import jsonschema
import ollama
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.sandbox.models import ModelsState
from bot.sandbox.ollama_face import ollama_face

MODEL = "phi3:mini"
SCHEMA = {
    "type": "object",
    "properties": {
        "decision": {"enum": ["REJECTED", "APPROVED"]},
        "confidence": {"type": "number", "minimum": 0.1},
        "checks": {"$ref": "#/$defs/checks"},
        "cites": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "note": {"anyOf": [{"type": "string", "minLength": 12}, {"type": "null"}]},
    },
    "required": ["decision", "confidence", "checks", "cites", "note"],
    "$defs": {"checks": {"type": "object", "properties": {"sound": {"type": "boolean"}}, "required": ["sound"]}},
}


@pytest.fixture
def models():
    return ModelsState()


@pytest.fixture
async def client(serve, models):
    url = await serve(lambda _url: Starlette(routes=[Mount("/ollama", ollama_face(models))]))
    client = ollama.AsyncClient(host=f"{url}/ollama")
    yield client
    await client._client.aclose()


def asked(words):
    return [{"role": "system", "content": "You are careful."}, {"role": "user", "content": words}]


async def test_an_unscripted_answer_fits_the_schema_and_knows_nothing(client):
    """Valid, and poor in words: no story is known to the models."""
    answer = await client.chat(MODEL, asked("What is wrong?"), format=SCHEMA)

    said = json.loads(answer.message.content)
    jsonschema.validate(said, SCHEMA)
    assert said == {"decision": "REJECTED", "confidence": 0.1, "checks": {"sound": False}, "cites": ["unknown"], "note": "unknown....."}
    assert answer.done_reason == "stop"
    assert answer.prompt_eval_count > 0
    assert answer.eval_count > 0


async def test_a_script_is_said_in_turn_and_a_rule_when_its_words_are_asked(client, models):
    """Tests say what a model answers; callables see the call."""
    models.say(MODEL, "first")
    models.say(MODEL, lambda call: call.model.upper())
    models.whenever(MODEL, "weather", "rain")

    said = [(await client.chat(MODEL, asked("the weather"))).message.content for _ in range(3)]

    assert said == ["first", "PHI3:MINI", "rain"]
    assert [call["reply"] for call in models.calls] == said


async def test_a_stream_holds_the_same_words(client, models):
    """In pieces, the counts at the end."""
    models.say(MODEL, "a rather long answer in several pieces")

    parts = [part async for part in await client.chat(MODEL, asked("x"), stream=True)]

    assert "".join(part.message.content for part in parts) == "a rather long answer in several pieces"
    assert [part.done for part in parts[-2:]] == [False, True]
    assert parts[-1].eval_count > 0


async def test_what_does_not_fit_the_context_is_cut_in_silence(client, models):
    """As the real one does; only prompt_eval_count tells, so the bot must measure."""
    answer = await client.chat(MODEL, asked("x" * 10_000), options={"num_ctx": 512})

    assert answer.prompt_eval_count == 512
    assert models.calls[-1]["cut"] is True
    assert models.calls[-1]["options"] == {"num_ctx": 512}


async def test_an_answer_may_be_cut_off_by_num_predict(client, models):
    """done_reason says `length`: half a JSON is no JSON."""
    answer = await client.chat(MODEL, asked("x"), format=SCHEMA, options={"num_predict": 3})

    assert answer.done_reason == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.message.content)


async def test_an_unknown_model_and_a_bad_schema_are_refused_as_the_real_one_does(client):
    """404 and 500."""
    with pytest.raises(ollama.ResponseError) as missing:
        await client.chat("llama9:1b", asked("x"))
    with pytest.raises(ollama.ResponseError) as bad:
        await client.chat(MODEL, asked("x"), format={"type": "object", "properties": {"a": {"type": "nonsense"}}})
    with pytest.raises(ollama.ResponseError) as unsuited:
        await client.chat("nomic-embed-text", asked("x"))

    assert (missing.value.status_code, missing.value.error) == (404, "model 'llama9:1b' not found")
    assert bad.value.status_code == 500
    assert unsuited.value.status_code == 400


async def test_models_are_listed_and_shown(client):
    """What `suture check` asks."""
    names = [model.model for model in (await client.list()).models]

    assert MODEL in names
    assert (await client.show(MODEL)).details.family == "phi3"
    with pytest.raises(ollama.ResponseError):
        await client.show("none:1b")


async def test_the_same_words_embed_to_the_same_unit_vector(client):
    """Enough to test what reads vectors."""
    answer = await client.embed("nomic-embed-text", ["out of memory", "out of memory", "image missing"])

    one, two, three = answer.embeddings
    assert one == two != three
    assert sum(value * value for value in one) == pytest.approx(1)
