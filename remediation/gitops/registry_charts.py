"""Charts in OCI registries: the manifest by its digest, and the one layer of it that is the chart. A stranger wrote both."""

import hashlib
from typing import Any

import msgspec

from remediation.errors import Refused, Unusable
from remediation.gitops.charts import Chart

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_PREFIX = "sha256:"
_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


def manifest_url(chart: Chart, digest: str = "") -> str:
    """Where the chart's manifest is: by digest (SHA-256 in hex), else by its version as a tag, which writes `_` for `+`."""
    return f"{_root(chart)}/manifests/{_PREFIX + digest if digest else chart.version.replace('+', '_')}"


def layer_url(chart: Chart, digest: str) -> str:
    """Where a layer is."""
    return f"{_root(chart)}/blobs/{_PREFIX}{digest}"


def _root(chart: Chart) -> str:
    host, _, path = chart.repository.removeprefix("oci://").strip("/").partition("/")
    return f"https://{_HUB.get(host, host)}/v2/{path}/{chart.name}" if path else f"https://{_HUB.get(host, host)}/v2/{chart.name}"


def layer_of(chart: Chart, manifest: bytes) -> str:
    """The digest of the chart's layer, SHA-256 in hex. Raises Unusable for what is no manifest, Refused for what is no chart."""
    try:
        layers = msgspec.json.decode(manifest, type=dict[str, Any]).get("layers")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unusable(f"The manifest of {chart.key} cannot be read.", "Check the registry's address.") from error
    found = [each for each in layers if isinstance(each, dict) and each.get("mediaType") == _LAYER] if isinstance(layers, list) else []
    digest = str(found[0].get("digest")) if len(found) == 1 else ""
    if not digest.startswith(_PREFIX):
        raise Refused(f"{chart.key} is no Helm chart.", "Check its address, or vendor what it holds.", kind="unpinned")
    return digest.removeprefix(_PREFIX)


def digest_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()
