"""A new object in Git: a file beside the manifest of the object that it is for, and its entry where a kustomization lists files."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remediation.errors import Refused
from remediation.gitops.beside import Beside
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import MISSING, get
from remediation.gitops.index import Found, Tree, is_under
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import Kustomization, builders, kustomizations
from remediation.gitops.kustomize_sites import chain
from remediation.gitops.layout import habits, mapping_lines
from remediation.gitops.narrowing import Candidate
from remediation.gitops.remotes import FETCHED
from remediation.gitops.sites import FieldSite, value_in
from remediation.gitops.solution import Solution
from remediation.gitops.trace import Tracer
from remediation.gitops.wanted import source_of
from remediation.gitops.workspace import changed
from remediation.kinds import KINDS
from remediation.terms import FieldEdit, Json, NewObject

_BY_HAND = "Add it by hand."


@dataclass(frozen=True, kw_only=True)
class _Spot:
    """Where new files may stand. listed_in: the kustomization that must name them; None where the whole folder is applied."""

    folder: str
    listed_in: Kustomization | None = None


def with_new_objects(
    tracer: Tracer, candidate: Candidate, edits: Sequence[FieldEdit], solution: Solution, new: Sequence[NewObject]
) -> Solution:
    """The solution, and with it these objects: proven that they come, that the edits are done, and that nothing else moves anywhere.

    Raises Refused: templated for a chart and for what no file gives, missing_tool, shared, not_found where nothing is edited.
    """
    source = manifest_beside(tracer, candidate)
    tree = changed(tracer.tree, {change.path: change.after for change in solution.changes})
    beside = Beside(created=tuple(new))
    refusals: list[Refused] = []
    for spot in _spots(candidate, source, tree):
        try:
            whole = tree
            for each in new:
                whole = _written(whole, spot, source, candidate, each)
            traced = tracer.judged(candidate.rendering, candidate.obj, edits, whole, beside)
        except Refused as refusal:
            refusals.append(refusal)
            continue
        places = tuple(place for place in solution.places if not spot.listed_in or place[0] != spot.listed_in.path)
        unknown = (*solution.unknown, *_not_known(candidate, spot))
        return replace(solution, changes=traced.changes, moves=traced.moves, rendered=traced.rendered, places=places, unknown=unknown)
    raise refusals[0] if refusals else Refused(f"No place is known for {new[0].object}.", _BY_HAND, kind="templated")


def manifest_beside(tracer: Tracer, candidate: Candidate) -> Found:
    """The document of the object that it is for. Raises Refused where new files cannot stand beside it."""
    if candidate.rendering.kind == "helm":
        what = f"{candidate.obj.ref} comes from {candidate}: a new object would be a new template of the chart."
        raise Refused(what, "Add it by the chart's own values, where it has them, or by hand.", kind="templated")
    if candidate.found and builders(candidate.found.path, kustomizations(tracer.tree)):
        what = f"A kustomization lists {candidate.found.path}, and is not rendered here."
        raise Refused(what, "Install kustomize.", kind="missing_tool")
    source = candidate.found or source_of(tracer.tree, candidate.obj)
    if source is None:
        raise Refused(f"No file says where {candidate.obj.ref} begins.", _BY_HAND, kind="templated")
    owner = candidate.rendering.owner
    if owner is not None and candidate.found and _chooses_files(tracer, candidate):
        raise Refused(f"{owner.ref.kind} {owner.ref.name} applies only some files of its folder.", _BY_HAND, kind="templated")
    return source


def _chooses_files(tracer: Tracer, candidate: Candidate) -> bool:
    """Whether an Application includes or excludes files of a folder by their names."""
    owner = candidate.rendering.owner
    assert owner is not None  # noqa: S101 - asked by the caller
    written = [tracer.around.value(owner.ref)]
    if owner.path in tracer.tree:
        text = decoded(tracer.tree[owner.path].content)
        written += [read(text[begin:end]).value for begin, end in spans(text)]
    specs = [get(value, ("spec",)) for value in written if isinstance(value, Mapping)]
    sources = [source for spec in specs if isinstance(spec, Mapping) for source in (spec.get("source"), *(spec.get("sources") or ()))]
    directories = [source.get("directory") for source in sources if isinstance(source, Mapping)]
    return any(isinstance(each, Mapping) and (each.get("include") or each.get("exclude")) for each in directories)


def _spots(candidate: Candidate, source: Found, tree: Tree) -> Iterator[_Spot]:
    """Beside the manifest first; then, where that is shared with others, in the overlays, from the inside out."""
    beside = posixpath.dirname(source.path) or "."
    if candidate.rendering.kind == "plain":
        yield _Spot(folder=beside)
        return
    folders = [each for each in reversed(list(chain(tree, candidate.rendering.path, source.path))) if not is_under(each, FETCHED)]
    if not folders and not is_under(source.path, FETCHED):
        yield _Spot(folder=beside)  # without a kustomization Flux builds every manifest of the folder
    for folder in folders:
        near = folder == folders[0] and is_under(source.path, folder)
        yield _Spot(folder=beside if near else folder, listed_in=kustomization(tree, folder))


def _written(tree: Tree, spot: _Spot, source: Found, candidate: Candidate, new: NewObject) -> Tree:
    """The tree with the object's file, and its entry."""
    path = _free_name(tree, spot.folder, source, new)
    document = decoded(tree[source.path].content)
    begin, end = spans(document)[source.document]
    habit = habits(read(document[begin:end]))
    lines = mapping_lines(_as_written(tree, source, candidate, new), 0, habit)
    files = {path: (habit.newline.join(lines) + habit.newline).encode()}
    if spot.listed_in is not None:
        site, entry = _entry(spot.listed_in, posixpath.relpath(path, spot.listed_in.folder or "."))
        files[site.path] = site.write(tree[site.path].content, entry)
    return changed(tree, files)


def _entry(known: Kustomization, name: str) -> tuple[FieldSite, Json]:
    listed = known.fields.get("resources")
    if listed:
        return FieldSite(path=known.path, field=("resources", len(listed))), name
    return FieldSite(path=known.path, field=("resources",)), [name]


def _free_name(tree: Tree, folder: str, source: Found, new: NewObject) -> str:
    """Named after the object that it is for, with the kind's short name: `api-hpa.yaml`."""
    kind = KINDS.get(new.object.kind)
    stem = f"{source.ref.name}-{kind.short[0] if kind and kind.short else new.object.kind.lower()}"
    end = ".yml" if source.path.endswith(".yml") else ".yaml"
    names = (posixpath.normpath(posixpath.join(folder, f"{stem}{number}{end}")) for number in ("", *(f"-{n}" for n in range(2, 100))))
    return next(name for name in names if name not in tree)


def _as_written(tree: Tree, source: Found, candidate: Candidate, new: NewObject) -> Mapping[str, Json]:
    """As a manifest beside the source says it: by the names there, and with a namespace only where that has one."""
    value = _renamed(new.value, candidate.obj.ref.name, source.ref.name)
    document = get(value_in(tree[source.path].content, source.document), source.within)
    namespace = get(document, ("metadata", "namespace"))
    metadata = {key: child for key, child in value["metadata"].items() if key != "namespace"}
    return {**value, "metadata": metadata if namespace is MISSING else {**metadata, "namespace": namespace}}


def _renamed(value: Json, name: str, source: str) -> Json:
    if isinstance(value, Mapping):
        return {key: source if key == "name" and child == name else _renamed(child, name, source) for key, child in value.items()}
    return [_renamed(child, name, source) for child in value] if isinstance(value, list) else value


def _not_known(candidate: Candidate, spot: _Spot) -> Iterator[str]:
    if candidate.rendering.kind == "plain" and candidate.rendering.owner is None:
        yield f"Nothing says who applies {spot.folder}: see to it that its new file is applied, too."
