"""Tables of numbers over time as series: a row for each value, or a column for each series."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from remediation.reading import columns as named
from remediation.reading.cell_values import amount_of, seconds_of
from remediation.reading.columns import index_of, indexes_of, plain
from remediation.reading.delimited import Rows
from remediation.reading.export import Export
from remediation.reading.telemetry import attributes_in
from remediation.terms import Json

_SAMPLE = 50
_NOTHING = frozenset({"", "na", "nan", "n/a", "null", "none", "undefined", "-", "inf", "+inf"})
_EXPRESSION = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)?\s*\{(?P<labels>.*)\}")
_LABEL = re.compile(r"(?<![\w.])([a-zA-Z_][\w.]*)\s*[=:]\s*\"((?:[^\"\\]|\\.)*)\"")
_BETWEEN = re.compile(r"_+|\.")
_OF_CLUSTER = re.compile(r"^k8s\.(\w+)\.name$")
_MOST_COLUMNS = 5_000
_LABELS = {"podname": "pod", "kubepodname": "pod", "containername": "container", "namespacename": "namespace", "nodename": "node",
           "servicename": "service", "cmdbid": "pod"}  # fmt: skip
_NO_LABELS = ("unit", "units", "description", "metricdescription", "metricunit", "flags", "scopename", "scopeversion",
              "resourceschemaurl", "scopeschemaurl", "isMonotonic", "ismonotonic", "aggregationtemporality", "aggtemp")  # fmt: skip


def measures(table: Rows) -> bool:
    """Whether rows say when, and a number or more."""
    time = index_of(table.columns, named.TIME)
    sample = table.rows[:_SAMPLE]
    return time >= 0 and all(seconds_of(row[time]) is not None for row in sample) and bool(_numbers(table, time))


def _numbers(table: Rows, time: int) -> Sequence[int]:
    """The columns of numbers; of rows with a metric's name the one of its value."""
    value, metric = index_of(table.columns, named.VALUE), index_of(table.columns, named.METRIC)
    if value >= 0 and metric >= 0:
        return [value] if _is_numeric(table, value) else []
    times = set(indexes_of(table.columns, named.TIME)) | {time}
    return [at for at in range(min(len(table.columns), _MOST_COLUMNS)) if at not in times and _is_numeric(table, at)]


def _is_numeric(table: Rows, at: int) -> bool:
    cells = [cell for row in table.rows[:_SAMPLE] if (cell := row[at].strip()).lower() not in _NOTHING]
    return bool(cells) and all(amount_of(cell) is not None for cell in cells)


def add_measured(export: Export, table: Rows) -> None:
    """Every value of every row."""
    time = index_of(table.columns, named.TIME)
    numbers = _numbers(table, time)
    metric = index_of(table.columns, named.METRIC)
    metric = -1 if metric in numbers or len(numbers) > 1 else metric
    names = _names([table.columns[at] for at in numbers])
    structures = indexes_of(table.columns, named.ATTRIBUTES)
    apart = {time, metric, *numbers, *structures, *indexes_of(table.columns, named.TIME)}
    labels = [(at, _LABELS.get(plain(title), title)) for at, title in enumerate(table.columns)
              if at not in apart and title and plain(title) not in _NO_LABELS]  # fmt: skip
    export.tell("\t".join(row) for row in (table.columns, *table.rows))
    for row in table.rows:
        at = seconds_of(row[time])
        if at is None:
            continue
        about = {**labels_of(attributes_in(*(row[one] for one in structures))), **{name: row[one] for one, name in labels if row[one]}}
        for one, (title, own) in zip(numbers, names, strict=True):
            if (value := amount_of(row[one])) is not None:
                name, inner = _named(row[metric]) if metric >= 0 else (title, own)
                export.add_point(name, {**about, **inner}, at, value)


def labels_of(attributes: Mapping[str, Json]) -> dict[str, str]:
    """Attributes as labels, by the names that metrics have for what OpenTelemetry calls `k8s.pod.name`."""
    plain_ = {key: str(value) for key, value in attributes.items() if isinstance(value, str | int | float)}
    return {_OF_CLUSTER.sub(r"\1", key): value for key, value in plain_.items()}


def _named(title: str) -> tuple[str, Mapping[str, str]]:
    """A metric and its labels, where they stand in its name as Prometheus writes them."""
    match = _EXPRESSION.fullmatch(title.strip()) if "{" in title else None
    if match is None:
        return title, {}
    labels = dict(_LABEL.findall(match["labels"]))
    return match["metric"] or labels.pop("__name__", ""), labels


def _names(titles: Sequence[str]) -> Sequence[tuple[str, Mapping[str, str]]]:
    """Metric and labels of each column; where names are a service's and a metric's joined, as many share either, these apart."""
    cuts = [[(title[: cut.start()], title[cut.end() :]) for cut in _BETWEEN.finditer(title)] for title in titles]
    before, after = (Counter(pair[side] for pairs in cuts for pair in set(pairs)) for side in (0, 1))
    named_: list[tuple[str, Mapping[str, str]]] = []
    for title, pairs in zip(titles, cuts, strict=True):
        shared = [pair for pair in pairs if before[pair[0]] > 1 and after[pair[1]] > 1 and pair[0] and pair[1]]
        best = max(shared, key=lambda pair: (after[pair[1]], len(pair[1])), default=None) if "{" not in title else None
        named_.append((best[1], {"service": best[0]}) if best else _named(title))
    return named_
