"""Recall beside the record: ports.Recall on SQLite. FTS5 finds what may be alike, likeness is then measured on each."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from memory.database import Database
from memory.projections import named
from memory.recall.chunk import TRIED, chunk_of
from memory.recall.likeness import corpus_of, likeness, trigrams
from memory.recall.symptoms import symptoms
from memory.recall.track_record import TrackRecord, track_record
from memory.tables import MemoryChunkRow
from remediation.entries import Incident
from remediation.ports import Clock
from remediation.terms import Case, Precedent

ALIKE = 0.8  # from here on it is a precedent
_PRECEDENTS = 3
_CANDIDATES = 200
_SEARCH = text(
    "SELECT c.seq FROM memory_search JOIN memory_chunks c ON c.seq = memory_search.rowid "
    "WHERE memory_search MATCH :words AND c.incident_type = :finding ORDER BY bm25(memory_search) LIMIT :limit"
)
_CHUNKS = select(*MemoryChunkRow.__table__.columns)
_NEWEST = _CHUNKS.where(MemoryChunkRow.incident_type == bindparam("finding")).order_by(MemoryChunkRow.ended_at.desc()).limit(_CANDIDATES)
_BEST = _CHUNKS.where(MemoryChunkRow.seq.in_(bindparam("best", expanding=True)))
_TRIED = select(MemoryChunkRow.ended_at, MemoryChunkRow.outcome).where(
    MemoryChunkRow.incident_type == bindparam("finding"), MemoryChunkRow.remedy == bindparam("remedy"), MemoryChunkRow.outcome.in_(TRIED)
)
_FORGET = text("DELETE FROM memory_search WHERE rowid = :seq")
_INDEX = text("INSERT INTO memory_search(rowid, symptoms) VALUES (:seq, :symptoms)")
_INDEXED = text("SELECT 1 FROM sqlite_master WHERE name = 'memory_search'")


class EmbeddedRecall:
    """Remembers ended incidents in the record's own file."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def similar(self, case: Case) -> Sequence[Precedent]:
        """At most three precedents of likeness ≥ 0.8 and the same leading finding; failures and refusals first, then this target's own."""
        if not case.findings:
            return ()
        now = self._clock()
        return await self._database.reader.read(lambda connection: _precedents(connection, case, now))

    async def remember(self, incident: Incident) -> None:
        """Upsert one document for this ended incident. Raises Full, Unreachable."""
        chunk = chunk_of(incident)
        await self._database.writer.write(lambda connection: _upsert(connection, chunk))


def _upsert(connection: Connection, chunk: dict[str, Any]) -> None:
    stands = select(MemoryChunkRow.seq).where(MemoryChunkRow.memory_id == chunk["memory_id"])
    seq = connection.scalar(stands)
    if seq is None:
        seq = connection.scalar(insert(MemoryChunkRow).returning(MemoryChunkRow.seq), chunk)
    else:
        connection.execute(update(MemoryChunkRow).where(MemoryChunkRow.seq == seq).values(chunk))
    if connection.scalar(_INDEXED):
        connection.execute(_FORGET, {"seq": seq})
        connection.execute(_INDEX, {"seq": seq, "symptoms": chunk["symptoms"]})


def _precedents(connection: Connection, case: Case, now: datetime) -> tuple[Precedent, ...]:
    told = symptoms(case.target, case.alerts, case.findings)
    found = [row for row in _candidates(connection, told, case.findings[0].kind) if row.memory_id != case.incident_id]
    if not found:
        return ()
    query, texts = trigrams(told), [trigrams(row.symptoms) for row in found]
    corpus = corpus_of([query, *texts])
    measured = [(likeness(query, words, corpus), row) for words, row in zip(texts, found, strict=True)]
    alike = sorted(((degree, row) for degree, row in measured if degree >= ALIKE), key=lambda one: _rank(one[0], one[1], case))

    @cache  # what is alike was mostly tried alike
    def record_of(finding: str, remedy: str) -> TrackRecord:
        tries = connection.execute(_TRIED, {"finding": finding, "remedy": remedy}) if remedy else ()
        return track_record([(one.ended_at, one.outcome == "fixed") for one in tries], now)

    return tuple(_precedent(row, degree, record_of(row.incident_type, row.remedy)) for degree, row in alike[:_PRECEDENTS])


def _candidates(connection: Connection, told: str, finding: str) -> Sequence[Row[Any]]:
    words = sorted(set(re.findall(r"[^\W_]{3,}", told)))
    if not words or not connection.scalar(_INDEXED):
        return connection.execute(_NEWEST, {"finding": finding}).all()
    any_word = " OR ".join(f'"{word}"' for word in words)
    best = connection.scalars(_SEARCH, {"words": any_word, "finding": finding, "limit": _CANDIDATES}).all()
    return connection.execute(_BEST, {"best": best}).all()


def _rank(degree: float, row: Row[Any], case: Case) -> tuple[bool, bool, float, float]:
    """Ascending: what went wrong or was refused, then this target's or service's own, then the likest, then the newest."""
    warns = row.refused or row.outcome in ("not_fixed", "rolled_back")
    service = case.alerts[0].labels.get("service") if case.alerts else None
    own = row.target == named(case.target) or row.service in (service, case.target.name)
    return (not warns, not own, -round(degree, 2), -row.ended_at.timestamp())


def _precedent(row: Row[Any], degree: float, record: TrackRecord) -> Precedent:
    return Precedent(
        incident_id=row.memory_id,
        likeness=round(degree, 3),
        finding=row.incident_type,
        subject=row.subject,
        summary=f"{row.incident_summary.rstrip('.')}. {row.action_taken}: {row.outcome.replace('_', ' ')}.",
        remedy=row.remedy,
        parameters=row.parameters,
        outcome=row.outcome,
        cause_confirmed=row.cause_confirmed,
        reason=row.reason,
        refused=row.refused,
        ended_at=row.ended_at,
        minutes_to_fix=row.mttr_seconds / 60 if row.mttr_seconds is not None else None,
        track_record=round(record.share, 3),
        tries=record.tries,
    )
