"""Alerts on disk: stored before they are acknowledged, then placed with an incident or left alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select, update

from memory.bulk import Rows
from memory.database import Database
from memory.journal import Journal
from memory.projections import named
from memory.signals import add_signal, encoded
from memory.tables import LEFT, PLACED, AlertRow, IncidentRow
from remediation.correlate import belongs
from remediation.entries import AlertJoined, Incident, Opened
from remediation.errors import Conflict, NotFound
from remediation.ports import Clock
from remediation.serializer import DECODERS
from remediation.terms import Alert, Target

_WAITING = select(AlertRow.body).where(AlertRow.placed_at.is_(None)).order_by(AlertRow.seq).limit(bindparam("most"))
_NEWEST_OF_TARGET = (
    select(IncidentRow.incident_id)
    .where(or_(IncidentRow.target == bindparam("target"), IncidentRow.opened_as == bindparam("target")))
    .order_by(IncidentRow.detected_at.desc(), IncidentRow.incident_id.desc())
    .limit(1)
)
_OF_CYCLE = (AlertRow.source == bindparam("source"), AlertRow.cycle == bindparam("cycle"))
_NEWEST_OF_CYCLE = select(AlertRow.incident_id).where(*_OF_CYCLE, PLACED).order_by(AlertRow.seq.desc()).limit(1)
_LEFT_RECOVERIES = select(AlertRow.body).where(*_OF_CYCLE, AlertRow.state == "recovered", LEFT).order_by(AlertRow.seq)
_STORED = Rows(AlertRow, "alert_id", "source", "cycle", "state", "received_at", "body")
_MARK = update(AlertRow).where(AlertRow.alert_id == bindparam("of"))


class SqlInbox:
    """ports.Inbox on SQL, and the door through which intake puts alerts into it."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._none_at = -1  # rows that had been inserted, when none was waiting

    async def store(self, alerts: Sequence[Alert]) -> None:
        """Committed when it returns; an alert that was stored before is left as it is. Raises Full, Unreachable."""
        now = self._clock()
        rows = [(alert.alert_id, alert.source, alert.cycle, alert.state, now, encoded(alert)) for alert in alerts]
        await self._database.writer.insert(_STORED, rows)

    async def waiting(self, limit: int) -> Sequence[Alert]:
        """At most `limit` alerts that were not placed or ignored, oldest first."""
        inserted = self._database.writer.inserted
        if self._none_at == inserted:
            return []
        bodies = await self._database.reader.read(lambda connection: connection.scalars(_WAITING, {"most": limit}).all())
        if not bodies:
            self._none_at = inserted
        return [DECODERS["Alert"].decode(body) for body in bodies]

    async def newest_incident_of(self, target: Target) -> Incident | None:
        """The incident of this target (as it was opened for, or as evidence corrected it) that was opened last, ended or not."""
        return await self._found(_NEWEST_OF_TARGET, {"target": named(target)})

    async def incident_of_cycle(self, source: str, cycle: str) -> Incident | None:
        """The incident that the newest placed alert of this source's cycle is with, ended or not; None for an empty cycle."""
        if not cycle:
            return None
        return await self._found(_NEWEST_OF_CYCLE, {"source": source, "cycle": cycle})

    async def _found(self, statement: Select[Any], values: Mapping[str, str]) -> Incident | None:
        """The incident whose id the statement gives."""
        reader = self._database.reader
        incident_id = await reader.read(lambda connection: connection.scalar(statement, values))  # sorted among all of its target
        return await self._journal.read(reader, incident_id) if incident_id else None

    async def place(self, alert: Alert, incident_id: str, entry: Opened | AlertJoined) -> None:
        """In one transaction: the alert waits no more, the entry stands under `alert/ALERT_ID`, and a joined one is also a signal.

        A recovery that arrived before it joins with it. Raises Conflict where the alert does not belong to the incident as it is now, or
        the id is another incident's.
        """

        def work(connection: Connection) -> None:
            if isinstance(entry, AlertJoined):
                _check_belongs(alert, self._journal.incident(connection, incident_id))
            self._place(connection, alert, incident_id, entry)
            for recovery in _recovered_before(connection, alert):
                self._place(connection, recovery, incident_id, AlertJoined(alert=recovery))

        await self._database.writer.write(work)

    def _place(self, connection: Connection, alert: Alert, incident_id: str, entry: Opened | AlertJoined) -> None:
        key, now = f"alert/{alert.alert_id}", self._clock()
        self._journal.append(connection, incident_id, key, entry)
        if isinstance(entry, AlertJoined):
            body = encoded(entry.alert)
            add_signal(connection, {"incident_id": incident_id, "kind": "alert", "body": body, "key": key, "at": now})
        _mark(connection, alert.alert_id, incident_id=incident_id, placed_at=now, ignored=None)

    async def ignore(self, alert_id: str, why: str) -> None:
        """It belongs to nothing."""
        now = self._clock()
        await self._database.writer.write(lambda connection: _mark(connection, alert_id, ignored=why, placed_at=now))


def _check_belongs(alert: Alert, incident: Incident) -> None:
    """It was decided before this transaction, and an incident may have ended since: then nobody would hear the alert there."""
    stands = any(joined.alert_id == alert.alert_id for joined in incident.alerts)
    if not stands and belongs(alert, incident) != "join":
        raise Conflict(f"{incident.incident_id} ended before the alert {alert.alert_id} could join it.", "Decide anew where it belongs.")


def _recovered_before(connection: Connection, alert: Alert) -> list[Alert]:
    """The recoveries of this firing alert that arrived first and were left alone, oldest first: senders promise no order."""
    if alert.state != "firing" or not alert.cycle:
        return []
    bodies = connection.scalars(_LEFT_RECOVERIES, {"source": alert.source, "cycle": alert.cycle}).all()
    left = [DECODERS["Alert"].decode(body) for body in bodies]
    return [recovery for recovery in left if recovery.started_at >= alert.started_at]


def _mark(connection: Connection, alert_id: str, **values: object) -> None:
    marked = connection.execute(_MARK, {"of": alert_id, **values})
    if marked.rowcount == 0:
        raise NotFound(f"There is no stored alert {alert_id}.", "Store it first: `inbox.store`.")
