"""Text without its secrets.

Every rule begins at a literal and every repetition is bounded, so the time grows with the text and with nothing else; a rule whose
literals the text does not hold is not run.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from remediation.masking.announced import ANNOUNCED, BLOCK, COMMANDS
from remediation.masking.manifests import without_secret_data
from remediation.masking.rule import Rule, kind_of
from remediation.masking.shapes import SHAPES
from remediation.masking.words import STEMS
from remediation.needed import holding

_MASKED_PASSES = 4  # a second pass meets what the first one uncovered; more is never needed in practice
_MASKED = re.compile(r"\[masked:\w+")
_SHORT = 256  # characters
_LINES = 1024  # characters
_HINTS = sorted({hint for rule in (*SHAPES, *COMMANDS) for hint in rule.hints} | set(STEMS), key=len)
_ROOTS = {hint: [other for other in _HINTS if hint in other] for hint in _HINTS if not any(less in hint for less in _HINTS if less != hint)}
_suspicious = holding(_ROOTS)
_sounds = holding(STEMS)
_STEMS = frozenset(STEMS)
_SHORTEST = 8  # characters of a secret that is known by heart: a shorter word may well be another's name
_by_heart: list[str] = []


def learn(secrets: Iterable[str]) -> None:
    """From now on exactly these are masked wherever they stand, whatever they look like: what this process was itself entrusted with.

    As they are, and as JSON writes them.
    """
    known = {form for secret in secrets if len(secret) >= _SHORTEST for form in (secret, msgspec.json.encode(secret).decode()[1:-1])}
    _by_heart[:] = sorted(known, key=len, reverse=True)
    _recurring.cache_clear()


def mask(text: str) -> str:
    """The text with every secret that we know the look of replaced by `[masked:kind]`. Idempotent."""
    if not may_hold_secrets(text):
        return text
    return _recurring(text) if len(text) <= _SHORT else _masked(text)


def may_hold_secrets(text: str) -> bool:
    """Whether a text holds any of what each secret has; most texts do not, and are known at once."""
    return _suspicious(text) or any(map(text.__contains__, _by_heart))


def _masked(text: str) -> str:
    for secret in _by_heart:
        if secret in text:
            text = text.replace(secret, "[masked:own]")
    lowered = text.lower()
    held = _held(lowered)
    for _ in range(_MASKED_PASSES if held else 0):
        before, text = text, _pass(text, lowered, held)
        if text == before:
            break
        lowered = text.lower()
        held |= _held(" ".join(set(_MASKED.findall(lowered))))  # nothing else is new in it
    return text


_recurring = lru_cache(maxsize=8192)(_masked)  # the names, labels and conditions of a cluster's objects come again and again


def _held(lowered: str) -> frozenset[str]:
    """The hints that a text holds, the longer ones only where one that they contain is. Of a long text its suspicious lines are read."""
    suspicious = lowered if len(lowered) <= _LINES else "\n".join(filter(_suspicious, lowered.split("\n")))
    roots = [root for root in _ROOTS if root in suspicious]
    return frozenset([hint for root in roots for hint in _ROOTS[root] if hint in suspicious])


def _holds(lowered: str, hints: Sequence[str]) -> bool:
    for hint in hints:  # noqa: SIM110 - a generator takes three times as long, and this is asked of every string that is read
        if hint in lowered:
            return True
    return False


def _pass(text: str, lowered: str, held: frozenset[str]) -> str:
    for rule in _rules(held):
        masked = rule.applied(text, lowered)
        if masked != text:
            text, lowered = masked, masked.lower()
    if not held.isdisjoint(_STEMS):
        if ": |" in text or ": >" in text:
            text = BLOCK.sub(lambda block: f"{block['before']}{block['indent']}  [masked:{kind_of(block['word'])}]", text)
        text = "\n".join(_announced(text))
    if "secret" in held and "data" in lowered and "kind" in lowered:
        text = without_secret_data(text)
    return text


@lru_cache(maxsize=512)
def _rules(held: frozenset[str]) -> Sequence[Rule]:
    """Those that a text with these hints may need, in their order."""
    return [rule for rule in (*SHAPES, *COMMANDS) if not held.isdisjoint(rule.hints)]


def _announced(text: str) -> Iterator[str]:
    """The lines; those with an announcing word masked together with the line below, where its value may stand."""
    together: list[str] = []
    announced = False
    for line in text.split("\n"):
        announces = _sounds(line)
        if announces or announced:
            together.append(line)
        else:
            if together:
                yield _together("\n".join(together))
                together = []
            yield line
        announced = announces
    if together:
        yield _together("\n".join(together))


def _together(lines: str) -> str:
    return _again(lines) if len(lines) <= _LINES else _by_words(lines)


def _by_words(part: str) -> str:
    lowered = part.lower()
    for rule in ANNOUNCED:
        if not rule.hints or _holds(lowered, rule.hints):
            masked = rule.applied(part, lowered)
            if masked != part:
                part, lowered = masked, masked.lower()
    return part


_again = lru_cache(maxsize=2048)(_by_words)  # a second pass, and who masks what was masked, meets the same lines again
