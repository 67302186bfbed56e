"""Fetching charts: only an exact version at the digest that settings, or who names it, pin; from Helm repositories and OCI registries."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from remediation.errors import NotFound, Refused
from remediation.gitops.charts import Chart
from remediation.gitops.fetch import unpacked
from remediation.gitops.helm_index import Offered, offers_of
from remediation.gitops.index import Tree
from remediation.gitops.registry_charts import MANIFEST, digest_of, layer_of, layer_url, manifest_url

_KEPT = 64  # charts, and indexes
_FRESH = 300.0  # seconds that an index is believed
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
Index = Mapping[str, tuple[Offered, ...]]


class Remote(Protocol):
    """Where things are downloaded from."""

    async def get(self, url: str, *, accept: str = "*/*") -> bytes:
        """The body of an allowed address, of the type that is accepted."""
        ...


@dataclass
class Charts:
    """Charts that were fetched, kept by digest. digests: what settings pin, by a chart's key.

    indexes: of Helm repositories, with when each was read.  seconds: a clock.
    """

    remote: Remote
    digests: Mapping[str, str] = field(default_factory=dict)
    seconds: Callable[[], float] = time.monotonic
    kept: dict[str, Tree] = field(default_factory=dict)
    indexes: dict[str, tuple[float, Index]] = field(default_factory=dict)

    def pin(self, chart: Chart) -> str:
        """The digest that the chart must have, SHA-256 in hex; empty where nobody says one."""
        pinned = _DIGEST.fullmatch(chart.digest or self.digests.get(chart.key, ""))
        return pinned[1] if pinned else ""

    async def files(self, chart: Chart) -> Tree:
        """Its files where they stand in a tree. Raises Refused unpinned with the digest that it has now, for a person to judge."""
        if not chart.repository.startswith(("https://", "http://", "oci://")) or not chart.is_exact:
            what = f"{chart} is pinned to no version."
            raise Refused(what, "Name an exact version of an https:// or oci:// address, or vendor the chart.", kind="unpinned")
        pinned = self.pin(chart)
        if not pinned:
            digest = await self._said(chart)
            what = f"{chart} is pinned to no digest."
            todo = f"In settings, fetch.digests: {chart.key}: sha256:{digest or '…'} (as the repository says now), or vendor it."
            raise Refused(what, todo, kind="unpinned")
        if pinned not in self.kept:
            content = await (self._layer if chart.is_oci else self._package)(chart, pinned)
            tree = await asyncio.to_thread(unpacked, content, strip=0)
            while len(self.kept) >= _KEPT:
                del self.kept[next(iter(self.kept))]
            self.kept[pinned] = tree
        root = chart.folder.removesuffix(chart.name)
        return {f"{root}{path}": blob for path, blob in self.kept[pinned].items()}

    async def _said(self, chart: Chart) -> str:
        """The digest that its repository or registry says now."""
        if chart.is_oci:
            return digest_of(await self.remote.get(manifest_url(chart), accept=MANIFEST))
        return (await self._listed(chart))[1]

    async def _package(self, chart: Chart, pinned: str) -> bytes:
        address, _ = await self._listed(chart)
        return _checked(chart, await self.remote.get(address), pinned)

    async def _layer(self, chart: Chart, pinned: str) -> bytes:
        manifest = _checked(chart, await self.remote.get(manifest_url(chart, pinned), accept=MANIFEST), pinned)
        digest = layer_of(chart, manifest)
        return _checked(chart, await self.remote.get(layer_url(chart, digest)), digest)

    async def _listed(self, chart: Chart) -> tuple[str, str]:
        """Address and digest of a chart, as its repository's index says."""
        repository = chart.repository.rstrip("/")
        for each in (await self._index(repository)).get(chart.name, ()):
            if each.version.removeprefix("v") == chart.version.removeprefix("v"):
                return (each.url if "://" in each.url else f"{repository}/{each.url}"), each.digest
        raise NotFound(f"{repository} has no {chart.name} {chart.version}.", "Check name and version.")

    async def _index(self, repository: str) -> Index:
        """What a repository has, as it said a few minutes ago."""
        read_at, known = self.indexes.get(repository, (0.0, {}))
        if not known or self.seconds() - read_at > _FRESH:
            known = await asyncio.to_thread(offers_of, await self.remote.get(f"{repository}/index.yaml"), repository)
            while len(self.indexes) >= _KEPT:
                del self.indexes[next(iter(self.indexes))]
            self.indexes[repository] = (self.seconds(), known)
        return known


def _checked(chart: Chart, content: bytes, digest: str) -> bytes:
    if digest_of(content) != digest:
        what = f"{chart.key} is another one than is pinned."
        raise Refused(what, "Find out who changed it before its digest is changed.", kind="unpinned")
    return content
