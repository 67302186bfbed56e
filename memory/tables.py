"""Every table of the record. Columns may be added, never renamed: people and dashboards read them by name."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from remediation.terms import Json, Phase


class Moment(TypeDecorator[datetime]):
    """A time, aware, UTC, to the microsecond. A naive one is refused: nobody knows when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """On its way in. Raises ValueError for a naive one."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; the record holds UTC.")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """On its way out; SQLite forgot the zone."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Table(DeclarativeBase):
    """What all tables share: how Python's types are stored."""

    type_annotation_map = {datetime: Moment(), Mapping[str, Json]: JSON()}  # noqa: RUF012 - SQLAlchemy reads it so


class AlertRow(Table):
    """One notification, on disk before it was acknowledged. incident_id, placed_at: once it was correlated. ignored: why it woke nobody."""

    __tablename__ = "alerts"
    seq: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(40))
    cycle: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text)
    incident_id: Mapped[str | None] = mapped_column(String(200))
    placed_at: Mapped[datetime | None]
    ignored: Mapped[str | None] = mapped_column(Text)


WAITING = AlertRow.placed_at.is_(None)
PLACED = AlertRow.incident_id.is_not(None)
LEFT = AlertRow.ignored.is_not(None)
Index("alerts_waiting", AlertRow.seq, sqlite_where=WAITING, postgresql_where=WAITING)
Index("alerts_by_cycle", AlertRow.source, AlertRow.cycle, sqlite_where=PLACED, postgresql_where=PLACED)
Index("alerts_left", AlertRow.source, AlertRow.cycle, sqlite_where=LEFT, postgresql_where=LEFT)


class IncidentRow(Table):
    """One incident as its entries tell it, rewritten with each of them.

    type: kind of the leading finding, `unknown` before there is one.  status: OPEN, MITIGATING, RESOLVED, FAILED.
    opened_as, target: `kind:place:path` as the alert named it, and as evidence corrected it.  phase: `done` once nothing is left.
    """

    __tablename__ = "incidents"
    incident_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    type: Mapped[str] = mapped_column(String(80))
    detected_at: Mapped[datetime] = mapped_column(index=True)
    resolved_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(20))
    metrics_snapshot: Mapped[Mapping[str, Json]]
    mttr_seconds: Mapped[float | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    title: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(String(80))
    severity: Mapped[str] = mapped_column(String(20))
    opened_as: Mapped[str] = mapped_column(Text, index=True)
    target: Mapped[str] = mapped_column(Text, index=True)
    phase: Mapped[str] = mapped_column(String(20), index=True)
    detailed_status: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))


IS_OPEN = IncidentRow.phase.in_([phase for phase in get_args(Phase) if phase != "done"])  # the index finds these, and never what is not so


class EntryRow(Table):
    """One entry of one incident: appended, never changed, chained by hash to the one before. heard: the signal it answers, or 0."""

    __tablename__ = "entries"
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.incident_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    heard: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("incident_id", "key", name="entries_key_once"),)


class ChainRow(Table):
    """The end of one hash chain, so that rows cut off its end are missed. chain: `incident/ID` or `effects`."""

    __tablename__ = "chains"
    chain: Mapped[str] = mapped_column(String(240), primary_key=True)
    length: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))


class SignalRow(Table):
    """What wakes an incident: a press, an alert, a merge request's news, a look at the cluster."""

    __tablename__ = "signals"
    seq: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.incident_id"))
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("incident_id", "key", name="signals_key_once"),
        Index("signals_in_order", "incident_id", "seq"),
        {"sqlite_autoincrement": True},  # a seq that was heard is never given again
    )


class EffectRow(Table):
    """What was made outside: one row when it is intended, one when it is made. external_id: what the other system calls it."""

    __tablename__ = "effects"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (UniqueConstraint("key", "state", name="effects_state_once"),)


class HealingActionRow(Table):
    """One attempt: the plan, policy's word, what was approved, how it went. subject: the object. past: merged, failed, rejected, closed."""

    __tablename__ = "healing_actions"
    action_id: Mapped[str] = mapped_column(String(240), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    proposed_action: Mapped[Mapping[str, Json]]
    agl_decision: Mapped[str] = mapped_column(String(20))
    approved_action: Mapped[Mapping[str, Json] | None] = mapped_column(JSON(none_as_null=True))
    executed_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime]
    remedy: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(Text, index=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    parameters: Mapped[Mapping[str, Json]]
    past: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None]


class ConfigHistoryRow(Table):
    """One change that was merged. changed_by: who merged or approved it. changes: project, files, diff, fields, merge request."""

    __tablename__ = "config_history"
    config_id: Mapped[str] = mapped_column(String(240), primary_key=True)
    changed_by: Mapped[str] = mapped_column(Text)
    changes: Mapped[Mapping[str, Json]]
    reason: Mapped[str] = mapped_column(Text)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.incident_id"), index=True)
    created_at: Mapped[datetime]


class MemoryChunkRow(Table):
    """One ended incident as it is recalled. symptoms: the words by which likeness is measured.

    finding: kind of the leading finding.  refused: a person said no to its fix.  memory_id: the incident's id.
    """

    __tablename__ = "memory_chunks"
    seq: Mapped[int] = mapped_column(primary_key=True)
    memory_id: Mapped[str] = mapped_column(String(200), unique=True)
    incident_type: Mapped[str] = mapped_column(String(80), index=True)
    incident_summary: Mapped[str] = mapped_column(Text)
    action_taken: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(40))
    metrics_before: Mapped[Mapping[str, Json]]
    metrics_after: Mapped[Mapping[str, Json]]
    mttr_seconds: Mapped[float | None]
    created_at: Mapped[datetime]
    symptoms: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    service: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(String(80))
    remedy: Mapped[str] = mapped_column(String(80))
    parameters: Mapped[Mapping[str, Json]]
    level: Mapped[str] = mapped_column(String(4))
    refused: Mapped[bool]
    cause_confirmed: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    cost_usd: Mapped[float]
    ended_at: Mapped[datetime]
    __table_args__ = (Index("memory_chunks_by_remedy", "incident_type", "remedy"),)
