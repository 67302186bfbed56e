"""Names that look alike: the one that exists and is surely meant by a name that leads to nothing."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_SLIP = 0.85  # of the letters: a slip of the pen
_RIVAL = 0.7  # no other may be as near as this
_ONE_LETTER, _FAR = 0.94, 0.15  # but where hardly a letter is wrong, one so much farther away is none: they share their words
_LONGER = 0.6  # where one is the other's beginning: `app-config`, `app-configuration`
_WORD = re.compile(r"[^-._\d]")


def surely_meant(wanted: str, known: Iterable[str]) -> str:
    """The only name that is near; empty where none is near enough, where two are, or where only a number tells them apart."""
    near = sorted(((alike(wanted, name), name) for name in known if name != wanted), reverse=True)
    (likeness, name), (next_best, _) = [*near, (0.0, ""), (0.0, "")][:2]
    rivalled = next_best >= _RIVAL and not (likeness >= _ONE_LETTER and likeness - next_best >= _FAR)
    told_apart = re.sub(r"\d+", "", name) != re.sub(r"\d+", "", wanted)
    return name if likeness >= _SLIP and not rivalled and told_apart else ""


def alike(one: str, other: str) -> float:
    """0–1, by the letters that both have in order; one that is cut within a word counts as a slip where enough of it is alike."""
    likeness = SequenceMatcher(None, one, other).ratio()
    short, long = sorted((one, other), key=len)
    cut = long.startswith(short) and _WORD.match(long[len(short) :]) is not None
    return max(likeness, _SLIP) if cut and likeness >= _LONGER else likeness
