"""The dashboard: incidents and one incident, as pages that work without a script."""

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from remediation.errors import NotFound
from remediation.quoting import yaml_block
from remediation.terms import Json
from templates import render
from webhooks.api import Documents
from webhooks.named import Names, named

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
REFRESH_SECONDS = 10
_OVER = ("resolved", "failed")  # statuses of what nobody has to look at any more


def dashboard_routes(documents: Documents, names: Names) -> APIRouter:
    """`/` and `/incidents/{id}`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def index(state: str = "", environment: str = "") -> Response:
        listed = await documents.all()
        values = {**chosen(listed["incidents"], state, environment), "place": place, "clock": clock}
        more = listed["more"] if state != "open" else 0
        return _page("index", title="Incidents", more=more, refresh=REFRESH_SECONDS, **values)

    @router.get("/incidents/{incident_id:path}")
    async def incident(incident_id: str) -> Response:
        try:
            document = await named(await documents.one(incident_id), names)
        except NotFound:
            return _page("missing", status=404, title="No such incident", incident_id=incident_id, refresh=0)
        return _page("incident", title=document["title"], refresh=0 if document["outcome"] else REFRESH_SECONDS, **shown(document))

    @router.get("/dashboard.css")
    async def css() -> Response:
        return Response(render("dashboard/dashboard.css"), media_type="text/css")

    return router


def chosen(incidents: Sequence[Json], state: str, environment: str) -> dict[str, Json]:
    """The list's incidents, newest first as they came, open ones apart; and the links that choose among them.

    state: open or ended; environment: one of theirs. Anything else chooses all.
    """
    environments = sorted({one["environment"] for one in incidents})
    environment = environment if environment in environments else ""
    wanted = [one for one in incidents if environment in ("", one["environment"])]
    over = [one for one in wanted if one["status"] in _OVER]
    alive = [one for one in wanted if one["status"] not in _OVER]
    return {
        "open": alive if state != "ended" else [],
        "ended": over if state != "open" else [],
        "known": bool(incidents),
        "filters": [
            _choices("state", state, ("open", "ended"), environment=environment),
            _choices("environment", environment, environments, state=state),
        ],
    }


def _choices(name: str, now: str, values: Sequence[str], **others: str) -> list[dict[str, Json]]:
    """A link for each value and one for all of them; the other choices stay as they are."""
    kept = {other: value for other, value in others.items() if value}
    links = [{"label": "all", "query": urlencode(kept), "on": now not in values}]
    return links + [{"label": value, "query": urlencode({**kept, name: value}), "on": value == now} for value in values]


def place(target: str) -> str:
    """A target as the list has it, for people: `shop/Deployment/api in prod`."""
    _, where, path = [*target.split(":", 2), "", ""][:3]
    return f"{path} in {where}" if where else path or target


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
        "sure": sure,
        "web": web,
    }


def clock(moment: str | None) -> str:
    """A time out of a document, for people: `2026-03-04 03:11:05`, UTC."""
    return moment.replace("T", " ")[:19] if moment else ""


def sure(finding: str) -> str:
    """A finding's sentence without the item's number before it, which stands behind it."""
    number, colon, rest = finding.partition(": ")
    return rest if colon and number[:1] == "E" and number[1:].isdecimal() else finding


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
