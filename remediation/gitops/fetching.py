"""Fetching what a tree is rendered from and does not hold: bases by commit, charts by digest. An act of its own, before any rendering."""

import asyncio
import hashlib
import posixpath
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from remediation.errors import NotFound, Refused, RemediationError, Unreachable, Unusable
from remediation.gitops.fetch import unpacked
from remediation.gitops.helm_index import Offered, offers_of
from remediation.gitops.index import Blob, Tree
from remediation.gitops.inputs import folders_of, inputs, kustomization
from remediation.gitops.kustomization import FILES
from remediation.gitops.owners.mounts import Around
from remediation.gitops.owners.objects import FLUX_SOURCE, mapping
from remediation.gitops.owners.origins import argo_sources
from remediation.gitops.remotes import base_of, is_remote, root_of
from remediation.gitops.repository import masked
from remediation.terms import ObjectRef

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.\-+]+)?")
_KEPT = 32  # bases and charts
_FRESH = 300.0  # seconds that an index is believed
_DEEPEST = 4  # a base of a base of a base
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")

Missing = tuple[RemediationError, ...]
Index = Mapping[str, tuple[Offered, ...]]


class Remote(Protocol):
    """Where things are downloaded from."""

    async def get(self, url: str) -> bytes:
        """The body of an allowed address."""
        ...


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a Helm repository."""

    repository: str
    name: str
    version: str

    @property
    def key(self) -> str:
        """As settings pin it (fetch.digests)."""
        return f"{self.repository.rstrip('/')}/{self.name}-{self.version}"


@dataclass
class Fetched:
    """What was fetched, kept by its address and pin. digests: of charts, by `REPOSITORY/NAME-VERSION`: what settings pin.

    indexes: of Helm repositories, with when each was read.  seconds: a clock.
    """

    remote: Remote
    digests: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, Tree] = field(default_factory=dict)
    indexes: dict[str, tuple[float, Index]] = field(default_factory=dict)
    seconds: Callable[[], float] = time.monotonic

    async def completed(self, tree: Tree, around: Around, owners: Collection[ObjectRef]) -> tuple[Tree, Around, Missing]:
        """The tree with what it needs from elsewhere in folders of their own, and why something is still missing.

        owners: whose charts are meant.
        """
        whole, missing = await self._with_bases(tree)
        charts = dict(around.charts)
        for chart in _charts(around, owners):
            try:
                files = await self._chart(chart)
            except (Refused, NotFound, Unusable, Unreachable) as error:
                missing.append(error)
            else:
                whole |= files
                charts[chart.repository.rstrip("/"), chart.name, chart.version] = posixpath.join(root_of(chart.key), chart.name)
        return whole, replace(around, charts=charts), tuple(missing)

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

    async def _chart(self, chart: Chart) -> dict[str, Blob]:
        """Its files. Raises Refused unpinned with the digest that the repository names now, for a person to judge."""
        if not chart.repository.startswith("https://") or _EXACT.fullmatch(chart.version) is None:
            what = f"The chart {chart.name} {chart.version or '(no version)'} of {chart.repository} is pinned to no version."
            raise Refused(what, "Name an exact version of an https:// repository, or vendor the chart.", kind="unpinned")
        pinned = _DIGEST.fullmatch(self.digests.get(chart.key, ""))
        if pinned is None:
            _, digest = await self._listed(chart)
            what = f"The chart {chart.name} {chart.version} of {chart.repository} is pinned to no digest."
            todo = f"In settings, fetch.digests: {chart.key}: sha256:{digest or '…'} (as the repository says now), or vendor it."
            raise Refused(what, todo, kind="unpinned")
        if pinned[1] not in self.kept:
            address, _ = await self._listed(chart)
            content = await self.remote.get(address)
            if hashlib.sha256(content).hexdigest() != pinned[1]:
                what = f"{chart.key} is another one than settings pin."
                raise Refused(what, "Find out who changed it before fetch.digests is changed.", kind="unpinned")
            self._keep(pinned[1], await asyncio.to_thread(unpacked, content, strip=0))
        return {f"{root_of(chart.key)}/{path}": blob for path, blob in self.kept[pinned[1]].items()}

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


def _addresses(tree: Tree) -> set[str]:
    """What kustomizations build from elsewhere."""
    read = (kustomization(tree, posixpath.dirname(path)) for path in tree if posixpath.basename(path) in FILES)
    return {entry for known in read if known for entry in folders_of(known.fields) if is_remote(entry)}


def _charts(around: Around, owners: Collection[ObjectRef]) -> Iterator[Chart]:
    """What the owners take from Helm repositories."""
    for tool in around.tools:
        spec = mapping(tool.value.get("spec")) if tool.ref in owners else {}
        for _, source in argo_sources(spec) if tool.ref.kind == "Application" else ():
            if source.get("chart"):
                version = str(source.get("targetRevision") or "")
                yield Chart(repository=str(source.get("repoURL")), name=str(source["chart"]), version=version)
        chart = mapping(mapping(spec.get("chart")).get("spec"))
        source = mapping(chart.get("sourceRef"))
        if source.get("kind") == "HelmRepository":
            place = str(source.get("namespace") or tool.ref.namespace)
            ref = ObjectRef(group=FLUX_SOURCE, kind="HelmRepository", namespace=place, name=str(source.get("name")))
            url = str(mapping(mapping(around.value(ref)).get("spec")).get("url") or "")
            yield Chart(repository=url, name=str(chart.get("chart")), version=str(chart.get("version") or ""))
