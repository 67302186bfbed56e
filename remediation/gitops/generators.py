"""ConfigMaps that Kustomize generates: the literal, line or file that gives a key, and a key that one overlay gives anew."""

import posixpath
from collections.abc import Iterator, Mapping

from remediation.gitops.fieldpath import MISSING
from remediation.gitops.index import Tree
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.patches import Offer
from remediation.gitops.sites import EnvSite, FieldSite, FileSite, NewFile
from remediation.gitops.wanted import Wanted
from remediation.gitops.workspace import in_tree
from remediation.gitops.writes import Write
from remediation.terms import Json

_GENERATOR = "configMapGenerator"


def origin_of(wanted: Wanted) -> str:
    """The kustomization that generates the object; empty where it is not generated."""
    origin = wanted.obj.origin if isinstance(wanted.obj.origin, Mapping) else {}
    there = origin.get("configuredIn")
    return in_tree(there) if isinstance(there, str) else ""


def _key(wanted: Wanted) -> str | None:
    """The key of a generated ConfigMap that is wanted."""
    one_key = wanted.field[:1] == ("data",) and len(wanted.field) == 2  # noqa: PLR2004 - `data` and the key
    return str(wanted.field[1]) if origin_of(wanted) and wanted.obj.ref.kind == "ConfigMap" and one_key else None


def _entries(known: Kustomization, wanted: Wanted) -> Iterator[tuple[int, Mapping[str, Json]]]:
    for at, entry in enumerate(known.fields.get(_GENERATOR) or ()):
        if isinstance(entry, Mapping) and str(entry.get("name")) in wanted.obj.ref.name:
            yield at, entry


def generated(tree: Tree, known: Kustomization, wanted: Wanted) -> Iterator[Offer]:
    """Where the kustomization gives the key; last, the key as one more literal of an entry that it has."""
    key = _key(wanted)
    if key is None:
        return
    for at, entry in _entries(known, wanted):
        for n, literal in enumerate(entry.get("literals") or ()):
            if str(literal).partition("=")[0] == key:
                value = MISSING if wanted.value is MISSING else f"{key}={wanted.value}"
                yield (Write(FieldSite(path=known.path, field=(_GENERATOR, at, "literals", n)), value),)
        yield from _files(tree, known, (at, entry), key, wanted)
    if wanted.value is not MISSING:
        for at, entry in _entries(known, wanted):
            yield _added(tree, known, (at, entry), key, wanted.value)


def _files(tree: Tree, known: Kustomization, numbered: tuple[int, Mapping[str, Json]], key: str, wanted: Wanted) -> Iterator[Offer]:
    number, entry = numbered
    for n, file in enumerate(map(str, entry.get("files") or ())):
        name, equals, there = file.rpartition("=")
        path = posixpath.normpath(posixpath.join(known.folder, there))
        if (name if equals else posixpath.basename(there)) == key and path in tree:
            gone = (Write(FieldSite(path=known.path, field=(_GENERATOR, number, "files", n)), MISSING),)
            yield gone if wanted.value is MISSING else (Write(FileSite(path=path), wanted.value),)
    for file in map(str, [*(entry.get("envs") or ()), *([entry["env"]] if entry.get("env") else [])]):
        path = posixpath.normpath(posixpath.join(known.folder, file))
        if path in tree:
            yield (Write(EnvSite(path=path, key=key), wanted.value),)


def _added(tree: Tree, known: Kustomization, numbered: tuple[int, Mapping[str, Json]], key: str, value: Json) -> Offer:
    """The key as one more literal; text of several lines as a file of its own."""
    at, entry = numbered
    several = "\n" in str(value)
    form = "files" if several else "literals"
    new = key if several else f"{key}={value}"
    listed = entry.get(form)
    site = FieldSite(path=known.path, field=(_GENERATOR, at, form, len(listed)) if listed else (_GENERATOR, at, form))
    entered = Write(site, new if listed else [new])
    path = posixpath.join(known.folder, key)
    return (Write(NewFile(path=path, content=str(value).encode()), value), entered) if several and path not in tree else (entered,)


def overridden(tree: Tree, known: Kustomization, wanted: Wanted) -> Iterator[Offer]:
    """The key in this overlay alone: in an entry that merges into what a base generates, one that exists or a new one."""
    key = _key(wanted)
    base = kustomization(tree, posixpath.dirname(origin_of(wanted))) if key else None
    if key is None or base is None or base.path == known.path or wanted.value is MISSING:
        return
    for _, entry in _entries(base, wanted):
        own = {name: entry[name] for name in ("name", "namespace") if entry.get(name)}
        several = "\n" in str(wanted.value)
        new = {**own, "behavior": "merge", "files" if several else "literals": [key if several else f"{key}={wanted.value}"]}
        listed = known.fields.get(_GENERATOR)
        site = FieldSite(path=known.path, field=(_GENERATOR, len(listed)) if listed else (_GENERATOR,))
        at = len(listed or ())
        shown = FieldSite(path=known.path, field=(_GENERATOR, at, "files" if several else "literals", 0))
        entered = Write(site, new if listed else [new], shown)
        path = posixpath.join(known.folder, key)
        if several and path not in tree:
            yield Write(NewFile(path=path, content=str(wanted.value).encode()), wanted.value), entered
        elif not several:
            yield (entered,)
