"""How deep a YAML text nests: libyaml builds its nodes by recursion in C, and a hostile depth ends the process, not the reading."""

import re

DEEPEST = 1_000
_BRACKET = re.compile(r"[\[\]{}]")
_BLOCKS = re.compile(rf"(?:[-?]\s){{{DEEPEST}}}|^[ ]{{{2 * DEEPEST}}}\S", re.MULTILINE)


def too_deep(text: str) -> bool:
    """Whether it may nest deeper than `DEEPEST`: brackets that stay open, sequences in one line, or an indentation as wide."""
    return _brackets_deep(text) or bool(_BLOCKS.search(text))


def _brackets_deep(text: str) -> bool:
    if text.count("[") + text.count("{") < DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        if depth > DEEPEST:
            return True
    return False
