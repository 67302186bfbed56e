"""Who applies a live object, asked of the cluster: its Application, Kustomization or HelmRelease, and who applies that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from remediation.errors import Forbidden, NotFound, Refused, RemediationError
from remediation.gitops.owners.chart_sources import source_ref
from remediation.gitops.owners.claims import Claim, Tracking, claims_of, maker_of, release_of
from remediation.gitops.owners.inventory import disowned
from remediation.gitops.owners.objects import FLUX_SOURCE, listed, mapping
from remediation.gitops.owners.origins import Origin, applied_by, of_application, of_flux_source
from remediation.lately import Lately
from remediation.listing import cut_told, is_cut
from remediation.terms import Json, ObjectRef
from remediation.workloads import object_ref

_SAID = {"method": "application.resourceTrackingMethod", "label": "application.instanceLabelKey", "installation": "installationID"}
_BY_HAND = "Or map the object by hand: in settings, `targets` of its project in gitops."
_DEEPEST = 4  # an application of applications of applications


class Cluster(Protocol):
    """Where owners are read."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """One object. Raises NotFound, Forbidden."""
        ...

    async def list(self, kind: str, namespace: str = "", *, lately: bool = False) -> list[dict[str, Json]]:
        """Objects of one kind. lately: an answer of a few seconds ago will do."""
        ...


@dataclass(frozen=True, kw_only=True)
class LiveOwner:
    """A tool's object as the cluster has it. because: why it is the owner.  above: who applies it in its turn.

    sources: what else was read for it: Flux's source, ConfigMaps of values.
    """

    ref: ObjectRef
    value: Mapping[str, Json]
    because: str
    origins: tuple[Origin, ...]
    above: tuple["LiveOwner", ...] = ()
    sources: tuple[Mapping[str, Json], ...] = ()

    @property
    def chain(self) -> tuple["LiveOwner", ...]:
        """It, and everyone above it."""
        return (self, *(each for above in self.above for each in above.chain))


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Where owners are asked for: the object's own cluster first, then those where an Argo CD may be that applies to others.

    tracking: what settings say of it.  unknown: gathers what could not be read, a sentence each.  installed: what clusters said of their
    Argo CD lately.
    """

    asked: Sequence[Cluster]
    tracking: Tracking
    unknown: list[str] = field(default_factory=list)
    installed: Lately[object, Tracking] = field(default_factory=lambda: Lately(0.0))

    async def owners_of(self, live: Mapping[str, Json], depth: int = 0) -> tuple[LiveOwner, ...]:
        """Who applies the object, by what it says and they confirm; more than one where more than one does.

        Raises Refused other_owner where a controller made the object, or where its source leads to no repository; what a cluster raises.
        """
        found: list[LiveOwner] = []
        sure: list[Claim] = []
        for cluster in self.asked if depth < _DEEPEST else ():
            for claim in claims_of(live, await self._tracking_in(cluster)):
                sure += [claim] if claim.sure else []
                owner = await self._confirmed(cluster, claim, live)
                if owner is not None:
                    found.append(replace(owner, above=await self.owners_of(owner.value, depth + 1)))
            if found:
                break
        if sure and not found:
            self.unknown.append(f"{sure[0].owner} was not found in any cluster that is configured, although {sure[0].because}.")
        maker = maker_of(live)
        if maker and not found and not depth:
            what = f"{object_ref(live)} is made by {maker}, not from Git."
            raise Refused(what, f"Locate {maker.lower()} in its place.", kind="other_owner")
        return tuple(found)

    async def _tracking_in(self, cluster: Cluster) -> Tracking:
        return self.installed.get(cluster) or self.installed.put(cluster, await self._asked_of(cluster))

    async def _asked_of(self, cluster: Cluster) -> Tracking:
        """What settings say; else what the `argocd-cm` of this cluster says."""
        ref = ObjectRef(group="", kind="ConfigMap", namespace=self.tracking.namespace, name="argocd-cm")
        try:
            data = mapping((await cluster.get(ref)).get("data"))
        except (NotFound, Forbidden):
            return self.tracking
        said = {key: str(data.get(name) or "") for key, name in _SAID.items()}
        return replace(self.tracking, **{key: value for key, value in said.items() if value and not getattr(self.tracking, key)})

    async def _confirmed(self, cluster: Cluster, claim: Claim, live: Mapping[str, Json]) -> LiveOwner | None:
        """The claim's object, where it is there and lists this one, or nothing yet."""
        value = await self._read(cluster, claim)
        if value is None or disowned(object_ref(live), value):
            return None
        if claim.owner.kind == "HelmRelease" and release_of(live) not in ("", _release_name(value)):
            return None
        origins, sources = of_application(value, object_ref(live)), list[Mapping[str, Json]]()
        for source, path in _flux_sources(value):
            origin, read = await _flux_origin(cluster, claim.owner, source, path)
            origins, sources = (*origins, replace(origin, applied=applied_by(value, read))), [*sources, read]
        for ref in _givers(value):
            try:
                sources.append(await cluster.get(ref))
            except (NotFound, Forbidden):
                self.unknown.append(f"{ref} is what {claim.owner} takes things from, and was not read.")
        return LiveOwner(
            ref=object_ref(value), value=value, because=claim.because, origins=origins, sources=tuple(sources)
        )  # fmt: skip

    async def _read(self, cluster: Cluster, claim: Claim) -> dict[str, Json] | None:
        """The object; an Application of this name in another namespace where there is one. None where it is not there, or not readable."""
        ref = claim.owner
        try:
            try:
                return await cluster.get(ref)
            except NotFound:
                others = await cluster.list(ref.kind) if ref.kind == "Application" else []
        except NotFound:  # the tool is not installed here
            return None
        except Forbidden as error:
            self.unknown.append(f"{ref} was not read, although {claim.because}. {error}")
            return None
        if is_cut(others):
            self.unknown.append(f"{ref} was looked for in every namespace. {cut_told(ref.kind, others)}")
        named = [each for each in others if mapping(each.get("metadata")).get("name") == ref.name]
        return named[0] if len(named) == 1 else None


def _release_name(release: Mapping[str, Json]) -> str:
    spec, name = mapping(release.get("spec")), str(mapping(release.get("metadata")).get("name"))
    target = spec.get("targetNamespace")
    return str(spec.get("releaseName") or (f"{target}-{name}" if target else name))


def _flux_sources(tool: Mapping[str, Json]) -> Iterator[tuple[Mapping[str, Json], str]]:
    """What a Kustomization, or a HelmRelease whose chart is in Git, refers to, with the folder; other charts are not written to."""
    spec = mapping(tool.get("spec"))
    if tool.get("kind") == "Kustomization":
        yield mapping(spec.get("sourceRef")), str(spec.get("path") or "")
    chart = mapping(mapping(spec.get("chart")).get("spec"))
    if tool.get("kind") == "HelmRelease" and mapping(chart.get("sourceRef")).get("kind") == "GitRepository":
        yield mapping(chart["sourceRef"]), str(chart.get("chart") or "")


def _givers(tool: Mapping[str, Json]) -> Iterator[ObjectRef]:
    """What else it takes things from: where its chart comes from, the ConfigMaps of its values; Secrets are not read."""
    spec, namespace = mapping(tool.get("spec")), str(mapping(tool.get("metadata")).get("namespace") or "")
    for reference in (mapping(mapping(mapping(spec.get("chart")).get("spec")).get("sourceRef")), mapping(spec.get("chartRef"))):
        if reference.get("kind") == "HelmRepository" or (reference and reference == spec.get("chartRef")):
            yield source_ref(namespace, reference)
    for each in (*listed(mapping(spec.get("postBuild")).get("substituteFrom")), *listed(spec.get("valuesFrom"))):
        if mapping(each).get("kind") == "ConfigMap":
            yield ObjectRef(group="", kind="ConfigMap", namespace=namespace, name=str(each.get("name")))


async def _flux_origin(cluster: Cluster, owner: ObjectRef, source: Mapping[str, Json], path: str) -> tuple[Origin, Mapping[str, Json]]:
    """Where a Flux source comes from, and it. Raises Refused other_owner where that is no repository, or none that it states."""
    kind, name = str(source.get("kind") or ""), str(source.get("name") or "")
    namespace = str(source.get("namespace") or owner.namespace)
    told = f"{owner.kind} {owner.namespace}/{owner.name} applies the {kind} {namespace}/{name}"
    if kind not in ("GitRepository", "OCIRepository"):
        raise Refused(f"{told}, which is no Git repository and names none.", _BY_HAND, kind="other_owner")
    ref = ObjectRef(group=FLUX_SOURCE, kind=kind, namespace=namespace, name=name)
    try:
        read = await cluster.get(ref)
    except RemediationError as error:
        raise Refused(f"{told}, which cannot be read: {error.what}", f"Let Suture read it. {_BY_HAND}", kind="not_found") from error
    origin = of_flux_source(read)
    if not origin.url:
        todo = f"Push it with `flux push artifact --source=URL --revision=BRANCH@sha1:COMMIT`. {_BY_HAND}"
        raise Refused(f"{told}, which does not state the Git repository that it was made from.", todo, kind="other_owner")
    return replace(origin, path=path), read
