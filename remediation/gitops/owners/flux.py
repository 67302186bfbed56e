"""Flux: Kustomizations with their patches and substitutions, HelmReleases with their values, and where each value comes from."""

import json
import posixpath
from collections.abc import Iterator, Sequence

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import get
from remediation.gitops.index import Index, Tree, is_under
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import FILES
from remediation.gitops.owners.objects import ToolObject, folder, has_folder, listed, mapping
from remediation.gitops.renderings import Owner, Rendering, Values, Variable
from remediation.gitops.sites import value_in
from remediation.terms import Json, ObjectRef

_LAID = ("patches", "images", "components", "namePrefix", "nameSuffix")


def kustomization_renderings(index: Index, tool: ToolObject) -> Iterator[Rendering]:
    """What one Flux Kustomization applies from this tree."""
    spec, tree = mapping(tool.value.get("spec")), index.tree
    path = folder(spec.get("path"))
    if not has_folder(tree, path):
        return
    laid: dict[str, Json] = {key: spec[key] for key in _LAID if spec.get(key)}
    if spec.get("targetNamespace"):
        laid["namespace"] = spec["targetNamespace"]
    labels = mapping(mapping(spec.get("commonMetadata")).get("labels"))
    if labels:
        laid["labels"] = [{"pairs": dict(labels)}]
    inside = any(posixpath.basename(each) in FILES and is_under(each, path) for each in tree)
    yield Rendering(
        kind="kustomize" if laid or inside else "plain", path=path, overlay=json.dumps(laid) if laid else "", laid_by=("spec",),
        holder=tool.ref, variables=_variables(index, tool), namespace=str(spec.get("targetNamespace", "")), within=tool.within,
        owner=Owner(ref=tool.ref, path=tool.path, suspended=_suspended(tool)),
    )  # fmt: skip


def _suspended(tool: ToolObject) -> str:
    return f"The {tool.ref.kind} {tool.ref.name} is suspended." if mapping(tool.value.get("spec")).get("suspend") is True else ""


def _variables(index: Index, tool: ToolObject) -> tuple[Variable, ...] | None:
    """What it substitutes, weakest first; None where it substitutes nothing."""
    post = mapping(mapping(tool.value.get("spec")).get("postBuild"))
    if not post:
        return None
    found: list[Variable] = []
    for entry in map(mapping, listed(post.get("substituteFrom"))):
        if entry.get("kind") == "ConfigMap":
            holder = ObjectRef(group="", kind="ConfigMap", namespace=tool.ref.namespace, name=str(entry.get("name")))
            data = mapping(mapping(_object(index, holder)).get("data"))
            found += [Variable(name=name, value=str(value), holder=holder, field=("data", name)) for name, value in data.items()]
    for name, value in mapping(post.get("substitute")).items():
        text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        found.append(Variable(name=name, value=text, holder=tool.ref, field=("spec", "postBuild", "substitute", name)))
    return tuple(found)


def _object(index: Index, ref: ObjectRef) -> Json:
    """The plain manifest of an object, where there is one."""
    for found in index.find(ref):
        try:
            return get(value_in(index.tree[found.path].content, found.document), found.within)
        except Unreadable:
            continue
    return None


def release_renderings(index: Index, tool: ToolObject) -> Iterator[Rendering]:
    """What one HelmRelease applies; where its chart is elsewhere, that it is missing."""
    spec, ref = mapping(tool.value.get("spec")), tool.ref
    chart = mapping(mapping(spec.get("chart")).get("spec"))
    target = str(spec.get("targetNamespace", ""))
    path = folder(chart.get("chart")) if chart.get("chart") else ""
    local = bool(path) and posixpath.normpath(posixpath.join(path, "Chart.yaml")) in index.tree
    named = str(mapping(spec.get("chartRef")).get("name", "?"))
    remote = f"{chart.get('chart')} {chart.get('version', '(no version)')}" if chart else named
    yield Rendering(
        kind="helm",
        path=path or remote,
        values=tuple(_values(index, tool, path, listed(chart.get("valuesFiles")))),
        release=str(spec.get("releaseName") or (f"{target}-{ref.name}" if target else ref.name)),
        namespace=target or ref.namespace,
        within=tool.within,
        owner=Owner(ref=ref, path=tool.path, suspended=_suspended(tool)),
        missing="" if local else f"The chart {remote} of the HelmRelease {ref.name} is not in the repository.",
    )


def _values(index: Index, tool: ToolObject, chart: str, files: Sequence[Json]) -> Iterator[Values]:
    spec = mapping(tool.value.get("spec"))
    for file in files:
        there = (posixpath.normpath(each) for each in (str(file), posixpath.join(chart, str(file))))
        yield Values(path=next((each for each in there if each in index.tree), str(file)))
    for entry in map(mapping, listed(spec.get("valuesFrom"))):
        if entry.get("kind") == "ConfigMap" and not entry.get("targetPath"):
            yield from _from_config_map(index, tool, str(entry.get("name")), str(entry.get("valuesKey") or "values.yaml"))
    if spec.get("values") or not (files or spec.get("valuesFrom")):
        yield Values(holder=tool.ref, field=("spec", "values"), form="map", content=json.dumps(spec.get("values") or {}))


def _from_config_map(index: Index, tool: ToolObject, name: str, key: str) -> Iterator[Values]:
    """A ConfigMap's manifest, or the file that a kustomization generates it from."""
    holder = ObjectRef(group="", kind="ConfigMap", namespace=tool.ref.namespace, name=name)
    text = mapping(mapping(_object(index, holder)).get("data")).get(key)
    if isinstance(text, str):
        yield Values(holder=holder, field=("data", key), form="text", content=text)
        return
    path = _generated_from(index.tree, name, key)
    if path:
        yield Values(path=path)


def _generated_from(tree: Tree, name: str, key: str) -> str:
    for path in tree:
        known = kustomization(tree, posixpath.dirname(path)) if posixpath.basename(path) in FILES else None
        for entry in map(mapping, listed(known.fields.get("configMapGenerator")) if known else ()):
            if str(entry.get("name")) and str(entry.get("name")) in (name, name.rpartition("-")[0]):
                for file in map(str, listed(entry.get("files"))):
                    own, _, there = file.rpartition("=")
                    if (own or posixpath.basename(there)) == key:
                        return posixpath.normpath(posixpath.join(posixpath.dirname(path), there))
    return ""


