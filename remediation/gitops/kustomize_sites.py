"""Where a field that Kustomize renders may stand: replacements, transformers, patches, generators, components, bases, strongest first.

Every offer is only a guess from reading; rendering decides which is right.
"""

import posixpath
from collections.abc import Iterator, Mapping

from remediation.gitops.copied import originals
from remediation.gitops.fieldpath import MISSING, Path
from remediation.gitops.generators import generated
from remediation.gitops.images import Image
from remediation.gitops.index import Found, Tree
from remediation.gitops.inputs import folders_of, inputs, kustomization
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.patches import Offer, in_patch, patches
from remediation.gitops.remotes import there
from remediation.gitops.sites import FieldSite
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Write

_COPIES = 3  # of a copy of a copy


def standing(tree: Tree, folder: str, wanted: Wanted) -> Iterator[Offer]:
    """Each place that sets the field, the strongest first; last the object's own document, also where it lacks the field."""
    yield from _standing(tree, folder, wanted, set())
    if wanted.source is not None:
        yield from _in_source(wanted.source, wanted)


def chain(tree: Tree, folder: str, source: str) -> Iterator[str]:
    """The folders of kustomizations through which what a file gives passes, outermost first."""
    waiting, seen = [posixpath.normpath(folder or ".")], set[str]()
    while waiting:
        at = waiting.pop(0)
        known = kustomization(tree, at)
        if known is None or at in seen or source not in inputs(tree, at):
            continue
        seen.add(at)
        yield at
        waiting += [there(known.folder, entry) for entry in folders_of(known.fields)]


def unscaled(tree: Tree, folder: str, wanted: Wanted, source: str) -> Offer:
    """Where the number of pods is to go: without the entries of `replicas` that would set it again."""
    writes: list[Write] = []
    for each in chain(tree, folder, source) if wanted.field == ("spec", "replicas") and wanted.value is MISSING else ():
        known = kustomization(tree, each)
        entries = (known.fields.get("replicas") or ()) if known else ()
        for at, entry in enumerate(entries):
            if known and isinstance(entry, Mapping) and entry.get("name") in wanted.names:
                field: Path = ("replicas", at) if len(entries) > 1 else ("replicas",)
                writes.append(Write(FieldSite(path=known.path, field=field), MISSING))
    return tuple(writes)


def _in_source(source: Found, wanted: Wanted) -> Iterator[Offer]:
    for path in dict.fromkeys((wanted.named, wanted.field)):
        yield (Write(FieldSite(path=source.path, document=source.document, field=(*source.within, *path)), wanted.value),)


def _standing(tree: Tree, folder: str, wanted: Wanted, seen: set[str], copies: int = _COPIES) -> Iterator[Offer]:
    known = kustomization(tree, folder)
    if known is None or known.path in seen:
        return
    seen.add(known.path)
    for original in originals(tree, known, wanted) if copies else ():
        yield from _standing(tree, known.folder, original, set(), copies - 1)
        if original.source is not None:
            yield from _in_source(original.source, original)
    yield from _transformers(known, wanted)
    for patch in reversed(list(patches(tree, known))):
        yield from in_patch(patch, wanted)
    yield from generated(tree, known, wanted)
    below = [there(known.folder, entry) for entry in folders_of(known.fields)]
    components = [there(known.folder, str(entry)) for entry in known.fields.get("components") or ()]
    for each in [*reversed(components), *(folder for folder in reversed(below) if folder not in components)]:
        yield from _standing(tree, each, wanted, seen, copies)


def _transformers(known: Kustomization, wanted: Wanted) -> Iterator[Offer]:
    for at, entry in enumerate(known.fields.get("replicas") or ()):
        if wanted.field == ("spec", "replicas") and isinstance(entry, Mapping) and entry.get("name") in wanted.names:
            yield (Write(FieldSite(path=known.path, field=("replicas", at, "count")), wanted.value),)
    yield from image_offers(known, wanted, strict=True)
    for key in ("labels", "commonLabels", "commonAnnotations"):
        yield from _labels(known, key, wanted)


def _labels(known: Kustomization, key: str, wanted: Wanted) -> Iterator[Offer]:
    last, parent = wanted.field[-1], wanted.field[-2:-1]
    if parent not in (("labels",), ("annotations",), ("matchLabels",), ("selector",)) or not isinstance(last, str):
        return
    fields = known.fields.get(key) or ()
    if isinstance(fields, Mapping) and last in fields:
        yield (Write(FieldSite(path=known.path, field=(key, last)), wanted.value),)
    for at, entry in enumerate(fields if isinstance(fields, list) else ()):
        if isinstance(entry, Mapping) and last in (entry.get("pairs") or {}):
            yield (Write(FieldSite(path=known.path, field=(key, at, "pairs", last)), wanted.value),)


def image_offers(known: Kustomization, wanted: Wanted, *, strict: bool) -> Iterator[Offer]:
    """The `images` entry that gives the image. strict: only one that sets already what must change."""
    if wanted.field[-1] != "image" or not isinstance(wanted.now, str) or not isinstance(wanted.value, str):
        return
    now, new = Image.of(wanted.now), Image.of(wanted.value)
    for at, entry in enumerate(known.fields.get("images") or ()):
        if not isinstance(entry, Mapping) or now.name not in (entry.get("newName"), entry.get("name")):
            continue
        changes = {"newName": (now.name, new.name), "newTag": (now.tag, new.tag), "digest": (now.digest, new.digest)}
        moved = {key: after for key, (before, after) in changes.items() if before != after}
        if not strict or all(key in entry for key in moved):
            sites = {key: FieldSite(path=known.path, field=("images", at, key)) for key in moved}
            yield tuple(Write(sites[key], value or MISSING) for key, value in moved.items() if value or key in entry)
