"""Slack's posting limit: about one message a second in a channel, with room for bursts, of which Slack promises no figure."""

import math
from collections.abc import Callable

BURST = 5.0
FLOOD = 100.0
"""Messages at once: where the limit is played, and where it only must not be forgotten (no story comes near it)."""
PER_SECOND = 1.0


class RateLimit:
    """A bucket of tokens a channel."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, channel: str, *, strict: bool) -> int:
        """Whole seconds until this channel takes another message; 0 takes it now and counts it. strict: with little room for bursts."""
        now, burst = self._clock(), BURST if strict else FLOOD
        tokens, since = self._buckets.get(channel, (burst, now))
        tokens = min(burst, tokens + (now - since) * PER_SECOND)
        if tokens >= 1:
            self._buckets[channel] = (tokens - 1, now)
            return 0
        self._buckets[channel] = (tokens, now)
        return math.ceil((1 - tokens) / PER_SECOND)
