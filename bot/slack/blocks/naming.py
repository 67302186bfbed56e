"""How people, places and numbers are named in Slack. Mentions are made here only, and only of ids that settings gave."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from remediation.entries import Incident
from remediation.quantities import about_memory, format_duration
from remediation.quoting import plain
from remediation.terms import Standing, Target

_USER = re.compile(r"[UW][A-Z0-9_]+")
_ITEM = re.compile(r"^E\d+: ")
_GROUP = re.compile(r"S[A-Z0-9_]+")


def person(who: str) -> str:
    """Who decided: a Slack user, `policy`, or `gitlab:NAME`."""
    if _USER.fullmatch(who):
        return f"<@{who}>"
    return f"{plain(who.removeprefix('gitlab:'))} (in GitLab)" if who.startswith("gitlab:") else plain(who)


def people(users: Sequence[str]) -> str:
    """Several, as a sentence takes them: `@a, @b or @c`."""
    named = [person(user) for user in users]
    return " or ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else "".join(named)


def sentence(text: str, standing: Standing) -> str:
    """A sentence of ours, quoted, in which the ids of approvers become names."""
    quoted = plain(text, limit=1000)
    for user in standing.approvers:
        quoted = re.sub(rf"&lt;@{re.escape(user)}&gt;|\b{re.escape(user)}\b(?!\|)", person(user), quoted)
    return quoted


def linked(text: str, incident: Incident) -> str:
    """A sentence of ours about an incident: people are named in it, and its merge requests are links."""
    said = sentence(text, incident.standing)
    for receipt in [attempt.receipt for attempt in incident.attempts if attempt.receipt]:
        said = said.replace(f"merge request !{receipt.iid} ", f"merge request {link(receipt.url, f'!{receipt.iid}')} ")
    return said


def called(standing: Standing) -> str:
    """Who is called by name: the user group, else the approvers; empty when settings name nobody."""
    if _GROUP.fullmatch(standing.escalate_to):
        return f"<!subteam^{standing.escalate_to}>"
    return person(standing.escalate_to) if standing.escalate_to else people(standing.approvers)


def link(url: str, label: str) -> str:
    """A link with our label; the label alone when the address is none that a browser opens."""
    address = plain(url, limit=2000).replace("|", "%7C").replace(" ", "%20")
    return f"<{address}|{plain(label)}>" if urlsplit(url).scheme in ("http", "https") else plain(label)


def place(target: Target) -> str:
    """Where it is: `Deployment api in shop (cluster sandbox)`."""
    what = f"{target.object_kind} {target.name}" if target.namespace else f"{target.kind} {target.path}"
    inside = f" in {target.namespace}" if target.namespace else ""
    return f"{what}{inside}" + (f" ({target.place})" if target.place else "")


def sure(text: str) -> str:
    """A finding's sentence without the item's number before it: what was cited stands beside it, or in the thread."""
    return _ITEM.sub("", text)


def percent(fraction: float) -> str:
    """A fraction of 1 for people."""
    return f"{fraction:.0%}"


def clock(at: datetime) -> str:
    """A time of day."""
    return f"{at:%H:%M} UTC"


def moment(at: datetime) -> str:
    """A time that may be on another day."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def lasted(incident: Incident) -> str:
    """How long the incident took, or takes so far."""
    until = incident.ended_at or incident.updated_at or incident.opened_at
    return format_duration(until - incident.opened_at)


def measured(value: float | None, incident: Incident) -> str:
    """A value of the alert's metric, in its unit where the evidence says it; empty when it could not be read."""
    if value is None:
        return ""
    metric = incident.alerts[0].metric if incident.alerts else ""
    units = [series.unit for item in incident.evidence for series in item.series if series.metric == metric and series.unit]
    if units and units[0].startswith("byte"):
        return about_memory(value)
    return f"{value:.4g}" + (f" {plain(units[0], 40)}" if units else "")
