"""How fast we may speak: one message a second a channel with a small burst, as Slack documents, and heads go first."""

import asyncio
import heapq
import itertools
from collections import defaultdict

Waiting = tuple[int, int, asyncio.Future[None]]  # rank (heads before all else), order of arrival, who waits


class Budget:
    """Turns to speak, a line for each channel (or method).

    per_second: turns a second.  burst: how many may come at once after a silence.
    """

    def __init__(self, per_second: float = 1.0, burst: int = 3) -> None:
        self._lines: defaultdict[str, _Line] = defaultdict(lambda: _Line(per_second, burst))

    async def turn(self, line: str, *, first: bool = False) -> None:
        """Return when it is our turn in this line. first: before all who are not."""
        await self._lines[line].turn(0 if first else 1)

    def pause(self, line: str, seconds: float) -> None:
        """Nobody in this line speaks for so long: Slack said 429 with Retry-After."""
        self._lines[line].pause(seconds)


class _Line:
    """A bucket of turns that fills while nobody speaks; a timer serves who waits, so that no task polls."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._turns = float(burst)
        self._at = asyncio.get_running_loop().time()
        self._waiting: list[Waiting] = []
        self._arrivals = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, rank: int) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._arrivals), mine))
        self._serve()
        await mine

    def pause(self, seconds: float) -> None:
        self._turns = 0.0
        self._at = max(self._at, asyncio.get_running_loop().time() + seconds)
        self._again()

    def _serve(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._at:
            self._turns = min(self._burst, self._turns + (now - self._at) * self._per_second)
            self._at = now
            while self._waiting and self._turns >= 1:
                _, _, waiting = heapq.heappop(self._waiting)
                if not waiting.done():  # who gave up costs no turn
                    waiting.set_result(None)
                    self._turns -= 1
        self._again()

    def _again(self) -> None:
        """Come back when the next turn is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            due = self._at + (1 - self._turns) / self._per_second
            self._timer = asyncio.get_running_loop().call_at(due, self._serve)
