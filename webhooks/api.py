"""What programs read: every incident as one JSON document, and whether we are well."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from remediation.errors import NotFound
from remediation.terms import Json

_ASKED = ["GET", "HEAD"]
WhyNotReady = Callable[[], str]  # empty when ready


class Documents(Protocol):
    """Where incidents are read from."""

    async def one(self, incident_id: str) -> Json:
        """The whole incident. Raises NotFound, Unreachable."""
        ...

    async def all(self) -> Json:
        """`{"incidents": […], "more": n}`, newest first: every open one, and the last that ended. Raises Unreachable."""
        ...


def health_routes(why_not_ready: WhyNotReady) -> APIRouter:
    """`/healthz`: the process answers. `/readyz`: it takes alerts and works on incidents."""
    router = APIRouter(tags=["health"])

    @router.api_route("/healthz", methods=_ASKED)
    @router.api_route("/healthz/", methods=_ASKED, include_in_schema=False)
    async def healthz() -> JSONResponse:
        return JSONResponse({"ok": True})

    @router.api_route("/readyz", methods=_ASKED)
    @router.api_route("/readyz/", methods=_ASKED, include_in_schema=False)
    async def readyz() -> JSONResponse:
        why = why_not_ready()
        return JSONResponse({"ready": False, "error": why}, 503) if why else JSONResponse({"ready": True})

    return router


def incident_routes(documents: Documents) -> APIRouter:
    """`/api/incidents` and `/api/incidents/{id}`."""
    router = APIRouter(prefix="/api", tags=["incidents"])

    @router.get("/incidents")
    async def incidents() -> JSONResponse:
        return await _answered(documents.all())

    @router.get("/incidents/{incident_id:path}")
    async def incident(incident_id: str) -> JSONResponse:
        return await _answered(documents.one(incident_id))

    return router


async def _answered(asked: Awaitable[Json]) -> JSONResponse:
    try:
        return JSONResponse(await asked)
    except NotFound as missing:
        return JSONResponse({"error": str(missing)}, 404)
