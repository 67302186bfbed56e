"""Helm charts that a kustomization inflates (`helmCharts`): what each entry reads, and where Kustomize looks for its chart."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.errors import Refused
from remediation.gitops.charts import Chart, not_here, with_dependencies
from remediation.gitops.fieldpath import Path
from remediation.gitops.index import Blob, Tree, is_under
from remediation.gitops.kustomization import Kustomization
from remediation.terms import Json

INFLATOR = "HelmChartInflationGenerator"  # as Kustomize says what made an object
_HOME = "charts"
OLDER = "helmChartInflationGenerator"
_SINCE = {  # what the older form calls each key of `helmCharts`
    "chartName": "name", "chartVersion": "version", "chartRepoUrl": "repo", "values": "valuesFile", "valuesLocal": "valuesInline",
    "releaseNamespace": "namespace", "chartReleaseName": "releaseName",
}  # fmt: skip
_OF_ITS_OWN = ("configHome", "extraArgs", "helmBin", "helmHome")  # keys of the older form that nobody checked


@dataclass(frozen=True, kw_only=True)
class Inflation:
    """One entry of `helmCharts`. at: its number.  target: the folder that Kustomize looks for the chart in.

    inline: where its values stand in the kustomization.
    """

    known: Kustomization
    at: int
    inline: Path
    fields: Mapping[str, Json]
    chart: Chart
    target: str

    def folder(self, tree: Tree) -> str:
        """Where the chart stands: beside the kustomization, or where it was fetched to; empty where it does not."""
        return next((each for each in (self.target, self.chart.folder) if _holds(tree, each)), "")

    @property
    def release(self) -> str:
        """Its name, as the chart's objects begin with."""
        return str(self.fields.get("releaseName") or self.chart.name)

    @property
    def files(self) -> tuple[str, ...]:
        """The values files, weakest first, as the entry writes them."""
        first, more = self.fields.get("valuesFile"), self.fields.get("additionalValuesFiles")
        return tuple(str(each) for each in (*([first] if first else []), *(more if isinstance(more, list) else [])))


def inflations(known: Kustomization) -> Iterator[Inflation]:
    """The entries of a kustomization, those in the older form after the others."""
    held, above = known.fields.get("helmCharts"), known.fields.get("helmGlobals")
    shared = str((above if isinstance(above, Mapping) else {}).get("chartHome") or _HOME)
    entries = [(at, each, ("helmCharts", at, "valuesInline")) for at, each in enumerate(held if isinstance(held, list) else [])]
    entries += [(at, _newer(each), (OLDER, at, "valuesLocal")) for at, each in enumerate(_older(known))]
    for at, fields, inline in entries:
        if isinstance(fields, Mapping):
            home = str(fields.get("chartHome") or shared)
            chart = Chart(repository=str(fields.get("repo") or ""), name=str(fields.get("name")), version=str(fields.get("version") or ""))
            inner = f"{chart.name}-{chart.version}" if chart.repository and chart.version else ""
            target = posixpath.normpath(posixpath.join(known.folder, home, inner, chart.name))
            yield Inflation(known=known, at=at, inline=inline, fields=fields, chart=chart, target=target)


def _older(known: Kustomization) -> list[Json]:
    held = known.fields.get(OLDER)
    return held if isinstance(held, list) else []


def _newer(entry: Json) -> Json:
    """An entry of the older form, with the keys of today."""
    return {_SINCE.get(str(key), str(key)): value for key, value in entry.items()} if isinstance(entry, Mapping) else entry


def _holds(tree: Tree, folder: str) -> bool:
    return posixpath.join(folder, "Chart.yaml") in tree


def check_inflations(tree: Tree, known: Kustomization) -> None:
    """Raises Refused: templated for what Suture does not follow, infeasible for what leads out, unpinned for a chart that is not here."""
    if any(entry.get(key) for entry in _older(known) if isinstance(entry, Mapping) for key in _OF_ITS_OWN):
        what = f"{known.path} gives Helm a configuration, options or a program of its own ({OLDER})."
        raise Refused(what, "Write it as helmCharts, or change its values by hand.", kind="templated")
    every = list(inflations(known))
    above = known.fields.get("helmGlobals")
    if every and isinstance(above, Mapping) and above.get("configHome"):
        raise Refused(f"{known.path} gives Helm a configuration of its own (configHome).", "Change it by hand.", kind="templated")
    for each in every:
        _check_words(each)
        if not each.folder(tree):
            raise not_here(known.path, each.chart)


def _check_words(each: Inflation) -> None:
    """No word of an entry becomes an option of Helm's, or an address."""
    words = [str(value) for value in each.fields.values() if isinstance(value, str)] + list(each.files)
    if any(word.startswith("-") for word in words) or any("://" in file for file in each.files):
        what = f"{each.known.path} has an entry in helmCharts that Helm would take for something else."
        raise Refused(what, "Write plain names and files of the repository.", kind="infeasible")
    if each.target.startswith(("..", "/")):
        raise Refused(f"{each.known.path} looks for charts outside of the repository.", "Move them inside.", kind="infeasible")


def inflated_files(tree: Tree, each: Inflation) -> Mapping[str, Blob]:
    """The chart where Kustomize looks for it, whole. Raises Refused unpinned where a dependency is not here."""
    folder = each.folder(tree)
    whole = {**{path: blob for path, blob in tree.items() if is_under(path, folder)}, **with_dependencies(tree, folder)}
    return {each.target + path[len(folder) :]: blob for path, blob in whole.items()}
