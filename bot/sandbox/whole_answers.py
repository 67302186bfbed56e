"""How the sandbox's answers leave: the head with its body, on connections that stay, as those of the systems that it stands for."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

STAYS_SECONDS = 90  # without a question: as an API server keeps a connection; nginx, before GitLab and Slack, keeps it nearly as long


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's, which by itself sends head and body apart: whoever asks would be woken twice for each answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """From now on what is written is gathered."""
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]  # it does all that a transport does


class _Gathering:
    """A connection on which what is written in one turn of the loop leaves at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> None:
        """Sent when this turn of the loop ends."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(part)

    def close(self) -> None:
        """After all that was written."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        whole, self._parts = b"".join(self._parts), []
        if whole and not self._transport.is_closing():
            self._transport.write(whole)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
