"""What we need from the world, as protocols of two to five methods each. Each has one contract test in tests/contracts/.

Every method may raise Unreachable (asking again may help), Forbidden, or the kinds of `errors` that it names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from remediation.entries import AlertJoined, Entry, Incident, Opened
from remediation.terms import (
    Act,
    Alert,
    Case,
    Critique,
    Evidence,
    Health,
    History,
    Instead,
    Json,
    Measured,
    Plan,
    Precedent,
    Progress,
    Proposal,
    Receipt,
    Rehearsal,
    Signal,
    Target,
    Window,
)


class Source(Protocol):
    """One system that gives evidence. It never raises for what it was not told: a failed read is an item with `failed`.

    needed: whether a cause can hardly be found without it.
    """

    name: str
    needed: bool

    def suits(self, target: Target) -> bool:
        """Whether it has anything to say about such a target."""
        ...

    async def observe(self, incident: Incident, window: Window) -> Sequence[Evidence]:
        """Items without numbers, most telling first, masked and capped."""
        ...


class People(Protocol):
    """Who is who."""

    async def names(self, users: Collection[str]) -> Mapping[str, str]:
        """The name of each, by their id in the chat; the id itself where there is none. Never raises."""
        ...


class Executor(Protocol):
    """One kind of act. Refused carries the reason and what to do."""

    async def rehearse(self, act: Act, like: Rehearsal | None = None) -> Rehearsal:
        """The act without effect.

        `like`: an earlier rehearsal to prove again; the same digest means the very same change. Raises Refused.
        """
        ...

    async def deliver(self, incident: Incident, rehearsal: Rehearsal, key: str) -> Receipt:
        """Do it; finds what an earlier try made under `key` before it makes. Raises Refused, Conflict when the base moved."""
        ...

    async def progress(self, receipt: Receipt) -> Progress:
        """Where it stands now, fetched, not remembered."""
        ...

    async def finish(self, receipt: Receipt, reason: str) -> Progress:
        """Merge what is ready, by policy, at exactly the receipt's commit. Raises Refused when we may not or the head moved."""
        ...

    async def withdraw(self, receipt: Receipt, reason: str) -> Progress:
        """Take back what was not applied yet: close the merge request with this note."""
        ...

    async def overwritten(self, rehearsal: Rehearsal, receipt: Receipt) -> str:
        """Who changed since what was applied, and to what, as the end of a sentence; empty while it stands, and where it is not certain."""
        ...

    async def merged(self, rehearsal: Rehearsal, receipt: Receipt) -> Instead | None:
        """What stands in Git after the merge where that is another change than was rehearsed; None where it is the same."""
        ...

    async def undo(self, rehearsal: Rehearsal, receipt: Receipt) -> Act:
        """The act that reverts it; rehearsed and decided like any act. Raises Refused."""
        ...


class Watcher(Protocol):
    """Says whether an act has arrived in the world and how its target is doing."""

    async def health(self, rehearsal: Rehearsal) -> Health:
        """The live state, fetched."""
        ...

    async def measured(self, query: str, broken: Window, healthy_since: datetime) -> Measured:
        """The metric of this monitor's query while it was broken, and since it is healthy. Never raises: numbers for people."""
        ...


class Actor(Protocol):
    """Proposes a fix."""

    name: str

    async def propose(self, case: Case) -> Proposal:
        """Always an answer: a model that fails is replaced by the rulebook, and `note` says so."""
        ...


class Critic(Protocol):
    """Attacks a fix. It sees the evidence and the rendered act, not the actor's reasoning."""

    name: str

    async def criticise(self, case: Case, plan: Plan, act: Act) -> Critique:
        """Its own cause first, then its decision on this one plan."""
        ...


class LanguageModel(Protocol):
    """One model behind one provider. context_tokens: how many tokens prompt and answer may have together."""

    name: str
    context_tokens: int

    async def answer(self, prompt: str, schema: Mapping[str, Json]) -> "Answer":
        """The model's text, which should fit `schema`.

        Raises Unusable when the prompt does not fit its context or it knows no such model.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model said and what it cost. cut: it stopped for length, not because it was done."""

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    cost_usd: float = 0.0
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One entry of an incident as it stands in the record. seq: how many entries it makes."""

    seq: int
    at: datetime
    entry: Entry


class Record(Protocol):
    """The truth about incidents. Every write is committed when it returns."""

    async def incident(self, incident_id: str, entries: int | None = None) -> Incident:
        """Folded from its entries: all of them, or the first so many. Raises NotFound."""
        ...

    async def under(self, incident_id: str, key: str) -> "Kept | None":
        """What stands under this key, as every reader sees it; None where nothing does."""
        ...

    async def write(self, incident_id: str, key: str, entry: Entry, heard: int = 0, intends: str = "") -> Incident:
        """Append an entry once.

        A key that stands already changes nothing. heard: the signal that it answers. intends: the effect that is made of it next, noted as
        intended in the same commit. Returns the incident as it is then.
        """
        ...

    async def open_by_status(self) -> Mapping[str, int]:
        """How many incidents are open (their phase is not `done`), by status. Reads none of them."""
        ...

    async def open_now(self) -> Mapping[str, int]:
        """How many entries each open incident has, by id, oldest first. One that has as many as before has not moved: none need read it."""
        ...

    async def untold(self, incident_id: str) -> Sequence[tuple[str, Entry]]:
        """Keys and entries of this incident, but for silent ones, that the thread was not told yet (no effect `told/INCIDENT/KEY`)."""
        ...

    async def history(self, incident_id: str, subject: str) -> History:
        """Fixes tried on `subject` before, newest first, and how often its target had incidents in the last hour."""
        ...


class Inbox(Protocol):
    """Stored alerts that no incident was found for yet."""

    async def waiting(self, limit: int) -> Sequence[Alert]:
        """At most `limit` of them, oldest first."""
        ...

    async def newest_incident_of(self, target: Target) -> Incident | None:
        """The incident of this target (as it was opened for, or as evidence corrected it) that was opened last, ended or not."""
        ...

    async def incident_of_cycle(self, source: str, cycle: str) -> Incident | None:
        """The incident that the newest placed alert of this source's cycle is with, ended or not; None for an empty cycle."""
        ...

    async def place(self, alert: Alert, incident_id: str, entry: Opened | AlertJoined) -> None:
        """In one transaction.

        The alert is no longer waiting, the entry stands under key `alert/ALERT_ID`, and a joined one is also a signal. A recovery of the
        same cycle that was left alone, and is not older than a firing alert, joins with it.

        Raises Conflict where the alert does not belong to the incident as it is now (it ended meanwhile), or another alert opened one of
        this id.
        """
        ...

    async def ignore(self, alert_id: str, why: str) -> None:
        """It belongs to nothing."""
        ...


class Signals(Protocol):
    """What wakes an incident. A row is committed before `add` returns."""

    async def add(self, incident_id: str, kind: str, body: Mapping[str, Json], key: str) -> None:
        """Once per key."""
        ...

    async def after(self, incident_id: str, seq: int) -> Signal | None:
        """The oldest signal of this incident with a greater seq, or None."""
        ...


class Effects(Protocol):
    """The ledger of what was made outside: intended before, made with its external id after."""

    async def intend(self, key: str) -> "Effect":
        """Note that we are about to make it, and tell what is known of it."""
        ...

    async def made(self, key: str, external_id: str) -> None:
        """Note what came of it, soon: a death in between is as one before it, after which it is found."""
        ...


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What the ledger knows. made: the external id, None when it was not made as far as we know. fresh: nobody intended it before."""

    made: str | None
    fresh: bool


class Thread(Protocol):
    """The incident's thread: a rendering of its entries. Messages are found by key before they are posted.

    Gone is raised where what was posted there does not stand any more.

    channel: the id of the channel that the heads stand in.
    """

    channel: str

    async def find(self, incident: Incident, key: str) -> str | None:
        """The id of the message that was posted under this key, asked of the world."""
        ...

    async def post(self, incident: Incident, key: str, entry: Entry) -> str:
        """Post the entry's message under this key; its id."""
        ...

    async def refresh(self, incident: Incident) -> None:
        """Make the head, and the newest card, say what is so now."""
        ...

    async def whisper(self, incident: Incident, user: str, text: str) -> None:
        """Tell one person alone."""
        ...


class Recall(Protocol):
    """Likeness among remembered incidents."""

    async def similar(self, case: Case) -> Sequence[Precedent]:
        """At most three precedents with likeness ≥ 0.8 and the same leading finding.

        Failures and refusals first, then this workload's own.
        """
        ...

    async def remember(self, incident: Incident) -> None:
        """Upsert one document for this ended incident."""
        ...


class Clock(Protocol):
    """The time, aware, UTC."""

    def __call__(self) -> datetime:
        """Now."""
        ...
