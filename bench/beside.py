"""What the intake of a working bot still takes while an incident a second goes through it: `python bench/beside.py` prints JSON.

The bot is the real `suture serve`, pinned to one core; sandbox and load share the others. First it takes a storm alone, then the same storm
while each second another target breaks, whose incident is investigated, told and handed over. The storm's alerts are recoveries of what
never fired, so that it is the intake that is compared, and not how fast alerts find their incident.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvloop

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench import accounts, footprint, intake  # noqa: E402
from bot.sandbox import environment  # noqa: E402
from tests.stage import free_port  # noqa: E402

ALERTS = 20_000
EVERY_SECONDS = 1.0


def storm(token: str, per_request: int, number: int) -> list[bytes]:
    """Whole requests of recoveries, none like another."""
    made = intake.bodies(distinct=False, after=number * 1_000_000)
    requests = intake.requests((body.replace(b"Triggered", b"Recovered") for body in made), per_request, token)
    return [next(requests) for _ in range(ALERTS // per_request)]


@contextmanager
def incidents(url: str, token: str) -> Iterator[list[int]]:
    """Another target breaks each second; the list grows with each that was taken."""
    ended, taken = threading.Event(), list[int]()

    def break_things() -> None:
        with httpx.Client(headers={"X-Suture-Token": token}, trust_env=False, timeout=30) as client:
            while not ended.wait(EVERY_SECONDS):
                number = len(taken)
                tags = f"kube_namespace:shop,kube_deployment:worker-{number},env:prod"
                alert = {"alert_id": f"beside-{time.time_ns()}", "event_type": "Triggered", "title": f"worker-{number} fails", "tags": tags}
                client.post(f"{url}/webhooks/datadog", json=alert).raise_for_status()
                taken.append(number)

    breaking = threading.Thread(target=break_things)
    breaking.start()
    try:
        yield taken
    finally:
        ended.set()
        breaking.join()


def taken_in(port: int, pid: int, queue: list[bytes]) -> dict[str, float | int]:
    """Alerts a second until all were acknowledged."""
    before = accounts.cpu_ms(pid)
    seconds, _ = uvloop.run(intake.load(port, queue))
    return {"alerts_per_second": round(ALERTS / seconds), "cpu_us_an_alert": round((accounts.cpu_ms(pid) - before) / ALERTS * 1000, 1)}


def measure() -> dict[str, object]:
    """Both storms, alone and beside incidents, on one bot."""
    folder = Path(tempfile.mkdtemp(prefix="suture-bench-"))
    sandbox_port, port = free_port(), free_port()
    environment.write_files(sandbox_port)
    settings: Mapping[str, str] = environment.environment(sandbox_port)
    token = settings["DATADOG_WEBHOOK_TOKEN"]
    figures: dict[str, object] = {}
    own = {**settings, "DATABASE_URL": f"sqlite:///{folder}/suture.db"}
    url = f"http://127.0.0.1:{port}"
    with footprint.process(["sandbox", "--port", str(sandbox_port), "--bot", url], {}, folder / "sandbox.log"):
        footprint.ready(f"http://127.0.0.1:{sandbox_port}/control/state")
        with footprint.process(["serve", "--port", str(port)], own, folder / "log") as bot:
            footprint.ready(f"{url}/readyz")
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(bot.pid, {max(os.sched_getaffinity(0))})
            with incidents(url, token):  # what is imported and compiled at first is not what is compared
                taken_in(port, bot.pid, storm(token, 100, 1))
                time.sleep(5 * EVERY_SECONDS)
            for number, per_request in enumerate((1, 100), start=10):
                alone = taken_in(port, bot.pid, storm(token, per_request, number))
                with incidents(url, token) as broke:
                    time.sleep(3 * EVERY_SECONDS)
                    beside = taken_in(port, bot.pid, storm(token, per_request, number + 50))
                share = round(float(beside["alerts_per_second"]) / float(alone["alerts_per_second"]), 2)
                figures[f"{per_request}_a_request"] = {"alone": alone, "beside": beside, "share": share, "incidents": len(broke)}
    return {"target_share": 0.7, **figures}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
