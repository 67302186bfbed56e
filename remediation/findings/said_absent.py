"""What the API server says not to have when somebody asks for it: by its name (`NotFound`), or with an empty list of its kind."""

import re
from collections.abc import Mapping
from functools import lru_cache

from remediation.kinds import kind_called
from remediation.observed import Observed

_NOT_FOUND = re.compile(
    r"Error from server \(NotFound\): (?P<type>[a-z]{1,63})(?:\.[a-z0-9.-]{1,253})? \\?\"(?P<name>[\w.-]{1,253})\\?\" not found"
)
_SIGN = "(NotFound)"


def said_absent(kind: str, namespace: str, name: str, observed: Observed) -> bool:
    """Whether somebody asked for an object in vain, and nothing shows it."""
    if not name or observed.get(kind, namespace, name) is not None:
        return False
    return (kind, name) in _asked_in_vain(observed) or observed.lists_none(kind, namespace)


def items_that_say(kind: str, name: str, observed: Observed) -> tuple[str, ...]:
    """The items in which the API server answers so, to be cited."""
    item = _asked_in_vain(observed).get((kind, name), "")
    return (item,) if item else tuple(observed.cites(*observed.all(f"{kind}List")))


@lru_cache(maxsize=2)
def _asked_in_vain(observed: Observed) -> Mapping[tuple[str, str], str]:
    """The item that says so, by kind and name."""
    found: dict[tuple[str, str], str] = {}
    for item in observed.evidence:
        if item.kind in ("alert", "logs") or _SIGN not in item.text:
            continue
        for match in _NOT_FOUND.finditer(item.text):
            known = kind_called(match["type"])
            if known is not None:
                found.setdefault((known.name, match["name"]), item.item)
    return found
