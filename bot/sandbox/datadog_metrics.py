"""Datadog's metric queries over recorded points: `avg:name{tag:value,…} by {tag}.rollup(avg, 60)`, several by commas."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from statistics import fmean
from typing import Any

Json = dict[str, Any]
Points = list[tuple[int, float]]
Series = Mapping[str, Mapping[tuple[str, ...], Points]]

SIMPLE = re.compile(
    r"\s*(?:(?P<space>avg|max|min|sum|count):)?(?P<metric>[A-Za-z][\w.]*)\{(?P<scope>[^{}]*)\}"
    r"(?:\s*by\s*\{(?P<by>[\w.,:/ -]*)\})?(?P<functions>(?:\.\w+\([^()]*\))*)\s*"
)
ROLLUP = re.compile(r"\.rollup\(\s*(avg|max|min|sum|count)?\s*,?\s*(\d+)?\s*\)")
FUNCTIONS = re.compile(r"\.(rollup|as_count|as_rate|fill)\(")
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 86400)
MOST_POINTS = 300
AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "avg": fmean,
    "max": max,
    "min": min,
    "sum": math.fsum,
    "count": lambda values: float(len(values)),
}
UNITS = {
    "byte": {"family": "bytes", "scale_factor": 1.0, "name": "byte", "short_name": "B", "plural": "bytes", "id": 2},
    "percent": {
        "family": "percentage",
        "scale_factor": 1.0,
        "name": "percent",
        "short_name": "%",
        "plural": "percent",
        "id": 17,
    },
}


class Unparsable(Exception):
    """Not a query that Datadog reads; the message is Datadog's."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One simple query. scope: tags that must all match, `!` before one that must not; by: tags to group by."""

    text: str
    metric: str
    space: str | None
    scope: tuple[str, ...]
    by: tuple[str, ...]
    rollup: str
    interval: int | None


def parse(text: str) -> list[Query]:
    """The simple queries between top-level commas. Raises Unparsable."""
    return [_simple(part) for part in _parts(text)]


def answer(series: Series, units: Mapping[str, str], text: str, begin: int, end: int) -> Json:
    """The body of GET /api/v1/query. begin, end: epoch seconds. Raises Unparsable."""
    queries = parse(text)
    window = range(begin * 1000, end * 1000 + 1)
    found = [one | {"query_index": n} for n, query in enumerate(queries) for one in _evaluated(series, units, query, window)]
    return {
        "status": "ok",
        "resp_version": 1,
        "series": found,
        "to_date": end * 1000,
        "query": text,
        "message": "",
        "res_type": "time_series",
        "times": [],
        "from_date": begin * 1000,
        "group_by": sorted({tag for query in queries for tag in query.by}),
        "values": [],
    }


def _simple(text: str) -> Query:
    found = SIMPLE.fullmatch(text)
    if found is None:
        column = (known.end() if (known := SIMPLE.match(text)) else 0) + 1
        problem = f"Error parsing query: unable to parse {text}: Rule 'scope_expr' didn't match at '{text[column - 1 :]}'"
        raise Unparsable(f"{problem} (line 1, column {column}).")
    functions = found["functions"]
    if len(FUNCTIONS.findall(functions)) != functions.count("("):
        raise Unparsable(f"Error parsing query: unknown function in {functions}")
    rollup = ROLLUP.search(functions)
    scope = tuple(tag.strip() for tag in re.split(r",|\bAND\b", found["scope"]) if tag.strip() not in ("*", ""))
    return Query(
        text=text.strip(),
        metric=found["metric"],
        space=found["space"],
        scope=scope,
        by=tuple(tag.strip() for tag in (found["by"] or "").split(",") if tag.strip()),
        rollup=(rollup and rollup[1]) or _default_rollup(found["space"]),
        interval=int(rollup[2]) if rollup and rollup[2] else None,
    )


def _default_rollup(space: str | None) -> str:
    return space if space in ("max", "min", "sum") else "avg"


def _parts(text: str) -> list[str]:
    """Split at commas that stand outside every bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "{(") - (letter in "})")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _evaluated(series: Series, units: Mapping[str, str], query: Query, window: range) -> Iterable[Json]:
    """The series of one query. window: the milliseconds asked for."""
    groups: dict[tuple[str, ...], list[Points]] = {}
    for tags, points in series.get(query.metric, {}).items():
        if all(_matches(tags, wanted) for wanted in query.scope):
            groups.setdefault(_group(tags, query.by), []).append(points)
    interval = query.interval or _interval(len(window) // 1000)
    for group, members in sorted(groups.items()):
        rolled = _rolled(members, query, interval, window)
        if rolled:
            scope = ",".join(sorted({*group, *query.scope})) or "*"
            unit = UNITS.get(units.get(query.metric, ""))
            about = {"tag_set": list(group), "scope": scope, "unit": [unit, None] if unit else None}
            yield _series(query, rolled, interval) | about


def _matches(tags: tuple[str, ...], wanted: str) -> bool:
    if wanted.startswith("!"):
        return not _matches(tags, wanted[1:])
    return any(fnmatchcase(tag.lower(), wanted.lower()) for tag in tags)


def _group(tags: tuple[str, ...], by: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that name this series' group; `N/A` where it has none."""
    values = dict(tag.split(":", 1) for tag in tags if ":" in tag)
    return tuple(f"{key}:{values.get(key, 'N/A')}" for key in sorted(by))


def _interval(window: int) -> int:
    """Seconds between points: as fine as gives at most 300 of them."""
    return next((step for step in STEPS if window <= step * MOST_POINTS), STEPS[-1])


def _rolled(members: list[Points], query: Query, interval: int, window: range) -> list[list[float]]:
    """Each member rolled up in time, then all of them in space."""
    rolled: dict[int, list[float]] = {}
    for points in members:
        buckets: dict[int, list[float]] = {}
        for at, value in points:
            if at in window:
                buckets.setdefault(at // (interval * 1000) * interval * 1000, []).append(value)
        for at, values in buckets.items():
            rolled.setdefault(at, []).append(AGGREGATES[query.rollup](values))
    aggregate = AGGREGATES[query.space or "avg"]
    return [[float(at), aggregate(values)] for at, values in sorted(rolled.items())]


def _series(query: Query, points: list[list[float]], interval: int) -> Json:
    return {
        "end": int(points[-1][0]) + interval * 1000 - 1000,
        "attributes": {},
        "metric": query.metric,
        "interval": interval,
        "start": int(points[0][0]),
        "length": len(points),
        "aggr": query.space,
        "pointlist": points,
        "expression": query.text,
        "display_name": query.metric,
    }
