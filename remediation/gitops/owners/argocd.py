"""Argo CD: Applications with one source or many, Source Hydrator, and what their Helm and Kustomize options lay over a folder."""

import json
import posixpath
from collections.abc import Iterator, Mapping

from remediation.gitops.fieldpath import Path
from remediation.gitops.images import Image
from remediation.gitops.index import Tree
from remediation.gitops.owners.chart_sources import source_chart
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import ToolObject, folder, has_folder, how, listed, mapping
from remediation.gitops.owners.origins import argo_sources
from remediation.gitops.renderings import Owner, Rendering, Values, Variable
from remediation.terms import Json, ObjectRef

_LAID = ("namePrefix", "nameSuffix", "commonLabels", "commonAnnotations", "namespace", "patches", "components")


def renderings(
    tree: Tree, app: ToolObject, around: Around = ALONE, *, holder: ObjectRef | None = None, prefix: Path = (),
    elements: tuple[Variable, ...] = (),
) -> Iterator[Rendering]:  # fmt: skip
    """What one Application applies from this tree.

    holder, prefix: the ApplicationSet and the field of its template, where that wrote the Application.
    """
    spec = mapping(app.value.get("spec"))
    sources = [(field, source, _folder(tree, around, source)) for field, source in argo_sources(spec)]
    refs = {str(source["ref"]): root for _, source, root in sources if source.get("ref") and root is not None}
    for number, (field, source, root) in enumerate(sources):
        if not source.get("path") and source_chart(source) is None:
            continue
        owner = Owner(ref=app.ref, path=app.path, source=number, suspended=_suspended(app), made_by=holder)
        place = _Place(holder=holder or app.ref, field=(*prefix, *field), root=root or "")
        namespace = str(mapping(spec.get("destination")).get("namespace", ""))
        if root is None:
            if refs:  # its values are here
                missing = f"{source.get('path')} of {source.get('repoURL')}, which the Application {app.ref.name} renders, is not here."
                path = str(source.get("path"))
                yield Rendering(kind="helm", path=path, namespace=namespace, owner=owner, within=app.within, missing=missing)
            continue
        yield from _rendering(tree, app, source, place, owner=owner, namespace=namespace, refs=refs, elements=elements)


def _folder(tree: Tree, around: Around, source: Mapping[str, Json]) -> str | None:
    """Where the source stands in the tree: its repository's folder, or its fetched chart's, empty for a chart that is not there."""
    chart = source_chart(source)
    if chart is not None:
        return chart.folder if has_folder(tree, chart.folder) else ""
    return around.folder(str(source.get("repoURL") or ""), str(source.get("targetRevision") or ""))


class _Place:
    """Where a source stands in the object that people edit. root: the folder of its repository in the tree."""

    def __init__(self, holder: ObjectRef, field: Path, root: str) -> None:
        self.holder, self.field, self.root = holder, field, root


def hydrated(app: ToolObject) -> str:
    """The folder that a Source Hydrator writes: never edited."""
    hydrator = mapping(mapping(app.value.get("spec")).get("sourceHydrator"))
    return folder(mapping(hydrator.get("syncSource")).get("path")) if hydrator else ""


def _suspended(app: ToolObject) -> str:
    annotations = mapping(mapping(app.value.get("metadata")).get("annotations"))
    if str(annotations.get("argocd.argoproj.io/skip-reconcile", "")).lower() == "true":
        return f"The Application {app.ref.name} is told to skip reconciling."
    return ""


def _rendering(
    tree: Tree, app: ToolObject, source: Mapping[str, Json], place: _Place, *, owner: Owner, namespace: str,
    refs: Mapping[str, str], elements: tuple[Variable, ...],
) -> Iterator[Rendering]:  # fmt: skip
    helm, kustomize, directory = (mapping(source.get(key)) for key in ("helm", "kustomize", "directory"))
    chart = source_chart(source)
    if chart is not None and not place.root:
        version = source.get("targetRevision") or "no version"
        missing = f"The chart {chart.name} ({version}) of the Application {app.ref.name} comes from {source.get('repoURL')}."
        yield Rendering(
            kind="helm", path=chart.name, release=str(helm.get("releaseName") or app.ref.name), namespace=namespace, owner=owner,
            within=app.within, missing=missing,
        )  # fmt: skip
        return
    path = folder(place.root if chart is not None else posixpath.join(place.root, folder(source["path"])))
    if not has_folder(tree, path):
        return
    if helm or how(tree, path) == "helm":
        yield Rendering(
            kind="helm", path=path, values=tuple(_values(tree, helm, path, place, refs)), namespace=str(helm.get("namespace") or namespace),
            release=str(helm.get("releaseName") or app.ref.name), owner=owner, within=app.within, elements=elements,
        )  # fmt: skip
    elif kustomize or how(tree, path) == "kustomize":
        yield Rendering(
            kind="kustomize", path=path, overlay=_overlay(kustomize), laid_by=(*place.field, "kustomize"), holder=place.holder,
            namespace=namespace, owner=owner, within=app.within, elements=elements,
        )  # fmt: skip
    else:
        yield Rendering(
            kind="plain", path=path, recurse=bool(directory.get("recurse")), namespace=namespace, owner=owner, within=app.within,
        )  # fmt: skip


def _values(tree: Tree, helm: Mapping[str, Json], path: str, place: _Place, refs: Mapping[str, str]) -> Iterator[Values]:
    """Weakest first: files in order, then `values`, or `valuesObject` in its place, then parameters."""
    for file in listed(helm.get("valueFiles")):
        there = _values_path(str(file), path, place.root, refs)
        if there in tree or not helm.get("ignoreMissingValueFiles"):
            yield Values(path=there)
    field = (*place.field, "helm")
    if mapping(helm.get("valuesObject")):
        yield Values(holder=place.holder, field=(*field, "valuesObject"), form="map", content=json.dumps(helm["valuesObject"]))
    elif isinstance(helm.get("values"), str):
        yield Values(holder=place.holder, field=(*field, "values"), form="text", content=helm["values"])
    if listed(helm.get("parameters")):
        yield Values(holder=place.holder, field=(*field, "parameters"), form="parameters", content=json.dumps(helm["parameters"]))


def _values_path(file: str, path: str, root: str, refs: Mapping[str, str]) -> str:
    """In the chart's folder, in its repository's with a slash, in that of another source with `$ref`."""
    head, _, rest = file.partition("/")
    if head.startswith("$") and head[1:] in refs:
        return posixpath.normpath(posixpath.join(refs[head[1:]], rest))
    return posixpath.normpath(posixpath.join(root, file.lstrip("/")) if file.startswith("/") else posixpath.join(path, file))


def _overlay(kustomize: Mapping[str, Json]) -> str:
    laid: dict[str, Json] = {key: kustomize[key] for key in _LAID if kustomize.get(key)}
    if listed(kustomize.get("images")):
        laid["images"] = [image_entry(str(image)) for image in kustomize["images"]]
    if listed(kustomize.get("replicas")):
        laid["replicas"] = [{**mapping(each), "count": _count(mapping(each).get("count"))} for each in kustomize["replicas"]]
    return json.dumps(laid) if laid else ""


def _count(count: Json) -> Json:
    """Argo CD takes the number as text too, Kustomize does not."""
    return int(count) if isinstance(count, str) and count.isdecimal() else count


def image_entry(text: str) -> dict[str, str]:
    """Argo CD's `old=new:tag@digest` as an entry of a kustomization."""
    old, equals, new = text.rpartition("=")
    image = Image.of(new)
    parts = {"name": old if equals else image.name, "newName": image.name if equals else "", "newTag": image.tag, "digest": image.digest}
    return {key: value for key, value in parts.items() if value}
