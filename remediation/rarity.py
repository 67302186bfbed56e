"""What is kept where not all can be: the rare before the frequent. Pure."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import zip_longest
from typing import TypeVar

_VARIES = re.compile(r"0x[0-9a-fA-F]+|[0-9a-f]{8,}|\d+")
_LAST_SHARE = 0.25  # of a log that is cut: its last lines, whatever they say
_GAP = len("… 1000 lines left out …\n")

Thing = TypeVar("Thing")


def rare_first(things: Iterable[Thing], alike: Callable[[Thing], Hashable], most: int) -> list[Thing]:
    """At most so many, in their order: one of each sort, then the second of each, and so on; so a rare sort is never crowded out."""
    sorts: dict[Hashable, list[tuple[int, Thing]]] = {}
    for place, thing in enumerate(things):
        sorts.setdefault(alike(thing), []).append((place, thing))
    rows = zip_longest(*sorted(sorts.values(), key=len))
    taken = [found for row in rows for found in row if found is not None][:most]
    return [thing for _, thing in sorted(taken, key=lambda found: found[0])]


def rarest_lines(lines: Sequence[str], characters: float) -> list[int]:
    """The places of the lines that a log of so many characters keeps, in order: the last ones, then the newest of each shape, rarest first.

    Lines are of one shape when only their numbers and identifiers differ.
    """
    kept: set[int] = set()
    room = _take(range(len(lines) - 1, -1, -1), lines, characters * _LAST_SHARE, kept, gaps=False)
    room += characters * (1 - _LAST_SHARE)
    shapes: dict[str, list[int]] = {}
    for place in range(len(lines) - 1, -1, -1):
        shapes.setdefault(_VARIES.sub("#", lines[place]), []).append(place)
    rows = zip_longest(*sorted(shapes.values(), key=lambda places: (len(places), -places[0])))
    _take((place for row in rows for place in row if place is not None and place not in kept), lines, room, kept, gaps=True)
    return sorted(kept)


def within(text: str, characters: int) -> tuple[str, int]:
    """A log cut to so many characters, its gaps counted in it; and how many lines were left out."""
    lines = text.split("\n")
    if len(text) <= characters:
        return text, 0
    kept = rarest_lines(lines, characters)
    if not kept:  # no line fits
        return f"… {text[-characters:]}", len(lines)
    told: list[str] = []
    for place, before in zip([*kept, len(lines)], [-1, *kept], strict=True):
        if place - before > 1:
            told.append(f"… {place - before - 1} lines left out …")
        told += lines[place : place + 1]
    return "\n".join(told), len(lines) - len(kept)


def _take(places: Iterable[int], lines: Sequence[str], room: float, kept: set[int], *, gaps: bool) -> float:
    """Keep these lines until there is no room for the next; what room is left."""
    for place in places:
        cost = len(lines[place]) + 1 + (_GAP if gaps and not {place - 1, place + 1} & kept else 0)
        if cost > room:
            break
        room -= cost
        kept.add(place)
    return room
