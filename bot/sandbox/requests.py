"""The record of every request that the sandbox's systems received, in order, and the hook that tests pull on it."""

from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.outages import Outages

FACES = ("slack", "gitlab", "kubernetes", "datadog", "ollama")
REMEMBERED = 50_000
"""So many requests are kept in order; the counts go on for ever."""

Moment = Literal["handled", "answered"]
Hook = Callable[[int], Awaitable[None] | None]


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request. n: 1 for the first; call: a Slack method, else `METHOD /path/{template}`."""

    n: int
    face: str
    call: str
    status: int


class RequestLog:
    """Counts requests by face and call. Persisted as its counts; the order is of this process alone."""

    def __init__(self) -> None:
        self.total = 0
        self.received: deque[Received] = deque(maxlen=REMEMBERED)
        self._counts: dict[str, Counter[str]] = {face: Counter() for face in FACES}
        self._hooks: list[tuple[Moment, Hook]] = []

    def calls(self, face: str) -> dict[str, int]:
        """How often each call of this face was asked, e.g. `{"chat.postMessage": 3}`."""
        return dict(sorted(self._counts[face].items()))

    def on_request(self, hook: Hook, *, after: Moment = "answered") -> Callable[[], None]:
        """Call `hook(n)` when the n-th request was handled (its answer not yet sent) or answered; returns the undo."""
        entry = (after, hook)
        self._hooks.append(entry)
        return lambda: self._hooks.remove(entry)

    def arrived(self) -> int:
        """The number of a request that just came in."""
        self.total += 1
        return self.total

    def record(self, received: Received) -> None:
        """Keep what became of one request."""
        self._counts[received.face][received.call] += 1
        self.received.append(received)

    async def fire(self, moment: Moment, n: int) -> None:
        """Run the hooks that wait for this moment."""
        for after, hook in tuple(self._hooks):
            if after == moment and (waiting := hook(n)) is not None:
                await waiting

    def snapshot(self) -> dict[str, Any]:
        """What a restart needs, as JSON."""
        return {"total": self.total, "counts": {face: dict(counts) for face, counts in self._counts.items()}}

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on where `snapshot` was taken."""
        self.total = saved["total"]
        self._counts = {face: Counter(saved["counts"].get(face, {})) for face in FACES}


class RequestCounter:
    """ASGI middleware around all faces; what is not under a face's prefix (page, control) passes uncounted."""

    def __init__(self, app: ASGIApp, log: RequestLog, outages: Outages) -> None:
        self.app = app
        self.log = log
        self.outages = outages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Number the request, pass it on, record its call and status when the answer begins."""
        face = scope["path"].split("/", 2)[1] if scope["type"] == "http" else ""
        if face not in FACES or "/-/" in scope["path"]:  # `/-/` begins GitLab's pages for people
            await self.app(scope, receive, send)
            return
        n = self.log.arrived()

        async def recording(message: Message) -> None:
            if message["type"] == "http.response.start":
                call = call_of(scope, face)
                self.log.record(Received(n=n, face=face, call=call, status=message["status"]))
                await self.log.fire("handled", n)
            await send(message)

        if face in self.outages.now:
            await self.outages.answer(face, scope, receive, recording)
        else:
            await self.app(scope, receive, recording)
        await self.log.fire("answered", n)


def call_of(scope: Scope, face: str) -> str:
    """The call's name, known once the request was routed.

    A face whose routes say too little puts a `call` into the scope: Slack its method, Kubernetes its template.
    """
    if "call" in scope:
        return str(scope["call"])
    route = scope.get("route")
    path = route.path_format if route is not None and hasattr(route, "path_format") else None
    return f"{scope['method']} {path or scope['path'].removeprefix(f'/{face}')}"
