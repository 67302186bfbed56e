"""How deep a YAML text nests: libyaml builds its nodes by recursion in C, and a hostile depth ends the process, not the reading."""

import re

DEEPEST = 1_000
_BRACKET = re.compile(r"[\[\]{}]")
_SEQUENCES = re.compile(rf"[-?]\s(?:[-?]\s){{{DEEPEST - 1}}}")  # its first letter apart: to that a search leaps
_WIDE = " " * (2 * DEEPEST)
_INDENTED = re.compile(rf"^{_WIDE}\S", re.MULTILINE)


def too_deep(text: str) -> bool:
    """Whether it may nest deeper than `DEEPEST`: brackets that stay open, sequences in one line, or an indentation as wide."""
    return _brackets_deep(text) or _SEQUENCES.search(text) is not None or (_WIDE in text and _INDENTED.search(text) is not None)


def _brackets_deep(text: str) -> bool:
    if text.count("[") + text.count("{") < DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        if depth > DEEPEST:
            return True
    return False
