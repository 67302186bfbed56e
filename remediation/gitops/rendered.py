"""What a renderer printed: its objects, and how two prints differ. Only documents whose text differs are parsed."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import read, spans
from remediation.gitops.fieldpath import MISSING, get
from remediation.gitops.index import contents_of
from remediation.terms import Json, ObjectRef

ORIGIN = "config.kubernetes.io/origin"
_TEMPLATE = re.compile(r"^# Source: [^/\n]+/(\S+)", re.MULTILINE)  # as Helm says it: the chart's name, and the template in it
_HASHED = re.compile(r"(.+)-[a-z0-9]{10}")


@dataclass(frozen=True, kw_only=True)
class RenderedObject:
    """One object. origin: what Kustomize says of where it comes from (path, or configuredIn and configuredBy).

    template: the file in the chart's folder that Helm made it of; empty where it was not Helm.
    """

    ref: ObjectRef
    value: Json
    origin: Json
    template: str = ""


@dataclass(frozen=True)
class Rendered:
    """A renderer's documents, in its order."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Rendered":
        """Cut at its documents."""
        return cls(tuple(text[begin:end] for begin, end in spans(text)))

    @cached_property
    def counted(self) -> Counter[str]:
        """How often each document stands in it."""
        return Counter(self.texts)

    def find(self, ref: ObjectRef) -> tuple[RenderedObject, ...]:
        """The objects of this group, kind and name; one without a namespace matches any, and so does a reference without one."""
        named = re.compile(rf"(?<![\w.-]){re.escape(ref.name)}(?:-[a-z0-9]{{10}})?(?![\w.-])")
        near = (obj for text in self.texts if ref.kind in text and named.search(text) for obj in objects_in(text))
        return tuple(obj for obj in near if _is(obj.ref, ref))

    def only(self, ref: ObjectRef) -> RenderedObject:
        """The one object. Raises Refused: not_found, ambiguous."""
        found = self.find(ref)
        exact = [each for each in found if each.ref == ref] or list(found)
        if len(exact) != 1:
            stem = ObjectRef(group=ref.group, kind=ref.kind, namespace=ref.namespace, name=ref.name[:-11])
            again = self.find(stem) if not exact and ref.kind in ("ConfigMap", "Secret") else ()
            if len(again) == 1:
                return again[0]
            kind = "ambiguous" if exact else "not_found"
            raise Refused(f"{ref} is rendered {len(exact)} times.", "Narrow it with --path or --env.", kind=kind)
        return exact[0]


def _is(found: ObjectRef, wanted: ObjectRef) -> bool:
    named = found.name == wanted.name or ((hashed := _HASHED.fullmatch(found.name)) is not None and hashed[1] == wanted.name)
    same_place = "" in (found.namespace, wanted.namespace) or found.namespace == wanted.namespace
    return named and same_place and (found.group, found.kind) == (wanted.group, wanted.kind)


def objects_in(text: str) -> Iterator[RenderedObject]:
    """The objects of one document, without the annotations that rendering added."""
    contents = contents_of(text.encode())
    made_of = _TEMPLATE.search(text)
    for ref, _, within in contents.objects:
        value = get(read(text).value, within)
        annotations = dict((value.get("metadata") or {}).get("annotations") or {})
        origin = annotations.pop(ORIGIN, None)
        if origin is not None:
            metadata = {key: child for key, child in value["metadata"].items() if key != "annotations"}
            value = {**value, "metadata": {**metadata, **({"annotations": annotations} if annotations else {})}}
        yield RenderedObject(ref=ref, value=value, origin=_origin(origin), template=made_of[1] if made_of else "")


def _origin(text: Json) -> Json:
    try:
        return read(text).value if isinstance(text, str) else {}
    except Unreadable:
        return {}


Difference = tuple[ObjectRef, Json, Json]  # an object before and after, MISSING where it is absent


def difference(base: Rendered, head: Rendered) -> list[Difference]:
    """The objects that differ. A generated name whose hash follows its content counts as the same name."""
    found = _difference(base, head)
    renamed = dict(_renamed(found))
    if not renamed:
        return found
    pattern = re.compile("|".join(map(re.escape, renamed)))
    return _difference(base, Rendered(tuple(pattern.sub(lambda name: renamed[name[0]], text) for text in head.texts)))


def _difference(base: Rendered, head: Rendered) -> list[Difference]:
    old, new = (_keyed(one.counted - other.counted) for one, other in ((base, head), (head, base)))
    pairs = [(key[0], old.get(key, MISSING), new.get(key, MISSING)) for key in [*old, *(key for key in new if key not in old)]]
    return [pair for pair in pairs if pair[1] != pair[2] or repr(pair[1]) != repr(pair[2])]


def _keyed(texts: Counter[str]) -> dict[tuple[ObjectRef, int], Json]:
    seen: Counter[ObjectRef] = Counter()
    found: dict[tuple[ObjectRef, int], Json] = {}
    for text in texts.elements():
        for obj in objects_in(text):
            found[obj.ref, seen[obj.ref]] = obj.value
            seen[obj.ref] += 1
    return found


def _renamed(found: list[Difference]) -> Iterator[tuple[str, str]]:
    """New name to old name of each generated object whose hash changed."""
    gone = [ref for ref, _, new in found if new is MISSING]
    for ref, old, _ in found:
        hashed = _HASHED.fullmatch(ref.name)
        if old is MISSING and hashed and ref.kind in ("ConfigMap", "Secret"):
            for other in gone:
                before = _HASHED.fullmatch(other.name)
                if before and (before[1], other.kind, other.namespace) == (hashed[1], ref.kind, ref.namespace):
                    yield ref.name, other.name
