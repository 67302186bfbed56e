"""What the reconciler knows of the open incidents: enough to see which of a thousand need it, each read only when it moved."""

from dataclasses import dataclass

import msgspec
import structlog

from remediation.entries import Incident
from remediation.errors import RemediationError
from remediation.ports import Record
from remediation.terms import Phase

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Brief:
    """One open incident in brief. run, runs: as the incident has them.

    followed: something of it is out in the world, to be asked about.  project, iid: of its merge request; empty and 0 before there is one.
    """

    incident_id: str
    entries: int
    phase: Phase
    run: int
    runs: int
    followed: bool
    project: str = ""
    iid: int = 0

    @classmethod
    def of(cls, incident: Incident) -> "Brief":
        """The incident as it is now."""
        attempt = incident.attempt
        receipt = attempt.receipt if attempt is not None else None
        return cls(
            incident_id=incident.incident_id,
            entries=incident.entries,
            phase=incident.phase,
            run=incident.run,
            runs=incident.runs,
            followed=receipt is not None and incident.phase in ("deliver", "verify"),
            project=receipt.project if receipt is not None else "",
            iid=receipt.iid if receipt is not None else 0,
        )

    def is_about(self, project: str, iid: int | None) -> bool:
        """Whether news of this merge request, or of something else in its project (iid None), may be news of this incident."""
        return self.followed and self.project.casefold() == project.casefold() and iid in (None, self.iid)


class Attention:
    """Folding an incident costs milliseconds, and most of them only wait for a person."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._briefs: dict[str, Brief] = {}

    async def briefs(self) -> list[Brief]:
        """Every open incident as it is now, oldest first. Raises Unreachable; one that cannot be read is left out, and said."""
        briefs: dict[str, Brief] = {}
        for incident_id, entries in (await self._record.open_now()).items():
            brief = self._briefs.get(incident_id)
            if brief is None or brief.entries != entries:
                brief = await self._read(incident_id)
            if brief is not None:
                briefs[incident_id] = brief
        self._briefs = briefs
        return list(briefs.values())

    async def _read(self, incident_id: str) -> Brief | None:
        try:
            return Brief.of(await self._record.incident(incident_id))
        except (RemediationError, ValueError, msgspec.MsgspecError) as unread:  # one that was written by nobody of ours stops no other
            log.warning("incident passed over", incident=incident_id, reason=str(unread))
            return None
