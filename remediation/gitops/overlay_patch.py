"""A change for one environment alone: a patch in its own overlay, one that exists where there is one, else a new file and its entry."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.gitops.fieldpath import MISSING, Item, Path, put
from remediation.gitops.index import Tree
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.kustomize_sites import Offer, Patch, Wanted, image_offers, patches, variants
from remediation.gitops.layout import Habits, item_lines, mapping_lines
from remediation.gitops.sites import FieldSite, InlineSite, Write
from remediation.terms import Json

_HABIT = Habits(step=2, list_step=0, quote='"', newline="\n")


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file that is made: as a site it is the field that a person looks for in it."""

    path: str
    content: bytes
    field: FieldSite

    def write(self, content: bytes, value: Json) -> bytes:  # noqa: ARG002 - it is made whole
        """The whole file."""
        return self.content

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Where the field stands."""
        return self.field.show(content)


def overlaid(tree: Tree, folder: str, wanted: Wanted) -> Iterator[Offer]:
    """Ways to set the field in the overlay of this folder, the most modest first."""
    known = kustomization(tree, folder)
    if known is None:
        return
    yield from image_offers(known, wanted, strict=False)
    own = [patch for patch in patches(tree, known) if patch.suits(wanted)]
    for patch in own:
        if isinstance(patch.value, Mapping):
            for path, value in variants(wanted):
                yield (Write(patch.site(path), value, patch.site(_leaf(wanted, path))),)
    for patch in own:
        yield from _operation(patch, wanted)
    for path, value in variants(wanted):
        yield _new_patch(tree, known, wanted, _object(wanted, path, value), path)
    yield _new_operation(known, wanted)


def _operation(patch: Patch, wanted: Wanted) -> Iterator[Offer]:
    """One more operation of a JSON 6902 patch."""
    at = len(patch.operations)
    if at:
        yield (Write(patch.site((at,)), _operation_on(wanted), patch.site((at, "value"))),)


def _operation_on(wanted: Wanted) -> dict[str, Json]:
    pointer = "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in wanted.tokens)
    op = "remove" if wanted.value is MISSING else "add" if wanted.now is MISSING else "replace"
    return {"op": op, "path": pointer, **({} if op == "remove" else {"value": wanted.value})}


def _new_operation(known: Kustomization, wanted: Wanted) -> Offer:
    """A JSON 6902 patch in the kustomization itself: for lists that a strategic patch merges by the very field that changes."""
    source = wanted.source.ref if wanted.source else wanted.obj.ref
    lines = item_lines(_operation_on(wanted), 0, _HABIT)
    entry = {"target": {"kind": source.kind, "name": source.name}, "patch": "\n".join(lines) + "\n"}
    at = len(known.fields.get("patches") or ())
    site = FieldSite(path=known.path, field=("patches", at) if at else ("patches",))
    shown = InlineSite(path=known.path, document=0, outer=("patches", at, "patch"), inner_document=0, field=(0, "value"))
    return (Write(site, entry if at else [entry], shown),)


def _object(wanted: Wanted, path: tuple[str | int | Item, ...], value: Json) -> Json:
    source, obj = wanted.source.ref if wanted.source else wanted.obj.ref, wanted.obj.value
    metadata = {"name": source.name, **({"namespace": source.namespace} if source.namespace else {})}
    return put({"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}, path, value)


def _new_patch(tree: Tree, known: Kustomization, wanted: Wanted, obj: Json, path: tuple[str | int | Item, ...]) -> Offer:
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
