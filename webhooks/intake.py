"""The door for what is sent to us: raw ASGI, because a framework's route costs half the alerts a second.

Token, size, method and answers are the same for all who send; what a body means is the endpoint's. 202 is said once it is on disk.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

import msgspec
import structlog

from memory.writer import Full
from remediation.errors import Forbidden, Unreachable, Unreadable
from remediation.ports import Clock
from remediation.terms import Alert, Json
from webhooks.senders import Delivery, Sender

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]
Store = Callable[[Sequence[Alert]], Awaitable[None]]

log = structlog.get_logger(__name__)

LARGEST_BODY = 1_000_000  # bytes
_RETRY_AFTER = b"5"  # seconds
_TOKEN = b"x-suture-token"
_FORM = b"application/x-www-form-urlencoded"
_OF_JSON = (b"{", b"[")  # no form begins so, whatever its sender calls it
_LOGGED_EVERY = 60.0  # seconds


class Endpoint(Protocol):
    """One path: who may send there, and what is done with what they sent."""

    def admits(self, headers: Headers, query_token: str) -> bool:
        """Whether the body is worth reading. query_token: from `?token=`, empty without one."""
        ...

    async def take(self, headers: Headers, body: bytes) -> Json:
        """The answer, once it is safe. Raises Unreadable, Forbidden, Full, Unreachable."""
        ...


class AlertEndpoint:
    """Alerts of one sender, stored before they are acknowledged.

    token: the secret that they must send; with an empty one nobody is let in.  on_commit: called after each commit.
    """

    def __init__(
        self, sender: Sender, token: str, store: Store, now: Clock, *, on_commit: Callable[[], None], allow_query_token: bool = False
    ) -> None:
        self._sender = sender
        self._token = token.encode()
        self._store = store
        self._now = now
        self._on_commit = on_commit
        self._allow_query_token = allow_query_token

    def admits(self, headers: Headers, query_token: str) -> bool:
        """By `X-Suture-Token`, or by `?token=` where that is allowed."""
        sent = headers.get(_TOKEN, b"") or (query_token.encode() if self._allow_query_token else b"")
        return bool(self._token) and hmac.compare_digest(sent, self._token)

    async def take(self, headers: Headers, body: bytes) -> Json:
        """`{"alerts": n}`: how many the body held, stored now or before."""
        form = headers.get(b"content-type", b"").lower().startswith(_FORM) and not body.lstrip().startswith(_OF_JSON)
        alerts = self._sender.alerts(Delivery(body=body, at=self._now(), form=form))
        await self._store(alerts)
        self._on_commit()
        return {"alerts": len(alerts)}


class Intake:
    """An ASGI app over endpoints by their full path; mount it, or put it before the app that serves the rest."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = dict(endpoints)
        self._turned_away = _TurnedAway()

    @property
    def paths(self) -> Sequence[str]:
        """Every path that is served."""
        return tuple(self._endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        query_token = _take_query_token(scope)
        headers = dict(scope["headers"])
        endpoint = self._endpoints.get(scope["path"].rstrip("/"))
        if endpoint is None:
            await _answer(send, 404, {"error": "Nothing is received here."})
        elif scope["method"] != "POST":
            await _answer(send, 405, {"error": "Send it with POST."}, (b"allow", b"POST"))
        elif not endpoint.admits(headers, query_token):
            await _answer(send, 401, {"error": "The token is missing or wrong."})
        else:
            await self._serve(endpoint, headers, receive, send)

    async def _serve(self, endpoint: Endpoint, headers: Headers, receive: Receive, send: Send) -> None:
        try:
            body = await _body(headers, receive)
            if body is None:
                await _answer(send, 413, {"error": f"The body is larger than {LARGEST_BODY} bytes."})
            else:
                await _answer(send, 202, await endpoint.take(headers, body))
        except Forbidden as refusal:
            await _answer(send, 401, {"error": str(refusal)})
        except Unreadable as wrong:
            await _answer(send, 422, {"error": str(wrong), "field": wrong.field})
        except (Full, Unreachable) as busy:
            self._turned_away.told(str(busy))
            await _answer(send, 503, {"error": str(busy)}, (b"retry-after", _RETRY_AFTER))


class _TurnedAway:
    """Says in the log what we could not keep: at once, then once a minute with how many it were, for a storm is no reason to fill it."""

    def __init__(self) -> None:
        self._quiet_until = 0.0
        self._deliveries = 0

    def told(self, reason: str) -> None:
        """One delivery was answered 503."""
        self._deliveries += 1
        if (now := time.monotonic()) >= self._quiet_until:
            log.error("what was sent could not be kept", reason=reason, deliveries=self._deliveries)
            self._quiet_until, self._deliveries = now + _LOGGED_EVERY, 0


def endpoints_of(
    senders: Sequence[Sender],
    tokens: Mapping[str, str],
    store: Store,
    now: Clock,
    *,
    on_commit: Callable[[], None],
    allow_query_token: bool = False,
) -> dict[str, Endpoint]:
    """An endpoint for each path of each sender. tokens: by the name of their setting; who has none is answered 401."""
    return {
        path: AlertEndpoint(sender, tokens.get(sender.token, ""), store, now, on_commit=on_commit, allow_query_token=allow_query_token)
        for sender in senders
        for path in sender.paths
    }


async def _body(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body, or None for one that is too large: by its own word, or by what came of it. Raises Unreadable for a compressed one."""
    if (packed := headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()) not in ("", "identity"):
        raise Unreadable(f"The body is compressed ({packed[:40]}).", "Send it plain, without Content-Encoding.", field="Content-Encoding")
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and (len(announced) > len(str(LARGEST_BODY)) or int(announced) > LARGEST_BODY):
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unreadable("The connection ended before the body did.", "Send it again.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _take_query_token(scope: Scope) -> str:
    """The token of `?token=…`, taken out of the request, so that no log holds it."""
    query: bytes = scope["query_string"]
    if b"token" not in query and b"%" not in query:
        return ""
    fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    scope["query_string"] = urlencode([(name, "hidden" if name == "token" else value) for name, value in fields]).encode()
    return next((value for name, value in fields if name == "token"), "")


async def _answer(send: Send, status: int, answer: Json, *extra: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
