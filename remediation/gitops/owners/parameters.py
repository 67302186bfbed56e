"""What an ApplicationSet's generators give, as far as a tree tells it: each set of parameters with the place of every one."""

import fnmatch
import itertools
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import Path, leaves
from remediation.gitops.index import Tree, is_under
from remediation.gitops.owners.mounts import Around
from remediation.gitops.owners.objects import listed, mapping
from remediation.gitops.owners.placeholders import filled
from remediation.gitops.renderings import Variable
from remediation.gitops.sites import value_in
from remediation.terms import Json, ObjectRef

Variables = tuple[Variable, ...]


@dataclass(frozen=True, kw_only=True)
class Given:
    """Sets of parameters. whole: whether these are all; else a cluster knows more, and more sets may come of each."""

    sets: tuple[Variables, ...]
    whole: bool = True


UNKNOWN = Given(sets=((),), whole=False)


@dataclass(frozen=True, kw_only=True)
class Generators:
    """Reads generators. owner: the ApplicationSet."""

    tree: Tree
    around: Around
    owner: ObjectRef

    def given(self, generator: Mapping[str, Json], field: Path) -> Given:
        """What one of them gives, without what its selector leaves out. field: where it stands in the ApplicationSet."""
        found = self._given(generator, field)
        wanted = mapping(mapping(generator.get("selector")).get("matchLabels"))
        if mapping(generator.get("selector")).get("matchExpressions"):
            return replace(found, whole=False)
        kept = (each for each in found.sets if not found.whole or _has(each, wanted))
        return replace(found, sets=tuple(kept))

    def _given(self, generator: Mapping[str, Json], field: Path) -> Given:
        for kind, read in (("list", self._list), ("git", self._git), ("matrix", self._matrix), ("merge", self._merge)):
            if mapping(generator.get(kind)):
                return read(mapping(generator[kind]), (*field, kind))
        kind = next((key for key, value in generator.items() if key != "selector" and isinstance(value, Mapping)), "")
        return Given(sets=(tuple(self._values(mapping(generator.get(kind)), (*field, kind), ())),), whole=False)

    def _list(self, generator: Mapping[str, Json], field: Path) -> Given:
        elements = listed(generator.get("elements"))
        sets = [tuple(_leaves(each, holder=self.owner, field=(*field, "elements", at))) for at, each in enumerate(elements)]
        return UNKNOWN if generator.get("elementsYaml") else Given(sets=tuple(sets))

    def _git(self, generator: Mapping[str, Json], field: Path) -> Given:
        root = self.around.folder(str(generator.get("repoURL") or ""), str(generator.get("revision") or ""))
        if root is None:
            return UNKNOWN
        sets = _from_git(self.tree, generator, root)
        return Given(sets=tuple((*each, *self._values(generator, field, each)) for each in sets))

    def _values(self, generator: Mapping[str, Json], field: Path, known: Variables) -> Iterator[Variable]:
        """Its own `values`, which may be made of its parameters; one that is has no place."""
        for key, text in mapping(generator.get("values")).items():
            value = str(filled(str(text), {each.name: each.value for each in known}))
            plain = "{{" not in str(text)
            if "{{" not in value:
                holder, place = (self.owner, (*field, "values", key)) if plain else (None, ())
                yield Variable(name=f"values.{key}", value=value, holder=holder, field=place)

    def _matrix(self, generator: Mapping[str, Json], field: Path) -> Given:
        """Each of the first with each of the second, which may be made of the first's parameters."""
        inner = [mapping(each) for each in listed(generator.get("generators"))]
        found = Given(sets=((),))
        for at, each in enumerate(inner):
            parts = [(one, self.given(_known(each, one), (*field, "generators", at))) for one in found.sets]
            sets = tuple((*one, *more) for one, part in parts for more in part.sets)
            found = Given(sets=sets, whole=found.whole and all(part.whole for _, part in parts))
        return found

    def _merge(self, generator: Mapping[str, Json], field: Path) -> Given:
        """The first's, with what others say of those that have the same keys."""
        inner, keys = listed(generator.get("generators")), [str(key) for key in listed(generator.get("mergeKeys"))]
        base, *others = (self.given(mapping(each), (*field, "generators", at)) for at, each in enumerate(inner or [{}]))
        if not all(other.whole for other in others):
            return UNKNOWN
        more = [each for other in others for each in other.sets]
        if not base.whole:
            may = ((one, each) for one in base.sets for each in [*more, ()] if _may_meet(one, each, keys))
            return Given(sets=tuple(_over(one, each) for one, each in may), whole=False)
        return Given(sets=tuple(_merged(one, more, keys) for one in base.sets))


def _known(generator: Mapping[str, Json], known: Variables) -> Mapping[str, Json]:
    return mapping(filled(generator, {each.name: each.value for each in known})) if known else generator


def _has(variables: Variables, wanted: Mapping[str, Json]) -> bool:
    values = {each.name: each.value for each in variables}
    return all(values.get(key) == value for key, value in wanted.items())


def _merged(one: Variables, others: Sequence[Variables], keys: Sequence[str]) -> Variables:
    values = {each.name: each.value for each in one}
    for other in others:
        if all(values.get(each.name) == each.value for each in other if each.name in keys) and {*keys} <= {each.name for each in other}:
            one = _over(one, other)
    return one


def _may_meet(one: Variables, other: Variables, keys: Sequence[str]) -> bool:
    """Whether what both say of the keys is the same; of some only a cluster knows."""
    known = {each.name: each.value for each in one}
    return all(known.get(each.name, each.value) == each.value for each in other if each.name in keys)


def _over(below: Variables, above: Variables) -> Variables:
    return tuple({each.name: each for each in (*below, *above)}.values())


def _leaves(value: Json, *, holder: ObjectRef | None = None, path: str = "", field: Path = ()) -> Iterator[Variable]:
    for below, leaf in leaves(value):
        if not isinstance(leaf, Mapping | list) and all(isinstance(step, str) for step in below):
            text = str(leaf).lower() if isinstance(leaf, bool) else str(leaf)
            yield Variable(name=".".join(map(str, below)), value=text, holder=holder, path=path, field=(*field, *below))


def _from_git(tree: Tree, git: Mapping[str, Json], root: str) -> Iterator[Variables]:
    """Of folders, and of files with what they say. root: the repository's folder in the tree."""
    inside = {posixpath.relpath(path, root): path for path in tree if is_under(path, root)}
    prefix = f"{git['pathParamPrefix']}." if git.get("pathParamPrefix") else ""
    for folder in _chosen({above for path in inside for above in _above(path)}, listed(git.get("directories"))):
        yield tuple(_path_variables(folder, prefix))
    for path in _chosen(inside, listed(git.get("files"))):
        try:
            value = value_in(tree[inside[path]].content, 0)
        except Unreadable:
            continue
        parts: list[tuple[Path, Json]] = [((at,), each) for at, each in enumerate(value)] if isinstance(value, list) else [((), value)]
        for field, each in parts:
            yield (*_leaves(each, path=inside[path], field=field), *_path_variables(posixpath.dirname(path), prefix))


def _chosen(names: Sequence[str] | set[str] | Mapping[str, str], entries: Sequence[Json]) -> list[str]:
    """Those that an entry names and none excludes."""
    kept, left = ([str(mapping(e).get("path")) for e in entries if bool(mapping(e).get("exclude")) is out] for out in (False, True))
    chosen = [name for name in sorted(names) if any(_matches(name, pattern) for pattern in kept)]
    return [name for name in chosen if not any(_matches(name, pattern) for pattern in left)]


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    if "**" in wanted:
        return fnmatch.fnmatchcase(path, pattern.replace("**/", "*"))
    return len(parts) == len(wanted) and all(fnmatch.fnmatchcase(p, w) for p, w in zip(parts, wanted, strict=True))


def _path_variables(folder: str, prefix: str) -> Iterator[Variable]:
    name = posixpath.basename(folder)
    normal = re.sub(r"[^a-z0-9-]", "-", name.lower())
    said = [("path", folder), ("path.path", folder), ("path.basename", name), ("path.basenameNormalized", normal)]
    for at, segment in enumerate(folder.split("/")):
        said += [(key, segment) for key in (f"path[{at}]", f"path.segments[{at}]")]
    yield from itertools.starmap(lambda key, value: Variable(name=prefix + key, value=value), said)
