"""Where a field of what Kustomize renders may stand: transformers, patches, generators, components and bases, the strongest first.

Every offer is only a guess from reading; rendering decides which is right.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from remediation.errors import Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import MISSING, Item, Path, Step, get, item_step, position, put, resolved
from remediation.gitops.images import Image
from remediation.gitops.index import Found, Tree, contents_of
from remediation.gitops.inputs import folders_of, inputs, kustomization
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.rendered import RenderedObject
from remediation.gitops.sites import EnvSite, FieldSite, FileSite, InlineSite, Site, Write
from remediation.terms import Json

_WRAPPER = ".suture-render"
_PATCHES = ("patches", "patchesJson6902", "patchesStrategicMerge")
Offer = tuple[Write, ...]  # what is written together


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One intended change of one rendered object. value: MISSING takes the field away."""

    obj: RenderedObject
    field: Path
    value: Json
    source: Found | None

    @cached_property
    def named(self) -> Path:
        """The field with names in place of positions where lists have them: a patch holds only some items."""
        return named_path(self.obj.value, self.field)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The field as the parts of a JSON pointer."""
        return tuple(str(step) for step in resolved(self.obj.value, self.field))

    @cached_property
    def names(self) -> frozenset[str]:
        """What the object is called, before and after prefixes and suffixes."""
        return frozenset({self.obj.ref.name, self.source.ref.name if self.source else self.obj.ref.name})

    @property
    def now(self) -> Json:
        """What the field says as rendered."""
        return get(self.obj.value, self.field)


def named_path(value: Json, path: Sequence[Step]) -> Path:
    """The path with names in place of positions, where every item of the list has one."""
    steps: list[Step] = []
    for step in path:
        at = position(value, step) if not isinstance(step, str) else None
        steps.append(step if at is None or isinstance(step, Item) else item_step(value, at))
        value = get(value, (step,))
    return tuple(steps)


def source_of(tree: Tree, obj: RenderedObject) -> Found | None:
    """The document that the object began as, by Kustomize's own annotation."""
    origin = obj.origin if isinstance(obj.origin, Mapping) else {}
    if not isinstance(origin.get("path"), str):
        return None
    path = posixpath.normpath(posixpath.join(_WRAPPER, origin["path"]))
    if path not in tree:
        return None
    ref = obj.ref
    same_kind = [o for o in contents_of(tree[path].content).objects if (o[0].group, o[0].kind) == (ref.group, ref.kind)]
    objects = [o for o in same_kind if o[0].name in ref.name]
    best = max(objects, key=lambda o: (len(o[0].name), o[0].namespace == ref.namespace), default=None)
    return Found(ref=best[0], path=path, document=best[1], within=best[2]) if best else None


def standing(tree: Tree, folder: str, wanted: Wanted) -> Iterator[Offer]:
    """Each place that sets the field, the strongest first; last the object's own document, also where it lacks the field."""
    yield from _standing(tree, folder, wanted, set())
    if wanted.source is not None:
        yield from _in_source(wanted.source, wanted)


def chain(tree: Tree, folder: str, source: Found) -> Iterator[str]:
    """The folders of kustomizations through which the object passes, outermost first."""
    waiting, seen = [posixpath.normpath(folder or ".")], set[str]()
    while waiting:
        at = waiting.pop(0)
        known = kustomization(tree, at)
        if known is None or at in seen or source.path not in inputs(tree, at):
            continue
        seen.add(at)
        yield at
        waiting += [posixpath.normpath(posixpath.join(known.folder, entry)) for entry in folders_of(known.fields)]


def _in_source(source: Found, wanted: Wanted) -> Iterator[Offer]:
    for path in dict.fromkeys((wanted.named, wanted.field)):
        yield (Write(FieldSite(path=source.path, document=source.document, field=(*source.within, *path)), wanted.value),)


def _standing(tree: Tree, folder: str, wanted: Wanted, seen: set[str]) -> Iterator[Offer]:
    known = kustomization(tree, folder)
    if known is None or known.path in seen:
        return
    seen.add(known.path)
    yield from _transformers(known, wanted)
    for patch in reversed(list(patches(tree, known))):
        yield from _in_patch(patch, wanted)
    yield from _generators(tree, known, wanted)
    below = [posixpath.normpath(posixpath.join(known.folder, entry)) for entry in folders_of(known.fields)]
    components = [posixpath.normpath(posixpath.join(known.folder, str(entry))) for entry in known.fields.get("components") or ()]
    for each in [*reversed(components), *(folder for folder in reversed(below) if folder not in components)]:
        yield from _standing(tree, each, wanted, seen)


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


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One document of a patch. target: None where the document names what it patches. outer: the field that holds it inline."""

    path: str
    holder: str  # the kustomization that uses it
    document: int
    value: Json
    target: Mapping[str, Json] | None
    outer: Path = ()

    def site(self, field: Path) -> Site:
        """A field of this document."""
        if self.outer:
            return InlineSite(path=self.path, document=0, outer=self.outer, inner_document=self.document, field=field)
        return FieldSite(path=self.path, document=self.document, field=field)

    def suits(self, wanted: Wanted) -> bool:
        """Whether it may patch the object."""
        if self.target is not None:
            kind, pattern = (str(self.target.get(key) or ".*") for key in ("kind", "name"))
            return _matches(kind, wanted.obj.ref.kind) and any(_matches(pattern, own) for own in wanted.names)
        metadata = self.value.get("metadata") if isinstance(self.value, Mapping) else None
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if not isinstance(self.value, Mapping) or self.value.get("kind") != wanted.obj.ref.kind:
            return False
        return name in wanted.names or (wanted.source is None and bool(name) and str(name) in wanted.obj.ref.name)

    @property
    def operations(self) -> list[Mapping[str, Json]]:
        """Those of a JSON 6902 patch; none of a strategic one."""
        return [one for one in self.value if isinstance(one, Mapping)] if isinstance(self.value, list) else []


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return pattern == text


def patches(tree: Tree, known: Kustomization) -> Iterator[Patch]:
    """Every document of every patch of a kustomization, in its order."""
    for key in reversed(_PATCHES):
        for at, entry in enumerate(known.fields.get(key) or ()):
            target = entry.get("target") if isinstance(entry, Mapping) else None
            if isinstance(entry, Mapping) and isinstance(entry.get("patch"), str):
                yield from _documents(known, known.path, entry["patch"], target, (key, at, "patch"))
            elif isinstance(entry, str) and "\n" in entry:
                yield from _documents(known, known.path, entry, target, (key, at))
            else:
                file = entry.get("path") if isinstance(entry, Mapping) else entry
                path = posixpath.normpath(posixpath.join(known.folder, str(file)))
                if path in tree:
                    yield from _documents(known, path, decoded(tree[path].content), target, ())


def _documents(known: Kustomization, path: str, text: str, target: Mapping[str, Json] | None, outer: Path) -> Iterator[Patch]:
    for number, (begin, end) in enumerate(spans(text)):
        try:
            value = read(text[begin:end]).value
        except Unreadable:
            continue
        yield Patch(path=path, holder=known.path, document=number, value=value, target=target, outer=outer)


def _in_patch(patch: Patch, wanted: Wanted) -> Iterator[Offer]:
    if not patch.suits(wanted):
        return
    if isinstance(patch.value, Mapping):
        for path in dict.fromkeys((wanted.named, wanted.field)):
            if get(patch.value, path) is not MISSING:
                yield (Write(patch.site(path), wanted.value),)
                if wanted.value is MISSING:
                    yield (Write(patch.site(path), None),)
        return
    for at in reversed(range(len(patch.operations))):
        operation = patch.operations[at]
        tokens = tuple(part.replace("~1", "/").replace("~0", "~") for part in str(operation.get("path", "")).split("/")[1:])
        if operation.get("op") in ("add", "replace") and tokens == wanted.tokens[: len(tokens)]:
            rest = wanted.named[len(tokens) :]
            if get(operation.get("value"), rest) is not MISSING:
                yield (Write(patch.site((at, "value", *rest)), wanted.value),)


def _generators(tree: Tree, known: Kustomization, wanted: Wanted) -> Iterator[Offer]:
    origin = wanted.obj.origin if isinstance(wanted.obj.origin, Mapping) else {}
    if "configuredBy" not in origin or wanted.obj.ref.kind != "ConfigMap" or wanted.field[:1] != ("data",) or len(wanted.field) != 2:  # noqa: PLR2004
        return
    key = str(wanted.field[1])
    for at, entry in enumerate(known.fields.get("configMapGenerator") or ()):
        if isinstance(entry, Mapping) and str(entry.get("name")) in wanted.obj.ref.name:
            for n, literal in enumerate(entry.get("literals") or ()):
                if str(literal).partition("=")[0] == key:
                    yield (Write(FieldSite(path=known.path, field=("configMapGenerator", at, "literals", n)), f"{key}={wanted.value}"),)
            yield from _generator_files(tree, known, entry, key, wanted)


def _generator_files(tree: Tree, known: Kustomization, entry: Mapping[str, Json], key: str, wanted: Wanted) -> Iterator[Offer]:
    for file in map(str, entry.get("files") or ()):
        name, equals, there = file.rpartition("=")
        path = posixpath.normpath(posixpath.join(known.folder, there))
        if (name if equals else posixpath.basename(there)) == key and path in tree:
            yield (Write(FileSite(path=path), wanted.value),)
    for file in map(str, [*(entry.get("envs") or ()), *([entry["env"]] if entry.get("env") else [])]):
        path = posixpath.normpath(posixpath.join(known.folder, file))
        if path in tree:
            yield (Write(EnvSite(path=path, key=key), wanted.value),)


def variants(wanted: Wanted) -> Iterator[tuple[Path, Json]]:
    """The field as a strategic patch may say it: alone, or with the whole list that it stands in."""
    path = wanted.named
    if not any(isinstance(step, int) for step in path):
        yield path, None if wanted.value is MISSING else wanted.value
    at = next((at for at, step in enumerate(path) if not isinstance(step, str)), None)
    if at is not None:
        yield path[:at], get(put(wanted.obj.value, path, wanted.value), path[:at])
