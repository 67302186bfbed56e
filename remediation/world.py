"""Everything an incident needs from outside, in one place: built by bot/wiring.py, or from fakes by a test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

from remediation.entries import Incident
from remediation.evidence import Limits
from remediation.policy.setting import Policy
from remediation.ports import Actor, Clock, Critic, Effects, Executor, Recall, Record, Signals, Source, Thread, Watcher
from remediation.remedies import Catalogue
from remediation.terms import Standing, Target

WhyNot = Callable[[str, Incident, str], str]  # (user, incident, action) → why they may not, empty when they may


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long Suture waits, in minutes.

    answer: for a person before people are called by name.  apply: for a merge to arrive in the cluster and its rollout to settle.
    soak: how long the alert must stay silent.  window: how far back evidence is looked for.  silence: before a system that the cause
    needs is asked again, doubled each time; looks: how often it is.
    """

    answer: float = 30.0
    apply: float = 15.0
    soak: float = 15.0
    window: float = 60.0
    silence: float = 0.5
    looks: int = 5

    def next_looks(self, before: int, now: datetime) -> tuple[datetime, ...]:
        """When a system that did not answer is asked again, the last time last; none once it was asked often enough.

        before: how often it was asked again already.
        """
        pauses = [self.silence * 2.0**number for number in range(before, self.looks)]
        return tuple(now + timedelta(minutes=minutes) for minutes in accumulate(pauses))


@dataclass(frozen=True, kw_only=True)
class World:
    """The ports, and the few plain values that go with them."""

    record: Record
    signals: Signals
    effects: Effects
    thread: Thread
    recall: Recall
    sources: Sequence[Source]
    executors: Mapping[str, Executor]
    watcher: Watcher
    actor: Actor
    critic: Critic
    catalogue: Catalogue
    policy: Policy
    standing_of: Callable[[Target, Mapping[str, str]], Standing]
    why_not: WhyNot
    now: Clock
    patience: Patience = field(default_factory=Patience)
    limits: Limits = field(default_factory=Limits)
