"""Every rendering of a tree: what owners apply, and what nobody does; and which files take part in one."""

from collections.abc import Callable

from remediation.gitops.charts import chart_folders
from remediation.gitops.index import Index, Tree, is_under
from remediation.gitops.inputs import inputs
from remediation.gitops.owners import argocd
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import ARGO, of_kind
from remediation.gitops.renderings import Rendering
from remediation.gitops.roots import unbuilt
from remediation.gitops.tools import Render, owned, tool_objects


def discovered(index: Index, render: Render, around: Around = ALONE) -> list[Rendering]:
    """Owners' renderings, then the roots that no owner applies."""
    tools = tool_objects(index, render, around)
    by_owner = owned(index, tools, around)
    hydrated = [path for app in of_kind(tools, ARGO, "Application") if (path := argocd.hydrated(app))]
    charts = {rendering.path for rendering in by_owner if rendering.kind == "helm"}
    free = [
        root
        for root in unbuilt(index.tree, by_owner)
        if not (root.kind == "helm" and root.path in charts) and not any(is_under(root.path, path) for path in hydrated)
    ]
    return [*by_owner, *free]


def uses(tree: Tree, rendering: Rendering) -> Callable[[str], bool]:
    """Whether a file takes part in a rendering."""
    own = {source.path for source in rendering.values if source.path}
    own |= {rendering.owner.path} if rendering.owner else set()
    own |= {element.path for element in rendering.elements}
    if rendering.kind == "kustomize":
        own |= inputs(tree, *rendering.folders)
    if rendering.kind == "kustomize" or rendering.missing:
        return lambda path: path in own
    folders = list(chart_folders(tree, rendering.path)) if rendering.kind == "helm" else [rendering.path]
    return lambda path: path in own or any(is_under(path, folder) for folder in folders)
