"""How the web application is served: one process, one loop, many small requests."""

import asyncio
import gc
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_YOUNG = 50_000  # objects made before the collector looks: a request leaves no cycles, so looking after every 700 is time for nothing


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serve until it is stopped. The log is the caller's; what a proxy says of the caller, nobody here asks for but the guard."""
    gc.set_threshold(_YOUNG, 20, 20)
    uvicorn.run(
        app, host=host, port=port, loop="uvloop", http=_Protocol, proxy_headers=False,
        log_config=None, access_log=False, server_header=False,
    )  # fmt: skip


class _Protocol(HttpToolsProtocol):
    """uvicorn's, but head and body of an answer leave in one packet: a system call costs as much as reading the whole request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """A connection begins."""
        super().connection_made(cast("asyncio.Transport", _OneWrite(transport, self.loop)))


class _OneWrite:
    """A transport that writes at the end of the loop's turn what was written in it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Soon, whole."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """After what was written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            self._transport.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
