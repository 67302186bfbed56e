"""Patches of a kustomization, strategic and JSON 6902, in files and inline: what they set, and how a field would be said in one."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.errors import Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import MISSING, Item, Path, get, item_step, named, position, put
from remediation.gitops.index import Tree
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.sites import FieldSite, InlineSite, Site
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Write
from remediation.terms import Json

_PATCHES = ("patches", "patchesJson6902", "patchesStrategicMerge")
Offer = tuple[Write, ...]  # what is written together


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


def in_patch(patch: Patch, wanted: Wanted) -> Iterator[Offer]:
    """Where a patch sets the field; nothing where it does not."""
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
        if operation.get("op") in ("add", "replace") and (tokens == wanted.tokens[: len(tokens)] or _appends(operation, tokens, wanted)):
            rest = wanted.named[len(tokens) :]
            if get(operation.get("value"), rest) is not MISSING:
                yield (Write(patch.site((at, "value", *rest)), wanted.value),)


def _appends(operation: Mapping[str, Json], tokens: tuple[str, ...], wanted: Wanted) -> bool:
    """Whether an operation adds the named item that the field stands in to the end of its list."""
    at = len(tokens) - 1
    item = wanted.named[at : at + 1]
    same_list = tokens[-1:] == ("-",) and tokens[:-1] == wanted.tokens[:at]
    return same_list and isinstance(item[0] if item else "", Item) and get([operation.get("value")], item) is not MISSING


def variants(wanted: Wanted) -> Iterator[tuple[Path, Json]]:
    """The field as a strategic patch may say it: alone, or with the list of scalars that it stands in, which is replaced whole."""
    path = wanted.named
    at = next((at for at, step in enumerate(path) if isinstance(step, int)), None)
    if at is None:
        yield path, None if wanted.value is MISSING else wanted.value
        return
    whole = get(put(wanted.obj.value, path, wanted.value), path[:at])
    if isinstance(whole, list) and not any(isinstance(item, Mapping | list) for item in whole):
        yield path[:at], whole


def before(wanted: Wanted, path: Path) -> list[Path]:
    """The items that stand before those of the path: a patch must name them first, or its own item would come first."""
    found: list[Path] = []
    for at, step in enumerate(path):
        items = get(wanted.obj.value, path[:at])
        if isinstance(step, Item) and isinstance(items, list) and named(items):
            found += [(*path[:at], item_step(items, n)) for n in range(position(items, step) or 0)]
    return found
