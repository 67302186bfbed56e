"""What a tree holds that may be applied by itself: overlays that nothing builds on, charts that stand alone."""

import posixpath
from collections.abc import Iterable, Iterator

from remediation.gitops.charts import chart_fields
from remediation.gitops.index import Tree, is_under
from remediation.gitops.inflation import inflations
from remediation.gitops.inputs import inputs, kustomization_in
from remediation.gitops.kustomization import builders, kustomizations
from remediation.gitops.remotes import FETCHED
from remediation.gitops.renderings import Rendering, Values

_VALUES_FOLDERS = ("values", "env", "envs", "environments")


def roots(tree: Tree) -> list[Rendering]:
    """Each kustomization that no other builds on, and each chart that is no other's, with each values file of its own."""
    known = tuple(each for each in kustomizations(tree) if not is_under(each.path, FETCHED))
    built = [k for k in known if k.fields.get("kind", "Kustomization") == "Kustomization" and not builders(k.folder or ".", known)]
    overlays = [Rendering(kind="kustomize", path=k.folder or ".") for k in built if _is_kustomize(k.fields.get("apiVersion"))]
    charts = [posixpath.dirname(path) or "." for path in tree if posixpath.basename(path) == "Chart.yaml" and _installs(tree, path)]
    inflated = {each.target for k in known for each in inflations(k)}
    alone = [chart for chart in charts if not any(other != chart and is_under(chart, _charts_of(other)) for other in charts)]
    return [*overlays, *(rendering for chart in alone if chart not in inflated for rendering in chart_renderings(tree, chart))]


def _installs(tree: Tree, path: str) -> bool:
    """Whether a chart of the tree's own can be released: a library cannot."""
    return not is_under(path, FETCHED) and chart_fields(tree, path).get("type") != "library"


def _is_kustomize(version: object) -> bool:
    return version is None or str(version).startswith("kustomize.config.k8s.io/")


def _charts_of(chart: str) -> str:
    return posixpath.normpath(posixpath.join(chart, "charts"))


def chart_renderings(tree: Tree, chart: str) -> Iterator[Rendering]:
    """A chart with its defaults; or, where values files stand beside them, with each of these."""
    own = [path for path in sorted(tree) if _is_values(path, chart)]
    for path in own:
        yield Rendering(kind="helm", path=chart, values=(Values(path=path),))
    if not own:
        yield Rendering(kind="helm", path=chart)


def _is_values(path: str, chart: str) -> bool:
    folder, name = posixpath.split(path)
    near = (folder or ".") == chart or folder in {posixpath.normpath(posixpath.join(chart, sub)) for sub in _VALUES_FOLDERS}
    return near and name.endswith((".yaml", ".yml")) and name not in ("values.yaml", "Chart.yaml") and (
        "values" in name or (folder or ".") != chart
    )  # fmt: skip


def unbuilt(tree: Tree, applied: Iterable[Rendering]) -> list[Rendering]:
    """The roots that no owner applies: neither by themselves nor, where Flux makes the kustomization, with the folder above."""
    paths = {(rendering.kind, rendering.path) for rendering in applied}
    built = {path for kind, folder in paths if kind == "kustomize" for path in inputs(tree, folder)}
    free = [root for root in roots(tree) if (root.kind, root.path) not in paths]
    return [root for root in free if root.kind != "kustomize" or kustomization_in(tree, root.path) not in built]
