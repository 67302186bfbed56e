"""How fast the sandbox's world turns: every delay in seconds, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Delays in seconds. The defaults suit a person who watches; `Pace.quick()` suits tests."""

    sync: float = 1.0  # from a push to the cluster
    pipeline: float = 2.0  # from a push to the end of its pipeline
    check: float = 0.2  # GitLab's mergeability check
    start: float = 0.6  # from a pod to its running container
    ready: float = 0.8  # from a running container to a ready one
    crash: float = 0.5  # from a start without enough memory to its kill: before it is ready
    backoff: float = 2.0  # the first wait of a crash loop, doubled each time
    backoff_limit: float = 8.0
    pull_retry: float = 2.0
    sample: float = 1.0  # between two points of a metric
    spike: float = 12.0  # how long a fault lasts that goes away by itself

    @classmethod
    def quick(cls, factor: float = 0.02) -> Pace:
        """The same world, fifty times as fast; only metrics keep a pace that does not flood their store."""
        faster = {field.name: field.default * factor for field in fields(cls)}  # type: ignore[operator]
        return cls(**{**faster, "sample": 0.25})
