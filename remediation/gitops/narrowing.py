"""Of the places that an object may come from, those that a person, the live object or its owner means."""

import fnmatch
import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass

from remediation.gitops.environments import speaks_of, speaks_of_any
from remediation.gitops.index import Found
from remediation.gitops.rendered import RenderedObject
from remediation.gitops.renderings import Rendering
from remediation.terms import ObjectRef


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """What a person, or the live object, says of the place. glob: over folders and files.  owners: the tools' objects.

    confirmed: whether the cluster has the owners, so that nobody else counts.  place: the candidate that a person chose.
    """

    rendering: Rendering | None = None
    environment: str = ""
    glob: str = ""
    owners: frozenset[ObjectRef] = frozenset()
    confirmed: bool = False
    place: str = ""
    release: str = ""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An object where it was found. found: its document, where that is applied as it is written."""

    rendering: Rendering
    obj: RenderedObject
    found: Found | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What its place is called by."""
        owner, within = self.rendering.owner, self.rendering.within
        own = [owner.path, owner.ref.name] if owner else []
        own += [within.path, within.owner.path if within.owner else ""] if within else []
        path = self.found.path if self.found else self.rendering.path
        return (path, *(source.path for source in self.rendering.values if source.path), *own)

    def __str__(self) -> str:
        owner = self.rendering.owner
        files = "".join(f" with {source.path}" for source in self.rendering.values if source.path)
        document = f", document {self.found.document + 1}" if self.found and self.found.document else ""
        place = f"{self.found.path}{document}" if self.found else f"{self.rendering}{files}"
        within = f" in {self.rendering.within}" if self.rendering.within else ""
        return f"{place} ({owner.ref.kind} {owner.ref.name}{within})" if owner else place


def remaining(found: list[Candidate], how: Narrowing) -> list[Candidate]:
    """Those that are meant; each once, and of an Application's sources the last."""
    if how.place:
        found = [each for each in found if str(each) == how.place]
    if how.owners:
        found = _named(found, how.owners) or ([] if how.confirmed else found)
    if how.glob:
        found = [each for each in found if any(globbed(word, how.glob) for word in each.words)]
    if how.environment:
        named = [each for each in found if speaks_of(each.words, how.environment)]
        found = named or [each for each in found if not speaks_of_any(each.words)]
    return _last_sources(_without_doubles(found))


def _named(found: list[Candidate], owners: Collection[ObjectRef]) -> list[Candidate]:
    """Those of the owners that the live object names; of the same name elsewhere, where none is in the namespace that was named."""
    owned = [(each, each.rendering.owner.ref) for each in found if each.rendering.owner]
    exact = [each for each, ref in owned if ref in owners]
    return exact or [each for each, ref in owned if any((ref.kind, ref.name) == (one.kind, one.name) for one in owners)]


def _last_sources(found: list[Candidate]) -> list[Candidate]:
    """Of an Application's sources that give the same object the last wins."""
    last: dict[ObjectRef, int] = {}
    for owner in (each.rendering.owner for each in found):
        if owner is not None:
            last[owner.ref] = max(owner.source, last.get(owner.ref, 0))
    return [each for each in found if each.rendering.owner is None or each.rendering.owner.source == last[each.rendering.owner.ref]]


def globbed(path: str, pattern: str) -> bool:
    """Whether the path, or a folder above it, matches the pattern."""
    pattern = posixpath.normpath(pattern.removesuffix("/**").removesuffix("/*") or ".")
    above = [path, *(path[: match.start()] for match in re.finditer("/", path))]
    return pattern == "." or any(fnmatch.fnmatchcase(each, pattern) or _same_depth(each, pattern) for each in above)


def _same_depth(path: str, pattern: str) -> bool:
    return "**" in pattern and fnmatch.fnmatchcase(path, pattern.replace("**/", ""))


def _without_doubles(found: list[Candidate]) -> list[Candidate]:
    """An owner's rendering stands for the same one without an owner."""
    owned = {(each.rendering.kind, each.rendering.path) for each in found if each.rendering.owner}
    return [each for each in found if each.rendering.owner or (each.rendering.kind, each.rendering.path) not in owned]


def in_namespace(found: list[Candidate], ref: ObjectRef) -> list[Candidate]:
    """Those of the object's own namespace, where there are any; else those that name none."""
    near = [each for each in found if ref.namespace in ("", _applied(each)) or not _applied(each)]
    exact = [each for each in near if ref.namespace and ref.namespace in (each.obj.ref.namespace, _applied(each))]
    return exact or near


def _applied(candidate: Candidate) -> str:
    return candidate.obj.ref.namespace or candidate.rendering.namespace
