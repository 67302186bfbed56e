"""What Prometheus says of one target: the queries of its catalogue, all asked at once, and the alert's own expression."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from remediation.clients.prometheus import Answer
from remediation.entries import Incident
from remediation.errors import Late, RemediationError
from remediation.evidence import unread
from remediation.masking import mask
from remediation.quantities import about_memory, parse_time
from remediation.sources.queries import Query, names_of
from remediation.terms import Alert, Evidence, Series, Target, Window

_SHOWN = 20  # series of one query
_SPEAKS_PROMQL = ("alertmanager", "grafana")  # senders whose alerts carry an expression


class Prometheus(Protocol):
    """What this source needs of Prometheus: clients.prometheus.PrometheusClient."""

    async def now(self, query: str, at: datetime) -> Answer:
        """An instant query."""
        ...

    async def over(self, query: str, window: Window) -> Answer:
        """A range query."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One query as it is asked of one target."""

    query: Query
    text: str


class PrometheusSource:
    """queries: the catalogue.  seconds: for each query."""

    name = "prometheus"
    needed = True

    def __init__(self, prometheus: Prometheus, queries: Sequence[Query], *, seconds: float = 10.0) -> None:
        self._prometheus = prometheus
        self._queries = queries
        self._seconds = seconds

    def suits(self, target: Target) -> bool:
        """What some query can be asked about."""
        names = names_of(target)
        return any(query.needs <= set(names) for query in self._queries if query.needs)

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """An item for each query that has an answer or failed; one that says so where none of them knows the target."""
        names = names_of(incident.target)
        asked = [_Asked(query=query, text=text) for query in self._queries if (text := query.about(names))]
        alert = incident.alerts[-1] if incident.alerts else None
        found = await asyncio.gather(*(self._item(one, window) for one in [*_of_alert(alert), *asked]))
        items = [item for item in found if item is not None]
        if items or not asked:
            return items
        nothing = (
            f"None of {len(asked)} queries has a series: {', '.join(one.query.name for one in asked)}. Is it scraped by this Prometheus?"
        )
        return [Evidence(kind="metrics", source=self.name, title=f"Prometheus on {incident.target.path}", at=window.until, text=nothing)]

    async def _item(self, asked: _Asked, window: Window) -> Evidence | None:
        """The series of one query; None where it has none."""
        title = f"{asked.query.title} (Prometheus, {asked.query.name})"
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._answer(asked, window)
        except RemediationError as error:
            return unread("metrics", self.name, title, error, window.until, needed=True)
        except TimeoutError:
            late = Late.of("Prometheus", self._seconds, "Look there yourself.")
            return unread("metrics", self.name, title, late, window.until, needed=True)
        if not answer.series and not answer.warnings:
            return None
        shown = tuple(_called(series, asked.query) for series in _most_telling(answer.series, asked.query))
        warned = [f"Prometheus warns, the answer may be partial: {warning}" for warning in answer.warnings]
        text = "\n".join([mask(asked.text), *warned, *(_told(series, asked.query) for series in shown)])
        left_out = len(answer.series) - len(shown)
        return Evidence(
            kind="metrics", source=self.name, title=title, at=window.until, text=text, series=_masked(shown), left_out=left_out
        )  # fmt: skip

    async def _answer(self, asked: _Asked, window: Window) -> Answer:
        if asked.query.kind == "range":
            return await self._prometheus.over(asked.text, window)
        return await self._prometheus.now(asked.text, window.until)


def _of_alert(alert: Alert | None) -> list[_Asked]:
    """The expression that fired, over the window."""
    if alert is None or not alert.query or alert.source not in _SPEAKS_PROMQL:
        return []
    query = Query(name="alert", title="The alert's expression", kind="range", metric=alert.metric or "alert", query="{{ name }}")
    return [_Asked(query=query, text=alert.query)]


def _most_telling(series: Sequence[Series], query: Query) -> list[Series]:
    """Those of the highest peak, or of the lowest end."""
    if query.keep == "lowest":
        return sorted(series, key=lambda one: one.points[-1][1])[:_SHOWN]
    return sorted(series, key=lambda one: -max(value for _, value in one.points))[:_SHOWN]


def _called(series: Series, query: Query) -> Series:
    return replace(series, metric=series.metric or query.metric, unit=query.unit)


def _masked(series: Sequence[Series]) -> tuple[Series, ...]:
    return tuple(replace(one, labels={name: mask(value) for name, value in one.labels.items()}) for one in series)


def _told(series: Series, query: Query) -> str:
    values = [value for _, value in series.points]
    group = mask(",".join(f"{name}={value}" for name, value in series.labels.items())) or "all"
    if len(values) == 1:
        return f"{group}: {_amount(values[0], query)}"
    lowest, highest, last = (_amount(value, query) for value in (min(values), max(values), values[-1]))
    peak_at = max(series.points, key=lambda point: point[1])[0]
    return f"{group}: {lowest} to {highest} (at {parse_time(peak_at):%H:%M:%S}Z), last {last}, {len(values)} points"


def _amount(value: float, query: Query) -> str:
    return about_memory(value) if query.unit == "byte" else f"{value:.4g}"
