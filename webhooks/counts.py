"""What `/metrics` tells, counted."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What is counted, by label."""

    incidents: Counter[str] = field(default_factory=Counter)  # by status
    outcomes: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)  # of policy
    decisions: Counter[str] = field(default_factory=Counter)  # of people and of automatic gates
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # by model and role
    cost_usd: float = 0.0
    alerts: int = 0
    alerts_waiting: int = 0
