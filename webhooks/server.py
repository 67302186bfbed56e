"""How the web application is served: one process, one loop, many small requests."""

import gc
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGI3Application, ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from remediation.errors import RemediationError

_YOUNG = 50_000  # objects made before the collector looks: a request leaves no cycles, so looking after every 700 is time for nothing
_WAITING = 2048  # connections that the system holds for us, as uvicorn asks for
_DID_NOT_START = 3  # as uvicorn exits
_ACCEPTED = 202


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
    """uvicorn's; it says when it answers, and takes a signal to stop for what it is."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Who was asked to stop, and did, ends with 0: uvicorn would raise the signal again once all is closed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The lifespan begins, then requests are answered."""
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Protocol(HttpToolsProtocol):
    """uvicorn's, with our cycle."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.__class__ = _Cycle  # uvicorn has no other place to say so
        super()._start_asgi_task(cycle, app)


class _Cycle(RequestResponseCycle):
    """uvicorn's, but head and body of a 202 leave at once: a system call costs as much as reading the whole request.

    Only the intake says 202, with a length and headers of our own, so nothing of them is checked again.
    """

    _head: HTTPResponseStartEvent | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """The head is kept until the body comes; another head, which says that the app failed, takes its place."""
        if message["type"] == "http.response.start":
            kept = message["status"] == _ACCEPTED and self.keep_alive
            self._head = message if kept else None
            if not kept:
                await super().send(message)
            return
        head, self._head = self._head, None
        if head is not None:
            if message["type"] == "http.response.body" and not message.get("more_body") and self._clear():
                self._write(head, message)
                return
            await super().send(head)
        await super().send(message)

    def _clear(self) -> bool:
        """Whether the other side is there, reads, and keeps the connection."""
        return self.keep_alive and not (self.flow.write_paused or self.disconnected)

    def _write(self, head: HTTPResponseStartEvent, body: HTTPResponseBodyEvent) -> None:
        parts = [STATUS_LINE[_ACCEPTED]]
        for name, value in (*self.default_headers, *head.get("headers", ())):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", body.get("body", b""))
        self.transport.write(b"".join(parts))
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.message_event.set()
        self.on_response()
