"""What one bot costs: from spawn to ready, idle memory, and its own CPU from an alert to the merge request. Prints JSON.

The bot is the real `suture serve` in its own process, beside a real sandbox; figures are read from the operating system.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.accounts import cpu_ms, memory_mib  # noqa: E402
from bot.sandbox import environment  # noqa: E402
from tests.stage import free_port  # noqa: E402

RUNS = 5
IDLE_SECONDS = 3.0
ONLY_SLACK_AND_GITLAB = ("SLACK_", "GITLAB_", "SUTURE_API", "SUTURE_CONFIG", "SUTURE_POLL", "SUTURE_SLACK", "SUTURE_SOAK")


@contextmanager
def process(argv: list[str], surroundings: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    with log.open("ab") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", *argv], env={**inherited, **surroundings}, cwd=ROOT, stdout=out, stderr=out
        )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(timeout=20)


def ready(url: str, seconds: float = 30) -> float:
    """Seconds until this answers 200."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return time.perf_counter() - began
        except httpx.TransportError:
            pass
        time.sleep(0.005)
    raise SystemExit(f"{url} was not ready in {seconds} s")


class World:
    """A sandbox of its own, and its buttons."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{port}/control", timeout=30, trust_env=False)

    def state(self) -> dict:
        return self._control.get("/state").json()

    def do(self, what: str, **body: object) -> int:
        return self._control.post(f"/{what}", json=body).status_code

    def until(self, holds):
        for _ in range(1500):
            if found := holds(self.state()):
                return found
            time.sleep(0.02)
        raise SystemExit("the story did not go on")


@contextmanager
def bot(world: World, folder: Path, surroundings: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    """A bot that is ready, and how long that took."""
    port = free_port()
    world.do("bot", url=f"http://127.0.0.1:{port}")
    folder.mkdir(exist_ok=True)
    own = {**surroundings, "DATABASE_URL": f"sqlite:///{folder}/suture.db"}
    with process(["serve", "--port", str(port)], own, folder / "log") as running:
        yield running, ready(f"http://127.0.0.1:{port}/readyz")


def play(world: World, pid: int) -> float:
    """The bot's own CPU in ms from an alert to its merge request, with the approval in between; then the story is played to its end."""
    begun = world.state()
    known, heads, delivered = len(begun["gitlab"]["merge_requests"]), len(_incidents(begun)), len(begun["datadog"]["deliveries"])
    world.do("stories/oom")
    before = cpu_ms(pid)
    while len(world.state()["datadog"]["deliveries"]) == delivered:  # a story breaks things first, and alerts when a monitor would
        before = cpu_ms(pid)
        time.sleep(0.01)
    incident = world.until(lambda s: len(found := _incidents(s)) > heads and found[-1])
    while world.do("press", incident=incident, action="approve") != 200:
        time.sleep(0.05)
    request = world.until(lambda s: len(found := s["gitlab"]["merge_requests"]) > known and found[-1])
    spent = cpu_ms(pid) - before
    world.do("merge", iid=request["iid"])
    world.until(lambda s: any(_key(m)[0] == incident and "Remembered" in m["text"] for m in s["slack"]["messages"]))
    return spent


def _key(message: dict) -> tuple[str, str]:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return payload.get("incident_id", ""), payload.get("key", "")


def _incidents(state: dict) -> list[str]:
    return [_key(m)[0] for m in state["slack"]["messages"] if _key(m)[1] == "head"]


def measure() -> dict:
    folder = Path(tempfile.mkdtemp(prefix="suture-bench-"))
    sandbox_port = free_port()
    environment.write_files(sandbox_port)
    everything = environment.environment(sandbox_port)
    few = {name: value for name, value in everything.items() if name.startswith(ONLY_SLACK_AND_GITLAB)}
    world = World(sandbox_port)
    with process(["sandbox", "--port", str(sandbox_port)], {}, folder / "sandbox.log"):
        ready(f"http://127.0.0.1:{sandbox_port}/control/state")
        starts, idle = [], []
        for number in range(RUNS):
            with bot(world, folder / f"all{number}", everything) as (running, seconds):
                starts.append(seconds)
                if number == 0:
                    time.sleep(IDLE_SECONDS)
                    idle.append(memory_mib(running.pid))
        with bot(world, folder / "few", few) as (running, _):
            time.sleep(IDLE_SECONDS)
            slack_and_gitlab = memory_mib(running.pid)
        with bot(world, folder / "used", {**everything, "SUTURE_CRITIC": "ollama/phi3:mini"}) as (running, _):
            play(world, running.pid)
            time.sleep(IDLE_SECONDS)
            used = memory_mib(running.pid)
        with bot(world, folder / "cpu", everything) as (running, _):
            first, *rest = [play(world, running.pid) for _ in range(4)]
    return {
        "spawn_to_ready_s": {"median": round(statistics.median(starts), 2), "all": [round(s, 2) for s in starts], "target": 1.5},
        "idle_memory_mib": {"all_configured": round(idle[0]), "target": 160},
        "idle_memory_slack_gitlab_mib": {"value": round(slack_and_gitlab), "target": 120},
        "idle_memory_every_client_used_mib": {"value": round(used), "target": 230},
        "own_cpu_alert_to_merge_request_ms": {
            "median": round(statistics.median(rest)), "first_with_imports": round(first), "all": [round(ms) for ms in rest], "target": 150,
        },
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
