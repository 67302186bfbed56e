"""The objects of GitOps tools in a tree, as they are applied themselves, and what they apply."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from remediation.errors import Refused
from remediation.gitops.fieldpath import get
from remediation.gitops.index import Found, Index, Tree, is_under
from remediation.gitops.inputs import inputs
from remediation.gitops.owners import applicationset, argocd, flux
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import ARGO, FLUX_HELM, FLUX_KUSTOMIZE, KINDS, ToolObject, mapping, of_kind, set_of
from remediation.gitops.remotes import FETCHED
from remediation.gitops.rendered import Rendered, objects_in
from remediation.gitops.renderings import Rendering
from remediation.gitops.roots import roots, unbuilt
from remediation.gitops.sites import value_in
from remediation.gitops.wanted import source_of
from remediation.terms import Json, ObjectRef

_NESTED = 4  # owners within owners

_TOOLS = re.compile(rb"^kind:[ \t]*(?:Application|ApplicationSet|Kustomization|HelmRelease)\b", re.MULTILINE)

Render = Callable[[Rendering], Rendered]


def tool_objects(index: Index, render: Render, around: Around = ALONE) -> list[ToolObject]:
    """The objects of GitOps tools: those that a kustomization builds as it renders them, the others as they are written."""
    known = (each for each in index.objects() if (each.ref.group, each.ref.kind) in KINDS)
    found = [each for each in known if not _in_chart(index.tree, each.path) and not is_under(each.path, FETCHED)]
    objects = [_written(index, each) for each in found]
    for _ in range(_NESTED):
        applied = _as_applied(index, found, objects, render, around)
        if _places(applied) == _places(objects):
            break
        objects = applied
    objects = [each for each in objects if not _is_of_another_cluster(each, objects, around)]
    return [*objects, *(each for each in around.tools if not any(_is(each.ref, known.ref) for known in objects))]


def _is_of_another_cluster(tool: ToolObject, tools: list[ToolObject], around: Around) -> bool:
    """A fleet has an owner of one name for each cluster; this cluster's has the live one's spec, or at least its folder."""
    live = mapping(mapping(around.value(tool.ref)).get("spec"))
    specs = [mapping(each.value.get("spec")) for each in tools if each.ref == tool.ref]
    if not live or len(specs) == 1:
        return False
    own = mapping(tool.value.get("spec"))
    for alike in (_holds, _has_folder):
        if any(alike(live, spec) for spec in specs):
            return not alike(live, own)
    return False


def _holds(live: Json, spec: Json) -> bool:
    """Whether the live spec says all that a manifest's does; the server may have added defaults."""
    if isinstance(spec, Mapping) and isinstance(live, Mapping):
        return all(key in live and _holds(live[key], value) for key, value in spec.items())
    return bool(live == spec)


def _has_folder(live: Mapping[str, Json], spec: Mapping[str, Json]) -> bool:
    return "path" in spec and spec.get("path") == live.get("path")


def _as_applied(index: Index, found: list[Found], tools: list[ToolObject], render: Render, around: Around) -> list[ToolObject]:
    """The objects as they are rendered by what the tools say: an owner may itself be rendered, with more than its manifest says."""
    objects: list[ToolObject] = []
    used: set[Found] = set()
    for rendering in _overlays(index, tools, around) if found else ():
        files = inputs(index.tree, *rendering.folders)
        near = [each for each in found if each.path in files]
        if near:
            used.update(near)
            objects += _rendered(index.tree, rendering, near, render) or [_written(index, each) for each in near]
    return [*objects, *(_written(index, each) for each in found if each not in used), *_in_releases(index, tools, render, around)]


def _places(objects: list[ToolObject]) -> list[tuple[ObjectRef, object]]:
    return [(each.ref, each.within and each.within.key) for each in objects]


def _in_releases(index: Index, tools: list[ToolObject], render: Render, around: Around) -> Iterator[ToolObject]:
    """The tools' objects that a chart makes, as an app of apps does."""
    releases = [rendering for rendering in owned(index, tools, around) if rendering.kind == "helm" and not rendering.missing]
    paths = {rendering.path for rendering in releases}
    for rendering in [*releases, *(root for root in roots(index.tree) if root.kind == "helm" and root.path not in paths)]:
        templates = posixpath.normpath(posixpath.join(rendering.path, "templates"))
        if any(is_under(path, templates) and _TOOLS.search(blob.content) for path, blob in index.tree.items()):
            with suppress(Refused):
                yield from _released(rendering, render(rendering))


def _released(rendering: Rendering, rendered: Rendered) -> Iterator[ToolObject]:
    for text in rendered.texts:
        for obj in objects_in(text) if _TOOLS.search(text.encode()) else ():
            if (obj.ref.group, obj.ref.kind) in KINDS:
                path = posixpath.normpath(posixpath.join(rendering.path, obj.template))
                yield ToolObject(ref=obj.ref, value=obj.value, path=path, within=rendering)


def _is(live: ObjectRef, written: ObjectRef) -> bool:
    """Whether the tree has the cluster's object; its manifest may leave the namespace to who applies it."""
    named = (live.group, live.kind, live.name) == (written.group, written.kind, written.name)
    return named and written.namespace in ("", live.namespace)


def _overlays(index: Index, written: list[ToolObject], around: Around) -> list[Rendering]:
    """What is built by Kustomize: as its owner applies it, where the owner's object is written plainly; else by itself."""
    applied = [rendering for rendering in owned(index, written, around) if rendering.kind == "kustomize"]
    return [*applied, *(root for root in unbuilt(index.tree, applied) if root.kind == "kustomize")]


def _rendered(tree: Tree, rendering: Rendering, near: Iterable[Found], render: Render) -> list[ToolObject]:
    try:
        rendered = render(rendering)
    except Refused:
        return []
    found = {obj.ref: obj for each in near for obj in rendered.find(each.ref)}
    sources = {obj.ref: source_of(tree, obj) for obj in found.values()}
    paths = {ref: source.path if source else "" for ref, source in sources.items()}
    return [ToolObject(ref=obj.ref, value=obj.value, path=paths[obj.ref], within=rendering) for obj in found.values()]


def _written(index: Index, found: Found) -> ToolObject:
    value = get(value_in(index.tree[found.path].content, found.document), found.within)
    return ToolObject(ref=found.ref, value=value, path=found.path)


def _in_chart(tree: Tree, path: str) -> bool:
    parts = path.split("/")
    return any(part == "templates" and "/".join([*parts[:at], "Chart.yaml"]) in tree for at, part in enumerate(parts[:-1]))


def owned(index: Index, tools: Iterable[ToolObject], around: Around = ALONE) -> list[Rendering]:
    """What the tools' objects apply from this tree."""
    tools = list(tools)
    found: list[Rendering] = []
    sets = of_kind(tools, ARGO, "ApplicationSet")
    for app in of_kind(tools, ARGO, "Application"):
        if set_of(app.value) not in {one.ref.name for one in sets}:
            found += argocd.renderings(index.tree, app, around)
    for one in sets:
        found += applicationset.renderings(index.tree, one, around)
    for tool in of_kind(tools, FLUX_KUSTOMIZE, "Kustomization"):
        found += flux.kustomization_renderings(index, tool, around)
    for tool in of_kind(tools, FLUX_HELM, "HelmRelease"):
        found += flux.release_renderings(index, tool, around)
    return found
