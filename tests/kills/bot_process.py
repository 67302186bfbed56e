"""A bot in a process of its own, which a test can kill as the kernel would: no goodbye, no flush.

The processes are forked from a server that has imported everything, so that a death costs a start and not an import.
"""

import faulthandler
import multiprocessing
import os
import signal
from collections.abc import Mapping

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.kills.preloaded"])


def live(port: int, surroundings: Mapping[str, str]) -> None:
    """What the process does: serve until it is killed."""
    import uvicorn

    from bot import logs, settings, wiring

    log = os.open(surroundings["BOT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(surroundings)
    logs.configure()
    faulthandler.enable()
    app = wiring.assemble(settings.read(settings.SERVE_NEEDS))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


class BotProcess:
    """Starts, dies, starts again on the same port and files."""

    def __init__(self, port: int, surroundings: Mapping[str, str]) -> None:
        self._port = port
        self._surroundings = dict(surroundings)
        self._process: multiprocessing.process.BaseProcess | None = None
        self.deaths = 0

    def start(self) -> None:
        self._process = FORKS.Process(target=live, args=(self._port, self._surroundings), daemon=True)
        self._process.start()

    def kill(self) -> None:
        """SIGKILL, from outside."""
        if self._process is not None and self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.join()
            self.deaths += 1
