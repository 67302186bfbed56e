"""Who reasons: the rulebook, or models that Ollama must have."""

from collections.abc import Sequence

from bot.checks.tried import Tried, fine, wrong
from bot.reasoners import full_name
from bot.settings import Settings
from remediation.clients.ollama import OllamaModel

SYSTEM = "models"
OLLAMA = "ollama/"


async def tried(settings: Settings) -> Sequence[Tried]:
    """One line. Raises what the client does."""
    reasoners = {"SUTURE_ACTOR": settings.suture_actor, "SUTURE_CRITIC": settings.suture_critic}
    wanted = {name: model.removeprefix(OLLAMA) for name, model in reasoners.items() if model.startswith(OLLAMA)}
    if not wanted:
        return [fine(SYSTEM, "the rulebook is actor and critic; no model is asked")]
    asked = OllamaModel(next(iter(wanted.values())), host=settings.ollama_host, seconds=10)
    try:
        families = await asked.installed()
    finally:
        await asked.close()
    missing = sorted({model for model in wanted.values() if full_name(model) not in families})
    if missing:
        pulls = " && ".join(f"ollama pull {model}" for model in missing)
        return [wrong(SYSTEM, f"Ollama at {settings.ollama_host} has no {', '.join(missing)}.", f"Run: {pulls}")]
    kin = len(wanted) > 1 and len({families[full_name(model)] for model in wanted.values()}) == 1
    return [fine(SYSTEM, f"{', '.join(reasoners.values())}" + ("; both are of one family, another one would see more" if kin else ""))]
