"""The sandbox's answers, as they come over a connection."""

import asyncio
from urllib.parse import urlsplit

from bot.sandbox.whole_answers import _Gathering
from tests.bot.sandbox.conftest import port, world

__all__ = ["port", "world"]


class Wire:
    """A transport that keeps what is sent."""

    def __init__(self):
        self.sent = []
        self.closed = False

    def write(self, part):
        self.sent.append(part)

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed


async def test_head_and_body_come_at_once_on_a_connection_that_stays(world):
    """Asked twice on one connection, two reads are enough."""
    address = urlsplit(world.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for _ in range(2):
        writer.write(b"GET /kubernetes/nowhere HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        head, _, body = (await reader.read(65536)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 4")
        assert f"content-length: {len(body)}".encode() in head.lower()
        assert body
    writer.close()
    await writer.wait_closed()


async def test_what_was_written_leaves_before_the_end():
    """And nothing is written once it is over."""
    wire = Wire()
    gathering = _Gathering(wire, asyncio.get_running_loop())
    gathering.write(b"a")
    gathering.write(b"b")
    assert wire.sent == []
    gathering.close()
    gathering.write(b"c")
    await asyncio.sleep(0)
    assert (wire.sent, gathering.is_closing()) == ([b"ab"], True)
