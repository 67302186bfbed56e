"""Systems that are down for a while: requests hang, or are answered with the 500 that the real one gives."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

HOW = ("hang", "500")

_BODIES: Mapping[str, Mapping[str, Any]] = {
    "slack": {"ok": False, "error": "internal_error"},
    "gitlab": {"message": "500 Internal Server Error"},
    "kubernetes": {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "etcdserver: request timed out", "code": 500,
    },
    "datadog": {"errors": ["Internal server error"]},
    "ollama": {"error": "Internal Server Error"},
}  # fmt: skip


class Outages:
    """Which faces are down, and how. Not kept with the world: a sandbox that starts again is well."""

    def __init__(self) -> None:
        self.now: dict[str, str] = {}

    def begin(self, face: str, how: str) -> None:
        """From now on this face does not answer, or answers with 500. how: one of HOW."""
        self.now[face] = how

    def end(self, face: str) -> None:
        """It answers again; what hangs hangs until its client leaves."""
        self.now.pop(face, None)

    async def answer(self, face: str, scope: Scope, receive: Receive, send: Send) -> None:
        """What a face that is down does with a request."""
        if self.now[face] == "hang":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await JSONResponse(_BODIES[face], 500)(scope, receive, send)
