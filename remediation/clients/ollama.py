"""A model behind Ollama's native API through its own SDK, which is imported at the first call, off the loop."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from remediation.clients.lazily import imported
from remediation.errors import Forbidden, RemediationError, Unreachable, Unusable
from remediation.ports import Answer
from remediation.terms import Json

_LEFT_ALONE = 60.0  # seconds
_NOT_FOUND, _TOO_MANY, _SERVER_ERROR = 404, 429, 500


class OllamaModel:
    """Implements ports.LanguageModel. The same prompt gives the same answer: temperature 0 and a fixed seed.

    host: such as http://127.0.0.1:11434, empty for Ollama's own default.  context_tokens: `num_ctx`, for prompt and answer together.
    answer_tokens: how long an answer may be.  seconds: how long one may take.  A host that was silent for so long is left alone for a
    minute, by every model on it: an incident waits once.
    """

    _silent_until: ClassVar[dict[str, float]] = {}  # by host, of time.monotonic()

    def __init__(
        self, model: str, *, host: str = "", context_tokens: int = 16384, answer_tokens: int = 2048, seconds: float = 120.0
    ) -> None:
        self.name = f"ollama/{model}"
        self.context_tokens = context_tokens
        self._model = model
        self._host = host
        self._answer_tokens = answer_tokens
        self._seconds = seconds
        self._client: Any = None
        self._connecting = asyncio.Lock()

    async def answer(self, prompt: str, schema: Mapping[str, Json]) -> Answer:
        """The model's text, held to `schema` by Ollama's grammar.

        Raises Unreachable, Forbidden, and Unusable when Ollama has no such model or cut the prompt.
        """
        began = time.monotonic()
        said = await self._chat(prompt, schema)
        tokens_in = int(said.prompt_eval_count or 0)
        if tokens_in >= self.context_tokens - 1:
            what = f"{self.name} read only {tokens_in} tokens of the prompt: Ollama cut what did not fit into num_ctx."
            raise Unusable(what, "Give the model a larger context, or less evidence.")
        return Answer(
            text=said.message.content or "",
            tokens_in=tokens_in,
            tokens_out=int(said.eval_count or 0),
            seconds=time.monotonic() - began,
            cut=said.done_reason == "length",
        )

    async def installed(self) -> Mapping[str, str]:
        """The family of every model that this Ollama has, by its full name (`phi3:mini`). Raises Unreachable, Forbidden."""
        client = await self._connected()
        ollama, httpx = imported("ollama"), imported("httpx")
        try:
            listed = await client.list()
        except ollama.ResponseError as error:
            raise self._refusal(error.status_code, str(error.error)) from error
        except (ConnectionError, httpx.HTTPError) as error:
            raise self._silence() from error
        return {str(one.model): str(one.details.family if one.details else "") for one in listed.models}

    async def close(self) -> None:
        """Give its connections back."""
        if self._client is not None:
            await self._client.close()

    async def _chat(self, prompt: str, schema: Mapping[str, Json]) -> Any:
        if time.monotonic() < self._silent_until.get(self._host, 0.0):
            raise Unreachable(f"{self.name} was not asked: Ollama did not answer a moment ago.", "Look at Ollama's log.")
        client = await self._connected()
        ollama, httpx = imported("ollama"), imported("httpx")
        options = {"num_ctx": self.context_tokens, "num_predict": self._answer_tokens, "temperature": 0, "seed": 1}
        messages = [{"role": "user", "content": prompt}]
        try:
            return await client.chat(self._model, messages=messages, format=dict(schema), options=options, stream=False)
        except ollama.ResponseError as error:
            raise self._refusal(error.status_code, str(error.error)) from error
        except httpx.TimeoutException as error:
            self._silent_until[self._host] = time.monotonic() + _LEFT_ALONE
            raise Unreachable(f"{self.name} did not answer in {self._seconds:g} s.", "Take a smaller model or a faster machine.") from error
        except (ConnectionError, httpx.HTTPError) as error:
            where = self._host or "its default address"
            raise Unreachable(f"Ollama at {where} did not answer.", "Start it, or mend OLLAMA_HOST.") from error
        except ValueError as error:
            raise Unusable(f"{self.name} answered what is no chat answer.", "Check that OLLAMA_HOST is an Ollama.") from error

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._client is None:
                ollama = await asyncio.to_thread(imported, "ollama")
                self._client = ollama.AsyncClient(host=self._host or None, timeout=self._seconds)
        return self._client

    def _silence(self) -> Unreachable:
        return Unreachable(f"Ollama at {self._host or 'its default address'} did not answer.", "Start it, or mend OLLAMA_HOST.")

    def _refusal(self, status: int, reason: str) -> RemediationError:
        if status == _NOT_FOUND:
            return Unusable(f"Ollama has no model {self._model}.", f"Run: ollama pull {self._model}")
        if status in (401, 403):
            return Forbidden(f"Ollama refuses us: {reason}.", "Check what stands before it, and its key.")
        if status >= _SERVER_ERROR or status == _TOO_MANY:
            return Unreachable(f"Ollama failed with {status}: {reason}.", "Look at its log; the model may need more memory.")
        return Unusable(f"Ollama refuses the question with {status}: {reason}.", f"Check that {self._model} is a chat model.")
