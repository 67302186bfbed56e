"""Generators that are programs of their own, such as ksops: none is run, so a rendering leaves them out; and what it left out."""

import posixpath
from collections.abc import Iterator

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import MISSING
from remediation.gitops.index import Tree
from remediation.gitops.inputs import inputs, kustomization
from remediation.gitops.kustomization import FILES, Kustomization
from remediation.gitops.remotes import there
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import FieldSite, value_in

_KEY = "generators"


def without_plugins(tree: Tree, *folders: str) -> dict[str, bytes]:
    """The kustomizations of these folders, and of what they build from, that name such generators: without them."""
    found: dict[str, bytes] = {}
    for known, plugins in _naming(tree, folders):
        content = tree[known.path].content
        whole = len(plugins) == len(known.fields[_KEY])
        for field in [(_KEY,)] if whole else [(_KEY, at) for at in reversed(plugins)]:
            content = FieldSite(path=known.path, field=field).write(content, MISSING)
        found[known.path] = content
    return found


def left_out(tree: Tree, rendering: Rendering) -> Iterator[str]:
    """A sentence for each kustomization whose generators were not asked."""
    for known, plugins in _naming(tree, rendering.folders) if rendering.kind == "kustomize" else ():
        named = ", ".join(str(known.fields[_KEY][at]) for at in plugins)
        yield f"What {known.path} generates by programs ({named}) was not rendered, and not compared."


def _naming(tree: Tree, folders: tuple[str, ...]) -> Iterator[tuple[Kustomization, list[int]]]:
    for path in sorted(inputs(tree, *folders)):
        known = kustomization(tree, posixpath.dirname(path)) if posixpath.basename(path) in FILES else None
        entries = (known.fields.get(_KEY) or []) if known else []
        plugins = [at for at, entry in enumerate(entries) if known and _is_plugin(tree, there(known.folder, str(entry)))]
        if known and plugins:
            yield known, plugins


def _is_plugin(tree: Tree, path: str) -> bool:
    """Whether it is a manifest of another kind than Kustomize's own generators."""
    try:
        value = value_in(tree[path].content, 0) if path in tree else None
    except Unreadable:
        return False
    return isinstance(value, dict) and value.get("apiVersion") != "builtin"
