"""`suture serve` as a process: what it says when it listens, and when it cannot."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from webhooks.server import bound

ROOT = Path(__file__).parents[3]
NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_CHANNEL": "C1", "SUTURE_API_TOKEN": "t"}


@pytest.fixture
def begin(tmp_path):
    """Starts it in a folder of its own; it is stopped at the end."""
    running = []

    def begun(port):
        own = {name: value for name, value in os.environ.items() if not name.startswith(("SUTURE_", "SLACK_", "GITLAB_", "DD_", "KUBE"))}
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "bot", "serve", "--port", str(port)], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
                env={**own, **NEEDED, "PYTHONPATH": str(ROOT), "SLACK_API_URL": "http://127.0.0.1:9/"},
            )
        )  # fmt: skip
        return running[-1]

    yield begun
    for process in running:
        process.terminate()
        process.communicate(timeout=30)


def test_it_answers_when_it_says_that_it_listens(begin, tmp_path):
    """And what it keeps is its owner's alone."""
    with bound("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    process = begin(port)

    assert any(line == f"Suture listens at http://127.0.0.1:{port}\n" for line in process.stderr)
    with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.stat().st_mode & 0o077} == {}


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_when_it_is_asked_to(begin, tmp_path, asked):
    """As a supervisor does at each release: nothing is cried, and the files are closed."""
    with bound("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    process = begin(port)
    assert any("listens at" in line for line in process.stderr)
    process.send_signal(asked)
    _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(("-wal", "-shm"))]


def test_a_port_that_is_taken_is_one_sentence_and_leaves_nothing_behind(begin, tmp_path):
    """Exit 1, before the record is opened."""
    with bound("127.0.0.1", 0) as taken:
        process = begin(port := taken.getsockname()[1])
        _, err = process.communicate(timeout=30)

    assert process.returncode == 1
    assert err == f"Cannot listen on port {port} of 127.0.0.1: Address already in use. Choose another with --port.\n"
    assert list(tmp_path.iterdir()) == []
