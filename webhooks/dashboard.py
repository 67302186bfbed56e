"""The dashboard: incidents and one incident, as pages that work without a script."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from remediation.errors import NotFound
from remediation.quoting import yaml_block
from remediation.terms import Json
from templates import render
from webhooks.api import Documents

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
REFRESH_SECONDS = 10


def dashboard_routes(documents: Documents) -> APIRouter:
    """`/` and `/incidents/{id}`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def index() -> Response:
        listed = await documents.all()
        return _page("index", title="Incidents", incidents=listed["incidents"], more=listed["more"], refresh=REFRESH_SECONDS)

    @router.get("/incidents/{incident_id:path}")
    async def incident(incident_id: str) -> Response:
        try:
            document = await documents.one(incident_id)
        except NotFound:
            return _page("missing", status=404, title="No such incident", incident_id=incident_id, refresh=0)
        return _page("incident", title=document["title"], refresh=0 if document["outcome"] else REFRESH_SECONDS, **shown(document))

    @router.get("/dashboard.css")
    async def css() -> Response:
        return Response(render("dashboard/dashboard.css"), media_type="text/css")

    return router


def shown(document: Json) -> dict[str, Json]:
    """What one incident's page shows, out of its document."""
    plans = [plan for plan in (document["recommended_action"], *document["alternative_actions"]) if plan]
    proposal = {**document["ai_analysis"], "plans": plans} if document["ai_analysis"] else None
    return {
        "it": document,
        "proposal": yaml_block(proposal) if proposal else "",
        "critiques": [yaml_block(critique) for critique in document["critiques"]],
        "attempts": [_attempt(attempt) for attempt in document["attempts"]],
        "clock": clock,
        "web": web,
    }


def clock(moment: str | None) -> str:
    """A time out of a document, for people: `2026-03-04 03:11:05`, UTC."""
    return moment.replace("T", " ")[:19] if moment else ""


def web(address: str | None) -> str:
    """An address that a browser may open; empty for any other kind (`javascript:`)."""
    return address if address and address.startswith(("http://", "https://")) else ""


def diff_lines(diff: str) -> list[tuple[str, str]]:
    """Each line with what it is: added, removed, place or same."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    return [("file" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same"), line) for line in diff.splitlines()]


def _attempt(attempt: Json) -> dict[str, Json]:
    """One attempt with its diff in lines."""
    rehearsal = attempt["rehearsal"]
    return {**attempt, "diff": diff_lines(rehearsal["diff"]) if rehearsal else []}


def _page(name: str, *, title: str, status: int = 200, **values: Json) -> HTMLResponse:
    return HTMLResponse(render(f"dashboard/{name}.html.j2", title=title, **values), status, HEADERS)
