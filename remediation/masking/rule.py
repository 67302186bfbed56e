"""A rule is one look of a secret, and what is put in its place."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from remediation.masking.words import BEGINS

_COUNTED = re.compile(r"\w*s(?![a-z])\w*", re.IGNORECASE)  # `tokens: 1200`, `pass=12`: a plural beside a number counts things
# `containerPort=80`, `spec.ports.name=http`: a field and its plain value, as paths into objects and selectors write them.
_FIELD = re.compile(r"(?:[a-z]+(?:[A-Z][a-z]+)*\.)*[a-z]+(?:[A-Z][a-z]+)*=(?:\d{1,6}|[a-z]+(?:-[a-z]+)*|[A-Z]{1,8})")
_LONG_S = "\u017f"  # which is an s to a pattern, and is not made one by lower case
_RANDOM_FROM_BITS = 3.0  # Shannon entropy of a character: words stay below it, sixteen random characters do not


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One look of a secret. hints: lower-case literals, of which the text must hold one; none where whoever applies it has looked.

    needs: what else the text must hold, quickly looked for.
    at_hint, at_word: whether it begins with one of its hints, or with a word that announces a secret, and need be tried nowhere else.
    """

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replace: str | Callable[[re.Match[str]], str]
    needs: re.Pattern[str] | None = None
    at_hint: bool = False
    at_word: bool = False

    def applied(self, text: str, lowered: str) -> str:
        """The text with what looks so replaced. lowered: the same text in lower case."""
        if self.needs is not None and self.needs.search(text) is None:
            return text
        if not (self.at_hint or self.at_word) or len(lowered) != len(text) or _LONG_S in text:
            return self.pattern.sub(self.replace, text)
        parts: list[str] = []
        after = 0
        for at in beginnings(lowered) if self.at_word else sorted(at for hint in self.hints for at in _places(hint, lowered)):
            if at >= after and (match := self.pattern.match(text, at)) is not None:
                parts += text[after:at], match.expand(self.replace) if isinstance(self.replace, str) else self.replace(match)
                after = match.end()
        return "".join((*parts, text[after:])) if parts else text


def rule(
    hints: str,
    pattern: str,
    replace: str | Callable[[re.Match[str]], str],
    flags: re.RegexFlag = re.IGNORECASE,
    *,
    needs: str = "",
    at_hint: bool = False,
    at_word: bool = False,
) -> Rule:
    """hints: parted by spaces. replace: a template, or a function of the match."""
    return Rule(hints=tuple(hints.split()), pattern=re.compile(pattern, flags), replace=replace, at_hint=at_hint, at_word=at_word,
                needs=re.compile(needs) if needs else None)  # fmt: skip


@lru_cache(maxsize=1)  # each rule asks this of the same text
def beginnings(lowered: str) -> Sequence[int]:
    """Where in a text in lower case an announcing word may begin, in order."""
    found: set[int] = set()
    for stem, before in BEGINS.items():
        places = list(_places(stem, lowered))
        for letters in before:
            found.update([at - letters for at in places if at >= letters])
    return sorted(found)


def _places(hint: str, lowered: str) -> Iterator[int]:
    at = lowered.find(hint)
    while at >= 0:
        yield at
        at = lowered.find(hint, at + 1)


def kind_of(word: str) -> str:
    """What `[masked:kind]` says of a secret that this word announces."""
    return next((kind for kind in ("password", "token", "secret", "credential", "key") if kind in word.lower()), "password")


def counts(word: str, value: str) -> bool:
    """Whether the value is a number of things, such as `tokens: 1200`."""
    return bool(_COUNTED.fullmatch(word)) and value.isdecimal() and len(value) < len("1000000")


def if_random(match: re.Match[str]) -> str:
    """A rule's replacement: only where the value is random."""
    return f"{match['before']}[masked:{kind_of(match['word'])}]" if _random(match["value"]) else match[0]


def _random(value: str) -> bool:
    """Whether this is a random string and not a name of words (`db-credentials-v2`), of which Kubernetes is full."""
    words = re.fullmatch(r"/?[a-z0-9]+(?:[-./_][a-z0-9]+)+/?", value)
    if words or _FIELD.fullmatch(value) or not (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)):
        return False
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
    return bits >= _RANDOM_FROM_BITS
