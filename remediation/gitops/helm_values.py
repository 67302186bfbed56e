"""A Helm release's values: what they say in all, and in which source a key is written."""

import json
import posixpath
from collections.abc import Iterator, Mapping

from remediation.errors import Refused, Unreadable
from remediation.gitops.charts import DEEPEST, dependencies
from remediation.gitops.fieldpath import MISSING, Path, get, put
from remediation.gitops.index import Tree
from remediation.gitops.inflation import Inflation
from remediation.gitops.renderings import Rendering, Values
from remediation.gitops.sites import value_in
from remediation.terms import Json


def merged_values(tree: Tree, rendering: Rendering) -> Json:
    """The chart's defaults with the release's own values over them."""
    merged = _defaults(tree, rendering.path)
    for source in rendering.values:
        merged = _over(merged, values_of(tree, source))
    return merged


def _defaults(tree: Tree, chart: str, depth: int = 0) -> Json:
    """A chart's own values; those of its subcharts stand below their names, and what the parent says of them wins."""
    merged: dict[str, Json] = {}
    prefix = posixpath.join(chart, "charts") if chart not in ("", ".") else "charts"
    for path in tree:
        folder, name = posixpath.split(path)
        if name == "Chart.yaml" and posixpath.dirname(folder) == prefix:
            merged |= dict.fromkeys(aliases_of(tree, chart, posixpath.basename(folder)), _defaults(tree, folder))
    for needed in dependencies(tree, chart) if depth < DEEPEST else ():
        merged |= dict.fromkeys(aliases_of(tree, chart, needed.chart.name), _defaults(tree, needed.folder, depth + 1))
    own = _values_at(tree, posixpath.normpath(posixpath.join(chart, "values.yaml")))
    return _over(merged, own)


def aliases_of(tree: Tree, chart: str, name: str) -> list[str]:
    """What the values call a chart within the chart: it may be there more than once."""
    fields = _values_at(tree, posixpath.normpath(posixpath.join(chart, "Chart.yaml")))
    named = [each for each in fields.get("dependencies") or () if isinstance(each, Mapping) and each.get("name") == name]
    return [str(each.get("alias") or name) for each in named] or [name]


def given(inflation: Inflation) -> Iterator[Values]:
    """What an entry of `helmCharts` sets, weakest first: its file, what stands in the kustomization, its other files."""
    paths = [Values(path=posixpath.normpath(posixpath.join(inflation.known.folder, each))) for each in inflation.files]
    first = 1 if inflation.fields.get("valuesFile") else 0
    inline = Values(path=inflation.known.path, field=inflation.inline)
    kept = [*paths[:first], inline]
    yield from reversed(kept) if inflation.fields.get("valuesMerge") == "merge" else kept
    yield from paths[first:]


def values_of(tree: Tree, source: Values) -> Json:
    """What one source says."""
    if source.path:
        value = get(_values_at(tree, source.path), source.field)
        return value if isinstance(value, Mapping) else {}
    if not source.keeps:
        held = json.loads(source.content)
        named = {str(p.get("name")): p.get("value") for p in (held if source.form == "parameters" else [held])}
        merged: Json = {}
        for name, value in named.items():
            merged = put(merged, tuple(name.split(".")), value)
        return merged
    value = value_in(source.content.encode(), 0)
    return value if isinstance(value, Mapping) else {}


def _values_at(tree: Tree, path: str) -> dict[str, Json]:
    if path not in tree:
        return {}
    try:
        value = value_in(tree[path].content, 0)
    except Unreadable:
        return {}
    return value if isinstance(value, dict) else {}


def _over(below: Json, above: Json) -> Json:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: _over(below.get(key), value) if key in below else value for key, value in above.items()}}
    return above


def home(tree: Tree, rendering: Rendering, path: Path) -> Values:
    """Which source a key is written in: the strongest that says it, else the release's own strongest, else the chart's defaults."""
    until = next((at for at, step in enumerate(path) if not isinstance(step, str)), len(path))  # Helm takes lists whole
    for source in reversed(rendering.values):
        if get(values_of(tree, source), path[:until]) is not MISSING:
            return source
    own = [source for source in rendering.values if source.keeps]
    if own:
        return own[-1]
    path_of_defaults = posixpath.normpath(posixpath.join(rendering.path, "values.yaml"))
    if path_of_defaults not in tree:
        raise Refused(f"The release of {rendering.path} has no values of its own.", "Give it a values file.", kind="not_found")
    return Values(path=path_of_defaults)


def whole_list(tree: Tree, rendering: Rendering, source: Values, path: Path, value: Json) -> tuple[Path, Json]:
    """A list that the source does not have yet must be set whole, for Helm does not merge lists."""
    at = next((at for at, step in enumerate(path) if not isinstance(step, str)), None)
    if at is None or get(values_of(tree, source), path[:at]) is not MISSING:
        return path, value
    return path[:at], get(put(merged_values(tree, rendering), path, value), path[:at])
