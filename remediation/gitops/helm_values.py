"""Which key of a Helm release's values may give a rendered field, and where it is written; rendering decides which one does."""

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.errors import Refused, Unreadable
from remediation.gitops.fieldpath import MISSING, Item, Path, get, leaves, put, same
from remediation.gitops.images import Image
from remediation.gitops.index import Tree
from remediation.gitops.renderings import Rendering, Values
from remediation.gitops.scalars import number
from remediation.gitops.sites import FieldSite, value_in
from remediation.gitops.wanted import Wanted
from remediation.terms import Json

_TAG_KEYS = frozenset({"tag", "imagetag", "version", "appversion"})
_SHORTEST = 2  # letters of a value that is looked for inside a longer one


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of the values and what it would become. certain: its value is the field's, or a part of it."""

    path: Path
    value: Json
    certain: bool


def keys(tree: Tree, rendering: Rendering, wanted: Wanted) -> list[Key]:
    """The candidates, most likely first: keys whose value the field says, then keys that are named like its parents."""
    merged = merged_values(tree, rendering)
    found = [*_saying(merged, wanted), *_named_like(merged, wanted)]
    unique: dict[Path, Key] = {}
    for key in found:
        unique.setdefault(key.path, key)
    return list(unique.values())


def _saying(merged: Json, wanted: Wanted) -> list[Key]:
    """Keys whose value is the field's, or a part of it that the new value leaves room for."""
    found: list[tuple[int, Key]] = []
    for path, leaf in leaves(merged):
        if path and not isinstance(leaf, Mapping | list):
            value = derived(leaf, wanted.now, wanted.value)
            if value is MISSING and wanted.value is not MISSING:
                value = _empty_tag(path, leaf, wanted)
            if value is not MISSING or (wanted.value is MISSING and text_of(leaf) == text_of(wanted.now)):
                found.append((_likeness(path, wanted), Key(path=path, value=value, certain=True)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])]


def _empty_tag(path: Path, leaf: Json, wanted: Wanted) -> Json:
    """A tag that is left empty and stands for the chart's version."""
    last = str(path[-1]).lower() if isinstance(path[-1], str) else ""
    if leaf not in (None, "") or wanted.field[-1] != "image" or last not in _TAG_KEYS:
        return MISSING
    now, new = Image.of(str(wanted.now)), Image.of(str(wanted.value))
    return new.tag if (now.name, now.digest) == (new.name, new.digest) and new.tag else MISSING


def text_of(value: Json) -> str:
    """A scalar as a template prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, int | float) else "" if value is None or value is MISSING else str(value)


def derived(leaf: Json, now: Json, new: Json) -> Json:
    """What the leaf must become for the field to become `new`; MISSING where the field's text does not hold the leaf's."""
    if new is MISSING or now is MISSING or isinstance(leaf, Mapping | list) or isinstance(now, Mapping | list):
        return MISSING
    if leaf is not None and (same(leaf, now) or (text_of(leaf) and text_of(leaf) == text_of(now))):
        return new
    part, whole, wanted = text_of(leaf), text_of(now), text_of(new)
    if not isinstance(leaf, str | int) or len(part) < (1 if isinstance(leaf, int) else _SHORTEST) or isinstance(new, Mapping | list):
        return MISSING
    at = whole.find(part)
    while at >= 0:
        before, after = whole[:at], whole[at + len(part) :]
        if wanted.startswith(before) and wanted.endswith(after) and len(wanted) >= len(before) + len(after):
            value = wanted[len(before) : len(wanted) - len(after)]
            if value != part:
                return value
        at = whole.find(part, at + 1)
    return MISSING


def _likeness(path: Path, wanted: Wanted) -> int:
    """How many steps at the end are the same, and then how many words of the key the field's way has."""
    same_end = 0
    for one, other in zip(reversed(path), reversed(wanted.named), strict=False):
        if one != other:
            break
        same_end += 1
    names = {str(step.value if isinstance(step, Item) else step).lower() for step in (*wanted.named, wanted.obj.ref.name)}
    return same_end * 10 + sum(str(step).lower() in names for step in path)


def _named_like(merged: Json, wanted: Wanted) -> list[Key]:
    """Maps, and empty keys, that are named like a step of the field: what stands below the step is set below the key."""
    found: list[tuple[int, Key]] = []
    for path, value in _nodes(merged, ()):
        if not path or not isinstance(path[-1], str) or not (isinstance(value, Mapping | list) or value in (None, "")):
            continue
        for at, step in enumerate(wanted.named):
            if step == path[-1]:
                whole = (*path, *wanted.named[at + 1 :])
                new = wanted.value
                if get(merged, whole) is MISSING and new is not MISSING:
                    found.append((_likeness(whole, wanted) * 100 + at, Key(path=whole, value=new, certain=False)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])]


def _nodes(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _nodes(child, (*path, str(key)))


def merged_values(tree: Tree, rendering: Rendering) -> Json:
    """The chart's defaults with the release's own values over them."""
    merged = _defaults(tree, rendering.path)
    for source in rendering.values:
        merged = _over(merged, values_of(tree, source))
    return merged


def _defaults(tree: Tree, chart: str) -> Json:
    """A chart's own values; those of its subcharts stand below their names, and what the parent says of them wins."""
    merged: dict[str, Json] = {}
    prefix = posixpath.join(chart, "charts") if chart not in ("", ".") else "charts"
    for path in tree:
        folder, name = posixpath.split(path)
        if name == "Chart.yaml" and posixpath.dirname(folder) == prefix:
            merged[_alias(tree, chart, posixpath.basename(folder))] = _defaults(tree, folder)
    own = _values_at(tree, posixpath.normpath(posixpath.join(chart, "values.yaml")))
    return _over(merged, own)


def _alias(tree: Tree, chart: str, name: str) -> str:
    fields = _values_at(tree, posixpath.normpath(posixpath.join(chart, "Chart.yaml")))
    for dependency in fields.get("dependencies") or ():
        if isinstance(dependency, Mapping) and dependency.get("name") == name:
            return str(dependency.get("alias") or name)
    return name


def values_of(tree: Tree, source: Values) -> Json:
    """What one source says."""
    if source.path:
        return _values_at(tree, source.path)
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
    for source in reversed(rendering.values):
        if get(values_of(tree, source), path) is not MISSING:
            return source
    own = [source for source in rendering.values if source.keeps]
    if own:
        return own[-1]
    path_of_defaults = posixpath.normpath(posixpath.join(rendering.path, "values.yaml"))
    if path_of_defaults not in tree:
        raise Refused(f"The release of {rendering.path} has no values of its own.", "Give it a values file.", kind="not_found")
    return Values(path=path_of_defaults)


def whole_lists(tree: Tree, rendering: Rendering, source: Values, key: Key) -> Key:
    """A list that the source does not have yet must be set whole, for Helm does not merge lists."""
    at = next((at for at, step in enumerate(key.path) if not isinstance(step, str)), None)
    if at is None or get(values_of(tree, source), key.path[:at]) is not MISSING:
        return key
    merged = merged_values(tree, rendering)
    return Key(path=key.path[:at], value=get(put(merged, key.path, key.value), key.path[:at]), certain=key.certain)


def site_in_file(source: Values, path: Path) -> FieldSite:
    """The key in a values file."""
    return FieldSite(path=source.path, field=path)
