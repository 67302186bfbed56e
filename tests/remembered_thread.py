"""A thread in memory: ports.Thread as Slack's behaves, for tests that are about something else."""

from remediation.entries import SILENT, Entry, Incident, Opened
from remediation.errors import Unreachable, Unusable

HEAD = "head"


class RememberedThread:
    """Keeps what was posted by incident and key. away: it does not answer.  refuses: keys that it will never take."""

    channel = "C0MEMORY"

    def __init__(self) -> None:
        self.posted: list[tuple[str, str, str]] = []  # incident, key, kind of entry
        self.refreshed: list[tuple[str, int]] = []  # incident, and how many entries it had
        self.whispered: list[tuple[str, str, str]] = []  # incident, user, text
        self.away = False
        self.refuses: frozenset[str] = frozenset()

    async def find(self, incident: Incident, key: str) -> str | None:
        """Where it stands."""
        self._answer()
        places = (n for n, (of, under, _) in enumerate(self.posted, start=1) if (of, under) == (incident.incident_id, key))
        return next((str(place) for place in places), None)

    async def post(self, incident: Incident, key: str, entry: Entry) -> str:
        """Posted, even where it stands already: who posts has looked before."""
        self._answer()
        if key in self.refuses:
            raise Unusable("invalid_blocks", "Never.")
        if type(entry) in SILENT and not (key == HEAD and isinstance(entry, Opened)):
            return ""
        self.posted.append((incident.incident_id, key, type(entry).__name__))
        return str(len(self.posted))

    async def refresh(self, incident: Incident) -> None:
        """Sent only where it would say something else."""
        self._answer()
        now = (incident.incident_id, incident.entries)
        if now not in self.refreshed:
            self.refreshed.append(now)

    async def whisper(self, incident: Incident, user: str, text: str) -> None:
        """To one person."""
        self._answer()
        self.whispered.append((incident.incident_id, user, text))

    def _answer(self) -> None:
        if self.away:
            raise Unreachable("Slack did not answer.", "Ask again.")
