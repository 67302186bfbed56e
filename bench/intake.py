"""How many alerts a second one core takes, each on disk before it is acknowledged: `python bench/intake.py` prints JSON.

The bot's web application runs in a process pinned to one core, the load comes from this one, pinned to another. Every alert is another one
(id, date, cycle); `repeating` says of each pod what its monitor always says, `distinct` uses new words in every alert.
"""

import argparse
import asyncio
import gc
import itertools
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvloop

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.accounts import cpu_ms  # noqa: E402

TOKEN = "bench"
TEMPLATE = ROOT / "docs" / "datadog-webhook.json"
PODS = 500
CONNECTIONS = 64


def serve(port: int, folder: Path) -> None:
    """The web application as the bot serves it, without the engine."""
    from memory.database import Database  # noqa: PLC0415 - only this process needs the rest
    from memory.document import Documents  # noqa: PLC0415
    from memory.inbox import SqlInbox  # noqa: PLC0415
    from memory.journal import Journal  # noqa: PLC0415
    from webhooks import server  # noqa: PLC0415
    from webhooks.app import build  # noqa: PLC0415
    from webhooks.intake import Intake, endpoints_of  # noqa: PLC0415
    from webhooks.keys import Keys  # noqa: PLC0415
    from webhooks.metrics import Exposition  # noqa: PLC0415
    from webhooks.senders import SENDERS  # noqa: PLC0415

    def now() -> datetime:
        return datetime.now(UTC)

    database = Database.open(f"sqlite:///{folder}/suture.db")
    inbox = SqlInbox(database, Journal(now, database.writer.ends), now)
    endpoints = endpoints_of(SENDERS, {"DATADOG_WEBHOOK_TOKEN": TOKEN}, inbox.store, now, on_commit=lambda: None)

    @asynccontextmanager
    async def lifespan(_app):
        gc.freeze()  # as the bot does once it stands
        yield
        database.close()

    app = build(
        intake=Intake(endpoints), slack=None, keys=Keys(TOKEN), documents=Documents(database.reader),
        metrics=Exposition(database.reader, lambda: database.writer.waiting), why_not_ready=str, lifespan=lifespan,
    )  # fmt: skip
    server.run(app, server.bound("127.0.0.1", port))


def bodies(*, distinct: bool, after: int = 0) -> Iterator[bytes]:
    """Alerts in our recommended payload, none like another; numbered from `after` on."""
    template = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    for number in itertools.count(after + 1):
        pod = f"api-6d5f7c9b8-{_suffix(number % PODS)}"
        scope = f"kube_cluster_name:prod-eu-1,kube_namespace:shop,pod_name:{pod}"
        words = f" (occurrence {number})" if distinct else ""
        message = f"pod {pod} is in OOMKilled on shop{words}. Raise its limit, or find out what it keeps."
        values = {
            "$ID": str(number), "$ALERT_ID": "18692904", "$EVENT_TYPE": "query_alert_monitor", "$ALERT_TRANSITION": "Triggered",
            "$EVENT_TITLE": f"[Triggered on {{{scope}}}] [kubernetes] Pod {pod} is OOMKilled on namespace shop{words}",
            "$EVENT_MSG": f"%%%\n{message}\n\n@webhook-suture\n%%%",
            "$ALERT_TYPE": "error", "$ALERT_CYCLE_KEY": f"58723{number}", "$AGGREG_KEY": f"9bd4ac{number}", "$ALERT_PRIORITY": "P1",
            "$ALERT_METRIC": "kubernetes.memory.usage_pct", "$ALERT_SCOPE": scope, "$HOSTNAME": f"node-{number % 20}",
            "$ALERT_QUERY": "max(last_5m):max:kubernetes.memory.usage_pct{*} by {pod_name} > 0.9", "$DATE": str(1746013550000 + number),
            "$ALERT_STATUS": f"kubernetes.memory.usage_pct over {scope} was > 0.9 at least once during the last 5m",
            "$TAGS": f"env:prod,service:api,team:shop,{scope}", "$LINK": f"https://app.datadoghq.com/event/event?id={number}",
        }  # fmt: skip
        filled = {name: values.get(value, "") for name, value in template.items() if isinstance(value, str)}
        yield json.dumps(filled).encode()


def _suffix(number: int) -> str:
    """Five letters as Kubernetes gives them: without vowels, and without digits that look like them."""
    letters = "bcdfghjklmnpqrstvwxz"
    return "".join(letters[number // 20**place % 20] for place in range(5))


def requests(alerts: Iterator[bytes], per_request: int, token: str = TOKEN) -> Iterator[bytes]:
    """Whole HTTP requests with so many alerts each."""
    head = f"POST /webhooks/datadog HTTP/1.1\r\nHost: b\r\nX-Suture-Token: {token}\r\nContent-Type: application/json\r\nContent-Length: "
    while True:
        body = next(alerts) if per_request == 1 else b"[" + b",".join(next(alerts) for _ in range(per_request)) + b"]"
        yield head.encode() + str(len(body)).encode() + b"\r\n\r\n" + body


class Sender(asyncio.Protocol):
    """One connection: sends the next request when the last one was acknowledged."""

    def __init__(self, queue: list[bytes], took: list[float], done: asyncio.Future[None]) -> None:
        self.queue, self.took, self.done = queue, took, done
        self.sent_at = 0.0
        self.heard = b""

    def connection_made(self, transport) -> None:
        """Begin."""
        self.transport = transport
        self.send()

    def send(self) -> None:
        """The next one, or the end."""
        if not self.queue:
            self.transport.close()
            self.done.set_result(None)
            return
        self.sent_at = time.perf_counter()
        self.transport.write(self.queue.pop())

    def data_received(self, data: bytes) -> None:
        """An answer; anything but 202 ends the bench."""
        self.heard += data
        if not self.heard.endswith(b"}"):
            return
        if not self.heard.startswith(b"HTTP/1.1 202"):
            self.done.set_exception(RuntimeError(self.heard[:300].decode()))
            return
        self.heard = b""
        self.took.append(time.perf_counter() - self.sent_at)
        self.send()


async def load(port: int, queue: list[bytes]) -> tuple[float, list[float]]:
    """Seconds until all were acknowledged, and how long each took."""
    loop = asyncio.get_running_loop()
    took: list[float] = []
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    await asyncio.gather(*(loop.create_connection(lambda end=end: Sender(queue, took, end), "127.0.0.1", port) for end in ends))
    await asyncio.gather(*ends)
    return time.perf_counter() - began, took


@contextmanager
def running(folder: Path) -> Iterator[tuple[int, int]]:
    """The bot's web application on a free port, on one core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(port), str(folder)])
    try:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def measure(alerts: int, per_request: int, *, distinct: bool) -> dict[str, float | int]:
    """One run on an empty file. cpu_us_an_alert: what the server spent, whatever else the machine did."""
    made = requests(bodies(distinct=distinct), per_request)
    queue = [next(made) for _ in range(alerts // per_request)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder) as (port, server):
            before = cpu_ms(server)
            seconds, took = uvloop.run(load(port, queue))
            after = cpu_ms(server)
        stored = sqlite3.connect(folder / "suture.db").execute("SELECT count(*) FROM alerts").fetchone()[0]
    assert stored == alerts, f"{alerts} were acknowledged and {stored} are on disk"
    quantiles = statistics.quantiles(took, n=100)
    return {
        "requests_per_second": round(len(took) / seconds),
        "alerts_per_second": round(alerts / seconds),
        "p50_ms": round(quantiles[49] * 1000, 2),
        "p99_ms": round(quantiles[98] * 1000, 2),
        "cpu_us_an_alert": round((after - before) / alerts * 1000, 1),
    }


def fsync_ms() -> float:
    """How long this disk takes to say that a page is safe; below 0.5 ms it is no ordinary disk, and the figures flatter."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return round(statistics.median(took) * 1000, 3)


def main() -> None:
    """Print the figures, or serve as the process that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--alerts", type=int, default=40_000, help="how many each run sends")
    options = parser.parse_args()
    if options.serve:
        serve(int(options.serve[0]), Path(options.serve[1]))
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {*os.sched_getaffinity(0)} - {max(os.sched_getaffinity(0))} or os.sched_getaffinity(0))
    figures = {
        "one_alert_a_request": measure(options.alerts, 1, distinct=False),
        "hundred_alerts_a_request": measure(options.alerts * 2, 100, distinct=False),
        "one_alert_a_request_distinct": measure(options.alerts, 1, distinct=True),
        "hundred_alerts_a_request_distinct": measure(options.alerts, 100, distinct=True),
    }
    targets = {"one_alert_a_request": 12_000, "hundred_alerts_a_request": 35_000}
    print(json.dumps({"bench": "intake", "fsync_ms": fsync_ms(), "targets_alerts_per_second": targets, **figures}, indent=2))


if __name__ == "__main__":
    main()
