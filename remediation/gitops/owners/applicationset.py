"""ApplicationSets: the Applications that their generators make, as far as the tree tells them."""

import fnmatch
import itertools
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import Path, leaves
from remediation.gitops.index import Tree
from remediation.gitops.owners import argocd
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import ARGO, ToolObject, listed, mapping
from remediation.gitops.renderings import Rendering, Variable
from remediation.gitops.sites import value_in
from remediation.terms import Json, ObjectRef

_PLACEHOLDER = re.compile(r"\{\{-?\s*\.?([\w.\-\[\]\"]+?)\s*-?\}\}")
_MOST = 500  # applications of one set


def renderings(tree: Tree, applicationset: ToolObject, around: Around = ALONE) -> Iterator[Rendering]:
    """What the set's Applications apply; those whose parameters only a cluster knows are left out."""
    spec = mapping(applicationset.value.get("spec"))
    template = mapping(spec.get("template"))
    made = [each for at, one in enumerate(listed(spec.get("generators"))) for each in _generated(tree, applicationset, mapping(one), at)]
    for variables in made[:_MOST]:
        values = {variable.name: variable.value for variable in variables}
        filled = _filled(template, values)
        metadata = mapping(filled.get("metadata"))
        namespace = str(metadata.get("namespace") or applicationset.ref.namespace)
        ref = ObjectRef(group=ARGO, kind="Application", namespace=namespace, name=str(metadata.get("name", "")))
        if "{{" in ref.name:
            continue
        app = replace(applicationset, ref=ref, value=filled)
        yield from argocd.renderings(tree, app, around, holder=applicationset.ref, prefix=("spec", "template"), elements=variables)


Variables = tuple[Variable, ...]


def _generated(
    tree: Tree, owner: ToolObject, generator: Mapping[str, Json], at: int, above: Path = ("spec", "generators")
) -> list[Variables]:
    field = (*above, at)
    if mapping(generator.get("list")):
        return [
            tuple(_leaves(element, holder=owner.ref, field=(*field, "list", "elements", number)))
            for number, element in enumerate(listed(generator["list"].get("elements")))
        ]
    if mapping(generator.get("git")):
        return list(_from_git(tree, mapping(generator["git"])))
    if mapping(generator.get("matrix")):
        inner = listed(generator["matrix"].get("generators"))
        parts = [_generated(tree, owner, mapping(one), n, (*field, "matrix", "generators")) for n, one in enumerate(inner)]
        return [tuple(itertools.chain.from_iterable(combined)) for combined in itertools.product(*parts)]
    return []


def _leaves(value: Json, *, holder: ObjectRef | None = None, path: str = "", field: Path = ()) -> Iterator[Variable]:
    for below, leaf in leaves(value):
        if not isinstance(leaf, Mapping | list) and all(isinstance(step, str) for step in below):
            text = str(leaf).lower() if isinstance(leaf, bool) else str(leaf)
            yield Variable(name=".".join(map(str, below)), value=text, holder=holder, path=path, field=(*field, *below))


def _from_git(tree: Tree, git: Mapping[str, Json]) -> Iterator[Variables]:
    for folder in _folders(tree, listed(git.get("directories"))):
        yield tuple(_path_variables(folder))
    for entry in listed(git.get("files")):
        for path in sorted(tree):
            if _matches(path, str(mapping(entry).get("path", ""))):
                try:
                    value = value_in(tree[path].content, 0)
                except Unreadable:
                    continue
                yield (*_leaves(value, path=path), *_path_variables(posixpath.dirname(path)))


def _folders(tree: Tree, entries: Sequence[Json]) -> list[str]:
    folders = {folder for path in tree for folder in _above(path)}
    chosen = [f for f in sorted(folders) if any(_matches(f, str(mapping(e).get("path"))) for e in entries if not mapping(e).get("exclude"))]
    return [f for f in chosen if not any(_matches(f, str(mapping(e).get("path"))) for e in entries if mapping(e).get("exclude"))]


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    if "**" in wanted:
        return fnmatch.fnmatchcase(path, pattern.replace("**/", "*"))
    return len(parts) == len(wanted) and all(fnmatch.fnmatchcase(p, w) for p, w in zip(parts, wanted, strict=True))


def _path_variables(folder: str) -> Iterator[Variable]:
    name = posixpath.basename(folder)
    normal = re.sub(r"[^a-z0-9-]", "-", name.lower())
    yield from (Variable(name=key, value=folder) for key in ("path", "path.path"))
    yield Variable(name="path.basename", value=name)
    yield Variable(name="path.basenameNormalized", value=normal)
    for at, segment in enumerate(folder.split("/")):
        yield from (Variable(name=key, value=segment) for key in (f"path[{at}]", f"path.segments[{at}]"))


def _filled(template: Json, values: Mapping[str, str]) -> dict[str, Json]:
    """The template with its placeholders filled; those of functions stay as they are."""
    def fill(match: re.Match[str]) -> str:
        return json.dumps(values.get(match[1], match[0]))[1:-1]

    filled: dict[str, Json] = json.loads(_PLACEHOLDER.sub(fill, json.dumps(template)))
    return filled
