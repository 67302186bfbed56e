"""Reads of one cluster, each within its own limit: what failed, was forbidden or was more than the cap is told, never silent."""

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from remediation.errors import Forbidden, Late, RemediationError
from remediation.evidence import unread
from remediation.listing import is_cut
from remediation.observed import Object
from remediation.terms import Evidence, EvidenceKind, Json, ObjectRef

R = TypeVar("R")


class Cluster(Protocol):
    """What reading needs of a cluster: clients.kubernetes.KubernetesClient."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """One object. Raises NotFound."""
        ...

    async def list(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "", cap: int = 500
    ) -> Sequence[dict[str, Json]]:
        """Objects of one kind."""
        ...

    async def serves(self, kind: str) -> bool:
        """Whether the API server knows a kind."""
        ...

    async def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200) -> str:
        """The last lines of a container."""
        ...


class Reads:
    """seconds: for each read.  cap: objects of each list.  full: the kinds of which there are more than that.

    needed: the reads without which a cause can hardly be found.
    """

    def __init__(self, cluster: Cluster, now: datetime, seconds: float, cap: int, needed: Collection[str] = ()) -> None:
        self.cluster = cluster
        self.full: set[str] = set()
        self._selected: set[str] = set()  # the kinds of which there are more than that even of those that were selected
        self._now = now
        self._seconds = seconds
        self._cap = cap
        self._needed = needed
        self._answered = False
        self._failed: list[Evidence] = []
        self._forbidden: list[tuple[str, Forbidden]] = []

    async def lists(self, kinds: Sequence[str], namespace: str = "", fields: str = "") -> dict[str, Sequence[Object]]:
        """Every object of these kinds, at most `cap` of each; none of a kind that cannot be read."""
        found = await asyncio.gather(*(self.all_of(kind, namespace, fields=fields) for kind in kinds))
        return dict(zip(kinds, found, strict=True))

    async def all_of(self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> Sequence[Object]:
        """Objects of one kind, at most `cap`."""
        reading = self.cluster.list(kind, namespace, labels=labels, fields=fields, cap=self._cap)
        things = await self.read(kind, reading) or ()
        if is_cut(things):
            (self._selected if labels or fields else self.full).add(kind)
        return things

    async def read(self, what: str, reading: Awaitable[R], kind: EvidenceKind = "objects") -> R | None:
        """What it gives; None, and a word about it among what `told` says, when it fails."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await reading
        except Forbidden as refusal:
            self._forbidden.append((what, refusal))
        except RemediationError as error:
            self.fail(what, error, kind)
        except TimeoutError:
            self.fail(what, Late.of("Kubernetes", self._seconds, "Look there yourself, or ask again."), kind)
        else:
            self._answered = True
            return answer
        return None

    @property
    def silent(self) -> bool:
        """Whether the cluster answered nothing at all: to ask for more would only take time."""
        return not self._answered and all(item.unanswered for item in self._failed) and bool(self._failed) and not self._forbidden

    def fail(self, what: str, error: RemediationError, kind: EvidenceKind = "objects") -> None:
        """Tell that this could not be read."""
        self._failed.append(unread(kind, "kubernetes", what, error, self._now, needed=what in self._needed))

    def told(self) -> list[Evidence]:
        """An item for each read that failed; one for all that we have no right to, one for all of which there is too much."""
        told = list(self._failed)
        if self._forbidden:
            names = ", ".join(what for what, _ in self._forbidden)
            told.append(unread("objects", "kubernetes", names, self._forbidden[0][1], self._now))
        if self.full | self._selected:
            more = RemediationError(f"There are more than {self._cap} of each; what is beyond that was not read.", "Look there yourself.")
            told.append(unread("objects", "kubernetes", f"More of {', '.join(sorted(self.full | self._selected))}", more, self._now))
        return told
