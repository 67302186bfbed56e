"""What a kustomization reads: checked to stay within the tree before rendering, and known so that the proof finds who uses a file."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from remediation.errors import Refused
from remediation.gitops.index import Tree, is_under
from remediation.gitops.inflation import OLDER, Inflation, check_inflations, inflations
from remediation.gitops.kustomization import FILES, Kustomization, read_kustomization
from remediation.gitops.remotes import base_of, is_remote, there
from remediation.gitops.repository import masked
from remediation.terms import Json

_FOLDERS = ("resources", "bases", "components")
_PATCHES = ("patches", "patchesJson6902", "replacements")
_LISTS = ("crds", "configurations", "generators", "transformers", "validators", "patchesStrategicMerge")
_GENERATORS = ("configMapGenerator", "secretGenerator")


def kustomization_in(tree: Tree, folder: str) -> str | None:
    """The kustomization's file of a folder."""
    return next((path for name in FILES if (path := posixpath.normpath(posixpath.join(folder, name))) in tree), None)


@lru_cache(maxsize=4096)
def _read(path: str, content: bytes) -> Kustomization:
    return read_kustomization(path, content)


def kustomization(tree: Tree, folder: str) -> Kustomization | None:
    """The kustomization of a folder, read."""
    path = kustomization_in(tree, folder)
    return _read(path, tree[path].content) if path else None


def folders_of(fields: Mapping[str, Json]) -> Iterator[str]:
    """What it builds from: files, folders, addresses."""
    for key in _FOLDERS:
        yield from (entry for entry in fields.get(key) or () if isinstance(entry, str))


def _files_of(fields: Mapping[str, Json]) -> Iterator[str]:
    for key in _PATCHES:
        yield from (entry["path"] for entry in fields.get(key) or () if isinstance(entry, Mapping) and isinstance(entry.get("path"), str))
    for key in _LISTS:
        yield from (entry for entry in fields.get(key) or () if isinstance(entry, str) and "\n" not in entry)
    for key in _GENERATORS:
        for entry in fields.get(key) or ():
            if isinstance(entry, Mapping):
                yield from (str(file).rpartition("=")[2] for file in entry.get("files") or ())
                yield from map(str, [*(entry.get("envs") or ()), *([entry["env"]] if entry.get("env") else [])])
    yield from _values_of_charts(fields)
    openapi = fields.get("openapi")
    if isinstance(openapi, Mapping) and isinstance(openapi.get("path"), str):
        yield openapi["path"]


def _values_of_charts(fields: Mapping[str, Json]) -> Iterator[str]:
    for entry in fields.get("helmCharts") or ():
        if isinstance(entry, Mapping):
            yield from map(str, [*([entry["valuesFile"]] if entry.get("valuesFile") else []), *(entry.get("additionalValuesFiles") or ())])
    for entry in fields.get(OLDER) or ():
        if isinstance(entry, Mapping) and entry.get("values"):
            yield str(entry["values"])


def inputs(tree: Tree, *folders: str) -> frozenset[str]:
    """Every file that the kustomizations of these folders read, those of what they build from included."""
    found: set[str] = set()
    waiting, seen = [posixpath.normpath(folder or ".") for folder in folders], set[str]()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        known = kustomization(tree, at)
        if known is None:
            below = {at} if at in tree else {path for path in tree if path.startswith(f"{at}/") or at == "."}
            found |= below
            waiting += [posixpath.dirname(path) for path in below if posixpath.basename(path) in FILES]
            continue
        found.add(known.path)
        waiting += [there(at, entry) for entry in [*folders_of(known.fields), *_files_of(known.fields)]]
        waiting += [folder for each in inflations(known) if (folder := each.folder(tree))]
    return frozenset(found)


def inflated_in(tree: Tree, *folders: str) -> list[Inflation]:
    """The charts that what these folders build inflates."""
    paths = (path for path in inputs(tree, *folders) if posixpath.basename(path) in FILES)
    return [each for path in paths if (known := kustomization(tree, posixpath.dirname(path))) for each in inflations(known)]


def check_inputs(tree: Tree, *folders: str) -> None:
    """Raises Refused: unpinned for a base from elsewhere, infeasible for a path that leads out, not_found for one that is not there."""
    waiting, seen = [posixpath.normpath(folder or ".") for folder in folders], set[str]()
    while waiting:
        at = waiting.pop()
        if at in seen or at in tree:
            continue
        seen.add(at)
        known = kustomization(tree, at)
        if known is None:
            continue
        if known.reason:
            raise Refused(f"{known.path} cannot be read: {known.reason}", "Mend it first.", kind="templated")
        check_inflations(tree, known)
        for entry in _files_of(known.fields):
            _within(known.path, at, entry)
        waiting += [_built(tree, known.path, at, entry) for entry in folders_of(known.fields)]
    _check_generators(tree, folders)


def _check_generators(tree: Tree, folders: Sequence[str]) -> None:
    """Raises Refused templated for generators of files where charts are inflated: they may inflate more, as nobody checked."""
    if not inflated_in(tree, *folders):
        return
    paths = (path for path in inputs(tree, *folders) if posixpath.basename(path) in FILES)
    near = [each for path in paths if (each := kustomization(tree, posixpath.dirname(path)))]
    found = next((each.path for each in near if each.fields.get("generators")), "")
    if found:
        raise Refused(f"{found} has generators beside helmCharts.", "Change it by hand.", kind="templated")


def _built(tree: Tree, path: str, folder: str, entry: str) -> str:
    found = there(folder, entry)
    if found in tree or kustomization_in(tree, found) is not None:
        return found
    if is_remote(entry):
        raise _not_here(path, entry)
    module = next((each for each in _submodules(tree) if is_under(found, each)), "")
    if module:
        what = f"{path} builds from {entry}, which is in the submodule {module}: another repository's files."
        raise Refused(what, "Vendor them, or build from an address with ?ref= and a commit.", kind="unpinned")
    return _within(path, folder, entry)


def _not_here(path: str, entry: str) -> Refused:
    what = f"{path} builds from {masked(entry)}, which is not in the repository."
    try:
        pinned = base_of(entry).commit
    except Refused:
        pinned = ""
    if pinned:
        return Refused(what, "Allow its host in fetch.hosts in settings, or vendor it.", kind="unpinned")
    todo = "Pin it: write ?ref= with the whole commit and allow its host in fetch.hosts in settings; or vendor it into the repository."
    return Refused(what, todo, kind="unpinned")


def _submodules(tree: Tree) -> list[str]:
    """The folders that `.gitmodules` names: an archive has nothing in them."""
    text = tree[".gitmodules"].content.decode("utf-8", "replace") if ".gitmodules" in tree else ""
    return [path.strip().strip("/") for path in re.findall(r"^[ \t]*path[ \t]*=[ \t]*(.+)$", text, re.MULTILINE)]


def _within(path: str, folder: str, entry: str) -> str:
    there = posixpath.normpath(posixpath.join(folder, entry))
    if entry.startswith("/") or there == ".." or there.startswith("../"):
        raise Refused(f"{path} reads {entry}, which is outside of the repository.", "Move it inside.", kind="infeasible")
    return there
