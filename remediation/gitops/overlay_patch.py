"""A change for one environment alone: a patch in its own overlay, one that exists where there is one, else a new file and its entry."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from remediation.gitops.fieldpath import MISSING, Item, Path, get, put
from remediation.gitops.generators import overridden
from remediation.gitops.images import Image
from remediation.gitops.index import Tree
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.kustomize_sites import image_offers
from remediation.gitops.layout import Habits, item_lines, mapping_lines
from remediation.gitops.patches import Offer, Patch, before, patches, variants
from remediation.gitops.sites import FieldSite, InlineSite, NewFile
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Write
from remediation.terms import Json

_NAMED_FIRST = 12  # items that a patch may name only to keep their order; past that, an operation says it better
_HABIT = Habits(step=2, list_step=0, quote='"', newline="\n")


def overlaid(tree: Tree, folder: str, wanted: Wanted) -> Iterator[Offer]:
    """Ways to set the field in the overlay of this folder, the most modest first."""
    known = kustomization(tree, folder)
    if known is None:
        return
    yield from image_offers(known, wanted, strict=False)
    yield from _new_image(known, wanted)
    yield from overridden(tree, known, wanted)
    own = [patch for patch in patches(tree, known) if patch.suits(wanted)]
    for patch in own:
        if isinstance(patch.value, Mapping):
            for path, value in variants(wanted):
                yield from _extended(patch, wanted, path, value)
    for patch in own:
        yield from _operation(patch, wanted)
    for path, value in variants(wanted):
        for first in _firsts(wanted, path):
            yield _new_patch(tree, known, wanted, _object(wanted, path, value, first), path)
    yield _new_operation(known, wanted)


def _firsts(wanted: Wanted, path: Path) -> list[list[Path]]:
    """What a patch may name first so that lists keep their order: nothing, else the items that stand before."""
    found = before(wanted, path)
    return [[], found] if 0 < len(found) <= _NAMED_FIRST else [[]]


def _extended(patch: Patch, wanted: Wanted, path: Path, value: Json) -> Iterator[Offer]:
    """The field in a strategic patch that is there."""
    for first in _firsts(wanted, path):
        names = (Write(patch.site(each), {}, told=False) for each in first if get(patch.value, each) is MISSING)
        yield (*names, Write(patch.site(path), value, patch.site(_leaf(wanted, path))))


def _new_image(known: Kustomization, wanted: Wanted) -> Iterator[Offer]:
    """One more entry where the overlay sets images already."""
    listed = known.fields.get("images")
    if not listed or wanted.field[-1] != "image" or not isinstance(wanted.now, str) or not isinstance(wanted.value, str):
        return
    now, new = Image.of(wanted.now), Image.of(wanted.value)
    parts = {"newName": new.name if new.name != now.name else "", "newTag": new.tag, "digest": new.digest}
    moved = {key: part for key, part in parts.items() if part}
    site = FieldSite(path=known.path, field=("images", len(listed)))
    shown = replace(site, field=(*site.field, "newTag" if new.tag else next(iter(moved), "name")))
    yield (Write(site, {"name": now.name, **moved}, shown),)


def _operation(patch: Patch, wanted: Wanted) -> Iterator[Offer]:
    """One more operation of a JSON 6902 patch."""
    at = len(patch.operations)
    if at:
        yield (Write(patch.site((at,)), _operation_on(wanted), patch.site((at, "value"))),)


def _operation_on(wanted: Wanted) -> dict[str, Json]:
    """One operation; what is not there yet is added with the parents that it lacks."""
    known = next(depth for depth in range(len(wanted.field), -1, -1) if get(wanted.obj.value, wanted.field[:depth]) is not MISSING)
    until = known if wanted.now is not MISSING else known + 1
    tokens, (last, rest) = list(wanted.tokens[:until]), (wanted.field[until - 1], wanted.field[until:])
    value = put(None, rest, wanted.value) if wanted.value is not MISSING else None
    if wanted.now is MISSING and not isinstance(last, str):
        tokens[-1] = "-"
        value = {last.field: last.value, **value} if isinstance(last, Item) and isinstance(value, dict) else value
    pointer = "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)
    op = "remove" if wanted.value is MISSING else "add" if wanted.now is MISSING else "replace"
    return {"op": op, "path": pointer, **({} if op == "remove" else {"value": value})}


def _new_operation(known: Kustomization, wanted: Wanted) -> Offer:
    """A JSON 6902 patch in the kustomization itself: for lists that a strategic patch merges by the very field that changes."""
    source = wanted.source.ref if wanted.source else wanted.obj.ref
    lines = item_lines(_operation_on(wanted), 0, _HABIT)
    entry = {"target": {"kind": source.kind, "name": source.name}, "patch": "\n".join(lines) + "\n"}
    at = len(known.fields.get("patches") or ())
    site = FieldSite(path=known.path, field=("patches", at) if at else ("patches",))
    shown = InlineSite(path=known.path, document=0, outer=("patches", at, "patch"), inner_document=0, field=(0, "value"))
    return (Write(site, entry if at else [entry], shown),)


def _object(wanted: Wanted, path: Path, value: Json, first: Sequence[Path]) -> Json:
    """The patch: what names the object, the items that stand before, and the field."""
    source, obj = wanted.source.ref if wanted.source else wanted.obj.ref, wanted.obj.value
    metadata = {"name": source.name, **({"namespace": source.namespace} if source.namespace else {})}
    made: Json = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}
    for each in first:
        made = put(made, each, {})
    return put(made, path, value)


def _new_patch(tree: Tree, known: Kustomization, wanted: Wanted, obj: Json, path: Path) -> Offer:
    content = "\n".join(mapping_lines(obj, 0, _HABIT)) + "\n"
    name = _free_name(tree, known, wanted)
    site = NewFile(path=posixpath.join(known.folder, name), content=content.encode(), field=FieldSite(path=name, field=_leaf(wanted, path)))
    key = "patchesStrategicMerge" if known.fields.get("patchesStrategicMerge") and not known.fields.get("patches") else "patches"
    entry: Json = name if key == "patchesStrategicMerge" else {"path": name}
    listed = known.fields.get(key)
    at = (key, len(listed or ()))
    shown = FieldSite(path=known.path, field=at if isinstance(entry, str) else (*at, "path"))
    return Write(site, wanted.value), Write(FieldSite(path=known.path, field=at if listed else (key,)), entry if listed else [entry], shown)


def _leaf(wanted: Wanted, path: Path) -> Path:
    """The field itself, where the patch holds the whole list around it."""
    return path if path == wanted.named else wanted.field


def _free_name(tree: Tree, known: Kustomization, wanted: Wanted) -> str:
    """A name beside the overlay's other patches, in their folder."""
    listed = [p for p in known.fields.get("patches") or () if isinstance(p, Mapping) and p.get("path")]
    folders = [posixpath.dirname(str(p["path"])) for p in listed]
    folder = folders[0] if folders and not folders[0].startswith("..") else ""
    source = wanted.source.ref if wanted.source else wanted.obj.ref
    stem = f"{source.name}-{source.kind.lower()}-patch"
    names = (posixpath.join(folder, f"{stem}{suffix}.yaml") for suffix in ("", *(f"-{n}" for n in range(2, 100))))
    return next(name for name in names if posixpath.normpath(posixpath.join(known.folder, name)) not in tree)
