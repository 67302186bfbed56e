"""Fields that a kustomization's `replacements` copy from another object: that object and its field, in the copy's place."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import MISSING, Path, get, parse
from remediation.gitops.helm_keys import derived, text_of
from remediation.gitops.index import Found, Tree, contents_of
from remediation.gitops.inputs import inputs, kustomization
from remediation.gitops.kustomization import FILES, Kustomization
from remediation.gitops.rendered import RenderedObject
from remediation.gitops.sites import value_in
from remediation.gitops.wanted import Wanted
from remediation.gitops.workspace import from_beside
from remediation.terms import Json, ObjectRef

_POSITION = re.compile(r"\.(\d+)(?=\.|$)")


def originals(tree: Tree, known: Kustomization, wanted: Wanted) -> Iterator[Wanted]:
    """What must be said elsewhere for the field to be as wanted, by each replacement that may copy into it.

    A Secret is never one, nor is anything where the field is to go.
    """
    for entry in _replacements(tree, known) if wanted.value is not MISSING else ():
        source = entry.get("source")
        field = _field(source.get("fieldPath")) if isinstance(source, Mapping) else ()
        if isinstance(source, Mapping) and field and source.get("kind") != "Secret" and _reaches(entry, wanted):
            yield from _written(tree, known, source, field, wanted)
            yield from _generated(tree, known, source, field, wanted)


def _replacements(tree: Tree, known: Kustomization) -> Iterator[Mapping[str, Json]]:
    """Inline ones, and those of files, which hold one or a list."""
    for entry in known.fields.get("replacements") or ():
        path = posixpath.normpath(posixpath.join(known.folder, str(entry.get("path")))) if isinstance(entry, Mapping) else ""
        held = _read(tree[path].content) if path in tree else entry
        yield from (each for each in (held if isinstance(held, list) else [held]) if isinstance(each, Mapping))


def _read(content: bytes, document: int = 0) -> Json:
    try:
        return value_in(content, document)
    except Unreadable:
        return None


def _field(text: Json) -> Path:
    """Kustomize's way of writing a path: `containers.[name=api].image`, `containers.0.image`; empty where it is none."""
    try:
        return parse(_POSITION.sub(r"[\1]", text.replace(".[", "["))) if isinstance(text, str) else ()
    except Unreadable:
        return ()


def _reaches(entry: Mapping[str, Json], wanted: Wanted) -> bool:
    """Whether it may copy into an object of this kind; which field of which one, rendering tells."""
    selects = [each.get("select") for each in entry.get("targets") or () if isinstance(each, Mapping)]
    return any(isinstance(one, Mapping) and one.get("kind") in (None, wanted.obj.ref.kind) for one in selects)


def _written(tree: Tree, known: Kustomization, source: Mapping[str, Json], field: Path, wanted: Wanted) -> Iterator[Wanted]:
    """From a manifest."""
    for path in sorted(path for path in inputs(tree, known.folder) if path in tree):
        for ref, document, within in contents_of(tree[path].content).objects:
            if source.get("kind") in (None, ref.kind) and ref.name in str(source.get("name") or ref.name) and ref.kind != "Secret":
                value = get(_read(tree[path].content, document), within)
                new = derived(get(value, field), wanted.now, wanted.value)
                yield Wanted(
                    obj=RenderedObject(ref=ref, value=value, origin={}), field=field, value=wanted.value if new is MISSING else new,
                    source=Found(ref=ref, path=path, document=document, within=within),
                )  # fmt: skip


def _generated(tree: Tree, known: Kustomization, source: Mapping[str, Json], field: Path, wanted: Wanted) -> Iterator[Wanted]:
    """From a ConfigMap that a kustomization generates."""
    ref = ObjectRef(group="", kind="ConfigMap", namespace="", name=str(source.get("name")))
    for path in sorted(path for path in inputs(tree, known.folder) if posixpath.basename(path) in FILES):
        near = kustomization(tree, posixpath.dirname(path))
        entries = near.fields.get("configMapGenerator") if near and source.get("kind") in (None, ref.kind) else ()
        if any(isinstance(entry, Mapping) and entry.get("name") == ref.name for entry in entries or ()):
            obj = RenderedObject(ref=ref, value={}, origin={"configuredIn": from_beside(path)})
            yield Wanted(obj=obj, field=field, value=text_of(wanted.value), source=None)
