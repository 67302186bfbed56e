"""Every place that an object may come from: manifests that are applied as they are written, and renderings that give it."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from remediation.errors import Refused, Unreadable
from remediation.gitops.charts import chart_folders
from remediation.gitops.discovery import uses
from remediation.gitops.fieldpath import get
from remediation.gitops.index import Tree, is_under
from remediation.gitops.inputs import inflated_in, inputs, kustomization
from remediation.gitops.kustomization import builders, kustomizations, patchers
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.remotes import FETCHED
from remediation.gitops.rendered import RenderedObject
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import value_in
from remediation.gitops.trace import Tracer
from remediation.gitops.wanted import is_named_anew
from remediation.terms import ObjectRef

_CHARTS = (".yaml", ".yml", ".tpl", ".tgz")  # what objects of a chart are written in
_RELEASES = 6  # names that a release is tried under


def candidates(tracer: Tracer, ref: ObjectRef, how: Narrowing, refusals: list[Refused]) -> Iterator[Candidate]:
    """Each; why a rendering gives none is added to `refusals`. Raises Refused not_found for a rendering that was named and is not there."""
    if how.rendering is not None and not any(is_under(path, how.rendering.path) for path in tracer.tree):
        raise Refused(f"There is no {how.rendering.path} in the repository.", "Check the path after --render.", kind="not_found")
    if how.rendering is not None and how.rendering.kind != "plain":
        yield from _rendered(tracer, ref, how.rendering)
        return
    under = how.rendering.path if how.rendering else "."
    yield from _plain(tracer, ref, under, explicit=how.rendering is not None)
    if how.rendering is not None:
        return
    may = may_hold(tracer, ref)
    for rendering in tracer.renderings:
        if may(rendering):
            try:
                yield from _rendered(tracer, ref, rendering, how.release)
            except Refused as refusal:
                refusals.append(refusal)


def _rendered(tracer: Tracer, ref: ObjectRef, rendering: Rendering, release: str = "") -> Iterator[Candidate]:
    for tried in _releases(rendering, ref, release):
        found = tracer.rendered(tried).find(ref)
        if found:
            yield from (Candidate(rendering=_placed(tracer.tree, tried, obj), obj=obj) for obj in found)
            return


def _placed(tree: Tree, rendering: Rendering, obj: RenderedObject) -> Rendering:
    """With the namespace that its kustomization says: Kustomize need not write it into what a chart gave."""
    known = kustomization(tree, rendering.path) if rendering.kind == "kustomize" and not obj.ref.namespace else None
    said = str(known.fields.get("namespace") or "") if known else ""
    return replace(rendering, namespace=said) if said and not rendering.namespace else rendering


def _releases(rendering: Rendering, ref: ObjectRef, release: str) -> Iterator[Rendering]:
    """A chart that nobody is known to release: under the names that it may have."""
    if rendering.kind != "helm" or rendering.release:
        unsaid = rendering.kind == "helm" and rendering.owner is None and not rendering.namespace  # then the object's own, as any would do
        yield replace(rendering, namespace=ref.namespace) if unsaid else rendering
        return
    chart = posixpath.basename(rendering.path).strip(".")  # the repository's root has no name
    words = ref.name.split("-")
    beginnings = ["-".join(words[:count]) for count in range(len(words), 0, -1)]
    names = [release] if release else [chart, ref.name.removesuffix(f"-{chart}"), *beginnings]
    for name in list(dict.fromkeys(filter(None, names)))[:_RELEASES]:
        yield replace(rendering, release=name, namespace=rendering.namespace or ref.namespace)


def may_hold(tracer: Tracer, ref: ObjectRef) -> Callable[[Rendering], bool]:
    """Without rendering: whether its files have an object of this kind whose name may become this one."""
    tree = tracer.tree
    same_kind = (found for found in tracer.index.objects() if (found.ref.group, found.ref.kind) == (ref.group, ref.kind))
    near = {found.path for found in same_kind if found.ref.name in ref.name or is_named_anew(found.ref)}
    kind = re.compile(rf"kind:\s*[\"']?(?:{re.escape(ref.kind)}\b|{{{{)".encode())

    def may(rendering: Rendering) -> bool:
        if rendering.missing:
            return False
        if rendering.kind == "helm":
            folders = list(chart_folders(tree, rendering.path))
            own = [path for path in tree if path.endswith(_CHARTS) and any(is_under(path, each) for each in folders)]
            return any(path.endswith(".tgz") or kind.search(tree[path].content) for path in own)
        if rendering.kind == "plain":
            return rendering.variables is not None and any(is_under(path, rendering.path) for path in near)
        files = inputs(tree, *rendering.folders)
        charts = [each.folder(tree) for each in inflated_in(tree, *rendering.folders)]
        inflates = any(kind.search(tree[path].content) for folder in charts for path in tree if is_under(path, folder))
        return bool(near & files) or inflates or (ref.kind in ("ConfigMap", "Secret") and _generates(tracer, files))

    return may


def _generates(tracer: Tracer, files: frozenset[str]) -> bool:
    found = (kustomization(tracer.tree, posixpath.dirname(path)) for path in files)
    return any(known is not None and any(known.fields.get(f"{kind}Generator") for kind in ("configMap", "secret")) for known in found)


def _plain(tracer: Tracer, ref: ObjectRef, under: str, *, explicit: bool) -> Iterator[Candidate]:
    """Manifests that are applied as they are written, with whoever applies them."""
    known = kustomizations(tracer.tree)
    for found in tracer.index.find(ref, under):
        if is_under(found.path, FETCHED):
            continue
        if not explicit and (patchers(found.path, known) or builders(found.path, known) or _in_templates(tracer, found.path)):
            continue
        try:
            value = get(value_in(tracer.tree[found.path].content, found.document), found.within)
        except Unreadable:
            continue
        obj = RenderedObject(ref=found.ref, value=value, origin={})
        appliers = [] if explicit else [each for each in tracer.renderings if _applies(tracer, each, found.path)]
        for rendering in appliers or [Rendering(kind="plain", path=posixpath.dirname(found.path) or ".")]:
            if rendering.kind == "plain" and rendering.variables is None:
                yield Candidate(rendering=rendering, obj=obj, found=found)


def _applies(tracer: Tracer, rendering: Rendering, path: str) -> bool:
    near = rendering.recurse or (posixpath.dirname(path) or ".") == rendering.path
    return rendering.owner is not None and rendering.owner.path != path and near and uses(tracer.tree, rendering)(path)


def _in_templates(tracer: Tracer, path: str) -> bool:
    parts = path.split("/")
    return any(part == "templates" and "/".join([*parts[:at], "Chart.yaml"]) in tracer.tree for at, part in enumerate(parts[:-1]))
