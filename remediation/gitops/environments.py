"""Which environment a path speaks of, by its words: `overlays/prod`, `values-staging.yaml`."""

import re
from collections.abc import Iterable

_ALIASES = (
    frozenset({"production", "prod", "prd", "live"}),
    frozenset({"staging", "stage", "stg", "preprod", "uat"}),
    frozenset({"development", "develop", "dev"}),
    frozenset({"testing", "test", "qa"}),
)
_WORDS = re.compile(r"[^A-Za-z0-9]+")


def speaks_of(texts: Iterable[str], environment: str) -> bool:
    """Whether any word of the texts is the environment, or another name of it."""
    wanted = next((names for names in _ALIASES if environment.lower() in names), frozenset({environment.lower()}))
    return bool(wanted & _words(texts)) or environment.lower() in {text.lower() for text in texts}


def speaks_of_any(texts: Iterable[str]) -> bool:
    """Whether they name an environment at all."""
    return any(names & _words(texts) for names in _ALIASES)


def _words(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in _WORDS.split(text)}
