"""What an owner's object lays over what it renders: Argo CD's and Flux's images, replicas, patches, labels, and Flux's post-renderers."""

from collections.abc import Iterator, Mapping

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import MISSING, Path, get
from remediation.gitops.images import Image
from remediation.gitops.index import Index
from remediation.gitops.owners.argocd import image_entry
from remediation.gitops.owners.objects import ARGO
from remediation.gitops.patches import Patch, in_patch
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import FieldSite, value_in
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Choice, HeldWrite
from remediation.terms import Json, ObjectRef

_ADDED = (("commonAnnotations", "annotations"), ("commonLabels", "labels"))


def laid(index: Index, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    """Each place in the owner's object that sets the field, the last that is applied first."""
    if rendering.holder is None:
        return
    layers = [*reversed(rendering.post), *([(rendering.laid_by, rendering.overlay)] if rendering.overlay else [])]
    for field, text in layers:
        overlay = value_in(text.encode(), 0)
        texts = _images_as_written(index, rendering.holder, field)
        for at, entry in enumerate(overlay.get("images") or ()):
            written = texts[at] if at < len(texts) else _text(entry) if rendering.holder.group == ARGO else None
            yield from _image(rendering.holder, wanted, (*field, "images", at), (entry, written))
        for at, entry in enumerate(overlay.get("replicas") or ()):
            if wanted.field == ("spec", "replicas") and entry.get("name") in wanted.names:
                yield Choice(writes=(HeldWrite(rendering.holder, (*field, "replicas", at, "count"), wanted.value),))
        for key, where in _ADDED:
            if wanted.field[-2:-1] == (where,) and wanted.field[-1] in (overlay.get(key) or {}):
                yield Choice(writes=(HeldWrite(rendering.holder, (*field, key, wanted.field[-1]), wanted.value),))
        yield from _patches(rendering.holder, wanted, field, overlay)


def _patches(holder: ObjectRef, wanted: Wanted, field: Path, overlay: Mapping[str, Json]) -> Iterator[Choice]:
    """The inline patches that set the field, strategic or JSON 6902."""
    for at, entry in enumerate(overlay.get("patches") or ()):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("patch"), str):
            continue
        value = value_in(entry["patch"].encode(), 0)
        for offer in in_patch(Patch(path="", holder="", document=0, value=value, target=entry.get("target")), wanted):
            sites = [(write.site, write.value) for write in offer]
            held = [HeldWrite(holder, (*field, "patches", at, "patch"), new, s.field) for s, new in sites if isinstance(s, FieldSite)]
            yield Choice(writes=tuple(held))


def _images_as_written(index: Index, holder: ObjectRef, field: Path) -> list[Json]:
    """The images as the owner's object writes them: texts for Argo CD, maps for Flux."""
    for found in index.find(holder):
        try:
            value = value_in(index.tree[found.path].content, found.document)
        except Unreadable:  # a template makes it
            continue
        images = get(get(value, found.within), (*field, "images"))
        return images if isinstance(images, list) else []
    return []


def _text(entry: Mapping[str, Json]) -> str:
    """An image as an Application says it that a template makes."""
    name, new = str(entry.get("name", "")), str(entry.get("newName") or entry.get("name", ""))
    return f"{name}={new}" if new != name else new


def _image(holder: ObjectRef, wanted: Wanted, field: Path, entry: tuple[Mapping[str, Json], Json]) -> Iterator[Choice]:
    """The entry that gives the image, and how it is written."""
    laid_entry, text = entry
    if wanted.field[-1] != "image" or not isinstance(wanted.now, str) or not isinstance(wanted.value, str):
        return
    now, new = Image.of(wanted.now), Image.of(wanted.value)
    if now.name not in (laid_entry.get("newName"), laid_entry.get("name")):
        return
    if isinstance(text, str):
        old, equals, _ = text.rpartition("=")
        written = f"{old}={wanted.value}" if equals else wanted.value
        if image_entry(written).get("name") == laid_entry.get("name"):
            yield Choice(writes=(HeldWrite(holder, field, written),))
        return
    moved = {"newName": (now.name, new.name), "newTag": (now.tag, new.tag), "digest": (now.digest, new.digest)}
    keys = [(key, after) for key, (before, after) in moved.items() if before != after and (after or key in laid_entry)]
    if keys:
        yield Choice(writes=tuple(HeldWrite(holder, (*field, key), after or MISSING) for key, after in keys))
