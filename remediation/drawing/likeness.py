"""Names that look alike: the one that exists and is surely meant by a name that leads to nothing."""

from collections.abc import Iterable
from difflib import SequenceMatcher

_SLIP = 0.85  # of the letters: a slip of the pen
_RIVAL = 0.7  # no other may be as near as this
_LONGER = 0.6  # where one is the other with more behind it: `app-config`, `app-configuration`


def surely_meant(wanted: str, known: Iterable[str]) -> str:
    """The only name that is near; empty where none is near enough, or two are."""
    near = {name: likeness for name in known if name != wanted and (likeness := alike(wanted, name)) >= _RIVAL}
    (name, likeness), *rivals = [*near.items(), ("", 0.0)]
    return name if likeness >= _SLIP and not any(near.get(rival) for rival, _ in rivals) else ""


def alike(one: str, other: str) -> float:
    """0–1, by the letters that both have in order; one that the other begins with counts as a slip where they are long enough alike."""
    likeness = SequenceMatcher(None, one, other).ratio()
    begins = one.startswith(other) or other.startswith(one)
    return max(likeness, _SLIP) if begins and likeness >= _LONGER else likeness
