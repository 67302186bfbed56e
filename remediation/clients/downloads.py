"""Downloads from hosts that settings allow: over HTTPS, capped in size, redirects only to allowed hosts, nothing of ours sent along."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from remediation.clients.lazily import imported
from remediation.clients.strangers import strangers_token
from remediation.errors import NotFound, Refused, Unreachable
from remediation.masking import mask

_LARGEST = 64_000_000  # bytes
_REDIRECTS = 4
_MOVED = frozenset({301, 302, 303, 307, 308})


class Downloads:
    """What may be fetched from elsewhere. hosts: allowed names, empty for none; `http://HOST:PORT` for one that is spoken to without TLS.

    seconds: how long an answer may keep us waiting.  whole: seconds that all of a download may take.
    """

    def __init__(self, hosts: Collection[str], *, seconds: float = 20.0, whole: float = 120.0, transport: Any = None) -> None:
        self._plain = frozenset(urlsplit(host).netloc.lower() for host in hosts if host.lower().startswith("http://"))
        self._hosts = frozenset(host.lower() for host in hosts if "://" not in host)
        self._seconds = seconds
        self._whole = whole
        self._transport = transport

    async def get(self, url: str, *, accept: str = "*/*") -> bytes:
        """The body, of the type that is accepted; as a stranger, where a registry gives them a token.

        Raises Refused for what is no address, a host that is not allowed or too large a body, NotFound, Unreachable.
        """
        sdk = imported("httpx")
        try:
            async with asyncio.timeout(self._whole):
                return await self._followed(url, accept, sdk)
        except TimeoutError as error:
            what = f"A download from {urlsplit(url).hostname} was not done in {self._whole:g} s."
            raise Unreachable(what, "Try again, or vendor what comes from there.") from error
        except sdk.HTTPError as error:
            host = urlsplit(url).hostname
            raise Unreachable(f"{host} cannot be reached.", "Check the network to it, or vendor what comes from there.") from error
        except (ValueError, sdk.InvalidURL) as error:
            what = f"{mask(url)[:200]} is no address, or leads to none."
            raise Refused(what, "Check the address, or vendor what comes from there.", kind="unpinned") from error

    async def _followed(self, url: str, accept: str, sdk: Any) -> bytes:
        """The body, over redirects; a token goes to the host that asked for it alone."""
        token: Mapping[str, str] = {}
        async with sdk.AsyncClient(timeout=self._seconds, follow_redirects=False, transport=self._transport, trust_env=True) as client:
            for _ in range(_REDIRECTS):
                url = self._spoken(url)
                self._check(url)
                async with client.stream("GET", url, headers={"Accept": accept, **token}) as response:
                    challenge = response.headers.get("www-authenticate", "")
                    if response.status_code in _MOVED:
                        url, token = urljoin(url, response.headers.get("location", "")), {}
                    elif response.status_code != 401 or token:  # noqa: PLR2004 - it names where a token is to be had
                        return await _body(response, url)
                    else:
                        token = await strangers_token(client, challenge, self._allows)
                        if not token:
                            return await _body(response, url)
        raise Unreachable(f"{urlsplit(url).hostname} redirects without end.", "Vendor what comes from there.")

    def _spoken(self, url: str) -> str:
        """Without TLS, where settings say so of this very host and port."""
        parts = urlsplit(url)
        return parts._replace(scheme="http").geturl() if parts.netloc.lower() in self._plain else url

    def _allows(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.scheme == "http":
            return parts.netloc.lower() in self._plain
        return parts.scheme == "https" and bool({(parts.hostname or "").lower(), parts.netloc.lower()} & self._hosts)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is no number
        if not self._allows(url):
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
