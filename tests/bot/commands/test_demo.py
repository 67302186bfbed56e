"""`suture demo` as a process: what is refused before anything is started, and that nothing outlives it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.commands import demo
from bot.stage import Noted
from remediation.errors import RemediationError

ROOT = Path(__file__).parents[3]
STARTED = 60.0  # seconds


def begun(folder, *options, **variables):
    """The demo in a folder of its own, told where the sources lie."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", *options],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def alive(pid):
    """Whether this process runs; one that ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def noted(folder):
    """The pids of both processes, once both were started."""
    deadline = time.monotonic() + STARTED
    while time.monotonic() < deadline:
        try:
            pids = json.loads((folder / ".suture-demo" / "ports.json").read_text())["pids"]
        except (OSError, ValueError):
            pids = ()
        if len(pids) == 2:
            return pids
        time.sleep(0.05)
    raise AssertionError("the demo did not start both")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_the_demo_ends_both_of_its_processes(tmp_path, number):
    """A terminal that is closed leaves no bot behind, and the folder is free for the next demo."""
    played = begun(tmp_path)
    pids = noted(tmp_path)

    played.send_signal(number)
    _, err = played.communicate(timeout=STARTED)

    assert played.returncode == 128 + number
    assert err == ""
    assert not [pid for pid in pids if alive(pid)]


def test_a_demo_that_is_killed_leaves_no_process_behind(tmp_path):
    """It can do nothing any more; its processes see that it is gone."""
    played = begun(tmp_path)
    pids = noted(tmp_path)
    played.kill()
    played.communicate(timeout=STARTED)
    deadline = time.monotonic() + STARTED
    while [pid for pid in pids if alive(pid)] and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not [pid for pid in pids if alive(pid)]


@pytest.fixture
def listening():
    """A process that listens, and its port."""
    code = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        yield process.pid, int(process.stdout.readline())
        process.kill()


def left(folder, ports, pids):
    """What a demo leaves that was killed outright."""
    (folder / ".suture-demo").mkdir()
    (folder / ".suture-demo" / "ports.json").write_text(json.dumps({"ports": ports, "pids": pids}))


def test_a_second_demo_is_refused_with_what_stops_the_first(tmp_path, listening):
    """Also when the first one was killed before it printed a line, and also with --fresh, which would take its files away."""
    pid, port = listening
    left(tmp_path, [1, port], [pid])

    played = begun(tmp_path, "--fresh")
    _, err = played.communicate(timeout=STARTED)

    assert played.returncode == 1
    assert f"Stop it with: kill {pid}." in err


def test_what_is_dead_is_no_running_demo(tmp_path, listening):
    """Another program on its port, or its number given to another program, locks no folder."""
    pid, port = listening
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        unused = free.getsockname()[1]

    assert Noted(ports=(port, port), pids=(2**22 + 1,)).running == ()
    assert Noted(ports=(unused, unused), pids=(pid,)).running == ()
    assert Noted(ports=(unused, port), pids=(pid,)).running == (pid,)


def test_a_story_without_its_renderer_is_refused_before_anything_starts(tmp_path, monkeypatch):
    """In one sentence with its cure."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    with pytest.raises(RemediationError, match=r"^kustomize is not installed: run `make tools`"):
        demo.demo(story="kustomize")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """Where a file stands in the place of the demo's folder, as in a read-only folder."""
    (tmp_path / ".suture-demo").write_text("")

    played = begun(tmp_path)
    _, err = played.communicate(timeout=STARTED)

    assert played.returncode == 1
    assert "which cannot be written" in err
    assert "Traceback" not in err
