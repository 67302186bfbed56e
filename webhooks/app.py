"""The web application: what is sent to us first and fastest, then health, API, metrics and the dashboard behind their guard."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from remediation.errors import RemediationError
from webhooks.api import Documents, WhyNotReady, health_routes, incident_routes
from webhooks.dashboard import dashboard_routes
from webhooks.guard import Guard
from webhooks.intake import Intake
from webhooks.keys import Keys
from webhooks.named import Names

log = structlog.get_logger(__name__)

SLACK = "/slack/events"
OPEN = frozenset({"/healthz", "/healthz/", "/readyz", "/readyz/", SLACK})
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build(
    *,
    intake: Intake,
    slack: Callable[[Request], Awaitable[Response]] | None,
    keys: Keys,
    documents: Documents,
    names: Names,
    metrics: Callable[[], Awaitable[bytes]],
    why_not_ready: WhyNotReady,
    lifespan: Lifespan,
) -> ASGIApp:
    """All that is served. slack: answers `/slack/events`; None where Socket Mode brings what Slack says."""
    app = FastAPI(
        title="Suture",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        middleware=[Middleware(Guard, keys=keys, open_paths=OPEN)],
        exception_handlers={RemediationError: _unavailable, HTTPException: _refused, Exception: _failed},
    )
    app.include_router(health_routes(why_not_ready))
    app.include_router(incident_routes(documents))
    app.include_router(dashboard_routes(documents, names))
    if slack is not None:
        app.add_route(SLACK, slack, methods=["POST"], include_in_schema=False)

    @app.get("/metrics", include_in_schema=False)
    async def metrics_text() -> Response:
        return PlainTextResponse(await metrics(), media_type="text/plain; version=0.0.4")

    return _IntakeFirst(app, intake)


class _IntakeFirst:
    """What alert senders and GitLab post goes straight to the intake: the framework around it would cost it half its speed."""

    def __init__(self, app: ASGIApp, intake: Intake) -> None:
        self._app = app
        self._intake = intake
        self._paths = frozenset(intake.paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") in self._paths:
            await self._intake(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    """The record did not answer: that is worth asking again."""
    log.warning("request could not be answered", reason=str(error))
    return JSONResponse({"error": str(error)}, 503, {"Retry-After": "5"})


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """No such path, or not with this method: in the one shape that every error has."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    said = {404: f"There is no {request.url.path}.", 405: f"{request.url.path} takes no {request.method}."}
    return JSONResponse({"error": said.get(status) or str(getattr(error, "detail", ""))}, status, headers)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    """A bug: logged with its place, answered without it."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return JSONResponse({"error": "Something went wrong here; the log says what."}, 500)
