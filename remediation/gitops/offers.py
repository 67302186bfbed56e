"""What may be written so that a rendered field moves, the best first, whatever renders it."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from remediation.gitops.chart_files import said_in_files
from remediation.gitops.discovery import uses
from remediation.gitops.fieldpath import MISSING, Path, format_path, get
from remediation.gitops.generators import origin_of
from remediation.gitops.helm_guesses import keys
from remediation.gitops.helm_keys import Key, derived, text_of
from remediation.gitops.helm_values import given, home, merged_values, whole_list
from remediation.gitops.index import Found, Index, Tree, is_under
from remediation.gitops.inflation import INFLATOR, inflations
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomize_sites import chain, standing, unscaled
from remediation.gitops.laid import laid
from remediation.gitops.locate import is_generated
from remediation.gitops.overlay_patch import overlaid
from remediation.gitops.placeholders import refilled
from remediation.gitops.renderings import Rendering, Values, Variable
from remediation.gitops.sites import FieldSite, value_in
from remediation.gitops.substitution import defaults
from remediation.gitops.template_documents import said_in_documents
from remediation.gitops.template_lines import asked_for, asked_on_lines, said_in_templates
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Choice, HeldWrite, Write
from remediation.terms import Json

_KEYS = 48


def choices(index: Index, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    """Each as one choice; rendering decides."""
    found = _choices(index, rendering, wanted)
    yield from (_filled_in(index.tree, choice, wanted) for choice in found) if rendering.variables is not None else found


def _filled_in(tree: Tree, choice: Choice, wanted: Wanted) -> Choice:
    """The choice with the placeholders that stand where it is written, if only the text between them changes."""
    return replace(choice, writes=tuple(_between(tree, write, wanted.now) for write in choice.writes))


def _between(tree: Tree, write: Write | HeldWrite, now: Json) -> Write | HeldWrite:
    if isinstance(write, HeldWrite):
        return write
    site = write.site
    if not (isinstance(site, FieldSite) and site.path in tree and isinstance(now, str) and isinstance(write.value, str)):
        return write
    written = get(value_in(tree[site.path].content, site.document), site.field)
    value = refilled(written, now, write.value) if isinstance(written, str) else ""
    return replace(write, value=value) if value else write


def _choices(index: Index, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    yield from _variables(index, rendering, wanted)
    match rendering.kind:
        case "helm":
            yield from laid(index, rendering, wanted)
            asked = frozenset(asked_for(index.tree, rendering.path))
            ends = list(asked_on_lines(index.tree, rendering.path, wanted))
            found = list(islice(keys(merged_values(index.tree, rendering), wanted, asked, ends), _KEYS))
            guesses = tuple(part for key in found if key.guess for part in key.parts)
            for key in found:
                yield from _key(index, rendering, key, guesses if key.guess else ())
            yield from said_in_files(index.tree, rendering.path, wanted)
            yield from said_in_templates(index.tree, rendering, wanted)
            yield from said_in_documents(index.tree, rendering, wanted)
        case "kustomize":
            yield from laid(index, rendering, wanted)
            yield from _kustomized(index, rendering, wanted)
        case _:
            yield from _plain(index, rendering, wanted)


def _kustomized(index: Index, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    """Where it stands, in its owner's components first; then what may be laid over it; before either, what would set again what goes."""
    tree, (folder, *components) = index.tree, rendering.folders
    began = wanted.source.path if wanted.source else origin_of(wanted)
    freed = unscaled(tree, folder, wanted, began) if began else ()
    if freed:
        yield Choice(writes=freed)
    for each in (*reversed(components), folder):
        yield from (Choice(writes=(*freed, *offer)) for offer in standing(tree, each, wanted))
    yield from _inflated(index, wanted)
    for each in _overlays(tree, folder, wanted, began) if began else ():
        for offer in overlaid(tree, each, wanted):
            yield Choice(writes=(*freed, *offer))


def _inflated(index: Index, wanted: Wanted) -> Iterator[Choice]:
    """The values of the charts that the object's kustomization inflates, where a chart made it."""
    origin = wanted.obj.origin if isinstance(wanted.obj.origin, Mapping) else {}
    by = origin.get("configuredBy")
    made = isinstance(by, Mapping) and by.get("kind") == INFLATOR
    known = kustomization(index.tree, posixpath.dirname(origin_of(wanted))) if made else None
    for each in sorted(inflations(known), key=lambda each: each.release not in wanted.obj.ref.name) if known else ():
        release = Rendering(kind="helm", path=each.folder(index.tree), values=tuple(given(each)))
        for key in islice(keys(merged_values(index.tree, release), wanted), _KEYS):
            yield from _key(index, release, key)


def _overlays(tree: Tree, folder: str, wanted: Wanted, began: str) -> Iterator[str]:
    """The folders that a patch may stand in. Beside a manifest that says the field itself, only where nobody may edit that."""
    for each in chain(tree, folder, began):
        beside = (posixpath.dirname(began) or ".") == posixpath.normpath(each)
        if not beside or wanted.source is None or _said(tree, wanted.source, wanted) is MISSING or is_generated(began, tree[began].content):
            yield each


def _said(tree: Tree, source: Found, wanted: Wanted) -> Json:
    """What the object's own document says of the field, before anything is laid over it."""
    value = get(value_in(tree[source.path].content, source.document), source.within)
    return get(value, wanted.named)


def _variables(index: Index, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    """What an owner fills in, where the field says it; else what it may fill in, where a default stands."""
    for variable in (*(rendering.variables or ()), *rendering.elements):
        value = derived(variable.value, wanted.now, wanted.value) if variable.path or variable.holder else MISSING
        if value is not MISSING:
            yield Choice(writes=(_given(variable, value),), key=variable.name, certain=True)
    if rendering.variables is None or rendering.owner is None:
        return
    known = {variable.name for variable in rendering.variables}
    said = [_said(index.tree, source, wanted) for source in _sources(index, rendering, wanted)]
    for name, default in dict.fromkeys(each for text in said for each in defaults(text)):
        value = derived(default, wanted.now, wanted.value)
        if name not in known and value is not MISSING:
            held = HeldWrite(rendering.owner.ref, ("spec", "postBuild", "substitute", name), text_of(value))
            yield Choice(writes=(held,), key=name, certain=True)


def _sources(index: Index, rendering: Rendering, wanted: Wanted) -> list[Found]:
    """Where the object is said: as it began; else each document of it that is rendered, for a patch may take its origin away."""
    if wanted.source:
        return [wanted.source]
    used = uses(index.tree, rendering)
    return [each for each in index.find(wanted.obj.ref) if used(each.path)]


def _given(variable: Variable, value: Json) -> Write | HeldWrite:
    if variable.holder is None:
        return Write(FieldSite(path=variable.path, field=variable.field), value)
    return HeldWrite(variable.holder, variable.field, value)


def _key(index: Index, rendering: Rendering, key: Key, guesses: tuple[tuple[Path, Json], ...] = ()) -> Iterator[Choice]:
    """The key where it stands; where that is shared or cannot be written, in the release's own values, the strongest first."""
    own = [source for source in rendering.values if source.keeps]
    homes = [home(index.tree, rendering, path) for path, _ in key.parts]
    for sources in dict.fromkeys([tuple(homes), *((each,) * len(homes) for each in reversed(own))]):
        writes = [_in_values(index.tree, rendering, source, part) for source, part in zip(sources, key.parts, strict=True)]
        yield Choice(writes=tuple(writes), key=format_path(key.path), certain=key.certain, values=key.parts, guesses=guesses)


def _in_values(tree: Tree, rendering: Rendering, source: Values, part: tuple[Path, Json]) -> Write | HeldWrite:
    (path, value), (whole, whole_value) = part, whole_list(tree, rendering, source, *part)
    if source.path:
        site = FieldSite(path=source.path, field=(*source.field, *whole))
        return Write(site, whole_value, replace(site, field=(*source.field, *path)))
    assert source.holder is not None  # noqa: S101 - what is no file has a holder
    if source.form == "text":
        return HeldWrite(source.holder, source.field, whole_value, inner=whole)
    if source.form == "value":
        return HeldWrite(source.holder, source.field, text_of(value))
    if source.form == "parameters":
        name = ".".join(str(step) for step in path)
        held = value_in(source.content.encode(), 0)
        at = next((n for n, parameter in enumerate(held) if parameter.get("name") == name), 0)
        return HeldWrite(source.holder, (*source.field, at, "value"), text_of(value))
    return HeldWrite(source.holder, (*source.field, *whole), whole_value)


def _plain(index: Index, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    for found in index.find(wanted.obj.ref):
        if is_under(found.path, rendering.path):
            for path in dict.fromkeys((wanted.named, wanted.field)):
                site = FieldSite(path=found.path, document=found.document, field=(*found.within, *path))
                yield Choice(writes=(Write(site, wanted.value),))
