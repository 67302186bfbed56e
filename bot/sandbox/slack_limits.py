"""Slack's posting limit: about one message a second in a channel, with a little room for bursts."""

import math
from collections.abc import Callable

BURST = 5.0
PER_SECOND = 1.0


class RateLimit:
    """A bucket of tokens a channel."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, channel: str) -> int:
        """Whole seconds until this channel takes another message; 0 takes it now and counts it."""
        now = self._clock()
        tokens, since = self._buckets.get(channel, (BURST, now))
        tokens = min(BURST, tokens + (now - since) * PER_SECOND)
        if tokens >= 1:
            self._buckets[channel] = (tokens - 1, now)
            return 0
        self._buckets[channel] = (tokens, now)
        return math.ceil((1 - tokens) / PER_SECOND)
