"""OpenTelemetry's own JSON, as its collector writes files and Tempo answers: logs, metrics and spans, each with what sent it."""

from collections.abc import Iterator, Mapping

from remediation.reading.cell_values import amount_of, seconds_of, stamp_of
from remediation.reading.export import Export
from remediation.reading.measured import labels_of
from remediation.reading.spans import SLOW, Span, said_of, tell
from remediation.reading.telemetry import add_record, sender_of, writer_in
from remediation.terms import Json

_GROUPS = ("resourceLogs", "resource_logs", "resourceMetrics", "resource_metrics", "resourceSpans", "resource_spans", "batches")
_SCOPES = ("scopeLogs", "scope_logs", "instrumentationLibraryLogs", "scopeMetrics", "scope_metrics", "scopeSpans", "scope_spans",
           "instrumentationLibrarySpans", "ilSpans")  # fmt: skip
_POINTS = ("gauge", "sum")
_DEEPEST = 30
_FAILED = (2, "2", "STATUS_CODE_ERROR", "ERROR")


def add_otlp(export: Export, document: Mapping[str, Json]) -> bool:
    """What a document of OpenTelemetry holds; whether it is one."""
    trace = document.get("trace")
    inner = trace if isinstance(trace, Mapping) else document
    groups = [group for key in _GROUPS for group in _mappings(inner.get(key))]
    spans: list[Span] = []
    for group in groups:
        resource = group.get("resource")
        about = attributes_of(resource.get("attributes")) if isinstance(resource, Mapping) else {}
        for scope in (scope for key in _SCOPES for scope in _mappings(group.get(key))):
            for record in _mappings(scope.get("logRecords") or scope.get("log_records") or scope.get("logs")):
                _add_log(export, record, about)
            for metric in _mappings(scope.get("metrics")):
                _add_metric(export, metric, about)
            spans += [_span(one, about) for one in _mappings(scope.get("spans"))]
    if spans:
        tell(export, spans)
    return bool(groups)


def _mappings(value: Json) -> Iterator[Mapping[str, Json]]:
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, Mapping))


def attributes_of(listed: Json) -> dict[str, Json]:
    """A list of keys and typed values as a mapping; a mapping stays one."""
    if isinstance(listed, Mapping):
        return dict(listed)
    return {str(one["key"]): _plain(one.get("value")) for one in _mappings(listed) if "key" in one}


def _plain(value: Json, depth: int = 0) -> Json:
    """What a typed value holds."""
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return value
    kind, inner = next(iter(value.items()), ("", None))
    listed = inner.get("values") if isinstance(inner, Mapping) else None
    if kind in ("kvlistValue", "kvlist_value"):
        return {str(one.get("key")): _plain(one.get("value"), depth + 1) for one in _mappings(listed)}
    if kind in ("arrayValue", "array_value"):
        return [_plain(one, depth + 1) for one in _mappings(listed)]
    if kind in ("intValue", "int_value") and str(inner).lstrip("-").isdecimal():
        return int(str(inner)[:18])
    return inner if kind.endswith(("Value", "_value")) else value


def _first(record: Mapping[str, Json], *keys: str) -> str:
    return str(next((record[key] for key in keys if record.get(key) not in (None, "", "0", 0)), ""))


def _add_log(export: Export, record: Mapping[str, Json], about: Mapping[str, Json]) -> None:
    when = _first(record, "timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano")
    own = {**about, **attributes_of(record.get("attributes"))}
    add_record(export, _plain(record.get("body")), sender_of(own), (seconds_of(when) or 0.0, stamp_of(when)),
               _first(record, "severityText", "severity_text"))  # fmt: skip


def _add_metric(export: Export, metric: Mapping[str, Json], about: Mapping[str, Json]) -> None:
    for kind in _POINTS:
        points = metric.get(kind)
        for point in _mappings((points.get("dataPoints") or points.get("data_points")) if isinstance(points, Mapping) else None):
            at = seconds_of(_first(point, "timeUnixNano", "time_unix_nano"))
            value = amount_of(str(next((point[key] for key in ("asDouble", "asInt", "as_double", "as_int") if key in point), "")))
            if at is not None and value is not None:
                labels = labels_of({**about, **attributes_of(point.get("attributes"))})
                export.add_point(str(metric.get("name", "")), labels, at, value)


def _span(one: Mapping[str, Json], about: Mapping[str, Json]) -> Span:
    begin, end = (seconds_of(_first(one, f"{side}TimeUnixNano", f"{side}_time_unix_nano")) or 0.0 for side in ("start", "end"))
    status = one.get("status")
    told: Mapping[str, Json] = status if isinstance(status, Mapping) else {}
    own = attributes_of(one.get("attributes"))
    failed, seconds = told.get("code") in _FAILED, max(0.0, end - begin)
    events = [attributes_of(event.get("attributes")) for event in _mappings(one.get("events"))]
    return Span(
        trace=_first(one, "traceId", "trace_id"), span=_first(one, "spanId", "span_id"),
        parent=_first(one, "parentSpanId", "parent_span_id"),
        operation=str(one.get("name", "")), at=begin, seconds=seconds, failed=failed,
        said=said_of(str(told.get("message") or ""), [own, *events]) if failed or seconds >= SLOW else "",
        writer=writer_in({**own, **about}),
    )  # fmt: skip


def add_jaeger(export: Export, document: Mapping[str, Json]) -> bool:
    """The traces of Jaeger's answer; whether it is one."""
    traces = [one for one in _mappings(document.get("data")) if isinstance(one.get("spans"), list) and "traceID" in one]
    tell(export, [_of_jaeger(span, trace) for trace in traces for span in _mappings(trace["spans"])])
    return bool(traces)


def _of_jaeger(span: Mapping[str, Json], trace: Mapping[str, Json]) -> Span:
    processes = trace.get("processes")
    process = span.get("process") or (processes.get(str(span.get("processID"))) if isinstance(processes, Mapping) else None)
    told: Mapping[str, Json] = process if isinstance(process, Mapping) else {}
    own, logs = _tags(span.get("tags")), [_tags(log.get("fields")) for log in _mappings(span.get("logs"))]
    failed = str(own.get("error", "")).lower() == "true" or str(own.get("otel.status_code", "")).upper() == "ERROR"
    parent = next((str(one.get("spanID", "")) for one in _mappings(span.get("references"))), str(span.get("parentSpanID") or ""))
    began, took = span.get("startTime"), span.get("duration")
    seconds = took / 1e6 if isinstance(took, int | float) else 0.0
    return Span(
        trace=str(trace["traceID"]), span=str(span.get("spanID", "")), parent=parent, operation=str(span.get("operationName", "")),
        at=seconds_of(str(began)) or 0.0, seconds=seconds, failed=failed,
        said=said_of("", [own, *logs]) if failed or seconds >= SLOW else "",
        writer=writer_in({**_tags(told.get("tags")), "service": told.get("serviceName")}),
    )  # fmt: skip


def _tags(listed: Json) -> dict[str, Json]:
    return {str(one.get("key")): one.get("value") for one in _mappings(listed)}
