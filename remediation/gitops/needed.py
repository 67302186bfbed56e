"""Which charts from elsewhere are needed: by owners in the cluster, by charts as dependencies, by kustomizations that inflate them."""

import posixpath
from collections.abc import Collection, Iterator

from remediation.gitops.charts import Chart, dependencies
from remediation.gitops.index import Tree
from remediation.gitops.inflation import inflations
from remediation.gitops.inputs import kustomization
from remediation.gitops.kustomization import FILES
from remediation.gitops.owners.chart_sources import release_chart, source_chart
from remediation.gitops.owners.mounts import Around
from remediation.gitops.owners.objects import mapping
from remediation.gitops.owners.origins import argo_sources
from remediation.terms import ObjectRef


def owners_charts(around: Around, owners: Collection[ObjectRef]) -> Iterator[Chart]:
    """What the owners take from Helm repositories and registries."""
    for tool in around.tools:
        named: list[Chart | None] = []
        if tool.ref in owners and tool.ref.kind == "Application":
            named = [source_chart(source) for _, source in argo_sources(mapping(tool.value.get("spec")))]
        elif tool.ref in owners and tool.ref.kind == "HelmRelease":
            named = [release_chart(mapping(tool.value.get("spec")), tool.ref.namespace, around.value)]
        yield from (chart for chart in named if chart is not None)


def trees_charts(tree: Tree) -> Iterator[Chart]:
    """What the tree's charts and kustomizations name."""
    for path in tree:
        folder, name = posixpath.split(path)
        if name == "Chart.yaml":
            yield from (each.chart for each in dependencies(tree, folder or ".") if not each.is_local)
        known = kustomization(tree, folder) if name in FILES else None
        yield from (each.chart for each in inflations(known) if each.chart.repository) if known else ()
