"""Ollama's native API over HTTP: version, tags, show, chat (streamed and whole) and embeddings."""

import hashlib
import json
import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from bot.sandbox.models import CHARACTERS_PER_TOKEN, DEFAULT_CONTEXT, ModelCall, ModelsState, fitted, named, tokens

Json = dict[str, Any]

VERSION = "0.17.4"
DIMENSIONS = 768
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


def ollama_face(state: ModelsState) -> Router:
    """The ASGI app to mount at /ollama."""

    async def version(_request: Request) -> Response:
        return JSONResponse({"version": VERSION})

    async def tags(_request: Request) -> Response:
        return JSONResponse({"models": [_tag(model, family) for model, family in state.installed.items()]})

    async def show(request: Request) -> Response:
        return _shown(state, await _body(request))

    async def chat(request: Request) -> Response:
        return _chat(state, await _body(request))

    async def embed(request: Request) -> Response:
        return _embedded(state, await _body(request))

    return Router(
        [
            Route("/", _running, methods=["GET", "HEAD"]),
            Route("/api/version", version, methods=["GET"]),
            Route("/api/tags", tags, methods=["GET"]),
            Route("/api/show", show, methods=["POST"]),
            Route("/api/chat", chat, methods=["POST"]),
            Route("/api/embed", embed, methods=["POST"]),
        ]
    )


def _shown(state: ModelsState, body: Json) -> Response:
    model = named(str(body.get("model") or body.get("name") or ""))
    if model not in state.installed:
        return _missing(model)
    family = state.installed[model]
    info = {"general.architecture": family, f"{family}.context_length": 32768}
    capabilities = ["embedding"] if "embed" in model else ["completion", "tools"]
    known = {"modelfile": f"FROM {model}", "parameters": "", "template": "{{ .Prompt }}", "modified_at": _now()}
    details = _tag(model, family)["details"]
    return JSONResponse({**known, "details": details, "model_info": info, "capabilities": capabilities})


def _chat(state: ModelsState, body: Json) -> Response:
    if (refused := _refused(state, body)) is not None:
        return refused
    if not body.get("messages"):
        return _done(body, "", DEFAULT_CONTEXT, "load")
    options = body.get("options") or {}
    prompt, cut = fitted(body["messages"], int(options.get("num_ctx") or DEFAULT_CONTEXT))
    call = ModelCall(
        model=named(body["model"]), prompt=prompt, messages=body["messages"], format=body.get("format"), options=options, cut=cut
    )
    return _answered(body, prompt, state.answer(call), options)


def _embedded(state: ModelsState, body: Json) -> Response:
    model = named(str(body.get("model") or ""))
    if model not in state.installed:
        return _missing(model)
    given = body.get("input", "")
    texts = given if isinstance(given, list) else [given]
    counts = {"total_duration": 1_000_000, "load_duration": 100_000, "prompt_eval_count": tokens(" ".join(texts))}
    return JSONResponse({"model": body["model"], "embeddings": [_embedding(text) for text in texts], **counts})


async def _running(_request: Request) -> Response:
    return Response("Ollama is running", media_type="text/plain")


def _refused(state: ModelsState, body: Json) -> Response | None:
    """The refusals of /api/chat, in Ollama's words."""
    if not body.get("model"):
        return JSONResponse({"error": "model is required"}, 400)
    model = named(str(body["model"]))
    if model not in state.installed:
        return _missing(str(body["model"]))
    if "embed" in model:
        return JSONResponse({"error": f'"{body["model"]}" does not support chat'}, 400)
    schema = body.get("format")
    if schema not in (None, "", "json") and not _grammatical(schema):
        return JSONResponse({"error": "failed to load model vocabulary required for format"}, 500)
    return None


def _grammatical(schema: Any) -> bool:
    """A schema that a grammar can be made of: objects all the way down, known types."""
    if not isinstance(schema, dict):
        return False
    kind = schema.get("type", "object")
    kinds = kind if isinstance(kind, list) else [kind]
    inner = [*schema.get("properties", {}).values()] if isinstance(schema.get("properties", {}), dict) else [None]
    if "items" in schema:
        inner.append(schema["items"])
    return all(isinstance(one, str) and one in TYPES for one in kinds) and all(_grammatical(one) for one in inner)


def _answered(body: Json, prompt: str, text: str, options: Json) -> Response:
    """The answer, cut off at num_predict tokens, streamed unless the caller wants it whole."""
    most = int(options.get("num_predict", -1))
    reason = "length" if 0 <= most < tokens(text) else "stop"
    said = text[: most * CHARACTERS_PER_TOKEN] if reason == "length" else text
    if body.get("stream") is False:
        return _done(body, said, tokens(prompt), reason)
    return StreamingResponse(_stream(body, said, tokens(prompt), reason), media_type="application/x-ndjson")


def _stream(body: Json, text: str, prompt_tokens: int, reason: str) -> Iterator[str]:
    for at in range(0, len(text), 16):
        message = {"role": "assistant", "content": text[at : at + 16]}
        yield json.dumps({"model": body["model"], "created_at": _now(), "message": message, "done": False}) + "\n"
    yield json.dumps(_final(body, "", prompt_tokens, tokens(text), reason)) + "\n"


def _done(body: Json, text: str, prompt_tokens: int, reason: str) -> Response:
    return JSONResponse(_final(body, text, prompt_tokens, tokens(text), reason))


def _final(body: Json, text: str, prompt_tokens: int, answer_tokens: int, reason: str) -> Json:
    counts = {"prompt_eval_count": prompt_tokens, "eval_count": answer_tokens}
    durations = {"total_duration": 9_000_000, "load_duration": 1_000_000, "prompt_eval_duration": 3_000_000}
    message = {"role": "assistant", "content": text}
    said = {"model": body["model"], "created_at": _now(), "message": message, "done": True, "done_reason": reason}
    return {**said, **counts, **durations, "eval_duration": 5_000_000}


def _missing(model: str) -> Response:
    return JSONResponse({"error": f"model '{model}' not found"}, 404)


def _tag(model: str, family: str) -> Json:
    details = {"parent_model": "", "format": "gguf", "family": family, "families": [family]}
    details |= {"parameter_size": "3.1B", "quantization_level": "Q4_K_M"}
    digest = hashlib.sha256(model.encode()).hexdigest()
    about = {"size": 1_929_912_432, "digest": digest, "modified_at": "2026-01-01T00:00:00Z", "details": details}
    return {"name": model, "model": model, **about}


def _embedding(text: str) -> list[float]:
    """A unit vector of the text's words; the same words, the same vector."""
    vector = [0.0] * DIMENSIONS
    for word in text.lower().split():
        digest = hashlib.sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:4]) % DIMENSIONS] += 1 if digest[4] % 2 else -1
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


async def _body(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _now() -> str:
    return datetime.fromtimestamp(time.time(), tz=UTC).isoformat().replace("+00:00", "Z")
