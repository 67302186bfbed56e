"""Variables as Flux fills them in."""

import re
from collections.abc import Mapping

from remediation.terms import Json

_VARIABLE = re.compile(r"\$?\$\{([A-Za-z_]\w*)(?:(:?[-=])((?:(?!\$\{)[^}])*))?\}")  # an inner one first: defaults may hold some

_LITERAL = "\0{"  # stands for what no variable is: `$${`, and what is within values
_DEEPEST = 5
KEPT_LITERALLY = "kustomize.toolkit.fluxcd.io/substitute: disabled"


def document_substituted(text: str, variables: Mapping[str, str], *, whole: bool) -> str:
    """A document, which may say that it stays as it is."""
    return text if KEPT_LITERALLY in text else substituted(text, variables, whole=whole)


def defaults(text: Json) -> list[tuple[str, str]]:
    """The variables that a text names, each with its default, empty where it has none."""
    found = _VARIABLE.finditer(text) if isinstance(text, str) else ()
    return [(match[1], match[3] or "") for match in found if not match[0].startswith("$$")]


def substituted(text: str, variables: Mapping[str, str], *, whole: bool = True) -> str:
    """As Flux substitutes: `${name}`, with defaults after `:=`, `:-`, `=` and `-`; `$${name}` stays as it is, without one dollar.

    whole: whether these are all variables; else a name that is none of them stays as it is.
    """

    def value(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:].replace("${", _LITERAL)
        given = variables.get(match[1])
        if given is None and not whole and match[3] is None:
            return match[0].replace("${", _LITERAL)
        empty_counts = not (match[2] or "").startswith(":")
        return (given if given is not None and (given or empty_counts) else match[3] or "").replace("${", _LITERAL)

    for _ in range(_DEEPEST):
        text = _VARIABLE.sub(value, text)
    return text.replace(_LITERAL, "${")
