"""The server's own protocol, over a real socket."""

import asyncio

import pytest
import uvicorn

from remediation.errors import RemediationError
from webhooks.server import _Protocol, bound

LARGE = 3_000_000


async def app(scope, receive, send):
    """Answers with what the path asks for."""
    body = b"x" * LARGE if scope["path"] == "/large" else b"{}"
    await receive()
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", str(len(body)).encode())]})
    if scope["path"] == "/fails":
        raise ZeroDivisionError
    if scope["path"] == "/parts":
        await send({"type": "http.response.body", "body": body[:1], "more_body": True})
        body = body[1:]
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def connection():
    """A connection to a server of our protocol."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=_Protocol, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()
    await writer.wait_closed()
    server.should_exit = True
    await serving


async def test_an_answer_comes_in_one_piece(connection):
    """Head and body are read at once; the connection takes the next request."""
    reader, writer = connection
    for _ in range(3):
        writer.write(b"POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        answer = await reader.read(65_536)
        assert answer.startswith(b"HTTP/1.1 202")
        assert answer.endswith(b"\r\n\r\n{}")


async def test_an_answer_in_parts_is_whole(connection):
    """Its head is not kept back for what comes later."""
    reader, writer = connection
    for _ in range(2):
        writer.write(b"POST /parts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 202")
        assert await reader.readexactly(2) == b"{}"


async def test_a_head_without_a_body_is_no_answer(connection):
    """What fails between the two was not accepted."""
    reader, writer = connection
    writer.write(b"POST /fails HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    assert (await reader.read()).startswith(b"HTTP/1.1 500")


async def test_a_large_answer_comes_whole_before_the_connection_ends(connection):
    """What does not fit the socket's buffer is waited for, also where the client asks to close."""
    reader, writer = connection
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    assert len(answer.partition(b"\r\n\r\n")[2]) == LARGE


def test_a_port_that_is_taken_is_said_before_anything_begins():
    """With the option that chooses another."""
    with bound("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(RemediationError, match=rf"^Cannot listen on port {port} of 127\.0\.0\.1: Address already in use\. .*--port"):
            bound("127.0.0.1", port)


def test_a_host_that_is_none_of_ours_is_said():
    """An address of another machine, and a name that nobody has."""
    with pytest.raises(RemediationError, match=r"192\.0\.2\.7: Cannot assign requested address"):
        bound("192.0.2.7", 0)
    with pytest.raises(RemediationError, match="Choose another with --host"):
        bound("no such host", 0)
