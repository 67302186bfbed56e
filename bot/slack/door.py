"""`POST /slack/events`: only what Slack signed within five minutes comes in. Bolt reads a body before it verifies it: we verify first."""

from typing import Protocol
from urllib.parse import parse_qs

import structlog
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = structlog.get_logger(__name__)

LARGEST = 1_000_000  # bytes; Slack's own largest payloads are far smaller
_LARGEST_CHECK = 1_000  # bytes of an `ssl_check`: nothing longer from a stranger is read


class Dispatcher(Protocol):
    """Bolt's app, as far as the door needs it."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """The answer to a request."""
        ...


class SlackDoor:
    """What stands in front of the Bolt app; `answer` is a Starlette endpoint."""

    def __init__(self, app: Dispatcher, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)

    async def answer(self, request: Request) -> Response:
        """401 unsigned, forged or stale; 413 too large; 400 unreadable; else what Bolt answers."""
        body = await _body(request)
        if body is None:
            return _no(413, f"The body is larger than {LARGEST} bytes.")
        if len(body) <= _LARGEST_CHECK and parse_qs(body.decode("latin-1")).get("ssl_check") == ["1"]:
            return Response()  # Slack looks whether we are there; it does not sign that
        if not self._signed(body, request):
            return _no(401, "This is not signed by Slack, or older than five minutes. Check SLACK_SIGNING_SECRET and this machine's clock.")
        try:
            asked = AsyncBoltRequest(body=body.decode(), query=request.url.query, headers=dict(request.headers))
            return _as_sent(await self._app.async_dispatch(asked))
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as problem:  # Bolt trusts a payload's shape
            log.warning("slack request is not readable", problem=type(problem).__name__)
            return _no(400, "The body is neither a form nor JSON as Slack writes it.")

    def _signed(self, body: bytes, request: Request) -> bool:
        timestamp, signature = request.headers.get("x-slack-request-timestamp", ""), request.headers.get("x-slack-signature", "")
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError, OverflowError):  # a timestamp that is no number or no time, a body or signature that is no text
            return False


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _as_sent(said: BoltResponse) -> Response:
    answer = Response(said.body, said.status)
    for name, values in said.headers.items():
        for value in values:
            if name.lower() != "content-length":
                answer.headers.append(name, value)
    return answer


def _no(status: int, why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status)
