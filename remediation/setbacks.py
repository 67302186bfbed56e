"""Runs of a phase that failed: how long the next one waits, and when people must hear of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from remediation.durable import may_help
from remediation.errors import RemediationError


class Pauses:
    """Seconds; tests make them short. longest: between two runs of a phase. silent: until people are called."""

    longest = 300.0
    silent = 600.0


@dataclass(frozen=True, kw_only=True)
class Setback:
    """Runs of one incident that failed in a row.

    since, due: when the first one did, and when the next one may begin, in seconds of the loop's clock. run: number of the first.
    bugs: how many ended in an error that asking again does not help. said: what the last one met. called: people know.
    """

    since: float
    due: float
    run: int
    runs: int
    bugs: int
    said: str
    called: bool = False

    def calls(self, now: float) -> bool:
        """Whether it has lasted so long that people must know, and do not."""
        return not self.called and now - self.since >= Pauses.silent

    @property
    def reason(self) -> str:
        """What they are told."""
        return f"{self.said} Suture has been asking for {Pauses.silent / 60:g} minutes. It goes on asking, and goes on where it stopped."


class Setbacks:
    """Of the incidents of this process. shortest: seconds before the second run, doubled with each."""

    def __init__(self, shortest: float) -> None:
        self._shortest = shortest
        self._of: dict[str, Setback] = {}
        self._heard: dict[str, float] = {}  # when the last signal of an incident came, which a run that fails may not have seen

    def of(self, incident_id: str) -> Setback | None:
        """What its last runs met; None when the last one met nothing."""
        return self._of.get(incident_id)

    def note(self, incident_id: str, run: int, failure: Exception, *, began: float, now: float) -> None:
        """This run failed. One that went on for long had its answers: what it met is something new.

        Where a signal came while it ran, perhaps too late for it, the next one begins now.
        """
        before = self._of.get(incident_id) if now - began <= Pauses.longest else None
        runs = before.runs if before else 0
        self._of[incident_id] = Setback(
            since=before.since if before else now,
            due=now if self._heard.pop(incident_id, -1.0) >= began else now + min(Pauses.longest, self._shortest * 2.0 ** min(runs, 30)),
            run=before.run if before else run,
            runs=runs + 1,
            bugs=(before.bugs if before else 0) + (not may_help(failure)),
            said=failure.what if isinstance(failure, RemediationError) else f"A bug ({type(failure).__name__}).",
            called=before is not None and before.called,
        )

    def hurry(self, incident_id: str, now: float) -> bool:
        """It has a signal to hear: its next run may begin now; whether there was one to wait for."""
        self._heard[incident_id] = now
        setback = self._of.get(incident_id)
        if setback is None or setback.due <= now:
            return False
        self._of[incident_id] = replace(setback, due=now)
        return True

    def called(self, incident_id: str) -> None:
        """People know."""
        self._of[incident_id] = replace(self._of[incident_id], called=True)

    def overcome(self, incident_id: str) -> None:
        """A run came to its end."""
        self._of.pop(incident_id, None)
        self._heard.pop(incident_id, None)

    def forget_all_but(self, incidents: Collection[str]) -> None:
        """What ended needs no memory."""
        for ended in (self._of.keys() | self._heard.keys()) - set(incidents):
            self.overcome(ended)
