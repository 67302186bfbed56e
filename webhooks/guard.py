"""Before every page and answer but a few: the bearer token, a session, or a signed link, which becomes a session."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from templates import render
from webhooks.keys import COOKIE, QUERY, SESSION_SECONDS, Keys

WHAT_TO_DO = "Send SUTURE_API_TOKEN as `Authorization: Bearer …`, or open the link that `/suture status` gives in Slack."
READING = ("GET", "HEAD")
UNSEEN = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class Guard:
    """ASGI middleware. open_paths: answered without a key, because they check their own or tell nothing."""

    def __init__(self, app: ASGIApp, keys: Keys, open_paths: frozenset[str]) -> None:
        self._app = app
        self._keys = keys
        self._open = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, exchange a link for a session, or answer 401."""
        if scope["type"] != "http" or scope["path"] in self._open or self._known(scope):
            await self._app(scope, receive, send)
            return
        await self._stranger(scope)(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if self._keys.opens(headers.get("authorization", "")):
            return True
        return scope["method"] in READING and self._keys.session_holds(_cookie(headers.get("cookie", "")))

    def _stranger(self, scope: Scope) -> Response:
        fields = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        key = next((value for name, value in fields if name == QUERY), "")
        if scope["method"] in READING and self._keys.link_holds(key):
            return self._session(scope, urlencode([field for field in fields if field[0] != QUERY]))
        if "text/html" in Headers(scope=scope).get("accept", "") and not scope["path"].startswith("/api"):
            return HTMLResponse(render("dashboard/locked.html.j2", expired=bool(key)), 401)
        return JSONResponse({"error": f"This needs a key. {WHAT_TO_DO}"}, 401, {"WWW-Authenticate": "Bearer"})

    def _session(self, scope: Scope, query: str) -> Response:
        """The same page without the key, so that it stays in no history and is sent to no other site."""
        path = f"/{scope['path'].lstrip('/')}"  # one slash: `//host` would lead elsewhere
        answer = RedirectResponse(f"{path}?{query}" if query else path, 303, UNSEEN)
        # Any proxy's word will do: who lies about it only keeps the cookie from himself.
        secure = "https" in (scope["scheme"], Headers(scope=scope).get("x-forwarded-proto"))
        answer.set_cookie(COOKIE, self._keys.session(), max_age=SESSION_SECONDS, httponly=True, samesite="lax", secure=secure)
        return answer


def _cookie(header: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""
