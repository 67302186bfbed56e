"""Flux: Kustomizations with their patches and substitutions, HelmReleases with their values, and where each value comes from."""

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import Path, get
from remediation.gitops.index import Index, Tree, is_under
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import FILES
from remediation.gitops.owners.chart_sources import release_chart
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import FLUX_SOURCE, Held, ToolObject, folder, has_folder, held, listed, mapping
from remediation.gitops.owners.origins import of_flux_source
from remediation.gitops.renderings import Owner, Rendering, Values, Variable
from remediation.gitops.sites import value_in
from remediation.terms import Json, ObjectRef

_LAID = ("patches", "images", "components", "namePrefix", "nameSuffix")


def kustomization_renderings(index: Index, tool: ToolObject, around: Around = ALONE) -> Iterator[Rendering]:
    """What one Flux Kustomization applies from this tree."""
    spec, tree = mapping(tool.value.get("spec")), index.tree
    root = _root(index, tool, mapping(spec.get("sourceRef")), around)
    path = folder(posixpath.join(root or ".", folder(spec.get("path"))))
    if root is None or not has_folder(tree, path):
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
        holder=tool.ref, variables=_variables(index, tool, around), namespace=str(spec.get("targetNamespace", "")), within=tool.within,
        owner=Owner(ref=tool.ref, path=tool.path, suspended=_suspended(tool)),
        lacking=tuple(str(ref) for ref, given in _substitutes(index, tool, around) if not given),
    )  # fmt: skip


def _root(index: Index, tool: ToolObject, source: Mapping[str, Json], around: Around) -> str | None:
    """Where the tool's source stands in the tree, by its manifest or as the cluster has it; None where it stands elsewhere."""
    kind, name = str(source.get("kind") or "GitRepository"), str(source.get("name") or "")
    ref = ObjectRef(group=FLUX_SOURCE, kind=kind, namespace=str(source.get("namespace") or tool.ref.namespace), name=name)
    known = next((each.value for each in around.tools if each.ref == ref), None) or mapping(_object(index, ref))
    if not known:
        return around.folder("", "")
    origin = of_flux_source({"kind": kind, **known})
    return around.folder(origin.url, origin.revision)


def _suspended(tool: ToolObject) -> str:
    return f"The {tool.ref.kind} {tool.ref.name} is suspended." if mapping(tool.value.get("spec")).get("suspend") is True else ""


def _variables(index: Index, tool: ToolObject, around: Around) -> tuple[Variable, ...] | None:
    """What it substitutes, weakest first; None where it substitutes nothing."""
    post = mapping(mapping(tool.value.get("spec")).get("postBuild"))
    if not post:
        return None
    found: list[Variable] = []
    for holder, given in _substitutes(index, tool, around):
        found += [Variable(name=name, value=value, holder=holder, field=field) for name, (field, value) in given.items()]
    for name, value in mapping(post.get("substitute")).items():
        text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        found.append(Variable(name=name, value=text, holder=tool.ref, field=("spec", "postBuild", "substitute", name)))
    return tuple(found)


def _substitutes(index: Index, tool: ToolObject, around: Around) -> Iterator[tuple[ObjectRef, Held]]:
    """Each ConfigMap and Secret of `substituteFrom` with what it holds: nothing where that is encrypted, or not in Git."""
    post = mapping(mapping(tool.value.get("spec")).get("postBuild"))
    for entry in map(mapping, listed(post.get("substituteFrom"))):
        ref = ObjectRef(group="", kind=str(entry.get("kind")), namespace=tool.ref.namespace, name=str(entry.get("name")))
        yield ref, held(_object(index, ref) or around.value(ref))


def _object(index: Index, ref: ObjectRef) -> Json:
    """The plain manifest of an object, where there is one."""
    for found in index.find(ref):
        try:
            return get(value_in(index.tree[found.path].content, found.document), found.within)
        except Unreadable:
            continue
    return None


def release_renderings(index: Index, tool: ToolObject, around: Around = ALONE) -> Iterator[Rendering]:
    """What one HelmRelease applies; where its chart is elsewhere, that it is missing."""
    spec, ref = mapping(tool.value.get("spec")), tool.ref
    chart = mapping(mapping(spec.get("chart")).get("spec"))
    target = str(spec.get("targetNamespace", ""))
    remote = release_chart(spec, ref.namespace, lambda each: _object(index, each) or around.value(each))
    path = remote.folder if remote else _chart_folder(index, tool, chart, around)
    local = bool(path) and posixpath.normpath(posixpath.join(path, "Chart.yaml")) in index.tree
    named = f"{remote.name} {remote.version or '(no version)'}" if remote else str(chart.get("chart") or "?")
    yield Rendering(
        kind="helm",
        path=path if local or not remote else named,
        values=tuple(_values(index, tool, path, listed(chart.get("valuesFiles")), around)),
        release=str(spec.get("releaseName") or (f"{target}-{ref.name}" if target else ref.name)),
        namespace=target or ref.namespace,
        within=tool.within,
        holder=ref,
        post=tuple(_post_rendered(spec)),
        owner=Owner(ref=ref, path=tool.path, suspended=_suspended(tool)),
        missing="" if local else f"The chart {named} of the HelmRelease {ref.name} is not in the repository.",
    )


def _post_rendered(spec: Mapping[str, Json]) -> Iterator[tuple[Path, str]]:
    """What each post-renderer lays over the chart, with its field."""
    for at, entry in enumerate(listed(spec.get("postRenderers"))):
        kustomize = mapping(mapping(entry).get("kustomize"))
        laid = {key: kustomize[key] for key in ("patches", "patchesStrategicMerge", "patchesJson6902", "images") if kustomize.get(key)}
        if laid:
            yield ("spec", "postRenderers", at, "kustomize"), json.dumps(laid)


def _chart_folder(index: Index, tool: ToolObject, chart: Mapping[str, Json], around: Around) -> str:
    """Where a chart of Git stands in the tree; empty where it does not."""
    name, source = str(chart.get("chart") or ""), mapping(chart.get("sourceRef"))
    root = _root(index, tool, source, around)
    return folder(posixpath.join(root, folder(name))) if name and root is not None else ""


def _values(index: Index, tool: ToolObject, chart: str, files: Sequence[Json], around: Around) -> Iterator[Values]:
    spec = mapping(tool.value.get("spec"))
    for file in files:
        there = (posixpath.normpath(each) for each in (str(file), posixpath.join(chart, str(file))))
        yield Values(path=next((each for each in there if each in index.tree), str(file)))
    for entry in map(mapping, listed(spec.get("valuesFrom"))):
        yield from _given(index, tool, entry, around)
    if spec.get("values") or not (files or spec.get("valuesFrom")):
        yield Values(holder=tool.ref, field=("spec", "values"), form="map", content=json.dumps(spec.get("values") or {}))


def _given(index: Index, tool: ToolObject, entry: Mapping[str, Json], around: Around) -> Iterator[Values]:
    """A ConfigMap's or Secret's manifest, or the file that a kustomization generates it from: values, or with `targetPath` one of them."""
    key, target = str(entry.get("valuesKey") or "values.yaml"), str(entry.get("targetPath") or "")
    holder = ObjectRef(group="", kind=str(entry.get("kind")), namespace=tool.ref.namespace, name=str(entry.get("name")))
    found = held(_object(index, holder) or around.value(holder)).get(key)
    if found and target:
        content = json.dumps({"name": target, "value": found[1].strip()})
        yield Values(holder=holder, field=found[0], form="value", content=content)
    elif found:
        yield Values(holder=holder, field=found[0], form="text", content=found[1])
    elif not target and (path := _generated_from(index.tree, holder, key)):
        yield Values(path=path)


def _generated_from(tree: Tree, ref: ObjectRef, key: str) -> str:
    """The file of a generator's key, where a kustomization generates the object."""
    generator = "configMapGenerator" if ref.kind == "ConfigMap" else "secretGenerator"
    for path in tree:
        known = kustomization(tree, posixpath.dirname(path)) if posixpath.basename(path) in FILES else None
        for entry in map(mapping, listed(known.fields.get(generator)) if known else ()):
            if str(entry.get("name")) and str(entry.get("name")) in (ref.name, ref.name.rpartition("-")[0]):
                for file in map(str, listed(entry.get("files"))):
                    own, _, there = file.rpartition("=")
                    if (own or posixpath.basename(there)) == key:
                        return posixpath.normpath(posixpath.join(posixpath.dirname(path), there))
    return ""


