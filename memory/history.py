"""What the record knows of a target when a fix for it is judged."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select

from memory.projections import named
from memory.tables import HealingActionRow, IncidentRow
from remediation.entries import Incident
from remediation.terms import History, PastFix

_KEPT = 50  # past fixes of one object; older ones do not change a ruling
_FIXES = (
    select(
        HealingActionRow.incident_id,
        HealingActionRow.remedy,
        HealingActionRow.subject,
        HealingActionRow.fingerprint,
        HealingActionRow.parameters,
        HealingActionRow.past,
        HealingActionRow.reason,
        HealingActionRow.settled_at,
    )
    .where(HealingActionRow.subject == bindparam("of"), HealingActionRow.past.is_not(None))
    .order_by(HealingActionRow.settled_at.desc(), HealingActionRow.action_id.desc())
    .limit(_KEPT)
)
_LATELY = select(func.count()).where(
    or_(IncidentRow.target == bindparam("target"), IncidentRow.opened_as == bindparam("target")),
    IncidentRow.detected_at > bindparam("since"),
)


def history_of(connection: Connection, incident: Incident, subject: str, now: datetime) -> History:
    """Fixes of `subject` (an object, or a container of it), newest first, and how often the target had incidents in the last hour."""
    target = named(incident.target)
    return History(
        fixes=tuple(_past_fix(row) for row in connection.execute(_FIXES, {"of": _object_of(subject)})),
        incidents_last_hour=connection.scalar(_LATELY, {"target": target, "since": now - timedelta(hours=1)}) or 0,
    )


def _object_of(subject: str) -> str:
    """`Kind/namespace/name` of `Kind/namespace/name[/container]`."""
    return "/".join(subject.split("/")[:3])


def _past_fix(row: Row[*tuple[Any, ...]]) -> PastFix:
    return PastFix(
        incident_id=row.incident_id,
        remedy=row.remedy,
        subject=row.subject,
        fingerprint=row.fingerprint,
        parameters=row.parameters,
        result=row.past,
        reason=row.reason,
        at=row.settled_at,
    )
