"""Charts that a tree needs and may not hold: who names them, how they are pinned, and where they stand."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.index import Blob, Tree, is_under
from remediation.gitops.remotes import root_of
from remediation.gitops.repository import masked
from remediation.terms import Json

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.\-+]+)?")
_OCI, _FILE = "oci://", "file://"
DEEPEST = 4  # a dependency of a dependency of a dependency


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a Helm repository, or of an OCI registry (`oci://…`). digest: where who names it says its manifest's, SHA-256 in hex."""

    repository: str
    name: str
    version: str
    digest: str = ""

    @property
    def is_oci(self) -> bool:
        """Whether it stands in a registry."""
        return self.repository.startswith(_OCI)

    @property
    def key(self) -> str:
        """As settings pin it (fetch.digests): `https://REPOSITORY/NAME-VERSION`, `oci://REGISTRY/PATH/NAME:VERSION`."""
        return f"{self.repository.rstrip('/')}/{self.name}{':' if self.is_oci else '-'}{self.version}"

    @property
    def is_exact(self) -> bool:
        """Whether its version names one, and no range of them."""
        return bool(self.digest) or _EXACT.fullmatch(self.version) is not None

    @property
    def folder(self) -> str:
        """Where it stands in the tree once it is fetched."""
        return posixpath.join(root_of(self.key), self.name)

    def __str__(self) -> str:
        return f"The chart {self.name} {self.version or '(no version)'} of {masked(self.repository) or 'elsewhere'}"


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """What a chart needs beside itself. folder: where it stands in the tree, if it does; its own folder is `charts/NAME` then."""

    chart: Chart
    folder: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of the same repository."""
        return self.chart.repository.startswith(_FILE)


def chart_fields(tree: Tree, path: str) -> Mapping[str, Json]:
    """A Chart.yaml, a lock or a requirements file; empty where there is none, or none that can be read."""
    return _fields(tree[path].content) if path in tree else {}


@lru_cache(maxsize=1024)
def _fields(content: bytes) -> Mapping[str, Json]:
    try:
        text = decoded(content)
        fields = read(text[slice(*spans(text)[0])]).value
    except Unreadable:
        return {}
    return fields if isinstance(fields, dict) else {}


def dependencies(tree: Tree, chart: str) -> Iterator[Dependency]:
    """What the chart of this folder needs and does not hold in `charts/`, at the versions that its lock says."""
    for name, lock in (("Chart.yaml", "Chart.lock"), ("requirements.yaml", "requirements.lock")):
        wanted, locked = (_listed(tree, posixpath.normpath(posixpath.join(chart, file))) for file in (name, lock))
        held = _held(tree, chart) if wanted else set()
        for each in wanted:
            named = Chart(
                repository=str(each.get("repository") or ""), name=str(each.get("name") or ""), version=_version(each, wanted, locked)
            )  # fmt: skip
            if not any(_is_of(entry, named.name) for entry in held):
                yield Dependency(chart=named, folder=_folder(chart, named))


def _listed(tree: Tree, path: str) -> list[Mapping[str, Json]]:
    found = chart_fields(tree, path).get("dependencies")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _version(wanted: Mapping[str, Json], every: list[Mapping[str, Json]], locked: list[Mapping[str, Json]]) -> str:
    """The lock's, which has them in the same order: one chart may be needed twice, under two aliases."""
    at = every.index(wanted)
    near = [*locked[at : at + 1], *locked]
    return str(next((each.get("version") for each in near if each.get("name") == wanted.get("name")), wanted.get("version")) or "")


def _held(tree: Tree, chart: str) -> set[str]:
    """What stands in `charts/`: folders, and charts that are packed."""
    prefix = posixpath.normpath(posixpath.join(chart, "charts")) + "/"
    return {path[len(prefix) :].partition("/")[0] for path in tree if path.startswith(prefix)}


def _is_of(entry: str, name: str) -> bool:
    return entry == name or re.match(rf"{re.escape(name)}-v?\d", entry) is not None


def _folder(chart: str, named: Chart) -> str:
    if named.repository.startswith(_FILE):
        return posixpath.normpath(posixpath.join(chart, named.repository.removeprefix(_FILE)))
    return named.folder


def with_dependencies(tree: Tree, chart: str, depth: int = 0) -> Mapping[str, Blob]:
    """The files that stand in the chart's `charts/` once its dependencies are there. Raises Refused unpinned where one is not to be had."""
    found: dict[str, Blob] = {}
    for at, each in enumerate(dependencies(tree, chart) if depth < DEEPEST else ()):
        own = {path: blob for path, blob in tree.items() if is_under(path, each.folder) and each.folder != "."}
        if not own:
            raise _lacking(chart, each)
        target = posixpath.normpath(posixpath.join(chart, "charts", f"{each.chart.name}-{at}"))
        whole = {**own, **with_dependencies(tree, each.folder, depth + 1)}
        found |= {target + path[len(each.folder) :]: blob for path, blob in whole.items()}
    return found


def chart_folders(tree: Tree, chart: str, depth: int = 0) -> Iterator[str]:
    """The folders that the chart is made of: its own, and those of its dependencies wherever they stand."""
    yield chart
    for each in dependencies(tree, chart) if depth < DEEPEST else ():
        yield from chart_folders(tree, each.folder, depth + 1)


def lacks(tree: Tree, chart: str) -> list[Dependency]:
    """What the chart needs and stands nowhere in the tree."""
    return [each for each in dependencies(tree, chart) if posixpath.join(each.folder, "Chart.yaml") not in tree]


def _lacking(chart: str, needed: Dependency) -> Refused:
    if needed.is_local:
        what = f"The chart {chart} needs {needed.chart.name} of {needed.chart.repository}, which is not in the repository."
        return Refused(what, "Check the dependency's path.", kind="unpinned")
    return not_here(f"The chart {chart}", needed.chart)


def not_here(who: str, chart: Chart) -> Refused:
    """That somebody needs a chart that was not fetched, with how to pin it."""
    place = masked(chart.repository) or "elsewhere"
    what = f"{who} needs {chart.name} {chart.version or '(no version)'} from {place}, which is not in the repository."
    if not chart.is_exact or "://" not in chart.repository:
        how = "name an exact version and its https:// or oci:// address, and pin it"
    else:
        how = f"in settings allow its host (fetch.hosts) and pin {chart.key} (fetch.digests)"
    return Refused(what, f"Vendor it into charts/ (helm dependency build); or {how}.", kind="unpinned")
