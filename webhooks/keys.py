"""Who may look: programs by a bearer token, people by a link that is signed for minutes and then by a session cookie."""

import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode

LINK_SECONDS, SESSION_SECONDS = 15 * 60, 12 * 3600
COOKIE, QUERY = "suture_session", "key"


class Keys:
    """Makes and checks them. api_token: SUTURE_API_TOKEN, from which the signing key is derived; an empty one lets nobody in."""

    def __init__(self, api_token: str, clock: Callable[[], float] = time.time) -> None:
        self._token = api_token.encode()
        self._signing = hmac.digest(self._token, b"suture dashboard", "sha256")
        self._clock = clock

    def link(self, public_url: str, path: str = "/") -> str:
        """An address that lets whoever has it in, for a quarter of an hour, at this page; empty without a public URL.

        Its key is good for every page, as the session that it is exchanged for is.
        """
        key = self._signed("link", LINK_SECONDS)
        return f"{public_url.rstrip('/')}{quote(path)}?{urlencode({QUERY: key})}" if public_url else ""

    def session(self) -> str:
        """The cookie that a valid link is exchanged for."""
        return self._signed("session", SESSION_SECONDS)

    def opens(self, authorization: str) -> bool:
        """Whether this Authorization header is the bearer token."""
        kind, _, given = authorization.partition(" ")
        return bool(self._token) and kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)

    def link_holds(self, key: str) -> bool:
        """Whether this key of a link is ours and still good."""
        return self._holds("link", key)

    def session_holds(self, cookie: str) -> bool:
        """Whether this cookie is ours and still good."""
        return self._holds("session", cookie)

    def _signed(self, purpose: str, seconds: float) -> str:
        until = str(int(self._clock() + seconds))
        return f"{until}.{self._seal(purpose, until)}"

    def _holds(self, purpose: str, key: str) -> bool:
        until, _, seal = key.partition(".")
        ours = bool(self._token) and hmac.compare_digest(seal.encode(), self._seal(purpose, until).encode())
        return ours and float(until) >= self._clock()

    def _seal(self, purpose: str, until: str) -> str:
        return hmac.new(self._signing, f"{purpose}.{until}".encode(), hashlib.sha256).hexdigest()
