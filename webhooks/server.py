"""How the web application is served: one process, one loop, many small requests."""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from remediation.errors import RemediationError

_YOUNG = 50_000  # objects made before the collector looks: a request leaves no cycles, so looking after every 700 is time for nothing
_WAITING = 2048  # connections that the system holds for us, as uvicorn asks for
_DID_NOT_START = 3  # as uvicorn exits


def bound(host: str, port: int) -> socket.socket:
    """The listening socket, taken before anything else is begun. Raises RemediationError when the address cannot be had."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=_WAITING)
    except OSError as taken:
        why = taken.strerror if isinstance(taken, socket.gaierror) else os.strerror(taken.errno or 0)
        what_to_do = "Choose another with --host." if isinstance(taken, socket.gaierror) else "Choose another with --port."
        raise RemediationError(f"Cannot listen on port {port} of {host}: {why}.", what_to_do) from taken
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def run(app: ASGIApp, listener: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until it is stopped. The log is the caller's; what a proxy says of the caller, nobody here asks for but the guard.

    ready: called once requests are answered.
    """
    gc.set_threshold(_YOUNG, 20, 20)
    config = uvicorn.Config(
        app, loop="uvloop", http=_Protocol, proxy_headers=False, log_config=None, access_log=False, server_header=False, backlog=_WAITING
    )
    server = _Server(config, ready)
    with suppress(KeyboardInterrupt):
        server.run([listener])
    if not server.started:
        sys.exit(_DID_NOT_START)


class _Server(uvicorn.Server):
    """uvicorn's, and it says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The lifespan begins, then requests are answered."""
        await super().startup(sockets)
        if self.started:
            self._ready()


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
