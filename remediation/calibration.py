"""What the rulebook's weights are worth: how often a cause of such a weight led to the right fix at first sight. Data, measured.

`make calibrate` writes the table anew from tests/first_sight.yaml; `suture eval DIR --calibrate FILE` measures cases of one's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from remediation.terms import Json
from remediation.written import Written, read

FEWEST = 20  # cases of one row: fewer say nothing by themselves and are counted with the next


class Row(Written):
    """One row. at_most: the greatest weight that it holds for.  right: of its cases.  confidence: what is said of such a cause."""

    at_most: float
    cases: int
    right: int
    confidence: float


class Table(Written):
    """The whole table, by weight. measured_on: the folder."""

    measured_on: str
    rows: tuple[Row, ...]


@cache
def table() -> Table:
    """The table that is used. Raises Unusable when the file is not one."""
    return read(Table, files(__package__).joinpath("calibration.yaml"))


def confidence_at(weight: float) -> float:
    """What a weight is worth; the last row holds for all that is heavier."""
    rows = table().rows
    return next((row.confidence for row in rows if weight <= row.at_most), rows[-1].confidence)


def measured(plays: Iterable[tuple[float, bool]], folder: str) -> Mapping[str, Json]:
    """The table for plays as (weight, whether the fix was right), as it is written.

    Rows are joined until a heavier one is never less often right and each has at least twenty cases (pool adjacent violators).
    """
    by_weight: dict[float, list[bool]] = {}
    for weight, right in plays:
        by_weight.setdefault(weight, []).append(right)
    rows = _pooled([(weight, len(found), sum(found)) for weight, found in sorted(by_weight.items())])
    worth = [min(_worth(right, cases) for _, cases, right in rows[at:]) for at in range(len(rows))]  # a heavier one vouches for no less
    told = [
        {"at_most": weight, "cases": cases, "right": right, "confidence": least}
        for (weight, cases, right), least in zip(rows, worth, strict=True)
    ]
    return {"measured_on": folder, "rows": told}


def _pooled(rows: Sequence[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    pooled: list[tuple[float, int, int]] = []
    for row in rows:
        pooled.append(row)
        while len(pooled) > 1 and (pooled[-2][1] < FEWEST or _share(pooled[-2]) >= _share(pooled[-1])):
            (_, cases, right), (weight, more, also) = pooled[-2:]
            pooled[-2:] = [(weight, cases + more, right + also)]
    if len(pooled) > 1 and pooled[-1][1] < FEWEST:
        (_, cases, right), (weight, more, also) = pooled[-2:]
        pooled[-2:] = [(weight, cases + more, right + also)]
    return pooled


def _share(row: tuple[float, int, int]) -> float:
    _, cases, right = row
    return right / cases


def _worth(right: int, cases: int) -> float:
    """What is to be expected of the next case after these (P.-S. Laplace's rule of succession): near the share, never 0 or 1."""
    return round((right + 1) / (cases + 2), 2)
