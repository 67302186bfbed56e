"""The answers of Prometheus and Datadog as series."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from remediation.terms import Json, Series


def series_of(document: Json) -> Iterator[Series]:
    """Every series that a metrics API's answer holds; nothing for another document. Points are finite: NaN says nothing of a need."""
    if not isinstance(document, Mapping):
        return
    data = document.get("data")
    if isinstance(data, Mapping) and isinstance(data.get("result"), list) and data.get("resultType") in ("vector", "matrix", None):
        asked = str(document.get("query") or document.get("expr") or "")
        yield from (read for result in data["result"] if isinstance(result, Mapping) and (read := _prometheus(result, asked)))
    for one in document.get("series") or () if isinstance(document.get("series"), list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("pointlist"), list):
            yield _datadog(one)
    if isinstance(data, Mapping) and isinstance(data.get("attributes"), Mapping):
        yield from _datadog_v2(data["attributes"])


def _prometheus(result: Mapping[str, Json], asked: str) -> Series | None:
    """One result. An expression leaves its series without a name: it is named by what was asked."""
    told = result.get("metric")
    labels = {str(key): str(value) for key, value in told.items()} if isinstance(told, Mapping) else {}
    read = _points(_listed(result.get("values")) or [result.get("value")])
    within = labels.pop("query", "")
    return Series(metric=labels.pop("__name__", "") or within or asked, labels=labels, points=read) if read else None


def _datadog(one: Mapping[str, Json]) -> Series:
    told = one.get("tag_set") or str(one.get("scope") or "").split(",")
    unit = next((str(unit.get("name", "")) for unit in _listed(one.get("unit")) if isinstance(unit, Mapping)), "")
    return Series(metric=str(one.get("metric", "")), labels=_tags(told), unit=unit, points=_points(one["pointlist"], per_second=1000))


def _datadog_v2(attributes: Mapping[str, Json]) -> Iterator[Series]:
    times = _listed(attributes.get("times"))
    for one, values in zip(_listed(attributes.get("series")), _listed(attributes.get("values")), strict=False):
        if isinstance(one, Mapping):
            points = _points(zip(times, _listed(values), strict=False), per_second=1000)
            yield Series(metric=str(one.get("metric", "")), labels=_tags(one.get("group_tags")), points=points)


def _points(pairs: Iterable[Json], per_second: int = 1) -> tuple[tuple[float, float], ...]:
    """Those of the pairs that are a time and a value. per_second: in which unit times are."""
    told = ((_number(pair[0]), _number(pair[1])) for pair in pairs if isinstance(pair, list | tuple) and pair[1:])
    return tuple((at / per_second, value) for at, value in told if at is not None and value is not None)


def _tags(told: Json) -> dict[str, str]:
    return dict(str(tag).split(":", 1) for tag in _listed(told) if ":" in str(tag))


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


def _number(value: Json) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
