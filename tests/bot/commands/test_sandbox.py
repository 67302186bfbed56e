"""`suture sandbox` as a process: it prints its environment, serves, stops at a signal and goes on where it was."""

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from socket import create_server

import aiohttp
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-c", "import typer; from bot.commands.sandbox import sandbox; typer.run(sandbox)")


@pytest.fixture
def port():
    with create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def begun(*options):
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*COMMAND, *map(str, options), cwd=ROOT, stdout=pipe, stderr=pipe)


async def printed(port):
    process = await begun("--port", port, "--print-env")
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    return out.decode()


@asynccontextmanager
async def running(port, *options):
    """A sandbox in a process of its own, from its first answer to SIGTERM."""
    process = await begun("--port", port, *options)
    try:
        async with asyncio.timeout(30):
            assert (await process.stderr.readline()).decode() == f"The sandbox is at http://127.0.0.1:{port}\n"
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            yield http
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def test_the_environment_is_printed_the_same_before_and_while_a_sandbox_runs(port):
    """A bot can be pointed at it in any order."""
    before = await printed(port)
    async with running(port):
        assert await printed(port) == before
    assert f"export GITLAB_URL='http://127.0.0.1:{port}/gitlab'\n" in before


async def test_a_sandbox_with_a_folder_goes_on_where_it_was(port, tmp_path):
    """Also after a signal: the world is saved on the way out."""
    async with running(port, "--folder", tmp_path) as http:
        async with http.post("/control/bot", json={"url": "http://127.0.0.1:9"}) as response:
            assert response.status == 200
        async with http.get("/ollama/api/version") as response:
            assert response.status == 200
    assert json.loads((tmp_path / "world.json").read_text())["deliveries"]["bot_url"] == "http://127.0.0.1:9"

    async with running(port, "--folder", tmp_path, "--bot", "http://127.0.0.1:10") as http, http.get("/page/state") as response:
        assert (await response.json())["bot"] == "http://127.0.0.1:10"


async def test_a_taken_port_is_said_in_one_sentence(port):
    """Not a traceback."""
    with create_server(("127.0.0.1", port)):
        process = await begun("--port", port)
        _, err = await process.communicate()

    assert process.returncode == 1
    assert f"Cannot listen on port {port}" in err.decode()
    assert "Traceback" not in err.decode()
