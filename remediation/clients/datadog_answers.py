"""Datadog's answers, held to the shape that is read of them: another shape is an answer that cannot be used, and no fault of ours."""

from typing import Any, TypeVar

import msgspec

from remediation.errors import Unusable
from remediation.terms import Json, Series

Shape = TypeVar("Shape")


class _Page(msgspec.Struct):
    data: list[dict[str, Any]] | None = None


class _Attributes(msgspec.Struct):
    attributes: dict[str, Any] | None = None


class _Nested(msgspec.Struct):
    attributes: _Attributes | None = None


class _Options(msgspec.Struct):
    thresholds: dict[str, float | None] | None = None


class _MonitorGroup(msgspec.Struct):
    last_triggered_ts: float | None = None
    last_resolved_ts: float | None = None
    last_nodata_ts: float | None = None


class _State(msgspec.Struct):
    groups: dict[str, _MonitorGroup] | None = None


class _Monitor(msgspec.Struct):
    """What of a monitor's definition is read as more than text."""

    options: _Options | None = None
    state: _State | None = None
    tags: list[str] | None = None
    matching_downtimes: list[dict[str, Any]] | None = None


class _Bucket(msgspec.Struct):
    by: dict[str, Any] | None = None
    computes: dict[str, float | None] | None = None


class _Buckets(msgspec.Struct):
    buckets: list[_Bucket] | None = None


class _Aggregate(msgspec.Struct):
    data: _Buckets | None = None


class _Group(msgspec.Struct):
    """One series. unit: a pair, of which the first is the unit of the value."""

    metric: str | None = None
    expression: str | None = None
    tag_set: list[str] | None = None
    unit: list[dict[str, Any] | None] | None = None
    pointlist: list[tuple[float, float | None]] | None = None


class _Timeseries(msgspec.Struct):
    series: list[_Group] | None = None


def monitor(answer: Json) -> dict[str, Json]:
    """The definition, whole. Raises Unusable, as all of these do."""
    _held(answer, _Monitor)
    return _held(answer, dict[str, Any])


def things(answer: Json) -> list[dict[str, Json]]:
    """The things of a page, each `{id, attributes: {…}}`."""
    found = _held(answer, _Page).data or []
    _held(found, list[_Nested])
    return found


def counts(answer: Json, facet: str) -> dict[str, int]:
    """How many there are, by a facet's value, in Datadog's order."""
    data = _held(answer, _Aggregate).data
    buckets = (data.buckets if data else None) or ()
    return {str((one.by or {}).get(facet, "")): int(next(iter((one.computes or {}).values()), 0) or 0) for one in buckets}


def series(answer: Json) -> list[Series]:
    """One series per group; missing points are left out."""
    return [_series(group) for group in _held(answer, _Timeseries).series or ()]


def _series(group: _Group) -> Series:
    labels = dict(tag.split(":", 1) for tag in group.tag_set or () if ":" in tag)
    unit = next((one for one in group.unit or () if one), {})
    points = tuple((at / 1000, value) for at, value in group.pointlist or () if value is not None)
    return Series(metric=group.metric or group.expression or "", labels=labels, unit=str(unit.get("name") or ""), points=points)


def _held(answer: Json, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(answer, shape)
    except msgspec.ValidationError as odd:
        raise Unusable(f"Datadog answered in a shape that cannot be read: {odd}.", "Check DD_SITE or DD_API_URL.") from None
