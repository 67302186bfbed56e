"""Spans of traces: what failed in them reads as a line of its service's log, and how long each service itself took as a series."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.reading import columns as named
from remediation.reading.cell_values import amount_of, seconds_of, stamp_of, structure_of
from remediation.reading.columns import index_of, indexes_of
from remediation.reading.delimited import Rows
from remediation.reading.export import Export, Writer
from remediation.reading.telemetry import attributes_in, writer_in
from remediation.terms import Json

_TRACE, _SPAN, _PARENT = ("traceid",), ("spanid", "id"), ("parentspanid", "parentid", "parentspan")
_DURATION = ("duration", "durationns", "durationms", "durationus", "elapsed", "durationnano", "latency")
_OPERATION = ("spanname", "operationname", "operation", "methodname", "name", "url")
_STATUS, _SAID = ("statuscode", "status", "haserror", "error", "statuscodestring"), ("statusmessage", "errormessage", "exceptionmessage")
_FAILED = frozenset({"error", "status_code_error", "2", "true", "unset_error", "failed"})
_WORDS = ("exception.message", "error.message", "otel.status_description", "message", "grpc.error_message", "event")
_WHERE = ("server.address", "net.peer.name", "peer.service", "net.peer.port", "server.port", "http.url", "url.full", "rpc.service",
          "db.system", "db.type", "db.instance", "http.status_code", "http.response.status_code", "rpc.grpc.status_code")  # fmt: skip
_PERIODS = 12  # into which the time of all spans is cut
_LEAST = 4
SLOW = 1.0  # seconds of a call
_MOST, _FEWEST_TRACES = 0.6, 3  # how much of its trace a call holds; in how many


@dataclass(frozen=True, kw_only=True)
class Span:
    """One call. at: epoch seconds.  seconds: how long it took, its own calls included.

    said: why it failed and where it went; empty for a quick one.
    """

    trace: str
    span: str
    parent: str
    operation: str
    at: float
    seconds: float
    failed: bool
    said: str
    writer: Writer


def holds_spans(columns: Sequence[str]) -> bool:
    """Whether rows are spans: they name their trace and say how long they took."""
    return index_of(columns, _TRACE) >= 0 and index_of(columns, _DURATION) >= 0 and index_of(columns, _OPERATION) >= 0


def add_spans(export: Export, table: Rows) -> None:
    """The spans of a table."""
    columns = table.columns
    at = {key: index_of(columns, names) for key, names in (
        ("trace", _TRACE), ("span", _SPAN), ("parent", _PARENT), ("operation", _OPERATION), ("status", _STATUS), ("said", _SAID),
        ("service", named.SERVICE), ("pod", named.POD), ("namespace", named.NAMESPACE), ("time", named.TIME), ("duration", _DURATION),
    )}  # fmt: skip
    attributes = indexes_of(columns, (*named.ATTRIBUTES, "eventsattributes"))
    unit = _per_second(columns[at["duration"]], [row[at["duration"]] for row in table.rows[:200]])
    tell(export, [_span(row, at, attributes, unit) for row in table.rows])


def _span(row: Sequence[str], at: Mapping[str, int], attributes: Sequence[int], unit: float) -> Span:
    cell = {key: row[index] if index >= 0 else "" for key, index in at.items()}
    failed = cell["status"].strip().lower() in _FAILED or (cell["status"].isdecimal() and int(cell["status"]) >= 500)  # noqa: PLR2004 - HTTP's
    about = attributes_in(*(row[index] for index in attributes))
    own = {key: cell[key] for key in ("service", "pod", "namespace") if cell[key]}
    seconds = (amount_of(cell["duration"]) or 0.0) / unit
    told = failed or seconds >= SLOW
    said = said_of(cell["said"], [structure_of(row[index]) for index in attributes]) if told else ""
    return Span(
        trace=cell["trace"], span=cell["span"], parent=cell["parent"], operation=cell["operation"], at=seconds_of(cell["time"]) or 0.0,
        seconds=seconds, failed=failed, said=said,
        writer=writer_in({**about, **own}),
    )  # fmt: skip


def _per_second(title: str, cells: Sequence[str]) -> float:
    """In which unit durations are: as the column says, else nanoseconds or microseconds by their size."""
    lowered = title.lower()
    for ending, unit in (("ns", 1e9), ("nano", 1e9), ("us", 1e6), ("ms", 1e3)):
        if lowered.endswith(ending):
            return unit
    amounts = sorted(amount for cell in cells if (amount := amount_of(cell)) is not None)
    middle = amounts[len(amounts) // 2] if amounts else 0.0
    return 1e9 if middle >= 1e5 else 1e6 if middle >= 1e2 else 1e3  # noqa: PLR2004 - no service's median is slower or quicker


def said_of(status: str, attributes: Sequence[Json]) -> str:
    """What a span says of itself: its status, the words of its attributes and events, then where it went."""
    mappings = [one for read in attributes for one in (read if isinstance(read, list) else [read]) if isinstance(one, Mapping)]
    words = [str(one[key]) for one in mappings for key in _WORDS if one.get(key)]
    places = [f"{key}={one[key]}" for one in mappings for key in _WHERE if one.get(key)]
    return ": ".join(dict.fromkeys(filter(None, (status, *words, *places))))


def tell(export: Export, spans: Sequence[Span]) -> None:
    """What spans say: failures and slow calls as lines, and how long each service itself took."""
    followed = {(span.trace, span.parent) for span in spans if span.failed}
    for span in spans:
        if span.failed and (span.trace, span.span) not in followed:  # whoever called it failed for that
            stamp = stamp_of(f"{span.at:.6f}") if span.at else ""
            export.add_line(
                span.writer, f"{stamp} ERROR {span.said or 'the call ended in an error'} (in {span.operation})".strip(), span.at
            )
    export.tell(_summary(spans))
    within: dict[str, float] = defaultdict(float)
    for span in spans:
        within[span.parent] += span.seconds
    _tell_slow(export, spans, within)
    _tell_time(export, [span for span in spans if span.at], within)


def _tell_slow(export: Export, spans: Sequence[Span], within: Mapping[str, float]) -> None:
    """Calls that hold most of their traces' time themselves, and long: whoever called them waits for them."""
    whole: dict[str, float] = {}
    for span in spans:
        whole[span.trace] = max(whole.get(span.trace, 0.0), span.seconds)
    calls: dict[tuple[str, str], list[tuple[Span, float]]] = {}
    for span in spans:
        own = span.seconds - within[span.span]
        if own >= max(SLOW, whole[span.trace] * _MOST):
            calls.setdefault((span.writer.service, span.operation), []).append((span, own))
    for (_, operation), slow in calls.items():
        for span, own in slow if len({span.trace for span, _ in slow}) >= _FEWEST_TRACES else ():
            stamp = stamp_of(f"{span.at:.6f}") if span.at else ""
            export.add_line(
                span.writer, f"{stamp} WARNING slow call: {operation} took {own:.1f} s by itself: {span.said}".strip(": "), span.at
            )


def _tell_time(export: Export, timed: Sequence[Span], within: Mapping[str, float]) -> None:
    """How long each service itself took on average, over time."""
    start = min((span.at for span in timed), default=0.0)
    width = (max((span.at for span in timed), default=0.0) - start) / _PERIODS
    took: dict[tuple[tuple[str, str], ...], dict[int, list[float]]] = {}
    for span in timed if width > 0 else ():
        named_ = (("service", span.writer.service), ("namespace", span.writer.namespace))
        service = tuple(pair for pair in named_ if pair[1])
        period = min(_PERIODS - 1, int((span.at - start) / width))
        took.setdefault(service, {}).setdefault(period, []).append(max(0.0, span.seconds - within[span.span]))
    for service, periods in took.items():
        for period, values in periods.items() if service and len(periods) >= _LEAST else ():
            export.add_point("span_own_duration_seconds", dict(service), start + period * width, sum(values) / len(values))


def _summary(spans: Sequence[Span]) -> Iterator[str]:
    """For people: how often each call was made, how often it failed, and how long it took on average."""
    calls: dict[tuple[str, str], list[Span]] = {}
    for span in spans:
        calls.setdefault((span.writer.service, span.operation), []).append(span)
    for (service, operation), made in calls.items():
        failed, took = sum(span.failed for span in made), sum(span.seconds for span in made) / len(made)
        yield f"{service} {operation}: {len(made)} spans, {failed} with errors, {took * 1000:.3g} ms"
