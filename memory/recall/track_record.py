"""How well a remedy did on a finding: (successes + 1) / (tries + 2), each try weighing half as much every 90 days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_HALF_LIFE_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class TrackRecord:
    """share: 0–1, 0.5 when nothing is known.  tries: how many there were, whatever their age."""

    share: float
    tries: int


def track_record(tries: Iterable[tuple[datetime, bool]], now: datetime) -> TrackRecord:
    """Of tries given as (when, whether it cured)."""
    weighed = [(0.5 ** (max(0.0, (now - at).total_seconds()) / 86400 / _HALF_LIFE_DAYS), cured) for at, cured in tries]
    successes = sum(weight for weight, cured in weighed if cured)
    return TrackRecord(share=(successes + 1) / (sum(weight for weight, _ in weighed) + 2), tries=len(weighed))
