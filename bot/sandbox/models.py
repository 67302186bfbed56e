"""The sandbox's language models: what they are scripted to say, what they say unscripted, and every call they had.

Unscripted, a model answers only what the JSON schema forces it to: valid, and poor in words. It knows nothing of
any story.
"""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

Json = dict[str, Any]
Reply = str | Callable[["ModelCall"], str]

KNOWN = {"qwen2.5-coder:3b": "qwen2", "phi3:mini": "phi3", "nomic-embed-text:latest": "nomic-bert"}
CHARACTERS_PER_TOKEN = 4
DEFAULT_CONTEXT = 4096
REMEMBERED = 2_000


@dataclass(frozen=True, kw_only=True)
class ModelCall:
    """One question. prompt: what of the messages fitted into the context; cut: that something did not."""

    model: str
    prompt: str
    messages: list[Json]
    format: Any
    options: Json
    cut: bool
    reply: str = ""


class ModelsState:
    """The models that are there, their scripts and their calls."""

    def __init__(self) -> None:
        self.installed = dict(KNOWN)
        self.calls: list[Json] = []
        self._scripts: dict[str, deque[Reply]] = {}
        self._rules: list[tuple[str, str, Reply]] = []

    def say(self, model: str, reply: Reply) -> None:
        """The model's next answer that is not scripted yet; a callable is given the call."""
        self._scripts.setdefault(named(model), deque()).append(reply)

    def whenever(self, model: str, words: str, reply: Reply) -> None:
        """The model's answer to every prompt that holds `words`, when nothing is scripted by `say`."""
        self._rules.append((named(model), words, reply))

    def answer(self, call: ModelCall) -> str:
        """What the model says, recorded."""
        script = self._scripts.get(call.model)
        matching = (reply for model, words, reply in self._rules if model == call.model and words in call.prompt)
        reply = script.popleft() if script else next(matching, None)
        text = schema_answer(call.format) if reply is None else reply if isinstance(reply, str) else reply(call)
        self.calls = [*self.calls[-REMEMBERED:], asdict(call) | {"reply": text}]
        return text

    def snapshot(self) -> Json:
        """What a restart needs, as JSON. Scripts are of this process alone."""
        return {"calls": self.calls}

    def restore(self, saved: Json) -> None:
        """Go on where `snapshot` was taken."""
        self.calls = saved["calls"]


def named(model: str) -> str:
    """A model's full name: without a tag it is `latest`."""
    return model if ":" in model else f"{model}:latest"


def tokens(text: str) -> int:
    """About how many tokens a text is."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def fitted(messages: list[Json], context: int) -> tuple[str, bool]:
    """The prompt of these messages cut to `context` tokens, as Ollama cuts: system stays, the oldest go, silently."""
    system = [m for m in messages if m.get("role") == "system"]
    rest = [m for m in messages if m.get("role") != "system"]
    while len(rest) > 1 and tokens(_joined([*system, *rest])) > context:
        rest = rest[1:]
    prompt = _joined([*system, *rest])
    room = context * CHARACTERS_PER_TOKEN
    cut = len(prompt) > room or len(rest) + len(system) < len(messages)
    return prompt[-room:] if len(prompt) > room else prompt, cut


def schema_answer(schema: Any) -> str:
    """The least that a JSON schema allows; plain words where there is none."""
    if schema == "json":
        return "{}"
    if not isinstance(schema, dict):
        return "I have no opinion."
    return json.dumps(_least(schema, schema))


def _least(schema: Json, root: Json) -> Any:
    if "$ref" in schema:
        target: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[step]
        return _least(target, root)
    for choice in ("const", "default"):
        if choice in schema:
            return schema[choice]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return _least(schema[several][0], root)
    return _of_type(schema, root)


def _of_type(schema: Json, root: Json) -> Any:
    kind = schema.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            properties = schema.get("properties", {})
            required = schema.get("required", [])
            return {name: _least(properties.get(name, {"type": "string"}), root) for name in required}
        case "array":
            return [_least(schema.get("items", {}), root) for _ in range(schema.get("minItems", 0))]
        case "string":
            return "unknown".ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", 1000)]
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case _:
            return None


def _joined(messages: list[Json]) -> str:
    return "\n".join(f"{m.get('role', '')}: {m.get('content', '')}" for m in messages)
