"""The server's own protocol, over a real socket."""

import asyncio

import pytest
import uvicorn

from webhooks.server import _Protocol

LARGE = 3_000_000


async def app(scope, receive, send):
    """Answers with what the path asks for."""
    body = b"x" * LARGE if scope["path"] == "/large" else b"{}"
    await receive()
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", str(len(body)).encode())]})
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


async def test_a_large_answer_comes_whole_before_the_connection_ends(connection):
    """What does not fit the socket's buffer is waited for, also where the client asks to close."""
    reader, writer = connection
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    assert len(answer.partition(b"\r\n\r\n")[2]) == LARGE
