"""Downloads over HTTPS from hosts that settings allow: capped in size, redirects only to allowed hosts, nothing of ours sent along."""

import asyncio
from collections.abc import Collection
from typing import Any
from urllib.parse import urljoin, urlsplit

from remediation.clients.lazily import imported
from remediation.errors import NotFound, Refused, Unreachable
from remediation.masking import mask

_LARGEST = 64_000_000  # bytes
_REDIRECTS = 4
_MOVED = frozenset({301, 302, 303, 307, 308})


class Downloads:
    """What may be fetched from elsewhere. hosts: allowed names, empty for none.

    seconds: how long an answer may keep us waiting.  whole: seconds that all of a download may take.
    """

    def __init__(self, hosts: Collection[str], *, seconds: float = 20.0, whole: float = 120.0, transport: Any = None) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._seconds = seconds
        self._whole = whole
        self._transport = transport

    async def get(self, url: str) -> bytes:
        """The body. Raises Refused for what is no address, a host that is not allowed or too large a body, NotFound, Unreachable."""
        sdk = imported("httpx")
        try:
            async with asyncio.timeout(self._whole):
                return await self._followed(url, sdk)
        except TimeoutError as error:
            what = f"A download from {urlsplit(url).hostname} was not done in {self._whole:g} s."
            raise Unreachable(what, "Try again, or vendor what comes from there.") from error
        except sdk.HTTPError as error:
            host = urlsplit(url).hostname
            raise Unreachable(f"{host} cannot be reached.", "Check the network to it, or vendor what comes from there.") from error
        except (ValueError, sdk.InvalidURL) as error:
            what = f"{mask(url)[:200]} is no address, or leads to none."
            raise Refused(what, "Check the address, or vendor what comes from there.", kind="unpinned") from error

    async def _followed(self, url: str, sdk: Any) -> bytes:
        """The body, over redirects."""
        async with sdk.AsyncClient(timeout=self._seconds, follow_redirects=False, transport=self._transport, trust_env=True) as client:
            for _ in range(_REDIRECTS):
                self._check(url)
                async with client.stream("GET", url) as response:
                    if response.status_code not in _MOVED:
                        return await _body(response, url)
                    url = urljoin(url, response.headers.get("location", ""))
        raise Unreachable(f"{urlsplit(url).hostname} redirects without end.", "Vendor what comes from there.")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
        if parts.scheme != "https" or (parts.hostname or "").lower() not in self._hosts:
            what = f"{parts.scheme}://{parts.hostname} is not a host that Suture may fetch from."
            raise Refused(what, f"Add {parts.hostname} to fetch.hosts in settings, or vendor it into the repository.", kind="unpinned")


async def _body(response: Any, url: str) -> bytes:
    if response.status_code == 404:  # noqa: PLR2004 - not found
        raise NotFound(f"{urlsplit(url).hostname} has no {urlsplit(url).path}.", "Check the address.")
    if response.status_code >= 300:  # noqa: PLR2004 - neither there nor moved
        raise Unreachable(f"{urlsplit(url).hostname} answered {response.status_code}.", "Try again, or vendor what comes from there.")
    content = bytearray()
    async for chunk in response.aiter_bytes(1 << 16):
        content += chunk
        if len(content) > _LARGEST:
            raise Refused(f"What {urlsplit(url).hostname} sends is larger than 64 MB.", "Vendor it into the repository.", kind="unpinned")
    return bytes(content)
