"""Which objects a tree of files holds, and where: by group, kind, namespace and name. A broken file is remembered, not fatal."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import yaml

from remediation.errors import Unreadable
from remediation.gitops.document import MERGE, decoded, read, spans
from remediation.gitops.fieldpath import Path
from remediation.terms import ObjectRef

SUFFIXES = (".yaml", ".yml", ".json")
_LARGEST = 20_000_000  # bytes of one file: a larger one is no manifest that a person wrote
_SEEMS = re.compile(r"^[ \t-]*(kind|name):[ \t]*['\"]?([\w.-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Blob:
    """One file's bytes and Git's id of them."""

    id: str
    content: bytes


Tree = Mapping[str, Blob]
"""Files by path, with / between folders."""


def blob_of(content: bytes) -> Blob:
    """The blob that Git would store."""
    return Blob(hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest(), content)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where an object stands: the file, its document (from 0), and the path within it where that is a List."""

    ref: ObjectRef
    path: str
    document: int = 0
    within: Path = ()


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A document that could not be read. kinds, names: what seems to stand in it."""

    path: str
    document: int
    reason: str
    kinds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Contents:
    """What one file holds."""

    objects: tuple[tuple[ObjectRef, int, Path], ...] = ()
    broken: tuple[tuple[int, str, str], ...] = ()  # document, reason, text


class Index:
    """The objects of one tree. known: what blobs hold, by their id; shared between trees, so that a new commit costs its changes."""

    def __init__(self, tree: Tree, known: dict[str, Contents] | None = None) -> None:
        self.tree = tree
        known = {} if known is None else known
        self._found: dict[tuple[str, str, str], list[Found]] = defaultdict(list)
        self._broken: list[tuple[str, int, str, str]] = []
        for path, blob in tree.items():
            if path.endswith(SUFFIXES):
                contents = known.get(blob.id) or known.setdefault(blob.id, contents_of(blob.content))
                for ref, document, within in contents.objects:
                    found = Found(ref=ref, path=path, document=document, within=within)
                    self._found[ref.group, ref.kind, ref.name].append(found)
                self._broken += [(path, *broken) for broken in contents.broken]

    def find(self, ref: ObjectRef, under: str = "") -> list[Found]:
        """Every place that defines the object; a manifest without a namespace matches any, and so does a reference without one.

        under: a folder, empty for all.
        """
        candidates = self._found.get((ref.group, ref.kind, ref.name), [])
        near = [f for f in candidates if "" in (f.ref.namespace, ref.namespace) or f.ref.namespace == ref.namespace]
        return [found for found in near if is_under(found.path, under)]

    def objects(self) -> Iterator[Found]:
        """Every object, file by file."""
        for found in self._found.values():
            yield from found

    @cached_property
    def broken(self) -> tuple[Broken, ...]:
        """What could not be read, with what seems to stand there."""
        return tuple(_broken(*broken) for broken in self._broken)


def is_under(path: str, folder: str) -> bool:
    """Whether the path is in the folder; `` and `.` are the whole tree."""
    folder = folder.strip("/").removeprefix("./")
    return folder in ("", ".") or path == folder or path.startswith(f"{folder}/")


def _broken(path: str, document: int, reason: str, text: str) -> Broken:
    seems = [(match[1], match[2]) for match in _SEEMS.finditer(text)]
    kinds, names = ({value for key, value in seems if key == wanted} for wanted in ("kind", "name"))
    return Broken(path=path, document=document, reason=reason, kinds=frozenset(kinds), names=frozenset(names))


def contents_of(content: bytes) -> Contents:
    """The objects of one file; those that it lists (`kind: List`) count each for itself."""
    if b"kind" not in content or b"apiVersion" not in content:
        return Contents()
    if len(content) > _LARGEST:
        return Contents(broken=((0, "The file is larger than 20 MB.", ""),))
    try:
        text = decoded(content)
    except Unreadable as error:
        return Contents(broken=((0, error.what, content.decode("latin-1")),))  # enough to see its names
    objects: list[tuple[ObjectRef, int, Path]] = []
    broken: list[tuple[int, str, str]] = []
    for number, (begin, end) in enumerate(spans(text)):
        part = text[begin:end]
        if "kind" not in part:
            continue
        try:
            objects += [(ref, number, within) for ref, within in _objects(read(part).root, (), set())]
        except Unreadable as error:
            broken.append((number, error.what, part))
    return Contents(tuple(objects), tuple(broken))


def _objects(node: yaml.Node, within: Path, lists: set[int]) -> Iterator[tuple[ObjectRef, Path]]:
    """lists: those that were walked through, by id: an alias may lead to them again and again."""
    fields = _fields(node)
    kind, version = (_text(fields.get(key)) for key in ("kind", "apiVersion"))
    if not kind or not version:
        return
    items = fields.get("items")
    if kind.endswith("List") and isinstance(items, yaml.SequenceNode):
        unseen = [] if id(items) in lists else items.value
        lists.add(id(items))
        for at, item in enumerate(unseen):
            yield from _objects(item, (*within, "items", at), lists)
        return
    metadata = _fields(fields.get("metadata"))
    group = version.rpartition("/")[0]
    name, namespace = (_text(metadata.get(key)) for key in ("name", "namespace"))
    if name:
        yield ObjectRef(group=group, kind=kind, namespace=namespace, name=name), within


def _fields(node: yaml.Node | None, known: dict[int, dict[str, yaml.Node]] | None = None) -> dict[str, yaml.Node]:
    """known: of each node its fields, as far as they are known: one may be merged again and again, even into itself."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    known = {} if known is None else known
    if id(node) not in known:
        own = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode) and key.tag != MERGE}
        known[id(node)] = own
        merged = [m for k, v in node.value if k.tag == MERGE for m in (v.value if isinstance(v, yaml.SequenceNode) else [v])]
        inherited = {key: value for source in reversed(merged) for key, value in _fields(source, known).items()}
        known[id(node)] = {**inherited, **own}
    return known[id(node)]


def _text(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
