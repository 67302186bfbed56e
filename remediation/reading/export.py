"""What an export of a tool holds once it is read: objects, series and logs, whatever its rows or documents look like."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import msgspec

from remediation.masking import mask_object
from remediation.observed import Object, Place, place_of
from remediation.reading.documents import api_objects
from remediation.reading.merging import rank_of
from remediation.reading.shapes import shaped
from remediation.terms import Json, Series

Readings = Sequence[tuple[int, Object]]  # rank and object


class Writer(NamedTuple):
    """Who wrote a log; each may be empty."""

    pod: str = ""
    container: str = ""
    namespace: str = ""
    service: str = ""


_MOST_SERIES = 500  # that are told
_SHOWN = 50_000  # characters of objects


@dataclass(kw_only=True)
class Export:
    """Filled row by row. Of an object that comes again the newest version counts; of one that was deleted none."""

    things: dict[Place, tuple[float, Readings]] = field(default_factory=dict)
    unnamed: list[tuple[int, Object]] = field(default_factory=list)
    series: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]] = field(default_factory=dict)
    written: dict[Writer, list[tuple[float, str]]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def add_structure(self, structure: Json, at: float = 0.0) -> bool:
        """Every API object of a structure, seen at that time; whether there was any. An envelope of a watch says what became of it."""
        gone = isinstance(structure, Mapping) and structure.get("type") == "DELETED"
        found = False
        for thing in api_objects(structure):
            self.add_object(shaped(thing), at, gone=gone and thing.get("kind") != "Event")
            found = True
        return found

    def add_object(self, thing: Object, at: float = 0.0, rank: int = 0, *, gone: bool = False) -> None:
        """One object, seen at that time. rank: how much it says, by what it has where none is given.  gone: it was deleted then."""
        place, reading = place_of(thing), (rank or rank_of(thing), thing)
        if not place[2]:
            self.unnamed.append(reading)
        elif place not in self.things or at >= self.things[place][0]:
            self.things[place] = (at, () if gone else (reading,))

    def add_point(self, metric: str, labels: Mapping[str, str], at: float, value: float) -> None:
        """One value of a series."""
        self.series.setdefault((metric, tuple(labels.items())), []).append((at, value))

    def tell(self, lines: Iterable[str]) -> None:
        """Lines for people, as many as anybody reads; the others are counted."""
        left = _SHOWN
        for at, line in enumerate(rest := list(lines)):
            left -= len(line)
            if left < 0:
                self.told.append(f"({len(rest) - at} more rows)")
                return
            self.told.append(line)

    def add_line(self, writer: Writer, line: str, at: float = 0.0) -> None:
        """One message of a log."""
        self.written.setdefault(writer, []).append((at, line))

    @property
    def empty(self) -> bool:
        """Whether nothing was read."""
        return not (self.things or self.unnamed or self.series or self.written)

    def readings(self) -> Readings:
        """All objects as they were last seen."""
        return [*(reading for _, seen in self.things.values() for reading in seen), *self.unnamed]

    def measured(self) -> Iterator[Series]:
        """All series, oldest points first."""
        for (metric, labels), points in self.series.items():
            yield Series(metric=metric, labels=dict(labels), points=tuple(sorted(points)))

    def logs(self) -> Iterator[tuple[Mapping[str, str], Sequence[str]]]:
        """Lines by who wrote them, oldest first."""
        for writer, lines in self.written.items():
            ordered = sorted(lines, key=lambda pair: pair[0])
            yield writer._asdict(), [line for _, text in ordered for line in text.splitlines()]

    def text(self) -> str:
        """The objects a line each, masked, as far as anybody reads; then what else was told."""
        lines, left = list[str](), _SHOWN
        for _, thing in self.readings():
            lines.append(msgspec.json.encode(mask_object(thing)).decode())
            left -= len(lines[-1])
            if left < 0:
                break
        return "\n".join([*lines, *(self.told or self._values())])

    def _values(self) -> Iterator[str]:
        """What series say, a line each."""
        for series in islice(self.measured(), _MOST_SERIES):
            labels = ", ".join(f'{name}="{value}"' for name, value in series.labels.items())
            first, last = series.points[0][1], series.points[-1][1]
            yield f"{series.metric}{{{labels}}} from {first:g} to {last:g} in {len(series.points)} points"
