"""Who reasons, by the name that settings or the command line give: the rulebook, or a language model."""

from bot.settings import Settings
from remediation.clients.ollama import OllamaModel
from remediation.errors import Unusable
from remediation.ports import LanguageModel

RULEBOOK = "rulebook"
_KNOWN = "rulebook, or ollama/MODEL"


def model_of(settings: Settings, name: str) -> LanguageModel | None:
    """The model of this name; None for the rulebook. Raises Unusable for a name that Suture has no client for."""
    if name == RULEBOOK:
        return None
    provider, _, model = name.partition("/")
    if provider == "ollama" and model:
        seconds = settings.suture_model_seconds
        return OllamaModel(model, host=settings.ollama_host, context_tokens=settings.suture_num_ctx, seconds=seconds)
    raise Unusable(f"{name!r} is no reasoner that Suture knows.", f"Name {_KNOWN}.")


async def must_answer(settings: Settings, name: str) -> None:
    """Raises Unusable for a model that its server has not, Unreachable where that does not answer; the rulebook always does."""
    model = model_of(settings, name)
    if not isinstance(model, OllamaModel):
        return
    try:
        wanted = name.partition("/")[2]
        if full_name(wanted) not in await model.installed():
            raise Unusable(f"Ollama at {settings.ollama_host} has no {wanted}.", f"Run: ollama pull {wanted}")
    finally:
        await model.close()


def full_name(model: str) -> str:
    """As Ollama lists it: a name without a tag means `latest`."""
    return model if ":" in model else f"{model}:latest"
