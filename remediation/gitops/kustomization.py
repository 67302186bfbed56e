"""Which kustomizations of a tree build a file, and whether they leave it as it is written."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from remediation.errors import Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.index import Tree
from remediation.gitops.kustomization_shape import misshapen
from remediation.gitops.remotes import there
from remediation.terms import Json

FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_BUILT = ("resources", "bases", "components", "crds")
_HARMLESS = frozenset(
    {"apiVersion", "kind", "metadata", "resources", "bases", "namespace", "sortOptions", "buildMetadata", "generatorOptions"}
)


@dataclass(frozen=True)
class Kustomization:
    """One kustomization. fields: empty when it could not be read, and then `reason` says why."""

    path: str
    fields: Mapping[str, Json]
    reason: str = ""

    @property
    def folder(self) -> str:
        """Where it stands."""
        return posixpath.dirname(self.path)

    @cached_property
    def builds(self) -> frozenset[str]:
        """The files and folders that it builds from."""
        return frozenset(self._paths(entry for key in _BUILT for entry in self.fields.get(key) or ()))

    @cached_property
    def patches(self) -> frozenset[str]:
        """The files that it patches with."""
        inline = (p.get("path") for key in ("patches", "patchesJson6902") for p in self.fields.get(key) or () if isinstance(p, Mapping))
        return frozenset(self._paths([*inline, *(self.fields.get("patchesStrategicMerge") or ())]))

    @property
    def transforms(self) -> tuple[str, ...]:
        """The keys by which it may change what it builds."""
        return tuple(key for key, value in self.fields.items() if key not in _HARMLESS and value)

    def _paths(self, entries: Iterator[Json] | list[Json]) -> Iterator[str]:
        for entry in entries:
            if isinstance(entry, str) and "\n" not in entry:
                yield there(self.folder, entry)


def kustomizations(tree: Tree) -> tuple[Kustomization, ...]:
    """Every kustomization of the tree."""
    return tuple(read_kustomization(path, tree[path].content) for path in tree if posixpath.basename(path) in FILES)


def read_kustomization(path: str, content: bytes) -> Kustomization:
    """One kustomization; what could not be read says why."""
    try:
        text = decoded(content)
        begin, end = spans(text)[0]
        fields = read(text[begin:end]).value
    except Unreadable as error:
        return Kustomization(path, {}, error.what)
    wrong = misshapen(fields)
    return Kustomization(path, {} if wrong else fields, wrong)


def builders(path: str, known: tuple[Kustomization, ...]) -> tuple[Kustomization, ...]:
    """Those that build the file, directly or through another kustomization; nearest first."""
    found: list[Kustomization] = []
    wanted = {path}
    while wanted:
        near = [k for k in known if k not in found and (k.builds & wanted)]
        found += near
        wanted = {k.folder or "." for k in near}
    return tuple(found)


def patchers(path: str, known: tuple[Kustomization, ...]) -> tuple[Kustomization, ...]:
    """Those that use the file as a patch: then it is no object of its own."""
    return tuple(k for k in known if path in k.patches)
