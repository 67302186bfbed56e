"""The answers of Prometheus and Datadog as series."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.terms import Json, Series


def series_of(document: Json) -> Iterator[Series]:
    """Every series that a metrics API's answer holds; nothing for another document."""
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
    labels = {str(key): str(value) for key, value in (result.get("metric") or {}).items()}
    points = result.get("values") or ([result["value"]] if isinstance(result.get("value"), list) else [])
    read = tuple((float(at), number) for at, value in points if (number := _number(value)) is not None)
    return Series(metric=labels.pop("__name__", asked), labels=labels, points=read) if read else None


def _datadog(one: Mapping[str, Json]) -> Series:
    told = one.get("tag_set") or str(one.get("scope") or "").split(",")
    tags = dict(str(tag).split(":", 1) for tag in told if ":" in str(tag))
    points = tuple((point[0] / 1000, float(point[1])) for point in one["pointlist"] if len(point) > 1 and point[1] is not None)
    unit = next((str(unit.get("name", "")) for unit in one.get("unit") or () if unit), "")
    return Series(metric=str(one.get("metric", "")), labels=tags, unit=unit, points=points)


def _datadog_v2(attributes: Mapping[str, Json]) -> Iterator[Series]:
    times: Sequence[Json] = attributes.get("times") or ()
    for one, values in zip(attributes.get("series") or (), attributes.get("values") or (), strict=False):
        tags = dict(tag.split(":", 1) for tag in one.get("group_tags") or () if ":" in tag)
        points = tuple((at / 1000, float(value)) for at, value in zip(times, values, strict=False) if value is not None)
        yield Series(metric=str(one.get("metric", "")), labels=tags, points=points)


def _number(value: Json) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
