"""Container registries, asked anonymously whether they know an image; only those that settings name."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from remediation.clients.lazily import imported
from remediation.clients.strangers import strangers_token
from remediation.gitops.images import Image

_ACCEPTED = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in ("oci.image.index.v1", "oci.image.manifest.v1", "docker.distribution.manifest.list.v2", "docker.distribution.manifest.v2")
)
_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


class Registries:
    """hosts: those that may be asked, and where they send for tokens.  seconds: how long one answer may take."""

    def __init__(self, hosts: Collection[str], *, seconds: float = 10.0, transport: Any = None) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._seconds = seconds
        self._transport = transport

    async def knows(self, image: str) -> bool | None:
        """Whether the registry has it; None where that registry is not to be asked, does not answer, or does not tell strangers."""
        host, name, reference = _address(Image.of(image))
        if host not in self._hosts and _HUB.get(host, host) not in self._hosts:
            return None
        sdk = imported("httpx")
        url = f"https://{_HUB.get(host, host)}/v2/{name}/manifests/{reference}"
        try:
            async with sdk.AsyncClient(timeout=self._seconds, transport=self._transport) as client:
                answer = await client.head(url, headers={"Accept": _ACCEPTED})
                if answer.status_code == 401:  # noqa: PLR2004 - it names where a token is to be had
                    token = await strangers_token(client, answer.headers.get("www-authenticate", ""), self._may_ask)
                    answer = await client.head(url, headers={"Accept": _ACCEPTED, **token})
        except sdk.HTTPError:
            return None
        return {200: True, 404: False}.get(answer.status_code)

    def _may_ask(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme == "https" and (parts.hostname or "") in self._hosts


def _address(image: Image) -> tuple[str, str, str]:
    """Host, name and reference: Docker Hub's where the first part is no host."""
    first, slash, rest = image.name.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, name = (first, rest) if is_host else ("docker.io", image.name)
    if host in _HUB and "/" not in name:
        name = f"library/{name}"
    return host.lower(), name, image.digest or image.tag or "latest"
