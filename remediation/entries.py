"""What can be written of an incident, and the incident as it is read from that: the record is a list of entries, an incident their fold.

An entry is written once and never changed. `Incident.after` is the whole meaning of each kind; the thread, the API and the tables render
it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from remediation.terms import (
    Act,
    Alert,
    Case,
    Critique,
    Decision,
    Evidence,
    Finding,
    Health,
    Instead,
    Outcome,
    OutcomeName,
    Phase,
    Plan,
    Precedent,
    Progress,
    Proposal,
    Receipt,
    Rehearsal,
    Standing,
    Status,
    Target,
    ThreadRef,
    Verdict,
)

_ENDED: Mapping[OutcomeName, Status] = {
    "fixed": "resolved",
    "self_healed": "resolved",
    "false_positive": "resolved",
    "not_fixed": "failed",
    "rolled_back": "failed",
    "handed_over": "escalated",
    "inconclusive": "escalated",
}


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The incident begins."""

    target: Target
    standing: Standing
    alert: Alert


@dataclass(frozen=True, kw_only=True)
class AlertJoined:
    """Another alert of the same target, or a recovery."""

    alert: Alert


@dataclass(frozen=True, kw_only=True)
class PhaseBegan:
    """A phase is entered under the incident's next run number: an upgrade or a lost engine begins it anew, under another.

    run: 0 where the number is still to be given: after last words, and in what older versions wrote.
    """

    phase: Phase
    run: int = 0


@dataclass(frozen=True, kw_only=True)
class ThreadOpened:
    """The head message stands."""

    thread: ThreadRef


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """What the cause needs did not answer: it is asked again at `until`, and for the last time at `last`.

    reason: which systems, and why.  again: it was asked before, too.
    """

    reason: str
    until: datetime
    last: datetime
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Investigated:
    """The numbered evidence, what was read off it, and what it is like. target: the owner that was found for it.

    leading: the id of the first finding that is about the target; empty where all are about what stands beside it, None in what older
    versions wrote.
    """

    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    precedents: tuple[Precedent, ...] = ()
    target: Target | None = None
    standing: Standing | None = None
    leading: str | None = None

    @property
    def beside(self) -> bool:
        """Whether all that was found is about something else than the target."""
        return self.leading == "" and bool(self.findings)


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """The actor answered."""

    proposal: Proposal


@dataclass(frozen=True, kw_only=True)
class Critiqued:
    """The critic answered."""

    critique: Critique


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """A plan became an act, and policy judged its rehearsal: the decision card. refused: why it could not even be rehearsed."""

    plan: Plan
    act: Act | None = None
    rehearsal: Rehearsal | None = None
    verdict: Verdict | None = None
    refused: str = ""
    refused_kind: str = ""
    anew: str = ""  # why a card that was decided is asked again
    places: tuple[str, ...] = ()  # where the object may come from: a person chooses


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A gate was answered."""

    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Turned:
    """Someone pressed who may not, or too late: nothing changes but that it was heard."""

    user: str
    action: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Called:
    """People were called by name: silence, or something that needs a person. digest: of the card that was open then."""

    reason: str
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """The act was done: a merge request stands."""

    receipt: Receipt


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """Its pipeline, approvals or discussion moved. said: the notes that are new. instead: where another change was merged than approved."""

    progress: Progress
    said: tuple[str, ...] = ()
    instead: Instead | None = None


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The cluster was looked at after the merge. again: its rollout was under way when it was looked at before, too."""

    health: Health
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Whether it was cured, as far as can be known.

    looked: the cluster could be looked at; else nothing is certain.  undoes: it speaks of a revert; cured means then that all is as it was
    before the fix.  ran: False where Git itself says something else than was approved: the fix never ran, and nothing is learned of it.
    """

    cured: bool
    reason: str
    metric_before: float | None = None
    metric_after: float | None = None
    looked: bool = True
    undoes: bool = False
    ran: bool = True


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How it ended."""

    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """The incident can be recalled from now on."""

    where: str


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What was handed to people is over for them. by: who closed it; empty where its alert recovered."""

    by: str = ""
    reason: str = ""


Entry = (
    Opened | AlertJoined | PhaseBegan | ThreadOpened | Unanswered | Investigated | Proposed | Critiqued | Attempted | Decided | Turned
    | Called | Delivered | Progressed | Looked | Verified | Ended | Remembered | Closed
)  # fmt: skip


_OF_BOTH = ("plan", "act", "rehearsal", "verdict", "refused", "anew", "places")  # of an attempt and of the entry that begins it


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One act from rehearsal to verification; a revert is an attempt of its own whose act `undoes` another."""

    plan: Plan
    act: Act | None = None
    rehearsal: Rehearsal | None = None
    verdict: Verdict | None = None
    refused: str = ""
    anew: str = ""
    places: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    receipt: Receipt | None = None
    progress: Progress | None = None
    health: Health | None = None
    verified: Verified | None = None
    delivered_at: datetime | None = None
    applied_at: datetime | None = None
    settled_at: datetime | None = None
    unsettled_since: datetime | None = None  # it was healthy or paused until then, and is not just now
    instead: Instead | None = None

    @classmethod
    def of(cls, entry: Attempted) -> "Attempt":
        """The attempt that this entry begins."""
        same = {name: getattr(entry, name) for name in _OF_BOTH}
        return cls(**same)

    @property
    def began(self) -> Attempted:
        """The entry that began it."""
        same = {name: getattr(self, name) for name in _OF_BOTH}
        return Attempted(**same)

    @property
    def merged(self) -> Rehearsal | None:
        """What was rehearsed, with the values that were merged: what the cluster must show."""
        if self.rehearsal is None or self.instead is None:
            return self.rehearsal
        return replace(self.rehearsal, moves=self.instead.moves)

    @property
    def passes(self) -> bool:
        """Whether policy lets it go on to its gate."""
        return self.verdict is not None and not self.verdict.denied

    @property
    def automatic(self) -> bool:
        """Whether its gate asks nobody: `agreed` stands only where actor and critic do."""
        return self.passes and self.verdict is not None and self.verdict.gate in ("automatic", "agreed")

    @property
    def is_revert(self) -> bool:
        """Whether it takes an earlier attempt back."""
        return self.act is not None and bool(self.act.undoes)

    @property
    def approvers(self) -> frozenset[str]:
        """Who approved exactly what was rehearsed."""
        digest = self.rehearsal.digest if self.rehearsal is not None else ""
        return frozenset(d.by for d in self.decisions if d.answer == "approved" and d.digest == digest)

    @property
    def answer(self) -> Decision | None:
        """The gate's answer; None while it is open. One approval does not answer a gate of two people."""
        last = self.decisions[-1] if self.decisions else None
        if last is None or last.answer != "approved" or last.by == "policy":
            return last
        needed = 2 if self.verdict is not None and self.verdict.gate == "two_people" else 1
        return last if len(self.approvers) >= needed else None

    @property
    def awaits_people(self) -> bool:
        """Whether a press on its card would still count."""
        return self.passes and not self.automatic and self.answer is None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One problem of one target, as its entries tell it.

    entered_at: when the current phase began. run: of the current phase, 0 while nobody runs it; runs: how many began so far. heard: the
    last signal that was answered.
    """

    incident_id: str
    target: Target
    standing: Standing
    opened_at: datetime
    entered_at: datetime
    alerts: tuple[Alert, ...] = ()
    phase: Phase = "investigate"
    run: int = 0
    runs: int = 0
    thread: ThreadRef | None = None
    unanswered: tuple[Unanswered, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    leading: str | None = None
    precedents: tuple[Precedent, ...] = ()
    proposal: Proposal | None = None
    critiques: tuple[Critique, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    called: tuple[str, ...] = ()
    called_for: tuple[str, ...] = ()
    outcome: Outcome | None = None
    ended_at: datetime | None = None
    remembered: bool = False
    closed: Closed | None = None
    closed_at: datetime | None = None
    heard: int = 0
    entries: int = 0
    updated_at: datetime | None = None

    @property
    def attempt(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def the_attempt(self) -> Attempt:
        """The newest attempt, where there must be one. Raises ValueError where there is none."""
        if not self.attempts:
            raise ValueError(f"{self.incident_id} is in phase {self.phase} without an attempt.")
        return self.attempts[-1]

    def critique_of(self, plan: Plan) -> Critique | None:
        """The critic's last word on this plan."""
        return next((c for c in reversed(self.critiques) if c.plan_id == plan.plan_id), None)

    @property
    def firing(self) -> bool:
        """Whether some alert cycle has not recovered."""
        return bool(self.still_firing)

    @property
    def still_firing(self) -> tuple[Alert, ...]:
        """The newest alert of each cycle that has not recovered."""
        told = sorted((a for a in self.alerts if a.state != "ignored"), key=lambda alert: alert.started_at)  # a retry may come late
        last = {alert.cycle: alert for alert in told}
        return tuple(alert for alert in last.values() if alert.state == "firing")

    @property
    def fired(self) -> int:
        """How many alerts fired: neither a renotification nor a recovery is one more."""
        return len({alert.cycle for alert in self.alerts if alert.state == "firing"})

    @property
    def leading_finding(self) -> Finding | None:
        """The finding that the proposal's cause rests on, else the first about the target; None where all are about something else."""
        first = self.findings[0].finding_id if self.findings and self.leading is None else self.leading
        leading = (self.proposal.finding if self.proposal else "") or first
        return next((finding for finding in self.findings if finding.finding_id == leading), None)

    @property
    def status(self) -> Status:
        """One word for people and programs."""
        if self.closed is not None:
            return "resolved"
        if self.outcome is not None:
            return _ENDED[self.outcome.name]
        match self.phase:
            case "investigate":
                return "diagnosing" if self.thread else "detected"
            case "settle":
                waiting = self.attempt is not None and self.attempt.verdict is not None and not self.attempt.verdict.denied
                return "awaiting_approval" if waiting else "solution_proposed"
            case "deliver":
                return "mitigating"
            case _:
                return "verifying"

    def case(self) -> Case:
        """What a reasoner is given."""
        return Case(
            incident_id=self.incident_id,
            target=self.target,
            standing=self.standing,
            alerts=self.alerts,
            evidence=self.evidence,
            findings=self.findings,
            precedents=self.precedents,
            objections=self.critiques,
        )

    def having_heard(self, seq: int) -> "Incident":
        """This incident once the signal `seq` was heard; the next entry that is written says so for good."""
        return replace(self, heard=max(self.heard, seq))

    def after(self, entry: Entry, at: datetime, heard: int = 0) -> "Incident":  # noqa: C901, PLR0911, PLR0912 - one case a kind
        """This incident once `entry` was written at `at`."""
        then = replace(self, entries=self.entries + 1, updated_at=at, heard=max(self.heard, heard))
        match entry:
            case Opened() | AlertJoined():
                return replace(then, alerts=(*self.alerts, entry.alert))
            case PhaseBegan():
                entered = self.entered_at if entry.phase == self.phase else at
                return replace(then, phase=entry.phase, run=entry.run, runs=max(self.runs, entry.run), entered_at=entered)
            case ThreadOpened():
                return replace(then, thread=entry.thread)
            case Unanswered():
                return replace(then, unanswered=(*self.unanswered, entry))
            case Investigated():
                return replace(
                    then, evidence=entry.evidence, findings=entry.findings, leading=entry.leading, precedents=entry.precedents,
                    target=entry.target or self.target, standing=entry.standing or self.standing,
                )  # fmt: skip
            case Proposed():
                return replace(then, proposal=entry.proposal)
            case Critiqued():
                return replace(then, critiques=(*self.critiques, entry.critique))
            case Called():
                return replace(then, called=(*self.called, entry.reason), called_for=(*self.called_for, entry.digest))
            case Ended():
                return replace(then, outcome=entry.outcome, ended_at=at)
            case Remembered():
                return replace(then, remembered=True)
            case Closed():
                return replace(then, closed=entry, closed_at=at)
            case Turned():
                return then
            case Attempted():
                return replace(then, attempts=(*self.attempts, Attempt.of(entry)))
            case _:
                return replace(then, attempts=_advanced(self.attempts, entry, at))


def _advanced(
    attempts: tuple[Attempt, ...], entry: Decided | Delivered | Progressed | Looked | Verified, at: datetime
) -> tuple[Attempt, ...]:
    *earlier, now = attempts
    match entry:
        case Decided():
            now = replace(now, decisions=(*now.decisions, entry.decision))
        case Delivered():
            now = replace(now, receipt=entry.receipt, delivered_at=at)
        case Progressed():
            applied = now.applied_at or (at if entry.progress.state == "applied" else None)
            now = replace(now, progress=entry.progress, applied_at=applied, instead=entry.instead or now.instead)
        case Looked():
            settled = now.settled_at or (at if entry.health.settled else None)
            now = replace(now, health=entry.health, settled_at=settled, unsettled_since=_unsettled_since(now, entry.health, at))
        case Verified():
            now = replace(now, verified=entry)
        case _:
            assert_never(entry)  # mypy names a kind that has no meaning
    return (*earlier, now)


def _unsettled_since(before: Attempt, health: Health, at: datetime) -> datetime | None:
    """From when on a rollout that is not whole is waited for, where that is not its merge: a pause is no time of its."""
    if health.settled:
        return None
    if health.paused or (before.health is not None and before.health.paused):
        return at
    return before.unsettled_since or (at if before.settled_at is not None else None)


def begin(incident_id: str, entry: Opened, at: datetime) -> Incident:
    """The incident that its first entry makes."""
    empty = Incident(incident_id=incident_id, target=entry.target, standing=entry.standing, opened_at=at, entered_at=at)
    return empty.after(entry, at)


SILENT: frozenset[type] = frozenset({Opened, PhaseBegan, ThreadOpened, Turned})  # the head says it, or one person is told alone
