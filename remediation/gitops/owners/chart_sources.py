"""The charts that Applications and HelmReleases take from Helm repositories and OCI registries."""

from collections.abc import Callable, Mapping

from remediation.gitops.charts import Chart
from remediation.gitops.owners.objects import FLUX_SOURCE, mapping
from remediation.terms import Json, ObjectRef

_OCI, _DIGEST = "oci://", "sha256:"


def source_chart(source: Mapping[str, Json]) -> Chart | None:
    """What a source of an Application takes; None where that is a repository of Git. Argo CD writes a registry with and without `oci://`."""
    url, name, version = (str(source.get(key) or "") for key in ("repoURL", "chart", "targetRevision"))
    url = url.rstrip("/") if "://" in url or not name else f"{_OCI}{url.rstrip('/')}"
    if not name and url.startswith(_OCI):
        url, _, name = url.rpartition("/")
    return Chart(repository=url, name=name, version=version, digest=version if version.startswith(_DIGEST) else "") if name else None


def release_chart(spec: Mapping[str, Json], namespace: str, value: Callable[[ObjectRef], Json]) -> Chart | None:
    """What a HelmRelease takes from a HelmRepository, or by `chartRef` from an OCIRepository; None where its chart is in Git.

    namespace: the release's.  value: of an object, empty where it is not known; then the chart's repository is empty.
    """
    chart, reference = mapping(mapping(spec.get("chart")).get("spec")), mapping(spec.get("chartRef"))
    if mapping(chart.get("sourceRef")).get("kind") == "HelmRepository":
        ref = source_ref(namespace, mapping(chart["sourceRef"]))
        url = str(mapping(mapping(value(ref)).get("spec")).get("url") or "").rstrip("/")
        return Chart(repository=url, name=str(chart.get("chart") or ""), version=str(chart.get("version") or ""))
    if reference.get("kind") == "OCIRepository":
        stated = mapping(mapping(value(source_ref(namespace, reference))).get("spec"))
        url, _, name = str(stated.get("url") or "").rstrip("/").rpartition("/")
        tag, digest = (str(mapping(stated.get("ref")).get(key) or "") for key in ("tag", "digest"))
        return Chart(repository=url, name=name or str(reference.get("name") or ""), version=tag or digest, digest=digest)
    return None


def source_ref(own: str, reference: Mapping[str, Json]) -> ObjectRef:
    """The object of Flux that a HelmRelease refers to, in its own namespace where it says no other."""
    namespace, name = str(reference.get("namespace") or own), str(reference.get("name") or "")
    return ObjectRef(group=FLUX_SOURCE, kind=str(reference.get("kind") or ""), namespace=namespace, name=name)
