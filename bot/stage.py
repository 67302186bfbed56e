"""The sandbox and the bot of `suture demo`: two processes that run as they would anywhere, meet over HTTP, and end with the demo."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from bot.sandbox import environment
from remediation.errors import RemediationError
from webhooks.keys import Keys

FOLDER = Path(".suture-demo")
NOTED = FOLDER / "ports.json"
LONGEST_START = 60.0  # seconds
Json = dict[str, Any]
Process = subprocess.Popen[bytes]


class Stage:
    """The running sandbox and bot, as a program sees them."""

    def __init__(self, sandbox: str, bot: str, token: str) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self._control = httpx.Client(base_url=f"{sandbox}/control", timeout=30, trust_env=False)
        self._api = httpx.Client(base_url=f"{bot}/api", headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)

    def state(self) -> Json:
        """All that the sandbox saw."""
        return _answered(self._control.get("/state"))

    def do(self, what: str, **body: object) -> Json:
        """One act of a person. Raises RemediationError with the sandbox's own sentence."""
        return _answered(self._control.post(f"/{what}", json=body))

    def incidents(self) -> list[Json]:
        """All incidents, newest first."""
        known: list[Json] = _answered(self._api.get("/incidents"))["incidents"]
        return known

    def incident(self, incident_id: str) -> Json:
        """One incident, whole."""
        return _answered(self._api.get(f"/incidents/{incident_id}"))


def _answered(answer: httpx.Response) -> Json:
    if answer.is_error:
        raise RemediationError(f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:500]}")
    document: Json = answer.json()
    return document


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What `ports.json` tells of the demo that was played here last. pids: of its processes, the sandbox first."""

    ports: tuple[int, int]
    pids: tuple[int, ...] = ()

    @classmethod
    def read(cls) -> "Noted | None":
        """None where nothing was noted that can be read."""
        try:
            noted = json.loads(NOTED.read_text())
            sandbox, bot = (int(port) for port in noted["ports"])
            return cls(ports=(sandbox, bot), pids=tuple(int(pid) for pid in noted["pids"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self) -> None:
        """For the next demo here."""
        NOTED.write_text(json.dumps(asdict(self)))

    @property
    def running(self) -> tuple[int, ...]:
        """Which of its processes still run. A number that another program has meanwhile holds none of the ports."""
        return () if all(_free(port) for port in self.ports) else tuple(filter(_alive, self.pids))


def refuse_a_second() -> None:
    """Two demos in one folder would share one world. Raises RemediationError naming the processes while one runs here."""
    noted = Noted.read()
    if noted is None or not noted.running:
        return
    what = f"A demo runs in {FOLDER.resolve()} already, at http://127.0.0.1:{noted.ports[1]}."
    raise RemediationError(what, f"Stop it with: kill {_listed(noted.running)}. Or play in another folder.")


@contextmanager
def staged(*, keep: bool, say: Callable[[str], None]) -> Iterator[Stage]:
    """Both processes, ready. They are stopped at the end, also at the one that SIGTERM or SIGHUP brings, unless they are to be kept.

    Raises RemediationError when one of them does not start, or the folder cannot be written.
    """
    ports = _ports()
    bot_url, sandbox_url = (f"http://127.0.0.1:{port}" for port in reversed(ports))
    surroundings = {
        **environment.environment(ports[0]),
        "DATABASE_URL": f"sqlite:///{(FOLDER / 'suture.db').resolve()}",
        "SUTURE_PUBLIC_URL": bot_url,
    }
    processes: list[Process] = []
    kept = False

    def spawn(command: str, arguments: list[str], inherited: Mapping[str, str]) -> Process:
        processes.append(_spawn(command, arguments, inherited, keep=keep))
        Noted(ports=ports, pids=tuple(process.pid for process in processes)).write()
        return processes[-1]

    with _ended_by_a_signal():
        try:
            sandbox = spawn("sandbox", ["--port", str(ports[0]), "--bot", bot_url, "--folder", str(FOLDER / "world")], {})
            _ready(f"{sandbox_url}/control/state", sandbox, "sandbox")
            _ready(f"{bot_url}/readyz", spawn("serve", ["--port", str(ports[1])], surroundings), "bot")
            say(f"Sandbox   {sandbox_url}  (the Slack channel and the merge requests)")
            say(f"Suture    {Keys(surroundings['SUTURE_API_TOKEN']).link(bot_url)}  (the dashboard; the link is good for 15 minutes)")
            yield Stage(sandbox_url, bot_url, surroundings["SUTURE_API_TOKEN"])
            kept = keep
        finally:
            if not kept:
                _stop(processes)
    if kept:
        say(f"Both are left running; stop them with: kill {_listed([process.pid for process in processes])}")


@contextmanager
def _ended_by_a_signal() -> Iterator[None]:
    """SIGTERM and SIGHUP end the block like Ctrl-C does, once: what is cleaned up then is not disturbed by a second one."""
    numbers = (signal.SIGTERM, signal.SIGHUP)

    def end(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listed(pids: Sequence[int]) -> str:
    return " ".join(str(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _ports() -> tuple[int, int]:
    """The ports of the last demo where they are free, so that its links still lead somewhere; else any two."""
    try:
        FOLDER.mkdir(exist_ok=True)
        noted = Noted.read()
        if noted is not None and all(_free(port) for port in noted.ports):
            return noted.ports
        # Below those that the system gives away by itself, so that no connection of ours takes one meanwhile.
        free = (port for port in random.sample(range(12_000, 32_000), 500) if _free(port))
        ports = (next(free), next(free))
        Noted(ports=ports).write()
    except OSError as closed:
        what = f"The demo keeps its files in {FOLDER.absolute()}, which cannot be written: {closed.strerror}."
        raise RemediationError(what, "Play in a folder of yours.") from closed
    return ports


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _spawn(command: str, arguments: list[str], surroundings: Mapping[str, str], *, keep: bool) -> Process:
    """A process of its own. One that is not to be kept ends with us, however we end: it holds the other end of a pipe of ours."""
    log = (FOLDER / f"{command}.log").open("ab")
    argv = [sys.executable, "-m", "bot" if keep else "bot.leashed", command, *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return subprocess.Popen(
        argv,
        env={**inherited, **surroundings},
        stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=keep,
    )


# What a real set-up has in its environment must not reach the demo's bot.
_OURS = ("SUTURE_", "SLACK_", "GITLAB_", "DD_", "DATADOG_", "KUBECONFIG", "OLLAMA_", "DATABASE_URL")


def _ready(url: str, process: Process, name: str) -> None:
    log = FOLDER / ("sandbox.log" if name == "sandbox" else "serve.log")
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-2000:]
    raise RemediationError(f"The {name} did not start. The end of {log}:\n{tail}", "Try again with --fresh.")


def _stop(processes: Sequence[Process]) -> None:
    for process in reversed(processes):
        process.send_signal(signal.SIGINT)
    for process in reversed(processes):
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
