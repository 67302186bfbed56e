"""What is out in the world is asked how it is: merge requests and rollouts. What is news to its incident becomes a signal."""

import hashlib
from collections.abc import Callable

import msgspec

from remediation.entries import Incident
from remediation.errors import Unreachable
from remediation.ports import Executor
from remediation.terms import Health, Progress, Receipt
from remediation.world import World


class Follower:
    """heard: told the id of each incident that a signal was written for."""

    def __init__(self, world: World, heard: Callable[[str], None]) -> None:
        self._world = world
        self._heard = heard

    async def look_at(self, incident_id: str) -> None:
        """Fetch how its merge request or its rollout is; news are a signal. Raises Unreachable, Forbidden."""
        one = await self._world.record.incident(incident_id)
        attempt = one.attempt
        if attempt is None or attempt.receipt is None or attempt.merged is None:
            return
        if one.phase == "deliver" or (one.phase == "verify" and attempt.applied_at is None):  # the latter: a revert
            progress = await self._executor_of(attempt.receipt.kind).progress(attempt.receipt)
            if progress != attempt.progress:
                await self._signal(one, attempt.receipt, "merge_request", progress)
        elif one.phase == "verify":
            health = await self._world.watcher.health(attempt.merged)
            if health != attempt.health:
                await self._signal(one, attempt.receipt, "health", health)

    def _executor_of(self, kind: str) -> Executor:
        if kind not in self._world.executors:
            what = f"What became of a {kind} act cannot be looked at: nothing here can do one any more."
            raise Unreachable(what, "For git, set GITLAB_TOKEN and name your projects under gitops.")
        return self._world.executors[kind]

    async def _signal(self, one: Incident, receipt: Receipt, kind: str, seen: Progress | Health) -> None:
        """What was seen of one receipt, once for each state of the incident that it is news to."""
        digest = hashlib.sha256(msgspec.json.encode(seen)).hexdigest()[:16]
        body = {"of": receipt.key, "seen": msgspec.to_builtins(seen)}
        await self._world.signals.add(one.incident_id, kind, body, f"{kind}/{one.entries}/{digest}")
        self._heard(one.incident_id)
