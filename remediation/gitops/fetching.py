"""Fetching what a tree is rendered from and does not hold: bases by commit, charts by digest. An act of its own, before any rendering."""

import asyncio
import posixpath
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from remediation.errors import NotFound, Refused, RemediationError, Unreachable, Unusable
from remediation.gitops.chart_fetching import Charts, Remote
from remediation.gitops.charts import Chart
from remediation.gitops.fetch import unpacked
from remediation.gitops.index import Blob, Tree
from remediation.gitops.inputs import folders_of, inputs, kustomization
from remediation.gitops.kustomization import FILES
from remediation.gitops.needed import owners_charts, trees_charts
from remediation.gitops.owners.mounts import Around
from remediation.gitops.owners.objects import has_folder
from remediation.gitops.remotes import base_of, is_remote, root_of
from remediation.gitops.repository import masked
from remediation.terms import ObjectRef

_KEPT = 32  # bases
_DEEPEST = 4  # a base of a base of a base

Missing = tuple[RemediationError, ...]


@dataclass
class Fetched:
    """What was fetched, kept by its address and pin. digests: of charts, by their key: what settings pin.  seconds: a clock."""

    remote: Remote
    digests: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, Tree] = field(default_factory=dict)
    seconds: Callable[[], float] = time.monotonic

    @cached_property
    def charts(self) -> Charts:
        """Those that were fetched."""
        return Charts(self.remote, self.digests, self.seconds)

    async def completed(self, tree: Tree, around: Around, owners: Collection[ObjectRef]) -> tuple[Tree, Missing]:
        """The tree with what it needs from elsewhere in folders of their own, and why something is still missing.

        owners: whose charts are meant. What else the tree names is fetched where it is pinned; rendering refuses the rest.
        """
        whole, missing = await self._with_bases(tree)
        missing += await self._with_charts(whole, owners_charts(around, owners))
        named = await asyncio.to_thread(lambda: list(trees_charts(whole)))
        pinned = [chart for chart in named if self.charts.pin(chart) and not has_folder(whole, chart.folder)]
        missing += await self._with_charts(whole, pinned)
        return whole, tuple(missing)

    async def _with_charts(self, whole: dict[str, Blob], charts: Iterable[Chart]) -> list[RemediationError]:
        """Put into the tree; why some are not."""
        missing: list[RemediationError] = []
        for chart in dict.fromkeys(charts):
            try:
                whole |= await self.charts.files(chart)
            except (Refused, NotFound, Unusable, Unreachable) as error:
                missing.append(error)
        return missing

    async def _with_bases(self, tree: Tree) -> tuple[dict[str, Blob], list[RemediationError]]:
        """The tree with the bases that it names, and those that they name; each is asked for once."""
        whole: dict[str, Blob] = dict(tree)
        asked: set[str] = set()
        missing: list[RemediationError] = []
        for _ in range(_DEEPEST):
            wanted = await asyncio.to_thread(_addresses, whole) - asked
            if not wanted:
                break
            asked |= wanted
            for entry in sorted(wanted):
                try:
                    whole |= await self._base(entry)
                except (Refused, NotFound, Unusable, Unreachable) as error:
                    missing.append(error)
        return whole, missing

    async def _base(self, entry: str) -> dict[str, Blob]:
        base = base_of(entry)
        if not base.commit:
            what = f"{masked(entry)} is pinned to no commit."
            raise Refused(what, "Write ?ref= with the whole commit, or vendor it into the repository.", kind="unpinned")
        key = f"{base.url}@{base.commit}"
        if key not in self.kept:
            self._keep(key, await asyncio.to_thread(unpacked, await self._archive(base.url, base.commit)))
        tree = self.kept[key]
        files = await asyncio.to_thread(inputs, tree, base.path)
        if not files:
            raise Refused(f"{base.url} has no {base.path} at {base.commit[:8]}.", "Check the address.", kind="unpinned")
        return {f"{root_of(entry)}/{path}": tree[path] for path in files if path in tree}

    def _keep(self, key: str, tree: Tree) -> None:
        while len(self.kept) >= _KEPT:
            del self.kept[next(iter(self.kept))]
        self.kept[key] = tree

    async def _archive(self, url: str, commit: str) -> bytes:
        """As GitHub and Gitea serve it, else as GitLab does."""
        try:
            return await self.remote.get(f"{url}/archive/{commit}.tar.gz")
        except NotFound:
            return await self.remote.get(f"{url}/-/archive/{commit}/{posixpath.basename(url)}-{commit}.tar.gz")


def _addresses(tree: Tree) -> set[str]:
    """What kustomizations build from elsewhere."""
    read = (kustomization(tree, posixpath.dirname(path)) for path in tree if posixpath.basename(path) in FILES)
    return {entry for known in read if known for entry in folders_of(known.fields) if is_remote(entry)}
